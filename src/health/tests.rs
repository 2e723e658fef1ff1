#![allow(clippy::unwrap_used)]

use super::local::Local;
use super::testing::{drbd, healthy};
use super::*;
use crate::fact::ha_report::{Space, SpaceState};
use crate::protocol::{DiskError, Load, Maintenance, Version};

/// What is not ok, one line each: severity, subject, rule.
fn faults(report: &ClusterReport) -> Vec<String> {
    judge(report).iter().filter(|f| f.severity > Severity::Ok).map(|f| format!("{} {} {}", f.severity.word(), f.subject, f.rule)).collect()
}

#[test]
fn the_reference_cluster_is_healthy_by_every_rule() {
    let report = healthy();
    let findings = judge(&report);
    assert_eq!(faults(&report), Vec::<String>::new());
    assert!(is_healthy(&findings));
    for rule in RULES.iter().filter(|r| r.name != "chunkserver-maintenance") {
        assert!(findings.iter().any(|f| f.rule == rule.name), "{} says nothing", rule.name);
    }
}

#[test]
fn every_fault_tells_what_to_do() {
    let mut all = Vec::new();
    for (_, _, report) in cases() {
        all.extend(judge(&report));
    }
    for f in all {
        assert_eq!(f.fix.is_empty(), f.severity == Severity::Ok, "{f:?}");
        assert!(!f.message.is_empty() && !f.wanted.is_empty(), "{f:?}");
        let entry = f.id.map(|id| catalogue::find(id).unwrap());
        assert!(entry.map_or(f.severity == Severity::Ok, |e| f.severity > Severity::Ok && f.severity <= e.severity), "{f:?}");
    }
}

type Case = (&'static str, Vec<&'static str>, ClusterReport);

fn case(name: &'static str, expected: &[&'static str], change: impl FnOnce(&mut ClusterReport)) -> Case {
    let mut report = healthy();
    change(&mut report);
    (name, expected.to_vec(), report)
}

/// Faults, and what the rules must say of them.
fn cases() -> Vec<Case> {
    let mut cases = pair_cases();
    cases.extend(moosefs_cases());
    cases.extend(local_cases());
    cases
}

fn pair_cases() -> Vec<Case> {
    vec![
        case("a chunkserver's node is gone", &["warning node4 node-reachable"], |r| r.lose("node4")),
        case(
            "the standby is gone",
            &["critical node2 node-reachable", "warning node1 drbd-connection", "warning node2 metalogger-connected"],
            |r| {
                r.lose("node2");
                r.told_mut().metaloggers.remove(1);
                r.node_mut("node1").drbd = Some(drbd("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----"));
            },
        ),
        case(
            "the active cannot be asked",
            &["critical node1 node-reachable", "warning cluster drbd-primary", "warning cluster vip-holder"],
            |r| {
                r.lose("node1");
            },
        ),
        case("hostname", &["critical node2 hostname"], |r| r.node_mut("node2").uname = Some("localhost".to_owned())),
        case("clock", &["warning node7 clock"], |r| r.node_mut("node7").clock_offset_ms = Some(-2500)),
        case("the operator's clock is wrong, the nodes agree", &[], |r| {
            for node in &mut r.nodes {
                node.clock_offset_ms = node.clock_offset_ms.map(|o| o + 3_600_000);
            }
        }),
        case(
            "nobody holds the address",
            &["critical cluster vip-holder", "critical node1 master-and-vip", "warning node1 metalogger-connected"],
            |r| {
                r.node_mut("node1").vip_present = Some(false);
            },
        ),
        case(
            "both hold the address",
            &["critical cluster vip-holder", "critical node2 vip-on-primary", "critical node2 master-and-vip"],
            |r| {
                r.node_mut("node2").vip_present = Some(true);
            },
        ),
        case(
            "split brain",
            &[
                "critical cluster drbd-primary",
                "critical node1 drbd-connection",
                "critical node2 drbd-connection",
                "critical node2 volume-mounted",
                "critical node2 master-running",
            ],
            |r| {
                for node in ["node1", "node2"] {
                    r.node_mut(node).drbd = Some(drbd("cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----"));
                }
            },
        ),
        case(
            "neither is primary",
            &[
                "critical cluster drbd-primary",
                "critical node1 volume-mounted",
                "critical node1 vip-on-primary",
                "critical node1 master-running",
            ],
            |r| {
                for node in ["node1", "node2"] {
                    r.node_mut(node).drbd = Some(drbd("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----"));
                }
            },
        ),
        case("a resync runs", &["warning node1 drbd-connection", "warning node2 drbd-connection", "warning node2 drbd-disk"], |r| {
            r.node_mut("node1").drbd = Some(drbd("cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----"));
            r.node_mut("node2").drbd = Some(drbd("cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----"));
        }),
        case("the active lost its disk", &["critical node1 drbd-disk"], |r| {
            r.node_mut("node1").drbd = Some(drbd("cs:Connected ro:Primary/Secondary ds:Diskless/UpToDate C r-----"));
        }),
        case("verification found a difference", &["warning node1 drbd-disk"], |r| {
            r.node_mut("node1").drbd.as_mut().unwrap().out_of_sync_kib = 8;
        }),
        case("no resource", &["critical node2 drbd-connection"], |r| r.node_mut("node2").drbd = None),
        case("frozen", &["critical node1 drbd-io"], |r| {
            r.node_mut("node1").drbd = Some(drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C s-----"));
        }),
        case("no quorum", &["critical node1 drbd-io"], |r| r.node_mut("node1").drbd.as_mut().unwrap().quorum = Some(false)),
        case("something is mounted on the standby", &["critical node2 volume-mounted"], |r| {
            r.node_mut("node2").volume_mounted = Some(true)
        }),
        case("the volume is not mounted", &["critical node1 volume-mounted"], |r| r.node_mut("node1").volume_mounted = Some(false)),
        case("a master runs on the standby", &["critical node2 master-running"], |r| r.node_mut("node2").master_running = Some(true)),
        case("the master starts at boot", &["warning node2 master-at-boot"], |r| r.node_mut("node2").master_enabled = Some(true)),
        case("an agent's fault", &["warning node2 takeover-agent"], |r| r.node_mut("node2").agent.as_mut().unwrap().healthy = false),
        case("a volume nearly full", &["warning node1 volume-space"], |r| space_is(r, SpaceState::Low)),
        case("a full volume", &["critical node1 volume-space"], |r| space_is(r, SpaceState::Full)),
        case("two witnesses", &["warning cluster witnesses"], |r| r.witnesses = 2),
    ]
}

fn space_is(report: &mut ClusterReport, state: SpaceState) {
    report.node_mut("node1").agent.as_mut().unwrap().space = Some(Space { state, free_mib: 12, total_mib: 505, reserve_mib: 0 });
}

fn own<'a>(report: &'a mut ClusterReport, node: &str) -> &'a mut Local {
    report.node_mut(node).local.as_mut().unwrap()
}

