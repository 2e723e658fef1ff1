//! One side of the replicated volume as it is, read without a change: the answer of `mfs-ha side`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::FactError;

const NAME: &str = "mfs-ha side";

/// One side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Node name.
    pub node: String,
    /// Its clock, seconds since 1970.
    pub time: u64,
    /// DRBD role.
    pub role: String,
    /// DRBD's connection state.
    pub connection: String,
    /// This side's disk state.
    pub disk: String,
    /// The peer's disk state as this side knows it.
    pub peer_disk: String,
    /// Whether the volume is mounted.
    pub mounted: bool,
    /// Whether mfsmaster listens.
    pub listening: bool,
    /// Whether the virtual address is here.
    pub vip: bool,
    /// Reason of a hold in force; empty when there is none.
    pub hold: String,
    /// Whether it holds the votes.
    pub holding: bool,
    /// Generation identifiers, when DRBD tells them.
    pub generation: Option<Generation>,
    /// The kernel's words about refused connections, oldest first.
    pub kernel: Vec<String>,
    /// How the data were read, for people.
    pub read: String,
    /// Why the data could not be read.
    pub unread: Option<String>,
    /// KiB that keeping its metadata aside there needs, and KiB that are free for it.
    pub room: Option<(u64, u64)>,
    /// Metadata files, the first the one in use.
    pub metadata: Vec<Metadata>,
    /// The newest changes of its changelogs, by id.
    pub changes: BTreeMap<u64, Change>,
}

/// DRBD's generation identifiers (8.4 and 9: `drbdadm get-gi`; DRBD user's guide, "Generation identifiers").
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generation {
    /// The data's present generation; renewed when a Primary goes on without its peer.
    pub current: u64,
    /// The generation at which the peer was lost; 0 when none is missing.
    pub bitmap: u64,
    /// Older ones.
    pub history: Vec<u64>,
}

/// Header of a metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// File name.
    pub name: String,
    /// The id of the next change; `None` when the file is not whole.
    pub version: Option<u64>,
    /// The file system's id; `None` in one that is new or not whole.
    pub id: Option<String>,
}

/// One line of a changelog: `ID: EPOCH|OPERATION(…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When, seconds since 1970.
    pub time: u64,
    /// The operation's name.
    pub operation: String,
    /// The whole rest of the line, to compare.
    pub line: String,
}

impl Generation {
    /// Reads `A:B:C:D` as DRBD prints them. The lowest bit of the current one tells whether this side is
    /// Primary, not which generation it is (`drbd_int.h`): it is cleared.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut all = text.split(':').take(4).map(|hex| u64::from_str_radix(hex, 16).map(|id| id & !1));
        let (current, bitmap) = (all.next()?.ok()?, all.next()?.ok()?);
        let history = all.collect::<Result<Vec<u64>, _>>().ok()?;
        Some(Self { current, bitmap, history: history.into_iter().filter(|id| *id != 0).collect() })
    }
}

impl Change {
    /// Reads a line with its id; a torn one gives `None`.
    #[must_use]
    pub fn read(line: &str) -> Option<(u64, Self)> {
        let (id, rest) = line.split_once(": ")?;
        let (time, operation) = rest.split_once('|')?;
        let name = operation.split_once('(')?.0;
        Some((id.parse().ok()?, Self { time: time.parse().ok()?, operation: name.to_owned(), line: rest.to_owned() }))
    }
}

impl Side {
    /// The version of the data: the id of the next change, by metadata and changelogs together.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        let written = self.metadata.iter().filter_map(|m| m.version).max();
        let logged = self.changes.keys().next_back().map(|id| id + 1);
        written.max(logged)
    }

    /// The file system's id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.metadata.iter().find_map(|m| m.id.as_deref())
    }
}

