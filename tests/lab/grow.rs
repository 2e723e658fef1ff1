//! The metadata volume grows online while a client writes: stopped between the volumes, the standby's power cut
//! before and right after DRBD's resize, a new disk; refused where it must be.

use std::time::Duration;
use std::{thread, time::Instant};

use crate::Scenario;
use crate::harness::{World, finish};

/// The chunkserver that joins later, as it stands in the inventory.
pub const FOURTH: &str = "  cs4: {address: 172.16.6.46, roles: [chunkserver, metalogger]}\n";
/// A client that writes files, with their checksums on its own disk; what fails is written down too.
const WRITER: &str = r#"n=$(cat /root/sums /root/errors 2>/dev/null | wc -l); while [ ! -e /root/stop ]; do n=$((n + 1)); head -c 200000 /dev/urandom >/root/next
s=$(sha256sum </root/next); if cp /root/next /mnt/mfs/f$n && sync -f /mnt/mfs/f$n; then echo "${s%% *} f$n" >>/root/sums; else echo "f$n" >>/root/errors; fi
sleep 0.7; done"#;
/// A program that takes its time, in front of the real one.
const SLOW: &str = "printf '#!/bin/sh\\nsleep 300\\n' >/usr/local/sbin/lvextend && chmod 755 /usr/local/sbin/lvextend";

pub const SCENARIOS: &[Scenario] = &[
    ("three_chunkservers_serve_a_writer", |w| {
        w.up_with(&["--spare", "m1:/dev/ubdc", "--spare", "m2:/dev/ubdc"]);
        w.edit(FOURTH, "");
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
        w.mfsctl(&["grow", "--dry-run"], 120).ends(0).says(&["nothing to do"]);
        write_on(w);
    }),
    ("grow_is_refused_while_not_in_sync_or_for_less", |w| {
        let (_, standby) = pair(w);
        w.mfsctl(&["grow", "--size", "400MiB", "--yes"], 120).ends(3).says(&["XFS cannot shrink"]);
        w.mfsctl(&["grow", "--size", "4GiB", "--yes"], 120).ends(3).says(&["has room for", "--disk"]);
        w.sh(standby, "drbdadm disconnect mfs");
        w.mfsctl(&["grow", "--size", "640MiB", "--yes"], 120).ends(3).says(&["replication-in-sync", "nothing was changed"]);
        w.sh(standby, "drbdadm adjust mfs");
        in_sync(w);
        assert_eq!(sizes(w, "m1"), sizes(w, "m2"));
    }),
    ("killed_between_the_volumes_and_the_standby_loses_its_power", |w| {
        let (active, standby) = pair(w);
        w.sh(active, SLOW);
        let mut child = w.start(&w.inventory(), &["grow", "--size", "640MiB", "--yes"]);
        w.wait(standby, "[ $(blockdev --getsize64 /dev/vgdrbr/mfs) -eq $((640 << 20)) ]", 180);
        child.kill().unwrap();
        child.wait().unwrap();
        w.sh(active, "rm -f /usr/local/sbin/lvextend; pkill -x sleep || :");
        assert_eq!(sizes(w, active).0, 512 << 20, "one volume only");
        w.mfsctl(&["provision", "--yes"], 300).ends(3).says(&["mfsctl grow"]);
        // DRBD's metadata lies where the volume ended before: it must be found all the same.
        w.lab().crash(standby).unwrap();
        w.lab().boot(standby).unwrap();
        in_sync(w);
        w.mfsctl(&["grow", "--size", "640MiB", "--yes"], 600).ends(0).says(&["size: 640MiB", "done: volumes, device and file system"]);
        same_on_both(w, 640);
        w.mfsctl(&["provision", "--dry-run"], 300).ends(3).says(&["masters.size asks for 512.0 MiB"]);
        w.edit("size: 512MiB", "size: 640MiB");
        w.mfsctl(&["provision", "--yes"], 600).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["grow", "--yes"], 120).ends(0).says(&["nothing to do"]);
    }),
    ("the_standby_loses_its_power_right_after_the_resize", |w| {
        let (active, standby) = pair(w);
        w.edit("size: 640MiB", "size: 832MiB");
        let before = sizes(w, active).1;
        let args = ["grow", "--yes"];
        let child = w.start(&w.inventory(), &args);
        w.wait(active, &format!("read n </sys/class/block/drbd0/size && [ $((n * 512)) -gt {before} ]"), 180);
        w.lab().crash(standby).unwrap();
        println!("  the standby's power was cut, {}", w.sh(active, "grep -A3 ' 0: ' /proc/drbd | tr -s ' \n' ' '"));
        w.lab().boot(standby).unwrap();
        let ran = finish(child, Duration::from_secs(900), &args);
        println!(
            "  grow ended with {:?}; {} after its boot",
            ran.code,
            w.try_sh(standby, "dmesg | grep -i -c 'drbd.*error' || :", 20).1.trim()
        );
        in_sync(w);
        w.mfsctl(&args, 600).ends(0);
        same_on_both(w, 832);
        let wrong =
            w.sh(active, "drbdadm verify mfs; while grep -q cs:Verify /proc/drbd; do sleep 1; done; grep -o 'oos:[0-9]*' /proc/drbd");
        assert_eq!(wrong.trim(), "oos:0", "the two sides differ after the power cut");
    }),
    ("a_disk_that_holds_something_is_refused_an_empty_one_is_added", |w| {
        let (active, _) = pair(w);
        w.sh("m2", "mkfs.ext4 -q /dev/ubdc");
        w.mfsctl(&["grow", "--disk", "/dev/ubdc", "--yes"], 120).ends(3).says(&["m2", "not empty", "ext4"]);
        w.sh("m2", "wipefs -qa /dev/ubdc");
        w.mfsctl(&["grow", "--disk", "/dev/ubdc", "--size", "1200MiB", "--yes"], 600).ends(0).says(&["size: 1200MiB"]);
        same_on_both(w, 1200);
        w.edit("size: 832MiB", "size: 1200MiB");
        w.mfsctl(&["provision", "--yes"], 600).ends(0).says(&["nothing to do"]);
        assert!(w.sh(active, "df -B1 --output=size /data/drbd | tail -n 1").trim().parse::<u64>().unwrap() > 1100 << 20);
    }),
    ("no_file_was_harmed_meanwhile", |w| {
        println!("  {} files as they were written", all_well(w));
    }),
];

