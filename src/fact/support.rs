//! What a person who is to help wants to see of a node beside its facts: configuration as it lies there, units with their
//! drop-ins, versions, addresses, volumes, the takeover's own report, and the runs written down on masters.

use base64::Engine;

use super::mount::BOUNDED;
use super::{Answer, Question};
use crate::inventory::layout::{self, JOURNAL_FILE, takeover};
use crate::inventory::model::{Cluster, Node, Role};
use crate::remote::shell;

/// Name of the question whose answer is files.
pub const FILES: &str = "configuration";
/// Bytes of each file; longer ones are cut.
const LARGEST: u32 = 256 << 10;
/// Where configuration lies: patterns of the shell.
const PATTERNS: &str = "/etc/mfs/*.cfg /etc/mfs/mounts/*.cfg /etc/drbd.conf /etc/drbd.d/* /etc/keepalived/*.conf /etc/mfs-*.conf \
                        /etc/modules-load.d/*drbd* /etc/modules-load.d/mfsctl* /etc/hosts";

/// All questions for this node. None waits for a mount that hangs, or for a peer.
#[must_use]
pub fn ask(cluster: &Cluster, node: &Node) -> Vec<Question> {
    let question = |name: &str, script: String| Question { name: name.to_owned(), script };
    let units = shell::join(&layout::units(cluster, node));
    let files = format!(
        "for f in {PATTERNS}; do [ ! -f \"$f\" ] || {{ printf '%s ' \"$f\"; head -c {LARGEST} -- \"$f\" | base64 | tr -d '\\n'; echo; }}; done"
    );
    let mut questions = vec![
        question(FILES, files),
        question("fstab", "grep -aE 'mfs|moosefs|drbd' /etc/fstab || :".to_owned()),
        question(
            "unit-files",
            format!("command -v systemctl >/dev/null || return 0\ntimeout 20 systemctl cat --no-pager -- {units} 2>&1 || :"),
        ),
        question(
            "unit-status",
            format!("command -v systemctl >/dev/null || return 0\ntimeout 20 systemctl status --no-pager --full -n 0 -- {units} 2>&1 || :\ntimeout 20 systemctl --failed --no-pager --no-legend || :"),
        ),
        question(
            "versions",
            "uname -a\ncat /etc/os-release /etc/redhat-release 2>/dev/null\n\
             if command -v dpkg-query >/dev/null; then dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n'; else rpm -qa 2>/dev/null; fi | \
             grep -aiE 'moosefs|drbd|keepalived|lvm2|xfsprogs|fuse|^systemd |openssh-server'\ncat /proc/uptime /proc/loadavg; :"
                .to_owned(),
        ),
        question("network", "ip -o addr 2>/dev/null\nip route 2>/dev/null\nss -Hlntu 2>/dev/null; :".to_owned()),
        question(
            "storage",
            format!(
                "{BOUNDED}bounded 10 df -lhT\ntimeout 10 lsblk -o NAME,SIZE,TYPE,FSTYPE,MOUNTPOINT 2>/dev/null\n\
                 grep -aE 'mfs|drbd|xfs' /proc/mounts\ncat /proc/drbd 2>/dev/null\n\
                 timeout 10 drbdsetup status --verbose --statistics 2>/dev/null; :"
            ),
        ),
        question("memory", "cat /proc/meminfo\nps -eo pid,ppid,stat,lstart,rss,args 2>/dev/null | grep -E '[m]fs|[k]eepalived|[d]rbd'; :".to_owned()),
    ];
    if node.is(Role::Master) {
        questions.push(question("takeover-report", format!("[ ! -x {0} ] || timeout 20 {0} report 2>&1 || :", takeover::HA_SCRIPT)));
        questions.push(question("history", format!("[ ! -f {JOURNAL_FILE} ] || tail -c 1048576 {JOURNAL_FILE}")));
    }
    questions
}

/// The files of an answer to [`FILES`], path and content; undecodable bytes are replaced, and what makes no sense is left out.
#[must_use]
pub fn files(answer: &Answer) -> Vec<(String, String)> {
    let file = |line: &str| {
        let (path, encoded) = line.rsplit_once(' ')?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
        let mut content = String::from_utf8_lossy(&bytes).into_owned();
        if bytes.len() >= LARGEST as usize {
            content.push_str("\n… cut off here\n");
        }
        Some((path.to_owned(), content))
    };
    answer.text.lines().filter_map(file).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::step::testing::cluster;

    #[test]
    fn the_questions_work_here() {
        let cluster = cluster();
        let nonce = crate::survey::frame::nonce();
        let questions = ask(&cluster, cluster.node("node1").unwrap());
        let script = crate::survey::frame::script(&questions, &nonce);
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        let answers = crate::survey::frame::split(&output.stdout, &nonce, &[]).unwrap();
        assert_eq!(answers.len(), questions.len());
        assert!(answers.values().all(|a| a.status == 0), "{answers:?}");
        assert!(answers["versions"].text.contains("Linux"));
        let files = files(&answers[FILES]);
        let hosts = files.iter().find(|(path, _)| path == "/etc/hosts").unwrap();
        assert_eq!(hosts.1, std::fs::read_to_string("/etc/hosts").unwrap());
    }

    #[test]
    fn lines_that_are_no_file_are_left_out() {
        let text = "/etc/a b.cfg aGVsbG8=\nnonsense\n/etc/empty.cfg \n/etc/x !!\n".to_owned();
        let read = files(&Answer { text, status: 0 });
        assert_eq!(read, [("/etc/a b.cfg".to_owned(), "hello".to_owned()), ("/etc/empty.cfg".to_owned(), String::new())]);
    }
}
