//! Maintenance and rolling upgrades between two real releases of packages, while a client writes checksummed files:
//! refused, halted, stuck, killed on the way and run again.

use std::thread;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::chaos::client::{self, Client};
use crate::harness::{World, finish};

const NEXT: &str = "3.0.118-1";
const SERVERS: [&str; 3] = ["cs1", "cs2", "cs3"];
const NODES: [&str; 7] = ["m1", "m2", "cs1", "cs2", "cs3", "cl1", "cl2"];
const LIST: &str = "/etc/apt/sources.list.d/mfsctl-moosefs.list";
/// Long enough for a loaded machine.
const LIMIT: u64 = 1500;
/// Nobody holds the operator lock.
const FREE: &str = "flock -n /run/lock/mfsctl-operator.lock true";
/// When the daemon's process began, in ticks since boot.
const BEGAN: &str = "cut -d' ' -f22 /proc/$(systemctl show -p MainPID moosefs-chunkserver | cut -d= -f2)/stat";

pub const SCENARIOS: &[Scenario] = &[
    ("the_lab_comes_up_and_is_provisioned", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 1200).ends(0);
        client::install(w, &["cl1", "cl2"], "172.16.9.47", &["m1", "m2"]);
    }),
    ("maintenance_is_switched_shown_and_ends_by_itself", |w| {
        w.mfsctl(&["maintenance", "on", "m1"], 60).ends(2).says(&["is no chunkserver"]);
        w.mfsctl(&["maintenance", "off", "cs1"], 120).ends(0);
        w.mfsctl(&["maintenance", "on", "cs1", "--for", "90s", "--reason", "a test"], 180).ends(0).says(&["a test"]);
        let seen = w.sh("m1", "mfscli -n -H 172.16.9.47 -SCS -s '|'");
        assert!(seen.lines().any(|l| l.contains("172.16.9.43") && l.contains("maintenance_on")), "{seen}");
        w.mfsctl(&["status"], 120).ends(0).says(&["is in maintenance", "ends in"]);
        w.mfsctl(&["maintenance", "on", "cs2"], 120).ends(3).says(&["cs1 is in maintenance", "nothing was changed"]);
        // Nobody ends it: a timer on the masters does.
        let ended = w.wait("m1", "mfscli -n -H 172.16.9.47 -SCS -s '|' | grep 172.16.9.43 | grep -q maintenance_off", 240);
        println!("  ended by itself after {:.0} s more", ended.as_secs_f64());
        w.wait("m1", "[ -z \"$(ls /var/lib/mfsctl/maintenance)\" ]", 120);
        w.wait("m2", "[ -z \"$(ls /var/lib/mfsctl/maintenance)\" ]", 120);
        w.mfsctl(&["maintenance", "on", "cs1"], 180).ends(0);
        w.mfsctl(&["maintenance", "off", "cs1"], 180).ends(0);
        w.mfsctl(&["maintenance", "show", "--format", "json"], 120).ends(0);
    }),
    ("there_is_nothing_to_upgrade_to_and_what_is_not_offered_is_refused", |w| {
        w.mfsctl(&["upgrade", "all", "--yes"], 400).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["upgrade", "chunkservers", "--to", "3.0.118", "--yes"], 400).ends(3).says(&["3.0.118 is not offered"]);
    }),
    ("each_refusal_changes_nothing", |w| {
        for node in NODES {
            w.sh(node, &format!("sed -i 's/ main$/ main next/' {LIST} && grep -q 'main next' {LIST}"));
        }
        let chunkservers = ["upgrade", "chunkservers", "--yes"];
        w.mfsctl(&chunkservers, 400).ends(3).says(&["order", "masters, metaloggers, chunkservers, clients"]);
        w.mfsctl(&["upgrade", "all", "--dry-run"], 400)
            .ends(0)
            .says(&["install moosefs-chunkserver=3.0.118-1", "stop the old mfschunkserver"]);
        let all = ["upgrade", "all", "--yes"];
        w.sh("cs2", "apt-mark hold moosefs-chunkserver");
        w.mfsctl(&all, 400).ends(3).says(&["packages-not-held", "cs2: moosefs-chunkserver", "nothing was changed"]);
        w.sh("cs2", "apt-mark unhold moosefs-chunkserver");
        w.sh("cl1", "mkdir /mnt/mfs/one && mfssetgoal -r 1 /mnt/mfs/one && echo x >/mnt/mfs/one/file && sync /mnt/mfs/one/file");
        w.mfsctl(&all, 400).ends(3).says(&["no-goal-1", "--accept-goal-1"]);
        // Removed alone, it would still count: a client keeps what it had open for minutes.
        w.sh("cl1", "mfssetgoal -r 2 /mnt/mfs/one && rm -r /mnt/mfs/one");
        // Three copies wanted of what then has a server less.
        w.sh("cl1", "mkdir /mnt/mfs/three && mfssetgoal -r 3 /mnt/mfs/three && head -c 3000000 /dev/urandom >/mnt/mfs/three/file && sync /mnt/mfs/three/file");
        healthy(w);
        w.sh("cs3", "systemctl kill -s KILL moosefs-chunkserver; systemctl stop moosefs-chunkserver");
        w.mfsctl(&all, 400).ends(3).says(&["chunkservers-connected", "cs3 is away", "chunks-safe"]);
        w.sh("cs3", "systemctl reset-failed moosefs-chunkserver; systemctl start moosefs-chunkserver");
        healthy(w);
        for node in NODES {
            let installed = w.sh(node, "dpkg-query -W -f '${Version}\\n' 'moosefs-*' | sort -u");
            assert!(!installed.contains(NEXT), "{node}: {installed}");
        }
    }),
    ("masters_and_metaloggers_are_upgraded_while_a_client_writes", |w| {
        let client = Client::start(w, "cl1", "cl2", "masters".to_owned());
        let ran = w.mfsctl(&["upgrade", "masters", "--yes"], LIMIT).ends(0);
        println!("  masters: {:.0} s", ran.elapsed.as_secs_f64());
        let ran = w.mfsctl(&["upgrade", "metaloggers", "--yes"], LIMIT).ends(0);
        println!("  metaloggers: {:.0} s", ran.elapsed.as_secs_f64());
        unharmed(&client, "masters and metaloggers");
        for node in ["m1", "m2"] {
            assert_eq!(w.sh(node, "dpkg-query -W -f '${Version}' moosefs-master"), NEXT);
            assert_eq!(w.sh(node, "dpkg-query -W -f '${Version}' moosefs-metalogger"), NEXT);
        }
        w.mfsctl(&["upgrade", "masters", "--yes"], 400).ends(0).says(&["nothing to do"]);
    }),
    ("one_that_does_not_come_back_halts_and_the_others_are_let_alone", |w| {
        let began = SERVERS.map(|s| w.sh(s, BEGAN));
        // Its port is taken: the new daemon ends at once, whatever is installed.
        w.sh("cs1", "mkdir -p /etc/systemd/system/moosefs-chunkserver.service.d && printf '[Service]\\nExecStartPre=/bin/false\\n' >/etc/systemd/system/moosefs-chunkserver.service.d/broken.conf && systemctl daemon-reload");
        let ran = w.mfsctl(&["upgrade", "chunkservers", "--yes", "--wait", "1m"], LIMIT).ends(4);
        let ran = ran.says(&["cs1:", "in maintenance, which ends in", "left alone: cs2, cs3"]);
        println!("  halted after {:.0} s", ran.elapsed.as_secs_f64());
        assert_eq!((w.sh("cs2", BEGAN), w.sh("cs3", BEGAN)), (began[1].clone(), began[2].clone()));
        w.sh("cs1", "rm /etc/systemd/system/moosefs-chunkserver.service.d/broken.conf && systemctl daemon-reload");
    }),
    ("chunkservers_are_upgraded_stuck_ones_too_while_a_client_writes", |w| {
        let client = Client::start(w, "cl1", "cl2", "servers".to_owned());
        // cs2 is suspended again and again: its stop never ends by itself; on cs3 a second process holds the lock of the disk.
        w.try_sh_with("cs2", "cat >/root/stuck.sh && systemd-run -q --unit=stuck sh /root/stuck.sh", STUCK.as_bytes(), 60);
        let ran = w.mfsctl(&["upgrade", "chunkservers", "--yes", "--stop-within", "60s"], LIMIT).ends(0);
        println!("  three chunkservers: {:.0} s", ran.elapsed.as_secs_f64());
        ran.says(&["sent TERM", "cs3: upgraded to"]);
        unharmed(&client, "chunkservers");
        done(w);
    }),
    ("a_second_process_that_holds_the_data_lock_is_ended_aloud", |w| {
        w.sh("cs3", "systemctl stop moosefs-chunkserver && systemd-run -q --unit=second /usr/sbin/mfschunkserver -f start");
        again(w, "cs3");
        w.wait("m1", "mfscli -n -H 172.16.9.47 -SCS -s '|' | grep 172.16.9.45 | grep -q maintenance_off", 120);
        w.mfsctl(&["upgrade", "chunkservers", "--yes"], LIMIT).ends(0).says(&["a second mfschunkserver", "holds the lock"]);
        done(w);
    }),
    ("killed_at_ten_points_it_finishes_and_restarts_none_that_is_done", |w| {
        SERVERS.iter().for_each(|s| again(w, s));
        let mut began: Vec<Option<String>> = vec![None; 3];
        for (number, (node, point)) in KILLS.iter().enumerate() {
            let mut struck = killed_at(w, node, point);
            if !struck {
                // What mfsctl's end left running went on by itself, and past this moment: all begins anew, up to it.
                SERVERS.iter().for_each(|s| again(w, s));
                began = vec![None; 3];
                struck = killed_at(w, node, point);
            }
            assert!(struck, "{number}: {node}: {point}: never came");
            println!("  {number}: killed at {node}: {point}");
            // Those that were done before this run must not have been touched by it.
            for (at, server) in SERVERS.iter().enumerate() {
                let now = w.try_sh(server, BEGAN, 30).1;
                if let Some(before) = &began[at] {
                    assert_eq!(&now, before, "{server} was done, and was restarted");
                }
                if is_current(w, server) {
                    began[at] = Some(now);
                }
            }
        }
        w.wait("m1", FREE, 60);
        w.wait("m2", FREE, 60);
        w.mfsctl(&["upgrade", "chunkservers", "--yes"], LIMIT).ends(0);
        for (at, server) in SERVERS.iter().enumerate() {
            if let Some(before) = &began[at] {
                assert_eq!(&w.sh(server, BEGAN), before, "{server} was done, and was restarted");
            }
        }
        done(w);
    }),
    ("clients_come_last_and_a_mount_in_use_is_named", |w| {
        w.sh("cl1", "cd /mnt/mfs && systemd-run -q --unit=holder --working-directory=/mnt/mfs sleep 600");
        w.mfsctl(&["upgrade", "clients", "--yes"], LIMIT).ends(4).says(&["cl1", "is in use"]);
        assert_eq!(w.sh("cl2", "dpkg-query -W -f '${Version}' moosefs-client"), NEXT, "the others are done");
        w.sh("cl1", "systemctl stop holder");
        w.mfsctl(&["upgrade", "all", "--yes"], LIMIT).ends(0);
        w.mfsctl(&["upgrade", "all", "--yes"], 400).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["upgrade", "all", "--to", "3.0.117", "--yes"], 400).ends(3).says(&["not-older"]);
        w.sh("cl1", "rm -r /mnt/mfs/three");
    }),
];

