//! A node in a directory: its restore directory, a volume, programs on a path of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use mfsctl::fact::restore::{SCRIPT, command};

pub const ID: &str = "6b02c020d883eb1c";

/// Reads and writes metadata as mfsmaster 3.0.117's `restore` does, as far as the script can tell: the newest base, the
/// changelog's last number and one as version, exit 134 for metadata damaged inside.
const STAND_IN: &str = r#"#!/bin/sh
case $1 in -v) echo 'version: 3.0.117-1 ; build: 1341'; exit 0 ;; esac
[ "$1 $2 $4" = '-n -c restore' ] || exit 9
dir=$(sed -n 's/^DATA_PATH = //p' "$3")
if grep -q DAMAGED "$dir/metadata.mfs.back"; then echo 'loading: error'; exit 134; fi
last=$(tail -n 1 "$dir/changelog.0.mfs" | cut -d: -f1)
if [ -z "$last" ]; then mv "$dir/metadata.mfs.back" "$dir/metadata.mfs"; exit 0; fi
if [ "$(wc -c <"$dir/metadata.mfs.back")" -lt 24 ]; then id='\153\002\300\040\330\203\353\034'
else id=; for b in $(od -An -v -to1 -j16 -N8 "$dir/metadata.mfs.back"); do id="$id\\$b"; done; fi
n=$((last + 1)); version=
for i in 1 2 3 4 5 6 7 8; do version="\\$(printf %03o $((n % 256)))$version"; n=$((n / 256)); done
{ printf "MFSM 2.0$version$id"; tail -c +25 "$dir/metadata.mfs.back" | head -c -16; printf '[MFS EOF MARKER]'; } >"$dir/metadata.mfs"
rm "$dir/metadata.mfs.back"
"#;

/// Programs that count and die: the one numbered DIE_AT kills the whole command.
const MORTAL: &str = r#"#!/bin/sh
n=$(($(cat "$COUNT" 2>/dev/null) + 1)); echo "$n" >"$COUNT"
[ "$n" != "$DIE_AT" ] || kill -9 0
exec /bin/PROGRAM "$@"
"#;

pub struct Node {
    pub dir: tempfile::TempDir,
}

/// The real mfsmaster: unpacked from the lab's package cache, when that was made on this machine.
fn real() -> Option<&'static Path> {
    static REAL: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let found = Command::new("find").args(["/var/cache/mfsctl", "-name", "moosefs-master_3.0*_amd64.deb"]).output().ok()?;
        let deb = String::from_utf8(found.stdout).ok()?.lines().next()?.to_owned();
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moosefs-master");
        let unpacked = Command::new("dpkg").args(["-x", &deb]).arg(&dir).status().ok()?.success();
        unpacked.then(|| dir.join("usr/sbin/mfsmaster"))
    };
    REAL.get_or_init(find).as_deref()
}

/// With each mfsmaster there is: the stand-in, and the real one.
pub fn with_each(test: impl Fn(&Node)) {
    test(&Node::new());
    if let Some(real) = real() {
        let node = Node::new();
        fs::remove_file(node.path("bin/mfsmaster")).unwrap();
        std::os::unix::fs::symlink(real, node.path("bin/mfsmaster")).unwrap();
        test(&node);
    }
}

impl Node {
    pub fn new() -> Self {
        let node = Self { dir: tempfile::tempdir().unwrap() };
        for sub in ["bin", "work", "data", "ml"] {
            fs::create_dir_all(node.path(sub)).unwrap();
        }
        node.program("mfsmaster", STAND_IN);
        node.program("pgrep", "#!/bin/sh\n[ -e \"$0.finds\" ]\n");
        let user = |flag: &str| String::from_utf8(Command::new("id").arg(flag).output().unwrap().stdout).unwrap().trim().to_owned();
        fs::write(node.path("m.cfg"), format!("WORKING_USER = {}\nWORKING_GROUP={}\n", user("-un"), user("-gn"))).unwrap();
        node
    }

    pub fn path(&self, sub: &str) -> PathBuf {
        self.dir.path().join(sub)
    }

    fn text(&self, sub: &str) -> String {
        self.path(sub).display().to_string()
    }

