//! Metadata files damaged in every way known, under a client that writes: a clear message each time, nothing lost, a second run finishes.

use super::{
    DATA, LOGGER, LONG, RESTORE, active, backup, check_files, down, goes_on, hold, last_change, listed, nothing_lost, opened, other,
    provisioned, restored, source, write_files, writing,
};
use crate::Scenario;
use crate::harness::World;

/// Damage to the volume's files that a restore gets over by itself, and what `--list` says of the volume.
const MENDED: &[(&str, &str, &str)] = &[
    (
        "corrupt header",
        "for f in metadata.mfs*; do printf 'GIF89a..' | dd of=$f conv=notrunc status=none; done",
        "is damaged: it begins with \"GIF89a",
    ),
    ("truncated file", "for f in metadata.mfs*; do truncate -s -40 $f; done", "is cut off or no metadata"),
    ("root-owned files", "chown root:root . ./*; chmod 0600 ./*", ""),
    ("empty directory", "rm -f ./*", "it holds no metadata"),
    // The name that the package makes, which would be an EMPTY file system.
    ("only metadata.mfs.empty", "rm -f ./*; printf 'MFSM NEW' >metadata.mfs.empty", "is an EMPTY file system"),
];
/// A section of the metadata without its name: whole at both ends, and only mfsmaster itself can find it. (3.0.117 reads over a
/// wrong length: with 0xff… in its place the restore ended well.) An empty file of a new
/// file system goes: with every change since the first one it is a source as good as any.
const INSIDE: &str = "find . -name 'metadata.mfs*' ! -size +99c -delete; for f in $(find . -name 'metadata.mfs*' -size +99c); do printf '\\377\\377\\377\\377\\377\\377\\377\\377' | dd of=$f bs=1 seek=24 conv=notrunc status=none; done";

pub const SCENARIOS: &[Scenario] = &[
    ("a_cluster_with_a_metadata_file_on_every_node", |w| {
        provisioned(w);
        write_files(w, "a");
    }),
    ("damage_to_the_volume_costs_nothing", |w| {
        let client = writing(w, "mended");
        for (name, damage, why) in MENDED {
            let active = down(w);
            opened(w, &active, &format!("cd {DATA} && {damage}; cd /"));
            let listed = listed(w);
            let volume = source(&listed, "volume");
            assert!(volume["reason"].as_str().unwrap().contains(why), "{name}: {volume:#}");
            let done = restored(w, &listed, &[]);
            println!("  {name}: {}; restored in {:.1} s", volume["reason"], done.elapsed.as_secs_f64());
            goes_on(&client);
        }
        nothing_lost(&client.finish());
    }),
    ("metadata_damaged_inside_is_not_used_and_another_source_is", |w| {
        let client = writing(w, "inside");
        let active = down(w);
        opened(w, &active, &format!("cd {DATA} && {INSIDE}; cd /"));
        let before = listing(w, &active);
        let planned = w.mfsctl(&["restore-meta", "--dry-run", "--format", "json"], 300).ends(0).json();
        let version = planned["choice"]["restores_to"].to_string();
        let words = ["unknown section found", "metadata.mfs.back: not used", "everything is as it was", "--from"];
        w.mfsctl(&[RESTORE, &["--from", "volume", "--accept-loss", &version]].concat(), LONG).ends(6).says(&words);
        // It took the test's hold for that of a restore which was cut off, and ended it.
        hold(w);
        assert_eq!(listing(w, &active), before);
        // A metalogger is not touched by it: undone, it runs again.
        let logger = other(&active);
        w.wait(logger, "systemctl is-active -q moosefs-metalogger", 60);
        let planned = w.mfsctl(&["restore-meta", "--dry-run", "--format", "json", "--from", logger], 300).ends(0).json();
        let done = restored(w, &planned, &["--from", logger]);
        println!("  restored from {logger} in {:.1} s", done.elapsed.as_secs_f64());
        goes_on(&client);
        nothing_lost(&client.finish());
    }),
    ("a_gap_nobody_can_fill_is_told_before_anything_is_done", |w| {
        write_files(w, "kept");
        let path = backup(w);
        let active = down(w);
        // The same four changes nowhere.
        let last = last_change(w, &active);
        let cut = format!(
            "for f in changelog*[0-9].mfs; do awk -F: '$1 < {} || $1 > {}' $f >/tmp/cut && cat /tmp/cut >$f; done",
            last - 9,
            last - 6
        );
        opened(w, &active, &format!("cd {DATA} && {cut}; cd /"));
        for node in ["m1", "m2"] {
            w.sh(node, &format!("systemctl stop moosefs-metalogger; cd {LOGGER} && {cut}"));
        }
        let before = listing(w, &active);
        w.mfsctl(RESTORE, 300).ends(3).says(&["Lost:", "changes", "--accept-loss"]);
        assert_eq!(listing(w, &active), before);
        // The backup has them: with its changes nothing of what was there then is lost.
        let from = path.to_str().unwrap();
        let planned = w.mfsctl(&["restore-meta", "--dry-run", "--format", "json", "--from", from], 300).ends(0).json();
        let version = planned["choice"]["restores_to"].to_string();
        w.mfsctl(&["restore-meta", "--yes", "--from", from, "--accept-loss", &version], LONG).ends(0);
        check_files(w, "kept");
    }),
    ("a_full_disk_is_told_and_once_there_is_room_it_goes_on", |w| {
        let client = writing(w, "full");
        let active = down(w);
        opened(w, &active, &format!("cd {DATA} && rm -f metadata.mfs*; cd /"));
        let before = listing(w, &active);
        // Where it works, first on every master, then on the volume itself.
        for node in ["m1", "m2"] {
            w.lab().fill(node, "/var/lib", false).unwrap();
        }
        let full = w.mfsctl(RESTORE, LONG);
        println!("  {:?}: {}", full.code, full.err.lines().find(|l| l.contains("MiB") || l.contains("No space")).unwrap_or("?"));
        assert!(matches!(full.code, Some(3 | 4 | 6)), "{:?}\n{}\n{}", full.code, full.out, full.err);
        assert!(full.err.contains("MiB are needed") || full.err.contains("No space left"), "{}", full.err);
        for node in ["m1", "m2"] {
            w.lab().fill(node, "/var/lib", true).unwrap();
        }
        assert_eq!(listing(w, &active), before);
        opened(w, &active, "fallocate -l $(($(df -Pk /data/drbd | awk 'NR == 2 { print $4 }') - 20480))k /data/drbd/filler");
        w.mfsctl(RESTORE, LONG).ends(6).says(&["/data/drbd has", "MiB are needed", "everything is as it was"]);
        // It took the test's hold for its own, and ended it.
        hold(w);
        opened(w, &active, "rm -f /data/drbd/filler");
        assert_eq!(listing(w, &active), before);
        restored(w, &listed(w), &[]);
        goes_on(&client);
        nothing_lost(&client.finish());
        assert_eq!(active_is_one(w), 1);
    }),
];

/// What lies on the volume of a pair that is down, with sums.
fn listing(w: &World, node: &str) -> String {
    w.sh(
        node,
        &format!(
            "mfs-ha open-volume >/dev/null && cd {DATA} && sha256sum metadata* changelog* 2>/dev/null; cd /; mfs-ha demote >/dev/null"
        ),
    )
}

/// Masters that serve.
fn active_is_one(w: &World) -> usize {
    let _ = active(w);
    ["m1", "m2"].iter().filter(|node| w.try_sh(node, "pgrep -x mfsmaster", 30).0 == 0).count()
}