/// Suspends the chunkserver as soon as it is told to stop, and again and again: systemd wakes what it stops.
const STUCK: &str = "p=$(systemctl show -p MainPID moosefs-chunkserver | cut -d= -f2)
until [ $(systemctl is-active moosefs-chunkserver) = deactivating ]; do sleep 0.02; done
echo 1 >/sys/fs/cgroup/system.slice/moosefs-chunkserver.service/cgroup.freeze
while [ -e /proc/$p ]; do kill -STOP $p; sleep 0.05; done
";

/// Moments of a rolling upgrade, in the order in which they come.
const KILLS: [(&str, &str); 10] = [
    ("m1", "[ -s /run/lock/mfsctl-operator.lock.holder ]"),
    ("m1", "grep -q 'upgrade to' /var/lib/mfsctl/maintenance/172.16.9.43:9422"),
    ("cs1", "! systemctl is-active -q moosefs-chunkserver"),
    ("cs1", "[ \"$(ps -o etimes= -p $(systemctl show -p MainPID moosefs-chunkserver | cut -d= -f2))\" -le 2 ]"),
    ("m1", "grep -q 'upgrade to' /var/lib/mfsctl/maintenance/172.16.9.44:9422"),
    ("cs2", "! systemctl is-active -q moosefs-chunkserver"),
    ("m1", "! ls /var/lib/mfsctl/maintenance | grep -q 172.16.9.44"),
    ("m1", "grep -q 'upgrade to' /var/lib/mfsctl/maintenance/172.16.9.45:9422"),
    ("cs3", "! systemctl is-active -q moosefs-chunkserver"),
    ("m1", "mfscli -n -H 172.16.9.47 -SCS -s '|' | grep 172.16.9.45 | grep -q maintenance_on"),
];

