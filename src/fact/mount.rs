//! What is mounted where, swap, and what lies in directories that are to be mount points.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "mounts";

/// A shell function, `bounded SECONDS PROGRAM…`: the output of a program that is killed after so long.
///
/// It goes by a file. A process that waits for a FUSE mount whose master is gone is not ended by SIGKILL (the kernel waits for an
/// answer to a request that mfsmount has taken: fs/fuse/dev.c, `request_wait_answer`); it would hold the pipe of the whole
/// answer open until its master is back. The file has no name while the program runs: a look that is broken off leaves nothing.
pub const BOUNDED: &str = "bounded() { out=$(mktemp /dev/shm/.mfsctl.XXXXXX 2>/dev/null || mktemp) || return 1; \
     { rm -f \"$out\"; timeout -k 1 \"$@\" </dev/null >&3 2>/dev/null; ended=$?; cat <&4; return $ended; } 3>\"$out\" 4<\"$out\"; }\n";

/// One line of /proc/mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mounted {
    /// Device or source: `/dev/drbd0`, `mfs#mfsmaster:9421`.
    pub source: String,
    /// Where.
    pub target: String,
    /// Type: `xfs`, `fuse`…
    pub fs: String,
    /// Options, as the kernel names them.
    pub options: Vec<String>,
}

impl Mounted {
    /// Whether it is a mount of MooseFS: type `fuse`, source `mfs#HOST:PORT`.
    #[must_use]
    pub fn is_moosefs(&self) -> bool {
        self.fs.starts_with("fuse") && self.source.starts_with("mfs#")
    }
}

/// Facts of mounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mounts {
    /// All mounts, in the kernel's order: a later one covers an earlier one of the same target.
    pub mounted: Vec<Mounted>,
    /// Swap devices and files.
    pub swaps: Vec<String>,
    /// Names found in the directories asked for (the first ten); absent when there is no such directory.
    pub listed: BTreeMap<String, Vec<String>>,
}

impl Mounts {
    /// What is mounted at a path: the topmost one.
    #[must_use]
    pub fn at(&self, target: &str) -> Option<&Mounted> {
        self.mounted.iter().rev().find(|m| m.target == target)
    }

    /// Mount points of MooseFS that nothing else covers, each once.
    #[must_use]
    pub fn of_moosefs(&self) -> Vec<&str> {
        let on_top = self.mounted.iter().map(|m| m.target.as_str()).filter(|t| self.at(t).is_some_and(Mounted::is_moosefs));
        let points: BTreeSet<&str> = on_top.collect();
        points.into_iter().collect()
    }

    /// Where a device is mounted.
    pub fn of<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a Mounted> {
        self.mounted.iter().filter(move |m| m.source == source)
    }
}

/// Asks for mounts, swaps, and the entries of the given directories; one process.
#[must_use]
pub fn ask(dirs: &[String]) -> Question {
    let script = format!(
        "cat /proc/mounts\n\
         echo ---\n\
         while read -r line; do printf '%s\\n' \"$line\"; done </proc/swaps\n\
         echo ---\n\
         for d in {}; do\n\
         [ -d \"$d\" ] || continue\n\
         printf '@%s\\n' \"$d\"\n\
         n=0\n\
         for f in \"$d\"/* \"$d\"/.[!.]* \"$d\"/..?*; do\n\
         if [ -e \"$f\" ] || [ -L \"$f\" ]; then printf ' %s\\n' \"${{f##*/}}\"; n=$((n + 1)); fi\n\
         [ $n -lt 10 ] || break\n\
         done\n\
         done\n",
        if dirs.is_empty() { "''".to_owned() } else { shell::join(dirs) }
    );
    Question { name: NAME.to_owned(), script }
}