fn local_cases() -> Vec<Case> {
    let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    vec![
        case("stale metadata", &["critical node2 under-the-volume"], |r| {
            let local = own(r, "node2");
            (local.stale_metadata, local.under_mount_point) = (words(&["metadata.mfs"]), words(&["mfs"]));
        }),
        case("something under the mount point", &["warning node2 under-the-volume"], |r| own(r, "node2").under_mount_point = words(&["x"])),
        case("the packages' template", &["warning node1 under-the-volume"], |r| own(r, "node1").template = true),
        case("metadata elsewhere", &["notice node1 under-the-volume"], |r| {
            own(r, "node1").elsewhere = words(&["/var/lib/mfs/metadata.mfs"])
        }),
        case("sizes", &["warning cluster volume-sizes"], |r| own(r, "node2").volume_bytes = Some(4 << 30)),
        case("another secret", &["critical node2 settings"], |r| own(r, "node2").drbd_secret_matches = Some(false)),
        case("changes are not synced", &["critical node1 settings"], |r| own(r, "node1").changelog_mode = Some("0".to_owned())),
        case("no exports", &["critical node1 settings"], |r| own(r, "node1").exports_missing = true),
        case("another AUTH_CODE, refused", &["critical node4 settings", "critical node4 chunkserver-connected"], |r| {
            own(r, "node4").auth_matches = Some(false);
            r.told_mut().chunkservers[1].connected = false;
            r.told_mut().chunkservers[1].version = None;
        }),
        case("another AUTH_CODE, not read yet", &["warning node4 settings"], |r| own(r, "node4").auth_matches = Some(false)),
        case("another master", &["warning node4 settings"], |r| {
            own(r, "node4").master_hosts.insert("/etc/mfs/mfschunkserver.cfg".to_owned(), "node1".to_owned());
        }),
        case("no directory named", &["critical node3 chunk-disks"], |r| own(r, "node3").directories = Some(0)),
        case("a disk is not mounted", &["critical node3 chunk-disks"], |r| own(r, "node3").unmounted_disks = words(&["/mnt/mfs1"])),
        case("a full system disk", &["critical node6 node-space"], |r| {
            own(r, "node6").free.insert("/".to_owned(), 0);
        }),
        case("a system disk nearly full", &["warning node6 node-space"], |r| {
            own(r, "node6").free.insert("/var".to_owned(), 100 << 20);
        }),
        case("a readable secret", &["warning node1 secret-files"], |r| own(r, "node1").readable_secrets = words(&["/etc/mfs-ha.conf"])),
        case("a password in fstab", &["warning node6 secret-files"], |r| own(r, "node6").fstab_passwords = vec![7]),
        case("not at boot", &["warning node1 boot"], |r| own(r, "node1").not_at_boot = words(&["keepalived.service"])),
        case("units not read", &["notice node1 boot"], |r| own(r, "node1").stale_units = words(&["keepalived.service"])),
        case("work begun", &["notice node1 boot"], |r| own(r, "node1").pending.extend(words(&["drbd:adjust"]))),
        case("a temporary file", &["notice node1 boot"], |r| own(r, "node1").leftovers.extend(words(&["/etc/mfs/.mfsctl.aB3xYz"]))),
        case("old scripts", &["warning node3 scripts"], |r| own(r, "node3").old_scripts = words(&["/usr/local/sbin/mfs-witness"])),
        case("masters of two versions", &["warning cluster packages"], |r| {
            own(r, "node1").installed.insert("moosefs-master".to_owned(), "3.0.117-1".to_owned());
            own(r, "node2").installed.insert("moosefs-master".to_owned(), "3.0.116-1".to_owned());
        }),
        case("two modules", &["warning cluster packages"], |r| own(r, "node2").drbd_version = Some("9.1.0".to_owned())),
        case("an old process", &["warning node3 packages"], |r| {
            own(r, "node3").installed.insert("moosefs-chunkserver".to_owned(), "3.0.118-1".to_owned());
        }),
    ]
}

