//! The reference cluster: provisioned, used, changed, and switched off node by node.

use std::thread;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::{World, finish};

const YES: &[&str] = &["provision", "--yes"];
const ALL: &[&str] = &["node1", "node2", "node3", "node4", "node5", "node6", "node7", "node8"];
/// Pid and start time of the process behind node8's mount of the second tenant.
const MOUNT_2: &str = "cut -d' ' -f1,22 /proc/$(pgrep -f 'mounted on: /mnt/busines[s]2')/stat";
/// The limit for the whole provision on two cores.
const PROVISION_SECONDS: u64 = 360;

pub const SCENARIOS: &[Scenario] = &[
    ("eight_nodes_come_up_and_a_second_up_takes_seconds", |w| {
        w.up();
        let again = w.up().says(&["run already"]);
        assert!(again.elapsed < Duration::from_secs(10), "{:?}", again.elapsed);
    }),
    ("a_dry_run_tells_the_truth_and_changes_nothing", |w| {
        let first = w.mfsctl(&["provision", "--dry-run", "--format", "json"], 120).ends(0).json();
        assert!(first["actions"].as_u64().unwrap() > 150, "{}", first["actions"]);
        assert!(first["hosts"].as_array().unwrap().iter().all(|h| h["actions"].as_u64().unwrap() > 5));
        let second = w.mfsctl(&["provision", "--dry-run", "--format", "json"], 120).ends(0).json();
        assert_eq!(first, second);
        let diff = w.mfsctl(&["provision", "--dry-run", "--diff"], 120).ends(0).says(&["AUTH_CODE = ********", "+172.16.0.47 mfsmaster"]);
        no_secret_in(&diff.out);
        no_secret_in(&diff.err);
    }),
    ("provision_makes_the_cluster_while_a_second_operator_is_refused", |w| {
        let child = w.start(&w.inventory(), YES);
        w.wait("node1", "[ -s /run/lock/mfsctl-operator.lock.holder ]", 60);
        w.mfsctl(YES, 120).ends(5).says(&["another operator is at work", "provision, since", "nothing was changed"]);
        let ran = finish(child, Duration::from_secs(PROVISION_SECONDS + 300), YES).ends(0).says(&["Summary", "node8"]);
        println!("  provisioned in {:.0} s", ran.elapsed.as_secs_f64());
        assert!(ran.elapsed < Duration::from_secs(PROVISION_SECONDS), "provision took {:?}", ran.elapsed);
        no_secret_in(&ran.out);
        no_secret_in(&ran.err);
    }),
    ("a_second_provision_finds_nothing_to_do_in_two_commands_a_host", |w| {
        for node in ALL {
            w.sh(
                node,
                "mkdir -p /etc/ssh/sshd_config.d && echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/test.conf && systemctl reload ssh",
            );
        }
        let since: Vec<String> = ALL.iter().map(|n| w.sh(n, "date +%s -d '+2 seconds'").trim().to_owned()).collect();
        thread::sleep(Duration::from_secs(3));
        let ran = w.mfsctl(YES, 120).ends(0).says(&["nothing to do: all 8 hosts"]);
        println!("  nothing to do in {:.1} s", ran.elapsed.as_secs_f64());
        for (node, since) in ALL.iter().zip(since) {
            let log = w.sh(node, &format!("journalctl -q --no-pager -t sshd --since=@{since}"));
            let ours = |what: &str| log.lines().filter(|l| l.contains(what) && l.contains("172.16.0.254")).count();
            // The test's own question is one connection and one command.
            let (connections, commands) = (ours("Accepted publickey") - 1, ours("Starting session: command") - 1);
            assert_eq!(connections, 1, "{node}:\n{log}");
            assert!((1..=2).contains(&commands), "{node}: {commands} commands\n{log}");
        }
    }),
    ("clients_write_and_read", |w| {
        w.sh("node6", "echo written >/mnt/mfs/hello && sync /mnt/mfs/hello");
        assert_eq!(w.sh("node7", "cat /mnt/mfs/hello").trim(), "written");
        w.sh("node6", "dd if=/dev/urandom of=/mnt/mfs/data bs=1M count=4 status=none && sync /mnt/mfs/data && cd /mnt/mfs && sha256sum data >/root/data.sum && sync");
        w.sh("node7", "echo a >/mnt/business1/a && echo b >/mnt/business2/b");
        assert_eq!(w.sh("node8", "ls /mnt/business2").trim(), "b");
        assert_eq!(w.sh("node8", "cat /mnt/mfs/business1/a").trim(), "a");
        // A tenant's export wants its password, and no file shows it to everybody.
        let leaks = w.sh(
            "node7",
            "grep -rls lab-busines[s] /etc /proc/*/cmdline 2>/dev/null | while read -r f; do find \"$f\" -perm /o+r 2>/dev/null; done",
        );
        assert_eq!(leaks.trim(), "", "world-readable passwords");
    }),
    ("what_must_not_start_by_itself_does_not", |w| {
        assert_ne!(w.try_sh("node2", "systemctl is-enabled moosefs-master", 20).0, 0);
        let (code, text) = w.try_sh("node2", "systemctl start moosefs-master", 60);
        assert_ne!(code, 0, "the master started where the volume is not mounted: {text}");
        assert_eq!(w.try_sh("node2", "pgrep -x mfsmaster", 20).0, 1);
        w.mfsctl(YES, 120).ends(0);
        for node in ["node1", "node2"] {
            assert_eq!(w.sh(node, "stat -c %a /etc/drbd.d/mfs.res /etc/mfs-ha.conf | sort -u").trim(), "600");
            assert_eq!(w.sh(node, "stat -c %a /etc/mfs/mfsmaster.cfg /etc/mfs/mfsexports.cfg | sort -u").trim(), "640");
            assert!(w.sh(node, "journalctl -q --no-pager | grep -c lab-drbd-secret || :").trim() == "0");
        }
        let page = w.sh("node1", "curl -fsL --max-time 30 http://172.16.0.47:9425/mfs.cgi").to_lowercase();
        assert!(page.contains("mfs") && page.contains("<html"), "{page}");
    }),
    ("status_is_healthy_in_words_and_json", |w| {
        let ran = w.mfsctl(&["status"], 120).ends(0).says(&["node1", "Primary", "Secondary", "172.16.0.47", "node5", "/mnt/business2"]);
        assert!(ran.out.lines().all(|l| l.chars().count() <= 80));
        let status = w.mfsctl(&["status", "--format", "json"], 120).ends(0).json();
        assert!(status.to_string().contains("UpToDate"));
        no_secret_in(&status.to_string());
    }),
    ("history_here_and_on_the_masters", |w| {
        w.mfsctl(&["history"], 20).ends(0).says(&["provision --yes", "done"]);
        for master in ["node1", "node2"] {
            w.mfsctl(&["history", "--from", master], 60).ends(0).says(&["provision --yes", "done"]);
        }
    }),
    ("a_changed_export_password_reloads_only_that", |w| {
        let (masters, mounts) = (started(w, "node1", "mfsmaster"), w.sh("node8", MOUNT_2));
        w.edit("password: lab-business-2", "password: changed-word-2");
        let diff = w.mfsctl(&["provision", "--dry-run", "--diff"], 120).ends(0).says(&["mfsexports.cfg", "only a secret changes"]);
        for secret in ["changed-word-2", "lab-business-2"] {
            assert!(!format!("{}{}", diff.out, diff.err).contains(secret), "{secret} is shown");
        }
        assert_eq!(changed(w), ["node1", "node2", "node7", "node8"]);
        w.mfsctl(YES, 240).ends(0);
        assert_eq!(started(w, "node1", "mfsmaster"), masters, "the master was reloaded, not restarted");
        assert_ne!(w.sh("node8", MOUNT_2), mounts);
        w.sh("node8", "grep -q b /mnt/business2/b");
        w.mfsctl(YES, 120).ends(0).says(&["nothing to do"]);
    }),
    ("a_changed_config_key_reloads_only_that", |w| {
        let master = started(w, "node1", "mfsmaster");
        let servers = started(w, "node3", "mfschunkserver");
        w.edit("  auth: lab-auth-code\n", "  auth: lab-auth-code\n  master: {CHUNKS_LOOP_MIN_TIME: 250}\n");
        w.mfsctl(&["provision", "--dry-run", "--diff"], 120).ends(0).says(&["+CHUNKS_LOOP_MIN_TIME = 250"]);
        assert_eq!(changed(w), ["node1", "node2"]);
        w.mfsctl(YES, 240).ends(0);
        assert_eq!(started(w, "node1", "mfsmaster"), master);
        assert_eq!(started(w, "node3", "mfschunkserver"), servers);
        w.edit("    HDD_LEAVE_SPACE_DEFAULT: 128MiB", "    HDD_LEAVE_SPACE_DEFAULT: 96MiB");
        assert_eq!(changed(w), ["node3", "node4", "node5"]);
        w.mfsctl(YES, 240).ends(0);
        w.mfsctl(YES, 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["status"], 120).ends(0);
    }),
    ("one_more_chunkserver_and_one_more_mount", |w| {
        w.edit(
            "node8: {address: 172.16.0.13, roles: [client]}",
            "node8: {address: 172.16.0.13, roles: [client, chunkserver], disks: [/srv/mfs], mounts: [/mnt/mfs, /mnt/second]}",
        );
        // It becomes a witness too, so the masters learn of it; the other nodes do not change.
        assert!(changed(w).iter().all(|n| ["node1", "node2", "node3", "node4", "node5", "node8"].contains(&n.as_str())));
        assert!(!changed(w).contains(&"node6".to_owned()));
        w.mfsctl(YES, 300).ends(0);
        w.sh("node8", "mountpoint -q /mnt/second && cat /mnt/second/hello");
        w.mfsctl(&["status"], 120).ends(0).says(&["node8"]);
        w.mfsctl(YES, 120).ends(0).says(&["nothing to do"]);
    }),
    ("a_limit_touches_only_those", |w| {
        w.edit("mounts: [/mnt/mfs, /mnt/second]", "mounts: [/mnt/mfs, {path: /mnt/second, present: false}]");
        w.mfsctl(&["provision", "--yes", "--limit", "node7"], 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["provision", "--yes", "--limit", "nodeX"], 60).ends(2).says(&["nodeX"]);
        w.mfsctl(&["provision", "--yes", "--only", "nonsense"], 60).ends(2).says(&["there is no stage nonsense", "clients"]);
        w.mfsctl(&["provision", "--yes", "--limit", "clients", "--only", "clients"], 120).ends(0);
        assert_ne!(w.try_sh("node8", "mountpoint -q /mnt/second || grep -q /mnt/second /etc/fstab", 20).0, 0);
    }),
    ("a_dead_chunkserver_stops_nobody_else", |w| {
        w.lab().crash("node5").unwrap();
        w.edit("CHUNKS_LOOP_MIN_TIME: 250", "CHUNKS_LOOP_MIN_TIME: 260");
        let ran = w.mfsctl(YES, 240).ends(4).says(&["node5", "unreachable"]);
        assert!(ran.out.contains("node1"));
        assert!(w.sh("node2", "grep CHUNKS_LOOP_MIN_TIME /etc/mfs/mfsmaster.cfg").contains("260"));
        w.mfsctl(&["status"], 120).ends(1).says(&["node5"]);
        w.lab().boot("node5").unwrap();
        healthy(w, 120);
        w.mfsctl(YES, 240).ends(0);
    }),
    ("every_node_comes_back_by_itself_from_a_power_cut", |w| {
        for node in ["node3", "node6", "node2", "node1"] {
            let begin = Instant::now();
            w.lab().crash(node).unwrap();
            if node == "node1" {
                // The standby takes over while the old active is gone.
                let took = w.wait("node2", "ip -o -4 addr | grep -q '172.16.0.47/' && grep -q ':24CD 00000000:0000 0A' /proc/net/tcp", 120);
                println!("  node2 serves {:.0} s after node1's power cut", took.as_secs_f64());
            }
            w.lab().boot(node).unwrap();
            healthy(w, 180);
            println!("  {node} was cut off power and all is healthy {:.0} s later", begin.elapsed().as_secs_f64());
            w.wait("node6", "cd /mnt/mfs && sha256sum -c --quiet /root/data.sum", 180);
            let standby = if node == "node1" { "node1" } else { "node2" };
            assert_ne!(w.try_sh(standby, "pgrep -x mfsmaster || mountpoint -q /data/drbd", 20).0, 0, "{standby} is the standby");
        }
        w.sh("node6", "echo again >>/mnt/mfs/hello && sync /mnt/mfs/hello");
        w.mfsctl(YES, 240).ends(0);
        w.mfsctl(YES, 120).ends(0).says(&["nothing to do"]);
    }),
    ("down_leaves_nothing", |w| {
        let name = w.name.clone();
        w.mfsctl_on("lab", &["lab", "--name", &name, "down"], 60).ends(0);
        w.lab = None;
        let listed = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!("ip netns list | grep -w mfslab-{name}; pgrep -af 'linux.um[l].*/{name}/uml'; mount | grep {name}"))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&listed.stdout), "");
    }),
];

