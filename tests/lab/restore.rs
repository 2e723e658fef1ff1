//! Metadata damaged and destroyed under a real cluster whose client writes all the time, and brought back.

pub mod damage;
pub mod sources;
mod strike;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::Scenario;
use crate::chaos::client::{self, Client, Findings};
use crate::harness::{Ran, World};

const RESTORE: &[&str] = &["restore-meta", "--yes"];
const DATA: &str = "/data/drbd/mfs";
const LOGGER: &str = "/var/lib/mfs";
/// Longest time of a restore on a busy host, s.
const LONG: u64 = 1200;

/// Of backups what takes seconds, on a cluster that is provisioned already: for `make test`.
pub const SHORT: &[Scenario] = &[("a_backup_with_a_flipped_byte_is_refused_before_anything_is_copied", |w| {
    write_files(w, "kept");
    let path = backup(w);
    let log = changelog_of(&path);
    let whole = std::fs::read(&log).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    std::fs::write(&log, flipped).unwrap();
    let words = ["has changed since", "do not restore from it"];
    w.mfsctl(&["backup-meta", "--verify", path.to_str().unwrap()], 300).ends(3).says(&words);
    std::fs::write(&log, whole).unwrap();
})];

/// The most telling part of restores, on a cluster that is provisioned already.
pub const TELLING: &[Scenario] = &[("the_metadata_of_both_masters_is_destroyed_and_comes_back_from_a_metalogger", |w| {
    write_files(w, "told");
    let active = down(w);
    opened(w, &active, &format!("rm -rf {DATA}"));
    let done = restored(w, &listed(w), &[]);
    println!("  restored in {:.1} s", done.elapsed.as_secs_f64());
    check_files(w, "told");
})];