/// Runs the upgrade of the chunkservers and kills mfsctl at that moment; `false` when the upgrade ended without it.
fn killed_at(w: &World, node: &str, point: &str) -> bool {
    w.wait("m1", FREE, 60);
    w.wait("m2", FREE, 60);
    let mut child = w.start(&w.inventory(), &["upgrade", "chunkservers", "--yes"]);
    let begin = Instant::now();
    let mut struck = true;
    while w.try_sh(node, point, 30).0 != 0 {
        if child.try_wait().unwrap().is_some() || begin.elapsed() > Duration::from_secs(600) {
            struck = false;
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
    finish(child, Duration::from_secs(10), &["upgrade"]);
    struck
}

/// Makes a chunkserver one whose program is no longer the installed file, as right after a package came.
fn again(w: &World, node: &str) {
    w.sh(node, "cp /usr/sbin/mfschunkserver /usr/sbin/.new && mv -f /usr/sbin/.new /usr/sbin/mfschunkserver");
    assert!(!is_current(w, node));
}

fn is_current(w: &World, node: &str) -> bool {
    let line = "p=$(systemctl show -p MainPID moosefs-chunkserver | cut -d= -f2); [ \"$p\" -gt 0 ] && \
        [ \"$(stat -L -c %i /proc/$p/exe)\" = \"$(stat -c %i /usr/sbin/mfschunkserver)\" ]";
    w.try_sh(node, line, 30).0 == 0
}

/// Every chunk has its copies: no row of wanted and present copies but equal ones.
fn healthy(w: &World) {
    let line = "mfscli -n -H 172.16.9.47 -SIC -s '|' | awk -F'|' '/goal.copies.chunks/ && $3 > 0 && $4 < $3 && $5 > 0 { bad = 1 } END { exit bad }' && \
        [ $(mfscli -n -H 172.16.9.47 -SCS -s '|' | grep -c '^chunk servers:') = 3 ]";
    w.wait("m1", line, 240);
}

/// All three run what is installed, and none is in maintenance.
fn done(w: &World) {
    for server in SERVERS {
        assert_eq!(w.sh(server, "dpkg-query -W -f '${Version}' moosefs-chunkserver"), NEXT);
        assert!(is_current(w, server), "{server}");
    }
    let list = w.sh("m1", "mfscli -n -H 172.16.9.47 -SCS -s '|'");
    assert!(!list.contains("maintenance_on"), "{list}");
    w.mfsctl(&["upgrade", "chunkservers", "--yes"], 400).ends(0).says(&["nothing to do"]);
}

/// No error, nothing lost or damaged; the longest stall is printed.
fn unharmed(client: &Client, what: &str) {
    let found = client.finish();
    println!("  {what}: longest stall {:.1} s, {} records", found.longest("long", 0, u64::MAX), found.number("records"));
    assert_eq!(found.lost(), 0, "{:?}", found.faults);
    assert_eq!(found.text("errors"), "", "the client saw errors");
}