/// Reads what `mfs-ha side` prints.
///
/// # Errors
/// When a key is missing or a value has another form.
pub fn parse(text: &str) -> Result<Side, FactError> {
    let (head, changes) = text.split_once("@changes\n").unwrap_or((text, ""));
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    let mut side = Side { unread: Some("it said nothing of its data".to_owned()), ..Side::default() };
    for line in head.lines().filter(|l| !l.is_empty()) {
        let (key, value) = line.split_once('=').ok_or_else(|| FactError::new(NAME, "key=value", line))?;
        match key {
            "kernel" => side.kernel.push(value.to_owned()),
            "metadata" => side.metadata.push(metadata(value).ok_or_else(|| FactError::new(NAME, "name, version and id", line))?),
            "room" => side.room = Some(room(value).ok_or_else(|| FactError::new(NAME, "KiB needed and KiB free", line))?),
            "read" => (side.read, side.unread) = (value.to_owned(), None),
            _ => {
                keys.insert(key, value);
            }
        }
    }
    let mut changes: Vec<&str> = changes.lines().collect();
    // What is printed after the changes, when reading failed in the end.
    if let Some(why) = changes.last().and_then(|l| l.strip_prefix("unread=")) {
        side.unread = Some(why.to_owned());
        changes.pop();
    }
    if let Some(why) = keys.get("unread") {
        side.unread = Some((*why).to_owned());
    }
    side.changes = changes.into_iter().filter_map(Change::read).collect();
    let word = |key: &str| keys.get(key).map(|v| (*v).to_owned()).ok_or_else(|| FactError::new(NAME, &format!("the key {key}"), head));
    let yes = |key: &str| word(key).map(|v| v == "yes");
    side.node = word("node")?;
    side.time = word("time")?.parse().map_err(|_| FactError::new(NAME, "seconds", head))?;
    side.role = word("role")?;
    side.connection = word("connection")?;
    side.disk = word("disk")?;
    side.peer_disk = word("peer_disk")?;
    (side.mounted, side.listening, side.vip) = (yes("mounted")?, yes("listening")?, yes("vip")?);
    side.hold = word("hold")?;
    side.holding = yes("holding")?;
    side.generation = Generation::read(&word("generation")?);
    Ok(side)
}

fn room(value: &str) -> Option<(u64, u64)> {
    let (need, free) = value.split_once(' ')?;
    Some((need.parse().ok()?, free.parse().ok()?))
}

fn metadata(value: &str) -> Option<Metadata> {
    let mut words = value.split(' ');
    let (name, version, id) = (words.next()?, words.next()?, words.next()?);
    let version = if version == "-" { None } else { Some(version.parse().ok()?) };
    Some(Metadata { name: name.to_owned(), version, id: (id != "-").then(|| id.to_owned()) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const HEAD: &str = "node=m2\ntime=1700000000\nrole=Secondary\nconnection=StandAlone\ndisk=UpToDate\npeer_role=Unknown\npeer_disk=DUnknown\n\
                        mounted=no\nlistening=no\nvip=no\nhold=\nholding=yes\ngeneration=8E7B13C2A0F6AF8B:0D0A4B3E5C6F7A80:0000000000000004:0000000000000000\n\
                        kernel=[ 12.3] block drbd0: Split-Brain detected but unresolved, dropping connection!\n";

    #[test]
    fn a_side_with_its_changes() {
        let side = parse(&format!(
            "{HEAD}read=a snapshot of the volume\nroom=70000 3000000\nmetadata=metadata.mfs 19 00000000672f\nmetadata=metadata.mfs.back - -\n@changes\n\
             17: 1699999990|CREATE(1,a,f)\n18: 1699999991|AMTIME(1,2)\n19: 16999"
        ))
        .unwrap();
        assert_eq!((side.read.as_str(), &side.unread), ("a snapshot of the volume", &None));
        assert_eq!((side.version(), side.id(), side.changes.len()), (Some(19), Some("00000000672f"), 2));
        assert_eq!((side.changes[&17].operation.as_str(), side.room), ("CREATE", Some((70_000, 3_000_000))));
        let generation = side.generation.unwrap();
        assert_eq!((generation.current, generation.history.len()), (0x8E7B_13C2_A0F6_AF8A, 1));
        assert_eq!(side.kernel.len(), 1);
    }

    #[test]
    fn why_it_could_not_be_read() {
        assert_eq!(parse(&format!("{HEAD}unread=no room\n")).unwrap().unread.as_deref(), Some("no room"));
        let late = parse(&format!("{HEAD}read=x\n@changes\n17: 1|A()\nunread=it became Connected while it was read\n")).unwrap();
        assert_eq!(late.unread.as_deref(), Some("it became Connected while it was read"));
        assert!(parse("node=m2\n").unwrap_err().to_string().contains("the key time"));
    }

    #[test]
    fn no_generation_without_metadata() {
        assert_eq!(Generation::read(""), None);
        assert_eq!(Generation::read("zz:0:0:0"), None);
    }
}