pub const SCENARIOS: &[Scenario] = &[
    ("a_cluster_with_checksummed_files", |w| {
        provisioned(w);
        write_files(w, "a");
        w.mfsctl(&["restore-meta", "--list"], 300).ends(0).says(&["volume on", "metalogger of m1", "Lost: nothing"]);
        w.mfsctl(RESTORE, 300).ends(0).says(&["nothing to do: mfsmaster serves"]);
    }),
    ("a_rehearsal_equals_the_live_master_and_clients_notice_nothing", |w| {
        let client = writing(w, "rehearsed");
        // What this host makes of the clients without a rehearsal.
        let quiet = now();
        std::thread::sleep(Duration::from_secs(40));
        let begun = now();
        // The one that serves has no memory for two here.
        let standby = other(&active(w));
        for (on, from) in [(&["--on", standby][..], None), (&[], None), (&[], Some("m1"))] {
            let from_words = from.map_or_else(Vec::new, |node| vec!["--from", node]);
            let args = [&["restore-meta", "--rehearse", "--format", "json"], on, &from_words].concat();
            let told = w.mfsctl(&args, 600).ends(0).json();
            assert_eq!(told["on"], standby, "{told:#}");
            match from {
                // Of a metalogger it may be a second behind.
                Some(node) => assert_eq!(told["choice"]["from"], node, "{told:#}"),
                None => assert_eq!(told["as_live"], true, "{told:#}"),
            }
            let figures =
                ["version", "live_before", "live_after", "copy_seconds", "build_seconds"].map(|key| format!("{key} {}", told[key]));
            println!("  {}", figures.join(", "));
        }
        let ended = now();
        let found = client.finish();
        let (before, during) = (found.longest("long", quiet, begun), found.longest("long", begun, ended));
        println!(
            "  the longest client operation: {before:.1} s in {} s before, {during:.1} s in {} s of rehearsals",
            (begun - quiet) / 1000,
            (ended - begun) / 1000
        );
        assert_eq!((found.lost(), found.text("errors")), (0, ""), "{found:?}");
        // Nothing stands still: a stall of a moved or ended master is 5 s at least.
        assert!(during <= 4.0 + before, "{found:?}");
        for node in ["m1", "m2"] {
            w.sh(node, "[ -z \"$(ls /var/lib/mfsctl-restore 2>/dev/null)\" ]");
        }
        w.mfsctl(&["restore-meta", "--rehearse", "--on", "cs"], 300).ends(3).says(&["mfsmaster is not installed there"]);
        check_files(w, "a");
    }),
    ("a_power_cut_loses_nothing", |w| {
        let client = writing(w, "cut");
        let active = active(w);
        w.lab().crash(&active).unwrap();
        w.wait(other(&active), "mfs-ha wait-serving 5", 300);
        goes_on(&client);
        nothing_lost(&client.finish());
        w.lab().boot(&active).unwrap();
        in_sync(w, 300);
        w.mfsctl(RESTORE, 300).ends(0).says(&["nothing to do"]);
    }),
    ("a_torn_tail_rolls_the_naive_start_back_and_not_ours", |w| {
        let client = writing(w, "torn");
        let newest = format!("f=$(ls {DATA}/changelog.*.mfs | sort -t. -k2n | head -n 1)");
        for (name, tear) in [
            ("half a line", "truncate -s -9 $f".to_owned()),
            ("NUL bytes", "n=$(stat -c %s $f) && truncate -s -9 $f && truncate -s $((n + 4096)) $f".to_owned()),
        ] {
            let active = down(w);
            opened(w, &active, &format!("{newest}; {tear}"));
            let last = last_change(w, &active);
            let rolled_back = naive_start(w, &active);
            println!("  {name}: the last whole change is {last}, the naive start comes to version {rolled_back}");
            assert!(rolled_back < last, "{name}: the naive start does not roll back: {rolled_back}, {last}");
            torn_and_nothing_lost(&listed(w));
            // Nothing is unknown either: nothing has to be typed.
            w.mfsctl(RESTORE, LONG).ends(0).says(&["done: the metadata is restored"]);
            assert!(version(w) > last);
            goes_on(&client);
        }
        nothing_lost(&client.finish());
    }),
    ("a_gap_that_the_takeover_refuses_is_filled_from_both_places", |w| {
        let client = writing(w, "gap");
        let active = down(w);
        // Twenty changes out of the middle of the newest changelog, on the volume and on the metalogger beside it; a torn end too.
        opened(
            w,
            &active,
            &format!(
                "f=$(ls -t {DATA}/changelog.*.mfs | head -n 1); n=$(wc -l <$f); \
             awk -v a=$((n / 2)) 'NR < a || NR > a + 20' $f >/tmp/holed && cat /tmp/holed >$f; printf '999999: 17' >>$f"
            ),
        );
        w.sh(&active, &format!("systemctl stop moosefs-metalogger; for f in {LOGGER}/changelog_ml*.mfs; do : >$f; done"));
        torn_and_nothing_lost(&listed(w));
        w.mfsctl(RESTORE, LONG).ends(0).says(&["done: the metadata is restored"]);
        goes_on(&client);
        nothing_lost(&client.finish());
        w.wait(&active, "systemctl is-active -q moosefs-metalogger", 60);
    }),
    ("cut_off_at_ten_points_and_run_again", |w| {
        write_files(w, "d");
        let active = down(w);
        opened(w, &active, &format!("rm -rf {DATA}"));
        // One metalogger lags: it has lost the newest of its changelogs.
        w.sh("m1", &format!("systemctl stop moosefs-metalogger; rm -f {LOGGER}/changelog_ml.0.mfs"));
        let listed = listed(w);
        assert_eq!(listed["choice"]["from"], "m2", "{listed:#}");
        strike::at_every_point(w, listed["choice"]["restores_to"].as_u64().unwrap());
        check_files(w, "d");
        for node in ["m1", "m2"] {
            w.sh(
                node,
                "ls -d /var/lib/mfsctl-restore/*/metalogger && ! test -e /var/lib/mfsctl-restore/under-way && mfs-ha status | grep -qx hold=",
            );
            w.wait(node, "systemctl is-active -q moosefs-metalogger", 60);
        }
        in_sync(w, 300);
    }),
    ("an_older_copy_is_taken_only_when_its_loss_is_typed", |w| {
        write_files(w, "e");
        w.sh("m1", "systemctl stop moosefs-metalogger");
        write_files(w, "f");
        w.mfsctl(&["restore-meta", "--from", "m1", "--yes"], 300).ends(3).says(&["--accept-loss", "Lost:", "changes"]);
        check_files(w, "f");
        w.sh("m1", "systemctl start moosefs-metalogger");
    }),
];

