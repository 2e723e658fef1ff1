//! Package lists that a power cut damaged, read again by the scripts that install, with real apt and a repository on loopback. What would be installed is only downloaded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const LISTS: &str = include_str!("../playbooks/files/apt-lists.sh");
const INSTALL: &str = include_str!("../playbooks/files/install-apt.sh");
const RELEASES: &str = include_str!("../playbooks/files/mfs-releases.sh");
const PACKAGE: &str = "moosefs-client";

/// What a power cut made of a file: its new bytes from those it had.
type Damage = fn(Vec<u8>) -> Vec<u8>;

/// A repository with one package, and an apt of its own.
struct Room {
    dir: tempfile::TempDir,
    server: Child,
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Room {
    fn new() -> Self {
        let dir = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        for name in ["repo", "lists", "cache/archives/partial", "bin", "sbin"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        let server = Command::new("timeout")
            .args(["300", "python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"])
            .current_dir(dir.path().join("repo"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut room = Self { dir, server };
        let mut line = String::new();
        BufReader::new(room.server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port: u16 = line.split_whitespace().skip_while(|word| *word != "port").nth(1).unwrap().parse().unwrap();
        room.write("sources.list", &format!("deb [trusted=yes] http://127.0.0.1:{port} ./\n"));
        room.write("status", "");
        let path = room.dir.path().display();
        let conf = format!(
            "Dir::State::Lists \"{path}/lists\";\nDir::State::status \"{path}/status\";\nDir::Cache \"{path}/cache\";\n\
             Dir::Etc::parts \"/dev/null\";\nAPT::Sandbox::User \"root\";\nAPT::Architecture \"amd64\";\nAcquire::GzipIndexes \"false\";\n"
        );
        room.write("apt.conf", &conf);
        // dpkg of the host is none of the script's business here, and nothing is installed on it.
        room.program("dpkg", "#!/bin/sh\n");
        room.program("systemctl", "#!/bin/sh\n");
        room.program(
            "apt-get",
            "#!/bin/sh\ncase \" $* \" in *\" install \"*) set -- --download-only \"$@\" ;; esac\necho \"$*\" >>\"$ROOM/asked\"\n\
             exec /usr/bin/apt-get \"$@\"\n",
        );
        room.publish("3.0.117-1");
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn program(&self, name: &str, text: &str) {
        self.write(&format!("bin/{name}"), text);
        fs::set_permissions(self.path("bin").join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Has the repository offer this version and no other.
    fn publish(&self, version: &str) {
        let control = format!("Package: {PACKAGE}\nVersion: {version}\nArchitecture: all\nMaintainer: x <x@localhost>\nDescription: x\n");
        fs::create_dir_all(self.path("tree/DEBIAN")).unwrap();
        self.write("tree/DEBIAN/control", &control);
        let made = "rm -f repo/*; dpkg-deb --build tree repo/package-$1.deb >/dev/null && cd repo && apt-ftparchive packages . >Packages \
                    && apt-ftparchive release . >Release.new && mv Release.new Release";
        let made = Command::new("sh").args(["-c", made, "-", version]).current_dir(self.dir.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn run(&self, script: &str, args: &[&str]) -> Output {
        let script = script.replace("/usr/sbin/policy-rc.d", self.path("sbin/policy-rc.d").to_str().unwrap());
        let mut child = Command::new("timeout")
            .args(["120", "sh", "-s", "--"])
            .args(args)
            .env("APT_CONFIG", self.path("apt.conf"))
            .env("ROOM", self.dir.path())
            .env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.path("bin").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), script.as_bytes()).unwrap();
        drop(child.stdin.take());
        child.wait_with_output().unwrap()
    }

    fn install(&self, package: &str) -> Output {
        let sources = self.path("sources.list");
        self.run(&format!("{LISTS}{INSTALL}"), &["3.", sources.to_str().unwrap(), package])
    }

    fn installs(&self, package: &str, why: &str) {
        let out = self.install(package);
        assert!(out.status.success(), "{why}: {}", String::from_utf8_lossy(&out.stderr));
        let fetched = fs::read_dir(self.path("cache/archives")).unwrap().any(|e| e.unwrap().path().extension().is_some_and(|x| x == "deb"));
        assert!(fetched, "{why}: nothing was downloaded");
        assert!(!self.path("lists.mfsctl").exists() && !self.path("sbin/policy-rc.d").exists(), "{why}: something stays behind");
    }

    /// The list whose name ends so.
    fn list(&self, ending: &str) -> PathBuf {
        let mut found = fs::read_dir(self.path("lists")).unwrap().map(|e| e.unwrap().path());
        found.find(|p| p.to_str().unwrap().ends_with(ending)).unwrap_or_else(|| panic!("no list {ending}"))
    }
}

/// Gives the file other bytes and its old time.
fn damage(path: &Path, how: impl Fn(Vec<u8>) -> Vec<u8>) {
    let time = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, how(fs::read(path).unwrap())).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn lists_damaged_by_a_power_cut_are_read_again() {
    let room = Room::new();
    room.installs(PACKAGE, "the first time");
    let ways: [(&str, Damage); 4] = [
        ("empty", |_| Vec::new()),
        ("zeros", |bytes| vec![0; bytes.len()]),
        ("cut short", |bytes| bytes[..bytes.len() / 4].to_vec()),
        ("zeros at the end", |bytes| [&bytes[..bytes.len() / 4], &vec![0; bytes.len() - bytes.len() / 4][..]].concat()),
    ];
    for list in ["_Packages", "Release"] {
        for (why, how) in &ways {
            damage(&room.list(list), how);
            fs::remove_dir_all(room.path("cache")).unwrap();
            fs::create_dir_all(room.path("cache/archives/partial")).unwrap();
            room.installs(PACKAGE, &format!("{list}, {why}"));
        }
    }
}

#[test]
fn reading_the_lists_mends_them_too() {
    let room = Room::new();
    let sources = room.path("sources.list");
    let read = format!("{LISTS}sources=$1\nshift\nfresh_lists \"$@\"\n");
    let args = [sources.to_str().unwrap(), "-o", "APT::Update::Error-Mode=any"];
    assert!(room.run(&read, &args).status.success());
    let good = fs::read(room.list("_Packages")).unwrap();
    damage(&room.list("_Packages"), |_| Vec::new());
    // A directory left by a run that was cut off is in nobody's way.
    fs::create_dir_all(room.path("lists.mfsctl/partial")).unwrap();
    let out = room.run(&read, &args);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(fs::read(room.list("_Packages")).unwrap(), good);

    // Out of reach: told, and what is there stays.
    fs::remove_dir_all(room.path("repo")).unwrap();
    let out = room.run(&read, &args);
    assert!(!out.status.success());
    assert_eq!(fs::read(room.list("_Packages")).unwrap(), good);
    assert!(!room.path("lists.mfsctl").exists());
}

#[test]
fn a_package_gone_from_the_repository_is_looked_for_anew() {
    let room = Room::new();
    room.installs(PACKAGE, "the first time");
    room.publish("3.0.118-1");
    fs::remove_dir_all(room.path("cache")).unwrap();
    fs::create_dir_all(room.path("cache/archives/partial")).unwrap();
    room.installs(PACKAGE, "the list names a file that is gone");
    room.publish("3.0.119-1");
    room.installs(&format!("{PACKAGE}=3.0.119-1"), "a version the list does not know");
}

#[test]
fn what_nobody_offers_is_told_after_one_look() {
    let room = Room::new();
    let out = room.install("moosefs-nothing");
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success() && said.starts_with("no repository of this host offers: moosefs-nothing"), "{said}");
    let out = room.install(&format!("{PACKAGE}=3.0.9-1"));
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(!out.status.success() && said.contains("was not found"), "{said}");
    let asked = fs::read_to_string(room.path("asked")).unwrap();
    assert_eq!(asked.lines().filter(|line| line.contains(" update")).count(), 2, "{asked}");
}

#[test]
fn the_scripts_hold_before_shellcheck() {
    let room = Room::new();
    for script in [INSTALL, RELEASES] {
        room.write("script.sh", &format!("{LISTS}{script}"));
        let checked = Command::new("shellcheck").args(["-s", "sh"]).arg(room.path("script.sh")).output();
        let out = checked.expect("shellcheck: install the package");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    }
}
