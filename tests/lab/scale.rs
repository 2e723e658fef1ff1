//! Chunkservers and their disks join and leave while a client writes: refused, cancelled, killed and run again, and no
//! file harmed.

use std::time::Duration;
use std::{thread, time::Instant};

use crate::Scenario;
use crate::grow::{self, FOURTH, all_well};
use crate::harness::World;

const SECOND: &str = "  cs2: {address: 172.16.6.44, roles: [chunkserver]}\n";
const TWO_DISKS: &str = ", disks: [{path: /mnt/mfs1, device: /dev/ubdb, fs: xfs}, {path: /mnt/mfs2, device: /dev/ubdc, fs: xfs}]";

pub const SCENARIOS: &[Scenario] = &[
    grow::SCENARIOS[0],
    ("leaving_is_refused_where_it_would_harm", |w| {
        w.mfsctl(&["node", "remove", "m1", "--yes"], 120).ends(2).says(&["m1 is a master"]);
        w.mfsctl(&["disk", "remove", "cs2", "/mnt/mfs9", "--yes"], 120).ends(2).says(&["it has /mnt/mfs1"]);
        w.mfsctl(&["disk", "remove", "cs2", "/mnt/mfs1", "--yes"], 120).ends(3).says(&["another-disk", "mfsctl node remove cs2"]);
        w.mfsctl(&["node", "remove", "cs2", "--yes"], 120).ends(3).says(&["2 witnesses stay", "--accept witnesses"]);
        w.mfsctl(&["node", "remove", "cs2", "--accept", "space-elsewhere", "--yes"], 60).ends(2).says(&["cannot be accepted"]);
        w.sh("cl", "mkdir -p /mnt/mfs/three && mfssetgoal 3 /mnt/mfs/three && head -c 100000 /dev/urandom >/mnt/mfs/three/file && sync");
        whole(w);
        let refused = w.mfsctl(&["node", "remove", "cs2", "--accept", "witnesses", "--yes"], 120).ends(3);
        refused.says(&["enough-chunkservers", "3, the highest goal in use"]);
        assert_eq!(w.sh("cs2", "grep -c '^\\*' /etc/mfs/mfshdd.cfg || :").trim(), "0", "a refusal changes nothing");
    }),
    ("a_fourth_chunkserver_is_added", |w| {
        w.edit("  cl: {address", &format!("{FOURTH}  cl: {{address"));
        w.mfsctl(&["node", "add", "cs4", "--dry-run"], 120).ends(0).says(&["cs4", "m1"]);
        w.mfsctl(&["node", "add", "cs4", "--yes"], 900).ends(0).says(&["done: cs4 is part of the cluster, and seen by the master"]);
        w.mfsctl(&["node", "add", "cs4", "--yes"], 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["provision", "--yes"], 600).ends(0).says(&["nothing to do"]);
    }),
    ("a_disk_leaves_is_kept_after_all_and_leaves", |w| {
        whole(w);
        let mut child = w.start(&w.inventory(), &["disk", "remove", "cs1", "/mnt/mfs2", "--yes"]);
        w.wait("cs1", "grep -q '^\\*/mnt/mfs2' /etc/mfs/mfshdd.cfg", 120);
        child.kill().unwrap();
        child.wait().unwrap();
        w.mfsctl(&["provision", "--yes"], 300).ends(0);
        w.sh("cs1", "grep -q '^\\*/mnt/mfs2' /etc/mfs/mfshdd.cfg");
        w.mfsctl(&["disk", "add", "cs1", "/mnt/mfs2", "--yes"], 300).ends(0).says(&["done: cs1 uses /mnt/mfs2"]);
        assert_eq!(w.sh("cs1", "grep -c '^\\*' /etc/mfs/mfshdd.cfg || :").trim(), "0");
        whole(w);
        let ran = w.mfsctl(&["disk", "remove", "cs1", "/mnt/mfs2", "--yes"], 1500).ends(0);
        let ran = ran.says(&["done: cs1:/mnt/mfs2 has left", "delete /mnt/mfs2 from the disks of cs1"]);
        println!("  the disk left in {:.0} s", ran.elapsed.as_secs_f64());
        w.sh("cs1", "! grep -q /mnt/mfs2 /etc/mfs/mfshdd.cfg && ! grep -q /mnt/mfs2 /etc/fstab && ! mountpoint -q /mnt/mfs2");
        w.mfsctl(&["provision", "--yes"], 300).ends(3).says(&["mfsctl disk add cs1 /mnt/mfs2"]);
        w.edit(TWO_DISKS, "");
        w.mfsctl(&["provision", "--yes"], 300).ends(0).says(&["nothing to do"]);
    }),
    ("a_chunkserver_leaves_killed_on_its_way", |w| {
        w.sh("cs3", "systemctl stop moosefs-chunkserver");
        w.mfsctl(&["node", "remove", "cs2", "--yes"], 120).ends(3).says(&["not connected: cs3"]);
        w.sh("cs3", "systemctl start moosefs-chunkserver");
        whole(w);
        let mut child = w.start(&w.inventory(), &["node", "remove", "cs2", "--yes"]);
        w.wait("cs2", "grep -q '^\\*/mnt/mfs1' /etc/mfs/mfshdd.cfg", 120);
        child.kill().unwrap();
        child.wait().unwrap();
        let mut child = w.start(&w.inventory(), &["node", "remove", "cs2", "--yes"]);
        let begin = Instant::now();
        while w.try_sh("cs2", "systemctl is-active -q moosefs-chunkserver", 20).0 == 0 {
            assert!(begin.elapsed() < Duration::from_secs(1500), "its data do not go elsewhere");
            thread::sleep(Duration::from_secs(1));
        }
        println!("  its data were elsewhere after {:.0} s", begin.elapsed().as_secs_f64());
        child.kill().unwrap();
        child.wait().unwrap();
        w.mfsctl(&["node", "remove", "cs2", "--yes"], 600).ends(0).says(&["cs2 has left the cluster", "delete cs2 from the inventory"]);
        assert_eq!(w.sh("m1", "mfscli -H 172.16.6.47 -SCS -s '|' -n | grep -c 172.16.6.44 || :").trim(), "0", "the master forgot it");
        w.sh("cs2", "! systemctl is-enabled -q moosefs-chunkserver");
        w.mfsctl(&["node", "remove", "cs2", "--yes"], 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["provision", "--yes"], 300).ends(3).says(&["cs2 was removed from the cluster"]);
        println!("  {} files as they were written", all_well(w));
        w.edit(SECOND, "");
        w.mfsctl(&["provision", "--yes"], 600).ends(0);
        w.mfsctl(&["provision", "--yes"], 300).ends(0).says(&["nothing to do"]);
    }),
    ("it_comes_back_when_asked", |w| {
        w.edit("  cs3: {address", &format!("{SECOND}  cs3: {{address"));
        w.mfsctl(&["node", "add", "cs2", "--yes"], 600).ends(0).says(&["seen by the master"]);
        w.mfsctl(&["provision", "--yes"], 300).ends(0).says(&["nothing to do"]);
        println!("  {} files as they were written", all_well(w));
    }),
];

/// Waits until every chunk has its copies.
fn whole(w: &World) {
    let begin = Instant::now();
    loop {
        let ran = w.mfsctl(&["status", "--format", "json"], 120);
        let chunks = &ran.json()["report"]["master"]["report"]["chunks"];
        let lacking = ["missing", "endangered", "undergoal"].map(|k| chunks["all"][k].as_u64().unwrap_or(u64::MAX));
        let settled = chunks["progress"]["connecting"] == false && chunks["progress"]["disconnecting"] == false;
        if settled && lacking == [0, 0, 0] {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(900), "chunks lack copies: {chunks}");
        thread::sleep(Duration::from_secs(3));
    }
}