/// Reads the answer.
///
/// # Errors
/// When a line of /proc/mounts has fewer than four fields, or a part is missing.
pub fn parse(answer: &Answer) -> Result<Mounts, FactError> {
    let error = |what: &str, found: &str| FactError::new(NAME, what, found);
    let mut parts = answer.text.splitn(3, "---\n");
    let (Some(mounts), Some(swaps), Some(lists)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(error("three parts", &answer.text));
    };
    let mut mounted = Vec::new();
    for line in mounts.lines() {
        let [source, target, fs, options] = line.split(' ').take(4).collect::<Vec<_>>()[..] else {
            return Err(error("a line of /proc/mounts", line));
        };
        let options = options.split(',').map(unescape).collect();
        mounted.push(Mounted { source: unescape(source), target: unescape(target), fs: unescape(fs), options });
    }
    let swaps = swaps.lines().filter(|l| l.starts_with('/')).filter_map(|l| l.split_whitespace().next()).map(unescape).collect();
    let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut dir = None;
    for line in lists.lines() {
        if let Some(path) = line.strip_prefix('@') {
            listed.insert(path.to_owned(), Vec::new());
            dir = Some(path.to_owned());
        } else if let Some(names) = dir.as_ref().and_then(|d| listed.get_mut(d)) {
            names.push(line.strip_prefix(' ').unwrap_or(line).to_owned());
        }
    }
    Ok(Mounts { mounted, swaps, listed })
}

/// Undoes the kernel's octal escapes (`\040` for a space, `\043` for `#`; proc(5), fstab(5)).
#[must_use]
pub fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let digits = bytes.get(i + 1..i + 4).and_then(|d| std::str::from_utf8(d).ok());
        match digits.filter(|_| bytes[i] == b'\\').and_then(|d| u8::from_str_radix(d, 8).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 4;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_killed_holds_no_answer_up() {
        // A child outside the killed group keeps the output, as a process in the kernel does.
        let script = format!("{BOUNDED}bounded 1 sh -c 'setsid sleep 25 & echo said; sleep 25'; echo $?; bounded 1 echo well; echo $?");
        let begin = std::time::Instant::now();
        let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let text = String::from_utf8_lossy(&ran.stdout);
        assert!(begin.elapsed().as_secs() < 15, "{:?}", begin.elapsed());
        assert_eq!(text, "said\n124\nwell\n0\n");
    }

    #[test]
    fn mounts_swaps_and_lists() {
        let text = "/dev/ubda / ext4 rw,relatime 0 0\n/dev/drbd0 /data/drbd xfs rw,noatime 0 0\n\
                    mfs\\043mfsmaster:9421 /mnt/my\\040files fuse rw,user_id=0 0 0\n---\n\
                    Filename\tType\tSize\tUsed\tPriority\n/dev/ubdc partition 1 0 -2\n---\n@/data/drbd\n mfs\n .hidden\n@/empty\n";
        let mounts = parse(&Answer { text: text.to_owned(), status: 0 }).unwrap();
        assert_eq!(mounts.at("/data/drbd").unwrap().source, "/dev/drbd0");
        assert_eq!(mounts.at("/mnt/my files").unwrap().source, "mfs#mfsmaster:9421");
        assert_eq!(mounts.of("/dev/ubda").next().unwrap().target, "/");
        assert_eq!(mounts.of_moosefs(), ["/mnt/my files"]);
        assert_eq!(mounts.swaps, ["/dev/ubdc"]);
        assert_eq!(mounts.listed["/data/drbd"], ["mfs", ".hidden"]);
        assert!(mounts.listed["/empty"].is_empty() && !mounts.listed.contains_key("/none"));
    }

    #[test]
    fn a_cut_line_is_an_error() {
        assert!(parse(&Answer { text: "/dev/ubda /\n---\n---\n".to_owned(), status: 0 }).is_err());
        assert!(parse(&Answer::default()).is_err());
    }

    #[test]
    fn the_question_works_here() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".a b"), "").unwrap();
        let dirs = [dir.path().display().to_string(), "/no/such/dir".to_owned()];
        for dirs in [&dirs[..], &[]] {
            let out = std::process::Command::new("sh").arg("-c").arg(ask(dirs).script).output().unwrap();
            let mounts = parse(&Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }).unwrap();
            assert!(mounts.at("/").is_some());
            assert_eq!(
                mounts.listed.values().cloned().collect::<Vec<_>>(),
                dirs.first().map(|_| vec![".a b".to_owned()]).into_iter().collect::<Vec<_>>()
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn unescape_never_panics(text in ".{0,30}") {
            let _ = unescape(&text);
        }
    }
}
