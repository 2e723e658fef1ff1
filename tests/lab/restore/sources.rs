//! What a restore is made from when the volume has nothing left: the better metalogger, the only one, a backup.

use std::collections::BTreeSet;

use super::{DATA, LOGGER, active, backup, down, goes_on, hold, in_sync, listed, nothing_lost, opened, restored, source, writing};
use crate::Scenario;
use crate::harness::World;

/// What is wrong with the metalogger of m1, and what `--list` says of it.
const ILL: &[(&str, &str, &str)] = &[
    // Near the end: what lies before its metadata file is not needed.
    ("gap", "f=changelog_ml.0.mfs; n=$(wc -l <$f); sed -i \"$((n - 15)),$((n - 6))d\" $f", "are missing in it"),
    (
        "foreign",
        "for f in metadata_ml.mfs.back*; do printf '\\1\\2\\3\\4\\5\\6\\7\\10' | dd of=$f bs=1 seek=16 conv=notrunc status=none; done",
        "is of another file system",
    ),
    ("gone", "rm -rf ./*", "it holds no metadata"),
];

pub const SCENARIOS: &[Scenario] = &[
    ("both_masters_metadata_destroyed_and_one_metalogger_ill", |w| {
        let client = writing(w, "ill");
        for (name, damage, why) in ILL {
            let active = down(w);
            opened(w, &active, &format!("rm -rf {DATA}"));
            w.sh("m1", &format!("systemctl stop moosefs-metalogger; cd {LOGGER} && {damage}"));
            let listed = listed(w);
            let ill = source(&listed, "m1");
            assert!(ill["reason"].as_str().unwrap().contains(why), "{name}: {ill:#}");
            assert_eq!(listed["choice"]["from"], "m2", "{name}: {listed:#}");
            let done = restored(w, &listed, &[]);
            println!("  {name}: restored in {:.1} s", done.elapsed.as_secs_f64());
            goes_on(&client);
            // It follows again, from the beginning.
            w.wait("m1", &format!("systemctl is-active -q moosefs-metalogger && test -s {LOGGER}/metadata_ml.mfs.back"), 120);
        }
        nothing_lost(&client.finish());
    }),
    ("everything_gone_but_a_backup_and_its_loss_is_what_is_missing", |w| {
        w.sh("cl", "rm -f /root/stop /root/made; rm -rf /mnt/mfs/counted; mkdir /mnt/mfs/counted");
        // Numbered files with their checksums beside them; a name is noted once its file is on the disks.
        let load = "n=0; while [ ! -e /root/stop ]; do n=$((n + 1)); f=/mnt/mfs/counted/$n; echo $n | sha256sum >$f && sync $f && echo $n >>/root/made; sleep 0.1; done";
        w.sh("cl", &format!("setsid sh -c '{load}' >/dev/null 2>&1 </dev/null &"));
        w.wait("cl", "[ $(wc -l </root/made) -ge 20 ]", 120);
        let path = backup(w);
        w.wait("cl", &format!("[ $(wc -l </root/made) -ge {} ]", made(w).len() + 20), 120);
        w.sh("cl", "touch /root/stop; sleep 3; sync");
        let made = made(w);
        let active = active(w);
        in_sync(w, 300);
        hold(w);
        w.sh(&active, "pkill -9 -x mfsmaster; sleep 2; mfs-ha demote");
        // What was done since the backup, for the judgement only.
        let all = "mfs-ha open-volume >/dev/null && cat $(ls /data/drbd/mfs/changelog.*.mfs | sort -t. -k2nr) && mfs-ha demote >/dev/null";
        let changes = w.sh(&active, all);
        opened(w, &active, &format!("rm -rf {DATA} /data/drbd/.mfs-ha /data/drbd/.mfsctl-restore"));
        for node in ["m1", "m2"] {
            w.sh(
                node,
                &format!("systemctl stop moosefs-metalogger; rm -rf {LOGGER}/* /var/lib/mfsctl-restore /var/lib/mfs-ha/split-brain"),
            );
        }
        w.mfsctl(&["restore-meta", "--list"], 300).ends(1).says(&["nothing here can be restored from", "--backups"]);
        let from = path.to_str().unwrap();
        let planned = w.mfsctl(&["restore-meta", "--dry-run", "--format", "json", "--backups", from], 300).ends(0).json();
        let version = planned["choice"]["restores_to"].as_u64().unwrap();
        assert_eq!(planned["choice"]["from"], from, "{planned:#}");
        let stated = planned["choice"]["loss"]["unknown"].as_str().unwrap();
        assert!(stated.contains("after the backup was taken is missing"), "{stated}");
        // Not without being told of it, and not for another version.
        let backups = ["restore-meta", "--yes", "--backups", from];
        w.mfsctl(&backups, 300).ends(3).says(&["after the backup was taken", "--accept-loss"]);
        w.mfsctl(&[&backups[..], &["--accept-loss", "1"]].concat(), 300).ends(3);
        let accepted = version.to_string();
        let done = w.mfsctl(&[&backups[..], &["--accept-loss", &accepted]].concat(), super::LONG).ends(0);
        println!("  restored from the backup in {:.1} s, to version {version}", done.elapsed.as_secs_f64());

        // Changes from that version on are lost, not one more and not one less.
        let lost = changes.lines().filter_map(|line| {
            let (number, rest) = line.split_once(": ")?;
            let name = rest.split_once("|CREATE(")?.1.split(',').nth(1)?.parse::<u64>().ok()?;
            (number.parse::<u64>().ok()? >= version).then_some(name)
        });
        let lost: BTreeSet<u64> = lost.filter(|n| made.contains(n)).collect();
        let kept: BTreeSet<u64> = w.sh("cl", "ls /mnt/mfs/counted").lines().filter_map(|l| l.parse().ok()).collect();
        let missing: BTreeSet<u64> = made.difference(&kept).copied().collect();
        println!("  {} files are missing, {} are there", missing.len(), kept.len());
        assert!(!lost.is_empty() && kept.len() >= 20);
        assert_eq!(missing, lost, "what is stated as lost is what is missing");
        // All there is, is right; a file of the very moment may have had its name before its content.
        let wrong = "cd /mnt/mfs/counted && for f in *; do echo $f | sha256sum | cmp -s - $f || echo $f; done";
        let (_, wrong) = w.try_sh("cl", wrong, 120);
        let last = kept.last().copied().unwrap();
        assert!(wrong.lines().all(|f| f.parse() == Ok(last)), "{wrong}");
        in_sync(w, 120);
    }),
];

fn made(w: &World) -> BTreeSet<u64> {
    w.sh("cl", "cat /root/made").lines().filter_map(|l| l.parse().ok()).collect()
}
