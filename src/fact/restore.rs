//! What a node can give to a restore of the metadata: the volume, a metalogger's copy, copies kept by earlier restores,
//! the file system's id that its chunks carry, and what a restore under way has done.
//!
//! Reading changes nothing and promotes nothing. A volume that is not mounted is read through a second mapping of its
//! blocks (`mfs-ha view`), which is refused while a peer writes to it.

use std::collections::BTreeSet;

use super::{Answer, Answers, FactError, Question, metadata_dir};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::{Cluster, Node, Role};
use crate::metadata::Directory;
use crate::remote::shell;

/// The script that does the work of a restore on a node; it is sent, never installed.
pub const SCRIPT: &str = concat!(
    include_str!("../../playbooks/files/mfs-metadata/gather.sh"),
    include_str!("../../playbooks/files/mfs-metadata/master.sh"),
    include_str!("../../playbooks/files/mfs-restore/10-base.sh"),
    include_str!("../../playbooks/files/mfs-restore/20-keep.sh"),
    include_str!("../../playbooks/files/mfs-restore/30-merge.sh"),
    include_str!("../../playbooks/files/mfs-restore/40-rebuild.sh"),
    include_str!("../../playbooks/files/mfs-restore/50-install.sh"),
    include_str!("../../playbooks/files/mfs-restore/60-run.sh"),
);

const NAME: &str = "restore";
const TOLD: &str = "restore-told";
const VOLUME: &str = "restore-volume";
const METALOGGER: &str = "restore-metalogger";
const KEPT: &str = "restore-kept";
const IDS: &str = "restore-ids";

/// A node's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// What it has for a restore, and what one under way has done.
    pub told: Told,
    /// Its side of the volume, on masters; or why it cannot be read.
    pub volume: Option<Result<Directory, String>>,
    /// How the volume was read, for people.
    pub how: String,
    /// Its metalogger's directory.
    pub metalogger: Option<Directory>,
    /// Directories with copies kept by earlier restores and healed split brains.
    pub kept: Vec<Directory>,
    /// File systems its chunks belong to.
    pub ids: BTreeSet<u64>,
}

/// Means and state of restores on a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The restore under way: the name of its directory.
    pub run: Option<String>,
    /// What it set out to do, `KEY=VALUE` lines as they were noted.
    pub plan: Vec<String>,
    /// What of it is done: `prepared`, `result/about`, `installed`.
    pub done: BTreeSet<String>,
    /// mfsmaster's version, where it is installed.
    pub mfsmaster: Option<String>,
    /// Bytes free where restores work.
    pub free: u64,
    /// Bytes of memory that can be had.
    pub memory: u64,
}

/// Metadata that mfsmaster built, as the script tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its version: the last change and one.
    pub version: u64,
    /// The file system's id, in hex.
    pub id: String,
    /// Bytes of it.
    pub bytes: u64,
    /// The metadata file it began from.
    pub metadata: String,
    /// Changes that were applied to that.
    pub changes: u64,
    /// Time of the last of them, seconds since 1970.
    pub last_time: Option<u64>,
}

impl Built {
    /// Reads what the script's `build` prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = |key: &str| text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
        let number = |key: &str| word(key)?.parse::<u64>().ok();
        Some(Self {
            version: number("version")?,
            id: word("id")?.to_owned(),
            bytes: number("bytes")?,
            metadata: word("metadata")?.to_owned(),
            changes: number("changes")?,
            last_time: number("last_time"),
        })
    }
}

/// The command of the script on a node, as an argument list.
#[must_use]
pub fn command(words: &[&str]) -> Vec<String> {
    ["sh", "-c", SCRIPT, "mfs-restore"].into_iter().chain(words.iter().copied()).map(str::to_owned).collect()
}

