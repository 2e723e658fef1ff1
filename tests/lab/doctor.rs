//! Faults made by hand on a cluster that serves: `doctor`, `status` and `status --check` name each by its id, and no
//! longer once it is undone. What the fix says is what undoes it, where that is a command of mfsctl.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::World;

/// What this small cluster has at all times: one chunkserver that is the only witness and holds files of goal 2.
const ALWAYS: &[&str] =
    &["witnesses-few", "protocol-open", "meta-export-open", "chunks-undergoal", "chunks-endangered", "chunks-single", "chunks-counting"];
const VIP: &str = "172.16.1.47";
/// Long enough for a loaded machine.
const LIMIT: u64 = 240;

pub const SCENARIOS: &[Scenario] = &[
    ("a_provisioned_cluster_has_nothing_else", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
        w.wait("m1", "grep -q 'ds:UpToDate/UpToDate' /proc/drbd", 180);
        until_only(w, ALWAYS);
        let told = w.mfsctl(&["doctor", "--format", "json"], LIMIT).json();
        let ports = told["ports"].as_array().unwrap();
        let bad: Vec<_> = ports.iter().filter(|p| p["as_expected"] != true).collect();
        assert!(ports.len() >= 8 && bad.is_empty(), "{bad:#?}");
        assert!(ports.iter().any(|p| p["port"] == 7788 && p["expected"]["state"] == "inuse"), "{ports:#?}");
        let nothing = w.mfsctl(&["doctor", "--fix", "--yes"], LIMIT).ends(1);
        nothing.says(&["nothing to mend without a decision", "witnesses-few"]);
    }),
    ("a_master_that_starts_at_boot_is_mended", |w| {
        let standby = standby(w);
        w.sh(&standby, "systemctl enable moosefs-master; chmod 644 /etc/mfs/mfsmaster.cfg");
        w.sh(&standby, "echo half >/etc/mfs/.mfsctl.aB3xYz");
        all_tell(w, &["master-at-boot", "secret-readable"], 1);
        tells(w, "doctor", &["leftovers"]);
        let told = w.mfsctl(&["doctor", "--fix", "--dry-run"], LIMIT).ends(0);
        told.says(&["keep moosefs-master from starting at boot", "mfsmaster.cfg", ".mfsctl.aB3xYz"]);
        w.mfsctl(&["doctor", "--fix"], LIMIT).ends(3).says(&["nobody to ask"]);
        w.sh(&standby, "systemctl is-enabled moosefs-master");
        w.mfsctl(&["doctor", "--fix", "--yes"], LIMIT).ends(1).says(&["done: keep moosefs-master from starting at boot"]);
        assert_ne!(w.try_sh(&standby, "systemctl is-enabled -q moosefs-master || test -e /etc/mfs/.mfsctl.aB3xYz", 30).0, 0);
        until_only(w, ALWAYS);
    }),
    ("stale_metadata_under_the_standbys_mount_point", |w| {
        let standby = standby(w);
        w.sh(&standby, "mkdir -p /data/drbd/mfs && printf 'MFSM NEW' >/data/drbd/mfs/metadata.mfs.back");
        all_tell(w, &["stale-metadata"], 2);
        w.sh(&standby, "rm -r /data/drbd/mfs");
        until_only(w, ALWAYS);
    }),
    ("a_chunkserver_with_another_auth_code", |w| {
        w.sh("cs", "sed -i 's/^AUTH_CODE.*/AUTH_CODE = somebody-elses/' /etc/mfs/mfschunkserver.cfg");
        // Connected still, and not any more after its next start.
        tells(w, "status", &["auth-code-unread"]);
        w.sh("cs", "systemctl restart moosefs-chunkserver");
        until_tells(w, "auth-code-differs", 120);
        all_tell(w, &["auth-code-differs"], 2);
        let text = w.mfsctl(&["doctor", "-v"], LIMIT).ends(1);
        assert!(!format!("{}{}", text.out, text.err).contains("somebody-elses"), "a secret is shown");
        w.mfsctl(&["provision", "--yes", "--limit", "cs", "--only", "chunkservers"], 400).ends(0);
        until_only(w, ALWAYS);
    }),
    ("a_clock_a_minute_and_a_half_ahead", |w| {
        w.lab().shift_clock("cl", 90).unwrap();
        all_tell(w, &["clock-skew"], 1);
        let told = w.mfsctl(&["doctor", "--format", "json"], LIMIT).ends(1).json();
        let skew = told["findings"].as_array().unwrap().iter().find(|f| f["id"] == "clock-skew").unwrap().clone();
        assert!(skew["host"] == "cl" && skew["measured"].as_str().unwrap().contains("s ahead"), "{skew}");
        w.lab().shift_clock("cl", -90).unwrap();
        until_only(w, ALWAYS);
    }),
    ("a_port_that_a_firewall_drops", |w| {
        filter(
            w,
            "add table bridge doctor; add chain bridge doctor forward { type filter hook forward priority 0; policy accept; }; \
                   add rule bridge doctor forward ip protocol tcp tcp dport 9422 drop",
        );
        tells(w, "doctor", &["port-blocked"]);
        let told = w.mfsctl(&["doctor", "--format", "json"], LIMIT).ends(1).json();
        let port = told["ports"].as_array().unwrap().iter().find(|p| p["port"] == 9422).unwrap().clone();
        assert!(port["from"] == "cl" && port["found"] == "timeout" && port["as_expected"] == false, "{port}");
        filter(w, "delete table bridge doctor");
        // What is refused is told apart from what is dropped.
        w.sh("cs", "systemctl stop moosefs-chunkserver");
        let told = w.mfsctl(&["doctor", "--format", "json"], LIMIT).ends(1).json();
        let port = told["ports"].as_array().unwrap().iter().find(|p| p["port"] == 9422).unwrap().clone();
        assert!(port["found"] == "refused" && port["expected"]["state"] == "closed", "{port}");
        w.sh("cs", "systemctl start moosefs-chunkserver");
        until_only(w, ALWAYS);
    }),
    ("a_full_disk_of_a_node", |w| {
        w.lab().fill("cl", "/", false).unwrap();
        all_tell(w, &["node-full"], 2);
        w.lab().fill("cl", "/", true).unwrap();
        until_only(w, ALWAYS);
    }),
    ("a_node_that_is_off_holds_nobody_up", |w| {
        w.lab().cut("cs", &[]).unwrap();
        let begin = Instant::now();
        let told = ids(w, "doctor");
        assert!(begin.elapsed() < Duration::from_secs(120), "{:?}", begin.elapsed());
        assert!(told.contains("node-unreachable") && told.contains("witness-majority-lost"), "{told:?}");
        all_tell(w, &["node-unreachable"], 2);
        w.lab().heal(None).unwrap();
        w.lab().wait_ssh("cs", Duration::from_secs(60)).unwrap();
        until_only(w, ALWAYS);
    }),
    ("the_standby_lost_its_disk", |w| {
        let standby = standby(w);
        w.sh(&standby, "drbdadm detach --force mfs");
        all_tell(w, &["drbd-diskless"], 2);
        w.sh(&standby, "drbdadm attach mfs");
        w.wait(&standby, "grep -q 'ds:UpToDate/UpToDate' /proc/drbd", 180);
        until_only(w, ALWAYS);
    }),
    ("a_metalogger_that_hangs", |w| {
        let standby = standby(w);
        w.sh(&standby, "pkill -STOP -x mfsmetalogger");
        until_tells(w, "metalogger-away", 120);
        all_tell(w, &["metalogger-away"], 1);
        w.sh(&standby, "pkill -CONT -x mfsmetalogger; systemctl restart moosefs-metalogger");
        until_only(w, ALWAYS);
    }),
    ("a_metalogger_that_can_write_no_more", |w| {
        // Connected as ever, but on a full disk: what stands in its last block may still be added, nothing beyond.
        let standby = standby(w);
        w.lab().fill(&standby, "/", false).unwrap();
        w.sh("cl", "mkdir -p /mnt/mfs/behind && cd /mnt/mfs/behind && seq 400 | xargs touch && sync");
        until_tells(w, "metalogger-behind", 150);
        all_tell(w, &["metalogger-behind", "node-full"], 1);
        w.lab().fill(&standby, "/", true).unwrap();
        w.sh(&standby, "systemctl restart moosefs-metalogger");
        until_only(w, ALWAYS);
    }),
    ("address_and_master_apart", |w| {
        let (active, standby) = (active(w), standby(w));
        // The agents put such things right within seconds, but not while the takeover is on hold.
        w.mfsctl(&["ha", "hold", "--for", "30m", "--reason", "doctor"], 180).ends(0);
        let own = format!("ip -o -4 addr show | grep ' {VIP}/' | sed 's/^[0-9]*: *\\([^ ]*\\) *inet \\([^ ]*\\).*/\\1 \\2/'");
        let place = w.sh(&active, &own).trim().to_owned();
        let (interface, address) = place.split_once(' ').unwrap_or_else(|| panic!("no address in {place:?}"));
        w.sh(&standby, &format!("ip addr add {address} dev {interface}"));
        all_tell(w, &["vip-two", "vip-not-on-primary", "vip-without-master"], 2);
        w.sh(&standby, &format!("ip addr del {address} dev {interface}"));

        w.sh(&active, &format!("ip addr del {address} dev {interface}"));
        all_tell(w, &["vip-nowhere", "master-without-vip"], 2);
        w.sh(&active, &format!("ip addr add {address} dev {interface}"));

        w.sh(&active, "pkill -KILL -x mfsmaster");
        w.wait(&active, "! pgrep -x mfsmaster", 30);
        all_tell(w, &["vip-without-master", "master-not-running", "master-silent"], 2);
        w.mfsctl(&["ha", "release", "--yes"], 180).ends(0);
        w.wait("m1", "mfs-ha wait-serving 5", LIMIT);
        until_only(w, ALWAYS);
    }),
];

