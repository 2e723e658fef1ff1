//! Mounts that are held and freed, and tenants that come, keep to themselves, and go.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::Scenario;
use crate::harness::{World, finish};

/// The inventory's directory, where passwords of new tenants lie.
fn beside(w: &World, name: &str) -> PathBuf {
    w.source().parent().unwrap().join(name)
}

/// How mounts are, `NODE PATH STATE`.
fn states(w: &World) -> Vec<String> {
    let ran = w.mfsctl(&["client", "list", "--format", "json"], 120);
    let list = ran.json();
    let word = |v: &serde_json::Value| v.as_str().unwrap_or("-").to_owned();
    let rows = list["clients"].as_array().unwrap();
    rows.iter().map(|r| format!("{} {} {}", word(&r["node"]), word(&r["path"]), word(&r["state"]))).collect()
}

pub const SCENARIOS: &[Scenario] = &[
    ("the_cluster_comes_up", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 1200).ends(0);
        w.sh("c1", "echo kept >/mnt/mfs/kept");
        assert_eq!(states(w), ["c1 /mnt/mfs well"]);
    }),
    ("a_held_mount_is_refused_by_name_then_freed_and_mounted_again", |w| {
        w.sh("c1", "useradd -M joe 2>/dev/null; chmod 0755 /mnt/mfs; chmod 0644 /mnt/mfs/kept; cp /bin/sleep /usr/local/bin/holder");
        w.sh("c1", "setsid su joe -s /bin/sh -c 'cd /mnt/mfs; exec holder 600 </mnt/mfs/kept' >/dev/null 2>&1 &");
        w.wait("c1", "ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q /mnt/mfs/kept", 30);
        let refused = ["holder (pid ", ", joe) works in /mnt/mfs", ", joe) has /mnt/mfs/kept open", "nothing was changed"];
        w.mfsctl(&["client", "umount", "--yes"], 120).ends(3).says(&refused);
        assert_eq!(states(w), ["c1 /mnt/mfs well"], "a refusal changes nothing");
        w.sh("c1", "killall holder 2>/dev/null || kill $(grep -lsx holder /proc/[0-9]*/comm | sed 's|/proc/||; s|/comm||')");
        w.mfsctl(&["client", "umount", "c1", "--path", "/mnt/mfs", "--yes"], 120).ends(0);
        assert_eq!(states(w), ["c1 /mnt/mfs not-mounted"]);
        w.sh("c1", "! df /mnt/mfs | grep -q mfs#; grep -q '/mnt/mfs' /etc/fstab");
        w.mfsctl(&["client", "umount", "--yes"], 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["client", "mount", "--yes"], 180).ends(0);
        assert_eq!(w.sh("c1", "cat /mnt/mfs/kept").trim(), "kept");
        w.mfsctl(&["client", "mount", "--yes"], 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["client", "umount", "--path", "/mnt/none", "--yes"], 120).ends(2).says(&["no client named has such a mount"]);
    }),
    ("a_held_mount_is_detached_only_when_asked", |w| {
        w.sh("c1", "setsid sh -c 'exec sleep 600 </mnt/mfs/kept' >/dev/null 2>&1 & sleep 1");
        w.mfsctl(&["client", "umount", "--lazy", "--yes"], 120).ends(0).says(&["held on to: c1: sleep (pid "]);
        w.sh("c1", "! grep -q ' /mnt/mfs fuse' /proc/mounts; kill $(ls -l /proc/[0-9]*/fd/0 2>/dev/null | sed -n 's|.*/proc/\\([0-9]*\\)/.*kept.*|\\1|p')");
        w.mfsctl(&["client", "mount", "--yes"], 180).ends(0);
        assert_eq!(states(w).first().map(String::as_str), Some("c1 /mnt/mfs well"));
    }),
    ("a_tenant_is_made_in_one_command_and_keeps_to_itself", |w| {
        let before = fs::read_to_string(w.source()).unwrap();
        let add = ["tenant", "add", "t1", "--client", "c2", "--goal", "2", "--trashtime", "1h", "--quota", "80MiB", "--owner", "1000:1000"];
        w.mfsctl(&[&add[..], &["--dry-run"]].concat(), 120).ends(0).says(&["name: t1", "write /etc/mfs/mounts/mnt-t1.cfg"]);
        assert_eq!(fs::read_to_string(w.source()).unwrap(), before, "a dry run changes nothing");
        let ran = w.mfsctl(&[&add[..], &["--yes"]].concat(), 300).ends(0);
        let password = fs::read_to_string(beside(w, "secrets/tenant-t1")).unwrap().trim().to_owned();
        assert!(password.len() == 32 && !ran.out.contains(&password) && !ran.err.contains(&password));
        let text = fs::read_to_string(w.source()).unwrap();
        assert!(text.starts_with(&before) && text.contains("# nothing of its own") && !text.contains(&password), "{text}");
        assert_eq!(states(w), ["c1 /mnt/mfs well", "c2 /mnt/t1 well"]);
        w.sh("c2", "echo mine >/mnt/t1/file");
        assert_eq!(w.sh("c1", "cat /mnt/mfs/t1/file").trim(), "mine");
        assert_eq!(w.sh("c1", "mfsgetgoal /mnt/mfs/t1; mfsgettrashtime /mnt/mfs/t1").trim(), "/mnt/mfs/t1: 2\n/mnt/mfs/t1: 3600");
        assert!(w.sh("c1", "mfsgetquota -n /mnt/mfs/t1").contains("83886080"));
        w.sh("c2", "[ \"$(stat -c %a /etc/mfs/mounts/mnt-t1.cfg)\" = 600 ] && ! grep -q password /etc/fstab");
        w.mfsctl(&["tenant", "add", "t1", "--yes"], 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["tenant", "add", "t1", "--quota", "1GiB"], 120).ends(2).says(&["stands in the inventory already"]);
        w.mfsctl(&["provision", "--yes"], 300).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["tenant", "list"], 120).ends(0).says(&["t1", "with a password", "80 MiB"]);
    }),
    ("its_client_sees_nobody_elses_folder_and_a_wrong_password_is_refused", |w| {
        for (options, what) in [
            ("mfssubfolder=/t1", "no password"),
            ("mfssubfolder=/t1,mfspassword=wrong", "a wrong password"),
            ("mfssubfolder=/", "everything"),
        ] {
            let (code, said) =
                w.try_sh("c2", &format!("mkdir -p /tmp/try; timeout 30 mfsmount /tmp/try -o mfsmaster=mfsmaster,{options}"), 60);
            assert_ne!(code, 0, "{what}: {said}");
        }
        // Before each write the master wants room for a whole chunk: of 80 MiB 16 can be used.
        let fill = "for i in 1 2 3 4; do dd if=/dev/zero of=/mnt/t1/big$i bs=1M count=6 conv=fsync 2>&1 || exit 1; done";
        let (code, said) = w.try_sh("c2", fill, 180);
        assert!(code != 0 && said.contains("quota"), "{said}");
        w.sh("c2", "rm -f /mnt/t1/big*");
        w.sh("c2", "echo still >/mnt/t1/file && sync /mnt/t1/file && grep -q still /mnt/t1/file");
    }),
    ("a_folder_in_use_gets_no_password_under_its_users", |w| {
        w.sh("c1", "mkdir -p /mnt/mfs/t2 /mnt/open && mfsmount /mnt/open -o mfsmaster=mfsmaster,mfssubfolder=/t2 && touch /mnt/open/x");
        let before = fs::read_to_string(w.source()).unwrap();
        w.mfsctl(&["tenant", "add", "t2", "--client", "c2", "--yes"], 120).ends(3).says(&["in use without a password by c1: /mnt/open"]);
        assert_eq!(fs::read_to_string(w.source()).unwrap(), before);
        assert!(!beside(w, "secrets/tenant-t2").exists());
        w.mfsctl(&["client", "umount", "c1", "--path", "/mnt/open", "--yes"], 120).ends(0);
    }),
    ("killed_in_the_middle_it_is_finished_by_its_name", |w| {
        for after in [4_u64, 12] {
            let args = ["tenant", "add", "t2", "--client", "c2", "--yes"];
            let listed = fs::read_to_string(w.source()).unwrap().contains("name: t2");
            let args: &[&str] = if listed { &["tenant", "add", "t2", "--yes"] } else { &args };
            let mut child = w.start(&w.inventory(), args);
            thread::sleep(Duration::from_secs(after));
            let _ = child.kill();
            let _ = child.wait();
        }
        let listed = fs::read_to_string(w.source()).unwrap().contains("name: t2");
        let args: &[&str] = if listed { &["tenant", "add", "t2", "--yes"] } else { &["tenant", "add", "t2", "--client", "c2", "--yes"] };
        finish(w.start(&w.inventory(), args), Duration::from_secs(300), args).ends(0);
        w.sh("c2", "echo two >/mnt/t2/file; cat /mnt/t1/file");
        w.mfsctl(&["tenant", "add", "t2", "--yes"], 120).ends(0).says(&["nothing to do"]);
    }),
    ("a_tenant_goes_and_its_data_stay_unless_given_up", |w| {
        w.sh("c2", "setsid sh -c 'cd /mnt/t1; exec sleep 600' >/dev/null 2>&1 & sleep 1");
        w.mfsctl(&["tenant", "remove", "t1", "--yes"], 120).ends(3).says(&["c2: /mnt/t1 is in use: sleep (pid "]);
        w.sh("c2", "cat /mnt/t1/file; kill $(ls -l /proc/[0-9]*/cwd 2>/dev/null | sed -n 's|.*/proc/\\([0-9]*\\)/.*/mnt/t1$|\\1|p')");
        w.mfsctl(&["tenant", "remove", "t1", "--yes"], 300).ends(0).says(&["/t1 stays in the file system"]);
        assert_eq!(w.sh("c1", "cat /mnt/mfs/t1/file").trim(), "still");
        w.sh("c2", "! grep -q /mnt/t1 /etc/fstab /proc/mounts && [ ! -e /etc/mfs/mounts/mnt-t1.cfg ]");
        w.sh("m1", "! grep -q /t1 /etc/mfs/mfsexports.cfg");
        assert!(!beside(w, "secrets/tenant-t1").exists() && !fs::read_to_string(w.source()).unwrap().contains("t1"));
        w.mfsctl(&["tenant", "remove", "t2", "--delete-data", "--yes"], 120).ends(3).says(&["--yes does not cover this"]);
        w.mfsctl(&["tenant", "remove", "t2", "--delete-data", "t2", "--yes"], 300).ends(0).says(&["/t2 is deleted"]);
        w.sh("c1", "[ ! -e /mnt/mfs/t2 ] && [ -e /mnt/mfs/t1/file ]");
        w.mfsctl(&["tenant", "remove", "t2", "--yes"], 120).ends(2).says(&["no tenant t2"]);
        w.mfsctl(&["provision", "--yes"], 300).ends(0).says(&["nothing to do"]);
        assert_eq!(states(w), ["c1 /mnt/mfs well"]);
    }),
];