/// Asks a node for all of it. Changelogs are read to their ends: 100 MB take some seconds.
#[must_use]
pub fn ask(node: &Node) -> Vec<Question> {
    let question = |name: &str, script: String| Question { name: name.to_owned(), script };
    let functions = metadata_dir::SCRIPT;
    let home = layout::RESTORE_DIR;
    let mut questions = vec![question(TOLD, shell::join(&command(&["told", home])))];
    if node.is(Role::Master) {
        let gather = format!("{functions}\necho \"how|$VIEW_HOW\"\nmfs_gather \"$VIEW\" needed\n");
        let words = [HA_SCRIPT, "view", "sh", "-c", &gather];
        questions.push(question(VOLUME, format!("{} 2>&1", shell::join(&words))));
        let kept = format!(
            "{functions}\nfor dir in {home}/*/volume* {home}/*/metalogger* {home}/*/brought-* /var/lib/mfs-ha/split-brain/*; do\n\
             [ ! -s \"$dir/SHA256SUMS\" ] || {{ echo \"copy|$dir\"; mfs_gather \"$dir\" needed; }}\ndone\necho 'copies|end'\n"
        );
        questions.push(question(KEPT, shell::join(&["sh", "-c", &kept])));
    }
    if node.is(Role::Metalogger) {
        let gather = metadata_dir::ask(layout::metalogger_dir(node), metadata_dir::Scope::Needed).script;
        questions.push(question(METALOGGER, shell::join(&["sh", "-c", &gather])));
    }
    if node.is(Role::Chunkserver) {
        let disks: Vec<String> = node.disks.iter().map(|d| shell::quote(&format!("{}/.metaid", d.path))).collect();
        // Eight bytes, the id as in the header of the metadata (hddspacemgr.c, hdd_create_metaid; capture 08-chunkserver).
        let script = format!("for file in {}; do [ ! -s \"$file\" ] || od -An -v -tx1 -N8 \"$file\" | tr -d ' '; done", disks.join(" "));
        if !disks.is_empty() {
            questions.push(question(IDS, script));
        }
    }
    questions
}

/// Reads a node's answers.
///
/// # Errors
/// When an answer is missing or has another form than the question gives it.
pub fn parse(cluster: &Cluster, node: &Node, answers: &Answers) -> Result<Site, FactError> {
    let answer = |name: &str| answers.get(name).ok_or_else(|| FactError::new(NAME, name, "no answer"));
    let mut site = Site { told: told(answer(TOLD)?)?, ..Site::default() };
    if node.is(Role::Master) {
        let (how, volume) = volume(&cluster.data_path(), answer(VOLUME)?);
        (site.how, site.volume) = (how, Some(volume));
        site.kept = kept(answer(KEPT)?)?;
    }
    if node.is(Role::Metalogger) {
        site.metalogger = Some(metadata_dir::parse(layout::metalogger_dir(node), answer(METALOGGER)?)?);
    }
    if let Some(ids) = answers.get(IDS) {
        site.ids = ids.text.lines().filter_map(|line| u64::from_str_radix(line.trim(), 16).ok()).filter(|id| *id != 0).collect();
    }
    Ok(site)
}

fn told(answer: &Answer) -> Result<Told, FactError> {
    let mut told = Told::default();
    let mut ended = false;
    for line in answer.text.lines() {
        let (key, value) = line.split_once('=').ok_or_else(|| FactError::new(NAME, "key=value", line))?;
        let number = || value.parse().map_err(|_| FactError::new(NAME, "a number", line));
        match key {
            "run" => told.run = (!value.is_empty()).then(|| value.to_owned()),
            "plan" => told.plan.push(value.to_owned()),
            "done" => {
                told.done.insert(value.to_owned());
            }
            "copy" => {}
            "mfsmaster" => told.mfsmaster = version(value),
            "free" => told.free = number()?,
            "memory" => told.memory = number()?,
            "end" => ended = true,
            _ => return Err(FactError::new(NAME, "a known key", line)),
        }
    }
    if ended { Ok(told) } else { Err(FactError::new(NAME, "the end of the answer", &answer.text)) }
}