/// Boots and provisions; a host that is too busy may need more than one try, which is right with it.
fn provisioned(w: &mut World) {
    w.up();
    w.mfsctl(&["provision", "--yes"], 1200).ends(0);
}

/// What there is to restore from.
fn listed(w: &World) -> Value {
    let end = Instant::now() + Duration::from_secs(300);
    loop {
        let ran = w.mfsctl(&["restore-meta", "--list", "--format", "json"], 300).ends(0);
        let told = ran.json();
        if told["not_asked"] == serde_json::json!([]) {
            return told;
        }
        // A host that is too busy.
        println!("  not all could be asked after {:.0} s: {}", ran.elapsed.as_secs_f64(), told["not_asked"]);
        assert!(Instant::now() < end, "{told:#}");
    }
}

/// What one of the sources is told to be.
fn source<'a>(told: &'a Value, name: &str) -> &'a Value {
    told["sources"].as_array().unwrap().iter().find(|s| s["name"] == name).unwrap_or_else(|| panic!("no {name}: {told:#}"))
}

fn torn_and_nothing_lost(told: &Value) {
    let volume = source(told, "volume");
    assert!(volume["torn"] == true && volume["reason"].as_str().unwrap().contains("cut off in a copy"), "{volume:#}");
    let loss = &told["choice"]["loss"];
    assert!(loss["changes"].is_null() && loss["unknown"].is_null(), "{told:#}");
}

/// Restores what a list or a dry run chose, accepting what nobody can know; that nothing known is lost is asserted.
fn restored(w: &World, told: &Value, more: &[&str]) -> Ran {
    assert_eq!(told["choice"]["loss"]["changes"], Value::Null, "{told:#}");
    let to = told["choice"]["restores_to"].to_string();
    w.mfsctl(&[RESTORE, more, &["--accept-loss", &to]].concat(), LONG).ends(0).says(&["done: the metadata is restored"])
}

fn active(w: &World) -> String {
    w.wait("m1", "mfs-ha wait-serving 5", 300);
    let here = w.try_sh("m1", "mountpoint -q /data/drbd", 20).0 == 0;
    if here { "m1" } else { "m2" }.to_owned()
}

fn other(node: &str) -> &'static str {
    if node == "m1" { "m2" } else { "m1" }
}

fn in_sync(w: &World, seconds: u64) {
    w.wait("m1", "grep -q 'cs:Connected ro:.* ds:UpToDate/UpToDate' /proc/drbd", seconds);
}

/// Nobody serves, and the files on the volume are those of a running mfsmaster. The hold is one that a restore which was cut off
/// would leave: without it the takeover would mend by itself what it can.
fn down(w: &World) -> String {
    in_sync(w, 300);
    let active = active(w);
    hold(w);
    // A metalogger hears of a change a moment after the client: what is destroyed next must be somewhere. The client only holds its breath.
    w.sh("cl", "systemctl kill -s STOP 'recorder-*' 2>/dev/null; sleep 2");
    w.sh(&active, "pkill -9 -x mfsmaster; sleep 2; mfs-ha demote");
    w.sh("cl", "systemctl kill -s CONT 'recorder-*' 2>/dev/null || :");
    active
}

/// Neither master acts by itself.
fn hold(w: &World) {
    for node in ["m1", "m2"] {
        w.sh(node, "mfs-ha hold 3600 restore-meta test");
    }
}

/// Does something to the volume.
fn opened(w: &World, node: &str, damage: &str) {
    // Once: damage done twice is another one.
    let (code, text) = w.try_sh(node, &format!("mfs-ha open-volume && {{ {damage}; }} && mfs-ha demote"), 300);
    assert!(code == 0, "{node}: {damage}: exit {code}: {text}");
}

