//! The takeover's own state on a master: what `mfs-ha` left in its files, and keepalived's version.

use super::ha_report::{Pause, Space};
use super::system::{Family, System};
use super::{Answer, FactError, Question};
use crate::inventory::layout::moosefs;
use crate::inventory::model::{Cluster, Node, Role};

const NAME: &str = "takeover";
/// The master's port for clients.
pub const MASTER_PORT: u16 = 9421;

/// Facts of one master's takeover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Takeover {
    /// keepalived's version, when it is installed.
    pub keepalived: Option<(u32, u32, u32)>,
    /// What keepalived wished last: `master`, `backup`, `fault`, `stop`, `undecided`.
    pub wish: Option<String>,
    /// Whether the agent calls this node fit; `None` when it does not run.
    pub healthy: Option<bool>,
    /// What the agent says is wrong.
    pub why: String,
    /// Whether this node holds the votes.
    pub holding: bool,
    /// The node a switchover was asked to go to from here, until its end has been seen.
    pub switchover: Option<String>,
    /// Stopped on purpose: since when (seconds since 1970), and why.
    pub down: Option<(u64, String)>,
    /// What the volume held after the last planned stop: `whole VERSION ID`, `torn WHY`.
    pub stored: Option<String>,
    /// A hold in force.
    pub hold: Option<Pause>,
    /// Space of the metadata volume, on the active node.
    pub space: Option<Space>,
}

impl Takeover {
    /// Whether keepalived can follow a file's content. Where it is not installed yet, EL7 decides:
    /// it has 1.3, everything newer has at least 2.1.
    #[must_use]
    pub fn tracks_files(&self, system: &System) -> bool {
        match self.keepalived {
            Some(version) => version >= (2, 1, 0),
            None => system.os.family() != Some(Family::Yum),
        }
    }
}

/// The port the master serves clients on.
#[must_use]
pub fn master_port(cluster: &Cluster) -> u16 {
    moosefs::master_port(cluster, "MATOCL_LISTEN_PORT", MASTER_PORT)
}

/// Asks a master; other nodes have nothing to say.
#[must_use]
pub fn ask(node: &Node) -> Option<Question> {
    if !node.is(Role::Master) {
        return None;
    }
    Some(Question { name: NAME.to_owned(), script: SCRIPT.to_owned() })
}

const SCRIPT: &str = r#"for fact in wish health why switchover space; do
  if [ -r "/run/mfs-ha/$fact" ] && read -r value <"/run/mfs-ha/$fact"; then echo "$fact $value"; fi
done
if [ -s /var/lib/mfs-ha/holding ] || [ -s /run/mfs-ha/holding ]; then echo 'holding yes'; fi
for fact in down stored; do
  if [ -r "/var/lib/mfs-ha/$fact" ] && read -r value <"/var/lib/mfs-ha/$fact"; then echo "$fact $value"; fi
done
if [ -r /run/mfs-ha/hold ]; then
  { read -r until why; read -r by; } </run/mfs-ha/hold
  read -r now _ </proc/uptime
  case $until in ''|*[!0-9]*) ;; *) if [ "$until" -gt "${now%.*}" ]; then echo "hold $((until - ${now%.*})) $why"; echo "hold-by $by"; fi ;; esac
fi
:
"#;

/// Reads the answer.
///
/// # Errors
/// When a line has another form than the question gives it.
pub fn parse(answer: &Answer) -> Result<Takeover, FactError> {
    let mut takeover = Takeover::default();
    for line in answer.text.lines().filter(|l| !l.is_empty()) {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let wrong = |what: &str| FactError::new(NAME, what, line);
        match key {
            "wish" => takeover.wish = Some(value.to_owned()),
            "health" => takeover.healthy = Some(value == "0"),
            "why" => value.clone_into(&mut takeover.why),
            "switchover" => takeover.switchover = value.split_whitespace().next().map(str::to_owned),
            "space" => takeover.space = Space::parse(value),
            "holding" => takeover.holding = true,
            "stored" => takeover.stored = Some(value.to_owned()),
            "down" => {
                let (since, why) = value.split_once(' ').unwrap_or((value, ""));
                let since = since.parse().map_err(|_| wrong("seconds since 1970"))?;
                takeover.down = Some((since, why.to_owned()));
            }
            "hold" => {
                let (left, why) = value.split_once(' ').unwrap_or((value, ""));
                let left = left.parse().map_err(|_| wrong("seconds left of a hold"))?;
                takeover.hold = Some(Pause { left, why: why.to_owned(), by: String::new() });
            }
            "hold-by" => {
                if let Some(hold) = &mut takeover.hold {
                    value.clone_into(&mut hold.by);
                }
            }
            _ => return Err(wrong("a known key")),
        }
    }
    Ok(takeover)
}

/// Reads keepalived's version from its package's: `1:2.2.7-1+b2`, `2.2.8-3.el9`.
#[must_use]
pub fn version_of_package(package: &str) -> Option<(u32, u32, u32)> {
    let upstream = package.split_once(':').map_or(package, |(_, rest)| rest);
    let upstream = upstream.split(['-', '+', '~']).next().unwrap_or_default();
    let mut numbers = upstream.split('.').map(str::parse);
    let mut next = || numbers.next().map_or(Ok(0), |n| n);
    Some((next().ok()?, next().ok()?, next().ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fact::system::Os;

    #[test]
    fn a_serving_master() {
        let facts = parse(&Answer { text: "wish master\nhealth 0\nholding yes\n".to_owned(), status: 0 }).unwrap();
        assert_eq!(version_of_package("1:2.2.7-1+b2"), Some((2, 2, 7)));
        assert_eq!(version_of_package("2.2.8-3.el9"), Some((2, 2, 8)));
        assert_eq!(version_of_package("nonsense"), None);
        assert_eq!(facts.healthy, Some(true));
        assert!(facts.holding && facts.hold.is_none());
        let held = parse(&Answer { text: "hold 95 new switch\nhold-by ann@desk\n".to_owned(), status: 0 }).unwrap();
        assert_eq!(held.hold, Some(Pause { left: 95, why: "new switch".into(), by: "ann@desk".into() }));
        let full = parse(&Answer { text: "space full 3 505 0\n".to_owned(), status: 0 }).unwrap().space.unwrap();
        assert_eq!((full.state, full.free_mib, full.reserve_mib), (crate::fact::ha_report::SpaceState::Full, 3, 0));
        assert!(parse(&Answer { text: "hold soon x\n".to_owned(), status: 0 }).is_err());
        assert!(parse(&Answer { text: "surprise\n".to_owned(), status: 0 }).is_err());
    }

    #[test]
    fn el7_has_no_track_file() {
        let os =
            |id: &str, version: &str| System { os: Os { id: id.into(), version: version.into(), ..Os::default() }, ..System::default() };
        let bare = Takeover::default();
        assert!(!bare.tracks_files(&os("centos", "7")));
        assert!(bare.tracks_files(&os("rocky", "9.3")) && bare.tracks_files(&os("debian", "12")));
        let old = Takeover { keepalived: Some((1, 3, 5)), ..Takeover::default() };
        assert!(!old.tracks_files(&os("debian", "12")));
    }

    #[test]
    fn the_question_runs_here() {
        let cluster = crate::step::testing::cluster();
        let question = ask(&cluster.nodes[0]).unwrap();
        let out = std::process::Command::new("sh").arg("-c").arg(question.script).output().unwrap();
        let facts = parse(&Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }).unwrap();
        assert_eq!(facts.wish, None, "no takeover runs on a machine that tests");
        assert!(ask(&cluster.nodes[3]).is_none());
    }
}
