#![allow(clippy::unwrap_used)]

use super::*;

fn read(text: &str) -> Result<Checkup, FactError> {
    parse(&Answer { text: text.to_owned(), status: 0 })
}

#[test]
fn every_line_is_read() {
    let text = "mtu vec0 1500\nname 172.16.0.47\nping ok lost\nunit LoadState=loaded\nunit Type=forking\nunit PIDFile=/var/lib/mfs/.mfsmaster.lock\n\
                starter rc /etc/rc3.d/S20mfsmaster\nstarter line /etc/cron.d/my job\nrule -P INPUT DROP\ntorn /data/drbd/mfs/changelog.3.mfs\n\
                file 644 /etc/mfs/mfsmaster.cfg.mfsctl-previous\nfile 640 /etc/a b.mfsctl-previous\n";
    let found = read(text).unwrap();
    assert_eq!(found.mtu, Some(("vec0".into(), 1500)));
    assert_eq!((found.vip_name, found.pings), (Some([172, 16, 0, 47].into()), Some((true, false))));
    assert_eq!(found.master_unit["Type"], "forking");
    assert_eq!(found.starters, ["rc /etc/rc3.d/S20mfsmaster", "line /etc/cron.d/my job"]);
    assert_eq!(found.torn.len(), 1);
    assert_eq!(found.readable, ["/etc/mfs/mfsmaster.cfg.mfsctl-previous"]);
    assert_eq!(found.firewall, ["-P INPUT DROP"]);
    for wrong in ["mtu vec0\n", "surprise x\n", "name host\n", "alone\n", "file rw x\n"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn spans_of_systemd() {
    for (text, seconds) in [("1min 30s", Some(90.0)), ("infinity", None), ("0", None), ("30min", Some(1800.0)), ("1.5s", Some(1.5))] {
        assert_eq!(span(text).unwrap(), seconds, "{text}");
    }
    assert!(span("soon").is_err() && span("5").is_err());
}

#[test]
fn the_question_runs_here_on_files_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    for (name, text) in [
        ("changelog.1.mfs", "1: 1|A()\n"),
        ("changelog.2.mfs", "2: 1|A()\n3: 1|B("),
        ("changelog_ml.0.mfs", ""),
        ("changelog_ml.1.mfs", "41: 1|A()\n42: 1|B()\n"),
        ("changelog_ml.2.mfs", "1: 1|A()\n"),
        (".mfsmaster_info.txt", "AUTH_CODE = x\n"),
        ("packaged.mfsctl-previous", "# AUTH_CODE = x\n"),
    ] {
        std::fs::write(at(name), text).unwrap();
    }
    std::os::unix::fs::symlink("/nowhere", at("lost")).unwrap();
    let words = ["127.0.0.1", "localhost", "", "", &at(""), &at(""), "/no/such/secret", &at("packaged")].map(str::to_owned);
    let script = format!("q() {{\nset -- {}\n{SCRIPT}\n}}\nq </dev/null\n", shell::join(&words));
    let out = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    let found = read(&String::from_utf8(out.stdout).unwrap()).unwrap();
    assert!(found.torn.len() == 1 && found.torn[0].ends_with("changelog.2.mfs"), "{found:?}");
    assert!(found.readable.len() == 1 && found.readable[0].ends_with(".mfsmaster_info.txt"), "{found:?}");
    assert_eq!(found.vip_name, Some(Ipv4Addr::LOCALHOST));
    assert!(String::from_utf8_lossy(&out.stderr).is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn each_role_is_asked_for_its_own() {
    let cluster = crate::step::testing::cluster();
    let script = |at: usize| ask(&cluster, &cluster.nodes[at]).script.lines().next().unwrap().to_owned();
    assert!(script(0).contains("172.16.0.42 moosefs-master.service /data/drbd/mfs /var/lib/mfs"), "{}", script(0));
    assert!(script(3).starts_with("set -- 172.16.0.44 mfsmaster '' '' '' ''"), "{}", script(3));
    assert!(!script(5).contains("moosefs-master"));
}