/// The number of the last whole line on the volume of a pair that is down.
fn last_change(w: &World, node: &str) -> u64 {
    let ask = format!(
        "cat $(ls {DATA}/changelog.*.mfs | sort -t. -k2nr) | tr '\\0' '?' | grep -aE '^[0-9]+: [0-9]+\\|.*\\)' | tail -n 1 | cut -d: -f1"
    );
    number_in(&w.sh(node, &format!("mfs-ha open-volume >/dev/null && {ask}; mfs-ha demote >/dev/null")))
}

/// What `mfsmaster -a start` makes of a copy of the volume: the version it comes to.
fn naive_start(w: &World, node: &str) -> u64 {
    let script = format!(
        "set -e; d=/var/tmp/naive; rm -rf $d; mkdir $d; mfs-ha open-volume >&2; cp -a {DATA} $d/data; mfs-ha demote >&2; \
         echo '* / rw,maproot=0' >$d/exports; chmod 755 $d; \
         printf 'DATA_PATH=%s\\nWORKING_USER=mfs\\nWORKING_GROUP=mfs\\nLOCK_MEMORY=0\\nEXPORTS_FILENAME=%s\\nMATOML_LISTEN_PORT=29419\\nMATOCS_LISTEN_PORT=29420\\nMATOCL_LISTEN_PORT=29421\\n' $d/data $d/exports >$d/cfg; \
         mfsmaster -c $d/cfg -a start >&2; mfsmaster -c $d/cfg stop >&2; printf '%d\\n' 0x$(od -An -v -tx1 -j8 -N8 $d/data/metadata.mfs | tr -d ' ')"
    );
    let (code, text) = w.try_sh(node, &script, 300);
    assert!(code == 0, "{node}: {text}");
    number_in(&text)
}

/// The line that is a number, among what programs said beside it.
fn number_in(text: &str) -> u64 {
    text.lines().find_map(|line| line.trim().parse().ok()).unwrap_or_else(|| panic!("no number: {text}"))
}

/// The version the serving master tells.
fn version(w: &World) -> u64 {
    let told = w.mfsctl(&["status", "--format", "json", "--exit-zero"], 180).ends(0).json();
    told["report"]["master"]["report"]["info"]["metadata_version"].as_u64().unwrap_or_else(|| panic!("{told:#}"))
}

/// Starts the client that writes numbered records with checksums, and files, and notes what was acknowledged.
fn writing<'a>(w: &'a World, name: &str) -> Client<'a> {
    if w.try_sh("cl", "test -x /usr/local/bin/recorder", 60).0 != 0 {
        client::install(w, &["cl"], "", &[]);
    }
    Client::start(w, "cl", "cl", name.to_owned())
}

fn goes_on(client: &Client) {
    assert!(client.goes_on(Duration::from_secs(300)), "the client does not go on");
}

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn write_files(w: &World, set: &str) {
    let write = format!(
        "cd /mnt/mfs && mkdir -p {set} && cd {set} && for i in $(seq 30); do head -c $((i * 1000)) /dev/urandom >f$i; done && \
         sha256sum f* >/root/sums.{set} && sync"
    );
    w.wait("cl", &format!("timeout 60 sh -c '{write}'"), 300);
}

fn check_files(w: &World, set: &str) {
    w.wait("cl", &format!("timeout 60 sh -c 'cd /mnt/mfs/{set} && sha256sum -c --quiet /root/sums.{set}'"), 300);
}

/// Makes a backup; its directory.
fn backup(w: &World) -> PathBuf {
    let to = w.state().join("backups-made").display().to_string();
    let made = w.mfsctl(&["backup-meta", "--to", &to, "--format", "json"], 300).ends(0).json();
    made["backup"].as_str().unwrap().into()
}

fn changelog_of(backup: &std::path::Path) -> PathBuf {
    let files = std::fs::read_dir(backup).unwrap().flatten().map(|f| f.path());
    files.into_iter().find(|p| p.file_name().unwrap().to_string_lossy().starts_with("changelog")).unwrap()
}

fn nothing_lost(found: &Findings) {
    println!(
        "  {} records and {} files acknowledged; the longest operation {:.1} s; errors {:?}",
        found.number("records"),
        found.number("files"),
        found.longest("long", 0, u64::MAX),
        found.text("errors")
    );
    assert_eq!(found.lost(), 0, "{found:?}");
}
