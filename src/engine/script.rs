//! An action as one remote command: guard, change and bookkeeping in the same breath.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::inventory::layout::PENDING_DIR;
use crate::remote::{Request, shell};
use crate::step::{Action, ActionKind, Run, WriteFile};

/// Line on standard error that tells a guard's "no" from the command's own failure.
pub const GUARD_SAYS_NO: &str = "mfsctl: the guard says no";
/// Line on standard error that tells that a file is not as planned for.
pub const FILE_CHANGED: &str = "mfsctl: the file changed since it was read";

/// Puts a file in place: arguments are path, mode, owner, group, sha256 of the new content,
/// sha256 of the old (`-`: none), then the marks to set. The content is standard input.
/// A temporary file that a killed run or a power cut left there goes first: under the operator lock it is nobody's.
const WRITE: &str = r#"set -eu
umask 022
path=$1 mode=$2 owner=$3 group=$4 sum=$5 before=$6 pending=$7
shift 7
sum_of() { sha256sum | cut -d' ' -f1; }
dir=${path%/*}
mkdir -p -- "${dir:-/}"
umask 077
rm -f -- "$dir"/.mfsctl.??????
tmp=$(mktemp -- "$dir/.mfsctl.XXXXXX")
trap 'rm -f -- "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$tmp"
[ "$(sum_of <"$tmp")" = "$sum" ] || { echo "content arrived damaged" >&2; exit 1; }
if [ -e "$path" ]; then now=$(sum_of <"$path"); else now=-; fi
if [ "$now" != "$before" ] && [ "$now" != "$sum" ]; then echo "$CHANGED" >&2; exit 1; fi
chown -- "$owner:$group" "$tmp"
chmod -- "$mode" "$tmp"
for mark do mkdir -p -- "$pending"; : >"$pending/$mark"; done
[ "$now" = - ] || [ "$now" = "$sum" ] || cp -p -- "$path" "$path.mfsctl-previous"
sync -- "$tmp" 2>/dev/null || sync
mv -f -- "$tmp" "$path"
trap - EXIT
if command -v restorecon >/dev/null 2>&1; then restorecon -- "$path" || :; fi
"#;

/// The command that does an action.
#[must_use]
pub fn request(action: &Action) -> Request {
    match &action.kind {
        ActionKind::Run(run) => run_request(action, run),
        ActionKind::Write(write) => write_request(action, write),
    }
}

fn run_request(action: &Action, run: &Run) -> Request {
    let argv = if action.guard.is_none() && action.clears.is_empty() {
        run.argv.clone()
    } else {
        vec!["sh".to_owned(), "-c".to_owned(), with_bookkeeping(action, &shell::join(&run.argv), &run.ok)]
    };
    Request { argv, stdin: run.stdin.clone(), deadline: run.deadline }
}

fn write_request(action: &Action, write: &WriteFile) -> Request {
    let sum = |text: &str| {
        Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    let mut words = vec!["sh".to_owned(), "-c".to_owned(), WRITE.replace("$CHANGED", FILE_CHANGED), "mfsctl-write".to_owned()];
    words.extend([write.path.clone(), format!("{:04o}", write.mode), write.owner.clone(), write.group.clone(), sum(&write.content)]);
    words.extend([write.before.as_deref().map_or_else(|| "-".to_owned(), sum), PENDING_DIR.to_owned()]);
    words.extend(write.marks.iter().cloned());
    let argv = if action.guard.is_none() && action.clears.is_empty() {
        words
    } else {
        vec!["sh".to_owned(), "-c".to_owned(), with_bookkeeping(action, &shell::join(&words), &[0])]
    };
    Request { argv, stdin: write.content.clone().into_bytes(), deadline: std::time::Duration::from_secs(60) }
}

/// `command` behind the action's guard, its marks removed after a good end.
fn with_bookkeeping(action: &Action, command: &str, ok: &[i32]) -> String {
    let mut script = String::new();
    if let Some(guard) = &action.guard {
        let condition = shell::join(&guard.argv);
        let _ = writeln!(script, "{condition} </dev/null >&2 || {{ echo '{GUARD_SAYS_NO}' >&2; exit 1; }}");
    }
    let _ = writeln!(script, "{command}\nstatus=$?");
    if !action.clears.is_empty() {
        let marks: Vec<String> = action.clears.iter().map(|mark| format!("{PENDING_DIR}/{mark}")).collect();
        let codes: Vec<String> = ok.iter().map(ToString::to_string).collect();
        let _ = writeln!(script, "case $status in {}) rm -f -- {} ;; esac", codes.join("|"), shell::join(&marks));
    }
    script.push_str("exit $status\n");
    script
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::remote::local::LocalTransport;
    use crate::remote::{Output, Transport};

    fn write(path: &std::path::Path, content: &str, before: Option<&str>) -> Action {
        let write = WriteFile {
            path: path.display().to_string(),
            content: content.to_owned(),
            before: before.map(str::to_owned),
            mode: 0o640,
            owner: "root".to_owned(),
            group: "root".to_owned(),
            secrets: Vec::new(),
            marks: Vec::new(),
        };
        Action { title: "write".to_owned(), kind: ActionKind::Write(write), guard: None, clears: Vec::new() }
    }

    fn act(action: &Action) -> Output {
        LocalTransport::new("here").run(&request(action)).unwrap()
    }

    #[test]
    fn a_file_arrives_whole_with_mode_and_the_old_one_kept() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub dir/it's.conf");
        assert!(act(&write(&path, "one\n", None)).success());
        assert!(act(&write(&path, "two\n", Some("one\n"))).success());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(std::fs::read_to_string(dir.path().join("sub dir/it's.conf.mfsctl-previous")).unwrap(), "one\n");
        assert_eq!(std::fs::read_dir(dir.path().join("sub dir")).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn what_a_killed_run_left_half_written_is_swept_away() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".mfsctl.aB3xYz"), "half").unwrap();
        std::fs::write(dir.path().join(".mfsctl-site"), "not ours").unwrap();
        assert!(act(&write(&dir.path().join("f"), "whole\n", None)).success());
        assert!(!dir.path().join(".mfsctl.aB3xYz").exists() && dir.path().join(".mfsctl-site").exists());
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "somebody else's\n").unwrap();
        let output = act(&write(&path, "mine\n", Some("what was read\n")));
        assert!(!output.success() && output.error_text().contains(FILE_CHANGED));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody else's\n");
        assert!(!act(&write(&path, "mine\n", None)).success(), "a file that appeared meanwhile too");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_guard_that_says_no_keeps_the_command_from_running() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("made").display().to_string();
        let guarded = Action::run("make", ["touch", &file]).only_if("never", ["sh", "-c", "echo found this; exit 2"]);
        let output = act(&guarded);
        assert!(output.error_text().contains(GUARD_SAYS_NO) && output.error_text().contains("found this"));
        assert!(!std::path::Path::new(&file).exists());
        assert!(act(&Action::run("make", ["touch", &file]).only_if("always", ["true"])).success());
        assert!(std::path::Path::new(&file).exists());
    }

    #[test]
    fn input_reaches_the_command_and_not_the_guard() {
        let action = Action::run("cat", ["cat"]).input("secret").only_if("x", ["cat"]);
        assert_eq!(act(&action).text(), "secret");
    }
}