/// The ids told of a report.
fn ids(report: &ClusterReport) -> Vec<&'static str> {
    judge(report).iter().filter_map(|f| f.id).collect()
}

#[test]
fn the_truth_table_of_address_role_and_master_has_a_name_for_each_contradiction() {
    let told = |change: &dyn Fn(&mut ClusterReport)| {
        let mut report = healthy();
        change(&mut report);
        ids(&report)
    };
    let without_vip = told(&|r| r.node_mut("node1").vip_present = Some(false));
    assert!(without_vip.contains(&"vip-nowhere") && without_vip.contains(&"master-without-vip"), "{without_vip:?}");
    let without_master = told(&|r| r.node_mut("node1").master_running = Some(false));
    assert!(without_master.contains(&"vip-without-master") && without_master.contains(&"master-not-running"), "{without_master:?}");
    let two = told(&|r| r.node_mut("node2").vip_present = Some(true));
    assert!(two.contains(&"vip-two") && two.contains(&"vip-not-on-primary"), "{two:?}");
    let moved = told(&|r| {
        r.node_mut("node1").vip_present = Some(false);
        r.node_mut("node2").vip_present = Some(true);
    });
    assert!(moved.contains(&"vip-not-on-primary") && moved.contains(&"master-without-vip"), "{moved:?}");
    let diskless = told(&|r| {
        r.node_mut("node1").drbd = Some(drbd("cs:Connected ro:Primary/Secondary ds:Diskless/UpToDate C r-----"));
    });
    assert!(diskless.contains(&"drbd-diskless"), "{diskless:?}");
}

#[test]
fn the_kernels_word_tells_why_nothing_is_connected() {
    let alone = |log: &str| {
        let mut report = healthy();
        let node = report.node_mut("node1");
        node.drbd = Some(drbd("cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----"));
        node.drbd_log = (!log.is_empty()).then(|| log.to_owned());
        ids(&report)
    };
    assert!(alone("").contains(&"drbd-standalone"));
    assert!(alone("drbd mfs: Authentication of peer failed, trying again.").contains(&"drbd-secret-differs"));
    assert!(alone("block drbd0: The peer's disk size is too small!").contains(&"drbd-peer-too-small"));
    assert!(alone("block drbd0: Split-Brain detected but unresolved, dropping connection!").contains(&"split-brain"));
}