/// `version: 3.0.117-1 ; build: 1341`.
fn version(text: &str) -> Option<String> {
    let rest = text.split_once("version:")?.1.trim_start();
    rest.split([' ', ';']).next().filter(|v| v.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
}

fn volume(path: &str, answer: &Answer) -> (String, Result<Directory, String>) {
    let Some((how, rest)) = answer.text.split_once('\n').and_then(|(first, rest)| Some((first.strip_prefix("how|")?, rest))) else {
        let words = answer.text.trim();
        let words = words.rsplit("view: ").next().unwrap_or(words);
        let why = match answer.status {
            0 | 1 if !words.is_empty() => words.to_owned(),
            64 | 126 | 127 => "its takeover script is missing or too old: run `mfsctl provision`".to_owned(),
            status => format!("mfs-ha view ended with {status}: {words}"),
        };
        return (String::new(), Err(why));
    };
    if answer.status != 0 {
        let words = answer.text.lines().last().unwrap_or_default();
        return (how.to_owned(), Err(words.rsplit("view: ").next().unwrap_or(words).to_owned()));
    }
    let rest = Answer { text: rest.to_owned(), status: answer.status };
    (how.to_owned(), metadata_dir::parse(path, &rest).map_err(|e| e.to_string()))
}

fn kept(answer: &Answer) -> Result<Vec<Directory>, FactError> {
    let wrong = || FactError::new(NAME, "kept copies", &answer.text);
    let text = answer.text.trim_end().strip_suffix("copies|end").ok_or_else(wrong)?;
    let read = |part: &str| {
        let (path, rest) = part.split_once('\n').ok_or_else(wrong)?;
        metadata_dir::parse(path, &Answer { text: rest.to_owned(), status: 0 })
    };
    text.split("copy|").skip(1).map(read).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::survey::frame;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/moosefs");

    #[test]
    fn a_metalogger_and_a_chunkserver_are_asked_and_read() {
        let mut cluster = crate::step::testing::cluster();
        let dir = tempfile::tempdir().unwrap();
        cluster.nodes[2].roles.insert(Role::Metalogger);
        cluster.nodes[2].metalogger.insert("DATA_PATH".into(), format!("{FIXTURES}/metalogger"));
        cluster.nodes[2].disks[0].path = dir.path().display().to_string();
        std::fs::write(dir.path().join(".metaid"), 0x6b02_c020_d883_eb1c_u64.to_be_bytes()).unwrap();
        let node = &cluster.nodes[2];
        let nonce = frame::nonce();
        let out = Command::new("sh").arg("-c").arg(frame::script(&ask(node), &nonce)).output().unwrap();
        let answers = frame::split(&out.stdout, &nonce, &[]).unwrap();
        let site = parse(&cluster, node, &answers).unwrap();
        assert_eq!(site.ids, BTreeSet::from([0x6b02_c020_d883_eb1c]));
        let best = site.metalogger.unwrap().best().unwrap();
        assert_eq!((best.version, best.next, best.id), (125, 203, Some(0x6b02_c020_d883_eb1c)));
        assert!(site.told.free > 0 && site.told.memory > 0 && site.told.run.is_none());
    }

    #[test]
    fn a_restore_under_way_is_told() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().display().to_string();
        let run = |words: &[&str]| {
            let argv = command(words);
            let out = Command::new(&argv[0]).args(&argv[1..]).output().unwrap();
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
            Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }
        };
        run(&["begin", &path, "20260101T000000Z", "from=node2\nexpected=203"]);
        std::fs::write(home.path().join("20260101T000000Z/prepared"), "x").unwrap();
        let seen = told(&run(&["told", &path])).unwrap();
        assert_eq!((seen.run.as_deref(), seen.plan), (Some("20260101T000000Z"), vec!["from=node2".to_owned(), "expected=203".to_owned()]));
        assert_eq!(seen.done, BTreeSet::from(["prepared".to_owned()]));
        run(&["finish", &path, "20260101T000000Z", "done"]);
        assert_eq!(told(&run(&["told", &path])).unwrap().run, None);
        assert!(Path::new(&format!("{path}/20260101T000000Z/ended")).exists());
    }

    #[test]
    fn a_volume_that_cannot_be_read_says_why() {
        let say = |text: &str, status| volume("/data/drbd/mfs", &Answer { text: text.to_owned(), status });
        assert_eq!(say("mfs-ha: view: it receives the peer's writes\n", 1).1.unwrap_err(), "it receives the peer's writes");
        assert!(say("usage: mfs-ha COMMAND\n", 64).1.unwrap_err().contains("mfsctl provision"));
        let late = say("how|a snapshot of the volume\ndir|absent\nend|0\nmfs-ha: view: a side became Primary while it was read\n", 1);
        assert_eq!(late.1.unwrap_err(), "a side became Primary while it was read");
        let (how, read) = say("how|the mounted volume\ndir|absent\nend|0\n", 0);
        assert_eq!((how.as_str(), read.unwrap().present), ("the mounted volume", false));
        assert_eq!(version("version: 3.0.117-1 ; build: 1341").as_deref(), Some("3.0.117-1"));
    }
}