/// Nodes a plan would change, in order.
fn changed(w: &World) -> Vec<String> {
    let plan = w.mfsctl(&["provision", "--dry-run", "--format", "json"], 120).ends(0).json();
    let hosts = plan["hosts"].as_array().unwrap().iter().filter(|h| h["actions"].as_u64().unwrap() > 0);
    hosts.map(|h| h["node"].as_str().unwrap().to_owned()).collect()
}

/// Pids and start times of a program, to see whether it was started anew.
fn started(w: &World, node: &str, program: &str) -> String {
    w.sh(node, &format!("for p in $(pgrep -x {program}); do cut -d' ' -f1,22 /proc/$p/stat; done"))
}

/// Waits until status calls the cluster healthy.
#[track_caller]
fn healthy(w: &World, seconds: u64) {
    let begin = Instant::now();
    loop {
        let ran = w.mfsctl(&["status"], 120);
        if ran.code == Some(0) {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(seconds), "not healthy within {seconds} s:\n{}\n{}", ran.out, ran.err);
        thread::sleep(Duration::from_secs(2));
    }
}

fn no_secret_in(text: &str) {
    for secret in ["lab-drbd-secret", "lab-auth-code", "lab-witness-secret", "lab-business-1", "lab-business-2"] {
        assert!(!text.contains(secret), "{secret} is shown:\n{text}");
    }
}