/// Starts the writer, unless it runs.
pub fn write_on(w: &World) {
    w.sh("cl", "rm -f /root/stop");
    let (code, text) = w.try_sh_with("cl", "cat >/root/writer", WRITER.as_bytes(), 30);
    assert!(code == 0, "{text}");
    w.sh("cl", "systemctl is-active -q writer || systemd-run -q --collect --unit=writer sh /root/writer");
    w.wait("cl", "[ $(wc -l </root/sums) -ge 5 ]", 120);
}

/// Compares every file with its checksum; gives their number.
pub fn all_well(w: &World) -> u64 {
    let check = r#"touch /root/stop; while systemctl is-active -q writer; do sleep 1; done
cat /root/errors 2>/dev/null; cd /mnt/mfs && sed 's/ / */' /root/sums | sha256sum -c --quiet && wc -l </root/sums"#;
    let (code, text) = w.try_sh("cl", check, 300);
    assert!(code == 0, "{text}");
    let number = text.trim().parse().unwrap_or_else(|_| panic!("the client saw errors: {text}"));
    write_on(w);
    number
}

/// The active master and the standby.
fn pair(w: &World) -> (&'static str, &'static str) {
    let primary = |node: &str| w.sh(node, "cat /proc/drbd").contains("ro:Primary/");
    if primary("m1") { ("m1", "m2") } else { ("m2", "m1") }
}

/// Waits until both sides are connected and equal.
fn in_sync(w: &World) {
    let begin = Instant::now();
    let equal = |node: &str| w.try_sh(node, "cat /proc/drbd", 20).1.contains("ds:UpToDate/UpToDate");
    while !(equal("m1") && equal("m2")) {
        assert!(
            begin.elapsed() < Duration::from_secs(300),
            "{}\n{}",
            w.try_sh("m1", "cat /proc/drbd", 20).1,
            w.try_sh("m2", "cat /proc/drbd; dmesg | grep drbd | tail -20", 20).1
        );
        thread::sleep(Duration::from_secs(1));
    }
}

/// Bytes of the volume and of the device.
fn sizes(w: &World, node: &str) -> (u64, u64) {
    let text = w.sh(node, "blockdev --getsize64 /dev/vgdrbr/mfs; read n </sys/class/block/drbd0/size; echo $((n * 512))");
    let mut numbers = text.split_whitespace().map(|n| n.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[track_caller]
fn same_on_both(w: &World, mib: u64) {
    let (one, two) = (sizes(w, "m1"), sizes(w, "m2"));
    assert_eq!(one, two);
    assert_eq!(one.0, mib << 20);
    assert!(one.1 + (1 << 20) > one.0, "the device uses all of the volume: {one:?}");
}
