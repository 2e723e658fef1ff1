//! Wrong surroundings on bare servers: each gets an exact message, and nothing is changed.

use std::fs;

use crate::Scenario;
use crate::harness::{Ran, World};

const DRY: &[&str] = &["provision", "--dry-run"];
const YES: &[&str] = &["provision", "--yes"];

pub const SCENARIOS: &[Scenario] = &[
    ("the_lab_comes_up", |w| {
        w.up();
    }),
    ("a_host_name_other_than_the_inventorys", |w| {
        w.sh("m2", "hostname other");
        let ran = w.mfsctl(YES, 120).ends(3).says(&["m2", "uname -n", "other", "hostnamectl set-hostname m2", "nothing was changed"]);
        nothing_changed(w, &ran);
        w.sh("m2", "hostname m2");
    }),
    ("a_disk_that_is_not_there", |w| {
        let ran = w.with("disk: /dev/ubdb, size", "disk: /dev/ubdz, size", YES, 120).ends(3);
        nothing_changed(w, &ran.says(&["/dev/ubdz", "/dev/ubdb", "nothing was changed"]));
    }),
    ("a_disk_that_holds_a_file_system", |w| {
        w.sh("m1", "mkfs.ext4 -q -L precious /dev/ubdb");
        let ran = w.mfsctl(YES, 120).ends(3).says(&["m1", "/dev/ubdb", "ext4", "--overwrite m1:/dev/ubdb"]);
        nothing_changed(w, &ran);
        // --yes is no leave to overwrite, and neither is the name of another disk.
        w.mfsctl(&["provision", "--yes", "--overwrite", "m2:/dev/ubdb"], 120).ends(3).says(&["ext4"]);
        w.mfsctl(&["provision", "--yes", "--overwrite", "m1:/dev/sda"], 120).ends(2).says(&["the inventory has no such disk"]);
        assert!(w.sh("m1", "blkid -p -o value -s LABEL /dev/ubdb").contains("precious"));
        w.mfsctl(&["provision", "--dry-run", "--overwrite", "m1:/dev/ubdb"], 120).ends(0).says(&["/dev/ubdb"]);
        w.sh("m1", "wipefs -qa /dev/ubdb");
    }),
    ("a_disk_with_a_partition_table", |w| {
        w.sh("m1", "printf 'label: gpt\\n,100M\\n,100M\\n' | sfdisk -q /dev/ubdb");
        let ran = w.mfsctl(YES, 120).ends(3).says(&["m1", "/dev/ubdb", "gpt"]);
        nothing_changed(w, &ran);
        w.sh("m1", "sfdisk -q --delete /dev/ubdb && wipefs -qa /dev/ubdb && udevadm settle");
    }),
    ("masters_volumes_of_different_size", |w| {
        let ran = w.with("size: 512MiB}}", "size: 640MiB}}", YES, 120);
        assert_ne!(ran.code, Some(0));
        ran.says(&["size"]);
    }),
    ("the_replication_port_is_taken", |w| {
        w.sh("m1", "systemd-run -q --unit=thief systemd-socket-activate -l 7788 cat");
        w.wait("m1", "ss -ltn | grep -q :7788", 20);
        let ran = w.mfsctl(YES, 120).ends(3).says(&["m1", "7788", "systemd-socket-"]);
        nothing_changed(w, &ran);
        w.sh("m1", "systemctl stop thief");
    }),
    ("a_key_that_is_refused", |w| {
        let key = w.lab().dir().join("foreign");
        if !key.exists() {
            let made = std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
            assert!(made.success());
        }
        let overlay = w.lab().dir().join("overlay.yaml");
        let own = w.lab().key().display().to_string();
        w.with_file(&overlay, &own, &key.display().to_string(), DRY, 120).ends(4).says(&["m1: login as root refused", "foreign"]);
    }),
    ("a_changed_host_key", |w| {
        let known = w.lab().known_hosts();
        let text = fs::read_to_string(&known).unwrap();
        let (m1, m2) = (key_of(&text, "172.16.1.41"), key_of(&text, "172.16.1.42"));
        w.with_file(&known, &m1, &m2, DRY, 120).ends(4).says(&["HOST KEY CHANGED", "m1"]);
        // Also where new keys are welcome.
        w.with_file(&known, &m1, &m2, &["provision", "--dry-run", "--accept-new-host-keys"], 120).ends(4).says(&["HOST KEY CHANGED"]);
    }),
    ("a_host_key_never_seen", |w| {
        let known = w.lab().known_hosts();
        let text = fs::read_to_string(&known).unwrap();
        let line = text.lines().find(|l| l.contains("172.16.1.43")).unwrap().to_owned();
        w.with_file(&known, &line, "", DRY, 120).ends(4).says(&["cs: host key of 172.16.1.43", "SHA256:"]);
    }),
    ("a_node_that_cannot_be_reached", |w| {
        w.lab().cut("cs", &[]).unwrap();
        w.mfsctl(DRY, 120).ends(4).says(&["cs: unreachable"]);
        w.lab().heal(None).unwrap();
        w.lab().wait_ssh("cs", std::time::Duration::from_secs(60)).unwrap();
    }),
    ("an_interface_that_does_not_exist", |w| {
        let ran = w.with("vip: 172.16.1.47", "vip: {address: 172.16.1.47, interface: eth9}", YES, 120).ends(3);
        nothing_changed(w, &ran.says(&["eth9"]));
    }),
    ("a_user_who_may_not_become_root", |w| {
        w.sh("cl", "id plain 2>/dev/null || { useradd -m plain && cp -r /root/.ssh /home/plain/ && chown -R plain: /home/plain/.ssh; }");
        let overlay = w.lab().dir().join("overlay.yaml");
        w.with_file(&overlay, "user: root", "user: plain", &["provision", "--dry-run", "--limit", "cl"], 120)
            .ends(4)
            .says(&["cl: plain may not become root"]);
        w.with_file(&overlay, "user: root", "user: admin", &["provision", "--dry-run", "--limit", "cl"], 120).ends(0);
        let password = "user: operator\n  sudo_password: operator";
        w.with_file(&overlay, "user: root", password, &["provision", "--dry-run", "--limit", "cl"], 120).ends(0);
        let password = "user: operator\n  sudo_password: mistaken";
        let ran = w.with_file(&overlay, "user: root", password, &["provision", "--dry-run", "--limit", "cl"], 120).ends(4);
        assert!(!format!("{}{}", ran.out, ran.err).contains("mistaken"), "a password is shown");
        ran.says(&["operator may not become root"]);
    }),
    ("an_unknown_moosefs_version", |w| {
        w.with("moosefs: {auth", "moosefs: {version: \"9\", auth", YES, 20).ends(2).says(&["version", "9", "3.0"]);
        let ran = w.with(
            "moosefs: {auth",
            "moosefs: {version: \"4\", auth",
            &["provision", "--yes", "--limit", "cl", "--only", "names,repositories,packages"],
            300,
        );
        assert_ne!(ran.code, Some(0));
        ran.says(&["3.0.117", "4"]);
    }),
    ("a_repository_that_does_not_answer", |w| {
        let overlay = w.lab().dir().join("overlay.yaml");
        let ran = w.with_file(
            &overlay,
            ":8080/debian",
            ":8081/debian",
            &["provision", "--yes", "--limit", "cl", "--only", "repositories,packages"],
            300,
        );
        ran.ends(4).says(&["cl", ":8081", "repositor"]);
    }),
    ("a_full_disk", |w| {
        w.lab().fill("cl", "/", false).unwrap();
        let ran = w.mfsctl(&["provision", "--yes", "--limit", "cl", "--only", "names,repositories,packages"], 300);
        w.lab().fill("cl", "/", true).unwrap();
        assert!(ran.code == Some(3) || ran.code == Some(4), "{:?}\n{}\n{}", ran.code, ran.out, ran.err);
        ran.says(&["cl", "free"]);
    }),
    ("nobody_to_ask", |w| {
        w.mfsctl(&["provision"], 120).ends(3).says(&["nobody to ask, nothing was changed", "--yes"]);
    }),
];

/// Nothing mfsctl writes is there, and no package came.
fn nothing_changed(w: &World, ran: &Ran) {
    for node in ["m1", "m2"] {
        let (code, text) = w.try_sh(node, "grep -q mfsctl /etc/hosts || ls -d /var/lib/mfsctl /etc/drbd.d /etc/mfs /dev/vgdrbr", 30);
        assert!(code != 0 && !text.starts_with('/'), "{node} was changed: {text}\n{}\n{}", ran.out, ran.err);
    }
}

fn key_of(known_hosts: &str, address: &str) -> String {
    let line = known_hosts.lines().find(|l| l.contains(address)).unwrap();
    line.split_whitespace().nth(2).unwrap().to_owned()
}