fn moosefs_cases() -> Vec<Case> {
    vec![
        case("silent master", &["critical cluster master-answers"], |r| r.master = MasterAnswer::Silent { reason: "refused".to_owned() }),
        case("not serving", &["critical cluster master-answers"], |r| r.told_mut().info.serving = false),
        case("another release line", &["warning cluster master-version"], |r| {
            let told = r.told_mut();
            told.version = Version::new(4, 59, 2);
            for server in &mut told.chunkservers {
                server.version = Some(told.version);
            }
        }),
        case("a chunkserver is away", &["critical node4 chunkserver-connected"], |r| {
            let server = &mut r.told_mut().chunkservers[1];
            (server.connected, server.version) = (false, None);
        }),
        case("a chunkserver stopped cleanly", &["warning node4 chunkserver-connected", "notice node4 chunkserver-maintenance"], |r| {
            let server = &mut r.told_mut().chunkservers[1];
            (server.connected, server.version, server.maintenance) = (false, None, Maintenance::Temporary(Some(1792)));
        }),
        case("a chunkserver was never seen", &["critical node5 chunkserver-connected"], |r| {
            r.told_mut().chunkservers.pop();
        }),
        case("an unknown chunkserver", &["notice 172.16.0.99 chunkserver-connected"], |r| {
            let mut server = r.told_mut().chunkservers[0].clone();
            server.address = std::net::Ipv4Addr::new(172, 16, 0, 99);
            r.told_mut().chunkservers.push(server);
        }),
        case("an old chunkserver", &["warning node3 chunkserver-version"], |r| {
            r.told_mut().chunkservers[0].version = Some(Version::new(3, 0, 116));
        }),
        case("a new chunkserver", &["warning node3 chunkserver-version"], |r| {
            r.told_mut().chunkservers[0].version = Some(Version::new(4, 59, 2));
        }),
        case("overloaded", &["warning node3 chunkserver-load"], |r| r.told_mut().chunkservers[0].load = Load::Overloaded),
        case("in grace", &["notice node3 chunkserver-load"], |r| r.told_mut().chunkservers[0].load = Load::Grace(30)),
        case("in maintenance", &["notice node3 chunkserver-maintenance"], |r| r.told_mut().chunkservers[0].maintenance = Maintenance::On),
        case("a damaged disk", &["critical node3 disks"], |r| r.node_mut("node3").disks.as_mut().unwrap()[0].damaged = true),
        case("an I/O error", &["warning node3 disks"], |r| {
            r.node_mut("node3").disks.as_mut().unwrap()[0].last_error = Some(DiskError { chunk: 5, time: 1_700_000_000 });
        }),
        case("a disk is not used", &["critical node3 disks"], |r| r.node_mut("node3").disks_wanted.push("/mnt/mfs2".to_owned())),
        case("disks cannot be asked", &["warning node3 disks"], |r| {
            let node = r.node_mut("node3");
            (node.disks, node.disks_reason) = (None, Some("refused".to_owned()));
        }),
        case("nearly full", &["warning cluster space"], |r| r.told_mut().info.free_space = Some(150_000_000)),
        case("full", &["critical cluster space"], |r| r.told_mut().info.free_space = Some(1_000_000)),
        case("missing and endangered", &["critical cluster chunks", "warning cluster chunks"], |r| {
            let sum = &mut r.told_mut().chunks.all;
            (sum.missing, sum.endangered) = (3, 4);
        }),
        case("under goal", &["warning cluster chunks"], |r| r.told_mut().chunks.all.undergoal = 1),
        case("goal 1", &["notice cluster chunks"], |r| r.told_mut().chunks.all.single_copy = 1),
        case("counters move", &["notice cluster chunks"], |r| r.told_mut().chunks.progress.connecting = true),
        case("a metalogger is away", &["warning node2 metalogger-connected"], |r| {
            r.told_mut().metaloggers.remove(1);
            r.node_mut("node2").metalogger_running = Some(false);
        }),
        case("not mounted", &["warning node6 client-mounts"], |r| r.node_mut("node6").mounts[0].mounted = Some(false)),
        case("a mount hangs", &["critical node6 client-mounts"], |r| r.node_mut("node6").mounts[0].answers = Some(false)),
        case("mounted, no session", &["warning node6 client-mounts"], |r| {
            r.told_mut().sessions.remove(0);
        }),
        case("mounted, its client hangs", &["warning node6 client-mounts"], |r| r.told_mut().sessions[0].connections = 0),
        case("the client cannot be asked, its session lives", &["warning node6 node-reachable"], |r| r.lose("node6")),
    ]
}

#[test]
fn faults_are_found_and_nothing_else() {
    for (name, mut expected, report) in cases() {
        let mut found = faults(&report);
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_resync_is_told_with_its_progress() {
    let mut report = healthy();
    let text = include_str!("../../tests/fixtures/drbd/proc/connected-secondary-primary.node2.txt");
    report.node_mut("node2").drbd = Some(crate::fact::drbd_status::parse(text, "").unwrap().resources.remove(0));
    let finding = judge(&report).into_iter().find(|f| f.rule == "drbd-connection" && f.subject == "node2").unwrap();
    assert!(finding.message.starts_with("DRBD is SyncSource, 46.9 % done, 0:47 left: "), "{}", finding.message);
    assert!(finding.message.ends_with("; 282124 KiB differ"), "{}", finding.message);
}

#[test]
fn names_of_rules_are_unique() {
    let mut names: Vec<&str> = RULES.iter().map(|r| r.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
}