    pub fn program(&self, name: &str, body: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, body).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What a real directory of the fixtures holds, in `to`.
    pub fn with(&self, fixture: &str, to: &str) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture);
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::write(self.path(to).join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap();
        }
    }

    pub fn edit(&self, sub: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) {
        fs::write(self.path(sub), change(fs::read(self.path(sub)).unwrap())).unwrap();
    }

    pub fn lines(&self, sub: &str, keep: impl Fn(u64, &str) -> Option<String>) {
        let text = String::from_utf8(fs::read(self.path(sub)).unwrap()).unwrap();
        let number = |l: &str| l.split(':').next().unwrap().parse().unwrap();
        let kept: String = text.lines().filter_map(|l| keep(number(l), l)).map(|l| l + "\n").collect();
        fs::write(self.path(sub), kept).unwrap();
    }

    fn start(&self, words: &[&str]) -> Command {
        let argv = command(words);
        assert_eq!(argv[2], SCRIPT);
        let mut start = Command::new(&argv[0]);
        start.args(&argv[1..]).stdin(Stdio::null()).process_group(0);
        start.env("MFS_RESTORE_PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.text("bin"))).env("MFS_RESTORE_MARGIN", "1");
        start.env("MFS_RESTORE_WAIT", "20");
        start
    }

    /// Runs a command of the script.
    pub fn run(&self, words: &[&str]) -> Output {
        self.start(words).output().unwrap()
    }

    /// Its output when it succeeds, its complaint when not.
    pub fn ran(&self, words: &[&str]) -> Result<String, String> {
        let out = self.run(words);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
    }

    /// Lets copying, moving and syncing kill the command at the N-th of them.
    pub fn mortal(&self) {
        for program in ["mv", "sync", "cp", "chown", "rm"] {
            self.program(program, &MORTAL.replace("PROGRAM", program));
        }
    }

    /// Runs a command that dies at its N-th step; false when it ended before.
    pub fn dies(&self, words: &[&str], at: u32) -> bool {
        let count = self.path("count");
        let _ = fs::remove_file(&count);
        let out = self.start(words).env("COUNT", &count).env("DIE_AT", at.to_string()).output().unwrap();
        out.status.code().is_none()
    }

    pub fn keep(&self, from: &str, name: &str) -> Result<String, String> {
        self.ran(&["keep", &self.text("work"), &self.text(from), name, "still"])
    }

    pub fn build_words(&self, version: u64, base: &str, extension: &str, metadata: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = vec!["build".into(), self.text("work"), self.text("m.cfg"), ID.into(), version.to_string()];
        words.extend([base.to_owned(), extension.to_owned()]);
        words.extend(metadata.iter().map(|m| (*m).to_owned()));
        words
    }

    /// Builds from the copies; the values it tells.
    pub fn build(&self, version: u64, base: &str, extension: &str, metadata: &[&str]) -> Result<String, String> {
        let words = self.build_words(version, base, extension, metadata);
        self.ran(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Copies the volume, and the metalogger's directory where there is one, and builds.
    pub fn restore(&self, version: u64, metadata: &[&str]) -> Result<String, String> {
        self.keep("data", "volume")?;
        let extension = fs::read_dir(self.path("ml")).unwrap().next().is_some();
        if extension {
            self.keep("ml", "metalogger")?;
        }
        self.build(version, "volume", if extension { "metalogger" } else { "-" }, metadata)
    }

    pub fn install_words(&self) -> Vec<String> {
        let user = |flag: &str| String::from_utf8(Command::new("id").arg(flag).output().unwrap().stdout).unwrap().trim().to_owned();
        let words = ["install".into(), self.text("work"), self.text("data"), self.text("archive/run"), user("-un"), user("-gn")];
        words.to_vec()
    }

    pub fn install(&self) -> Result<String, String> {
        let words = self.install_words();
        self.ran(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// A value of `key=value` lines.
pub fn value(text: &str, key: &str) -> String {
    let found = text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no {key} in {text}")).to_owned()
}

/// Version in the header of a metadata file.
pub fn version(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap();
    assert!(bytes.ends_with(b"[MFS EOF MARKER]"), "{}", path.display());
    u64::from_be_bytes(bytes[8..16].try_into().unwrap())
}