/// The ids a command tells, in JSON.
pub fn ids(w: &World, command: &str) -> BTreeSet<String> {
    let told = w.mfsctl(&[command, "--format", "json"], LIMIT).json();
    let findings = told["findings"].as_array().unwrap_or_else(|| panic!("{told:#}"));
    findings.iter().filter_map(|f| f["id"].as_str().map(str::to_owned)).collect()
}

#[track_caller]
fn tells(w: &World, command: &str, wanted: &[&str]) {
    let told = ids(w, command);
    for id in wanted {
        assert!(told.contains(*id), "{command} does not tell {id}: {told:?}");
    }
}

/// `doctor`, `status` (as JSON and as tables) and `status --check` tell all of these; the check ends at least with that status.
#[track_caller]
pub fn all_tell(w: &World, wanted: &[&str], worst: i32) {
    tells(w, "doctor", wanted);
    tells(w, "status", wanted);
    w.mfsctl(&["status"], LIMIT).says(wanted);
    let check = w.mfsctl(&["status", "--check"], LIMIT);
    assert!(check.code.is_some_and(|code| code == worst || (worst == 1 && code == 2)), "{:?}: {}", check.code, check.out);
    check.says(wanted);
}

#[track_caller]
pub fn until_tells(w: &World, id: &str, seconds: u64) {
    let begin = Instant::now();
    while !ids(w, "status").contains(id) {
        assert!(begin.elapsed() < Duration::from_secs(seconds), "status does not tell {id} within {seconds} s");
        thread::sleep(Duration::from_secs(2));
    }
}

/// Waits until nothing is told but what is there at all times.
#[track_caller]
pub fn until_only(w: &World, always: &[&str]) {
    let begin = Instant::now();
    loop {
        let mut told = ids(w, "doctor");
        told.retain(|id| !always.contains(&id.as_str()));
        if told.is_empty() {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(300), "still told: {told:?}\n{}", w.mfsctl(&["doctor"], LIMIT).out);
        thread::sleep(Duration::from_secs(3));
    }
}

pub fn active(w: &World) -> String {
    w.wait("m1", "mfs-ha wait-serving 5", LIMIT);
    let serves = |node: &str| w.try_sh(node, "mountpoint -q /data/drbd", 20).0 == 0;
    if serves("m1") { "m1".to_owned() } else { "m2".to_owned() }
}

pub fn standby(w: &World) -> String {
    if active(w) == "m1" { "m2".to_owned() } else { "m1".to_owned() }
}

/// Rules of the network between the machines, on the host, in the lab's own network namespace.
#[track_caller]
fn filter(w: &World, rules: &str) {
    let namespace = w.lab().namespace();
    let name = namespace.file_name().unwrap().to_str().unwrap().to_owned();
    let out = Command::new("ip").args(["netns", "exec", &name, "nft"]).arg(rules).stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
