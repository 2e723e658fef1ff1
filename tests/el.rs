//! The Enterprise Linux family with the real tools: `rpmbuild`, `rpmsign`, `createrepo_c`, `rpm` and `dnf` work on
//! signed stand-in packages in an install root, with the very files and commands the steps plan.
//! No Enterprise Linux runs here: what its kernel, its SELinux and its yum 3 add is not covered.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use mfsctl::fact::file::{FileFact, Meta};
use mfsctl::fact::{Answer, HostFacts, package, release, system};
use mfsctl::inventory::model::{Cluster, Mirror, MooseFsSource, VersionLine};
use mfsctl::inventory::{self, LoadOptions, layout};
use mfsctl::step::upgrade::Upgrading;
use mfsctl::step::{self, Action, ActionKind, ClusterState, Consent, Outcome, View};

/// Program and the Debian package that brings it.
const TOOLS: &[(&str, &str)] =
    &[("rpmbuild", "rpm"), ("rpmsign", "rpm"), ("rpm", "rpm"), ("dnf", "dnf"), ("createrepo_c", "createrepo-c"), ("gpg", "gnupg")];
const NODE: &str = "node3";
/// What stands in repository files.
const KEY_URL: &str = "gpgkey=file:///etc";

fn tool(name: &str) -> PathBuf {
    let package = TOOLS.iter().find(|(tool, _)| *tool == name).map_or(name, |(_, package)| package);
    which::which(name).unwrap_or_else(|_| panic!("{name} is missing: apt-get install {package}"))
}

fn run(command: &mut Command) -> Output {
    let out = command.stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{command:?}: {}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    out
}

/// A repository of signed packages, made once for all tests, and one more package under a stranger's key.
struct Repository {
    dir: PathBuf,
    gnupg: PathBuf,
    key: String,
}

impl Repository {
    fn get() -> &'static Self {
        static MADE: OnceLock<Repository> = OnceLock::new();
        MADE.get_or_init(Self::make)
    }

    fn make() -> Self {
        for (name, _) in TOOLS {
            tool(name);
        }
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("el");
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        // gpg-agent's socket may have a short name only: not under the target directory.
        let keys = tempfile::Builder::new().prefix("mfsctl-el").tempdir_in("/tmp").unwrap();
        let home = keys.path();
        for name in ["lab", "stranger"] {
            let who = format!("{name} <{name}@example.invalid>");
            run(Command::new(tool("gpg")).env("GNUPGHOME", home).args([
                "--batch",
                "--quiet",
                "--passphrase",
                "",
                "--quick-gen-key",
                &who,
                "rsa2048",
                "sign",
                "never",
            ]));
        }
        let export = run(Command::new(tool("gpg")).env("GNUPGHOME", home).args(["--armor", "--export", "lab@example.invalid"]));
        let made = Self { dir, gnupg: home.to_owned(), key: String::from_utf8(export.stdout).unwrap() };
        for (name, version) in [("moosefs-chunkserver", "3.0.97"), ("moosefs-chunkserver", "4.57.7"), ("xfsprogs", "5.0")] {
            made.package("repo", name, version, "lab");
        }
        made.package("newer", "moosefs-chunkserver", "3.0.118", "lab");
        made.package("newer", "moosefs-chunkserver", "4.60.0", "lab");
        made.package("strange", "moosefs-chunkserver", "3.0.97", "stranger");
        made.package("strange", "xfsprogs", "5.0", "stranger");
        run(Command::new(tool("gpg").with_file_name("gpgconf")).env("GNUPGHOME", home).args(["--kill", "all"]));
        for repo in ["repo", "newer", "strange"] {
            run(Command::new(tool("createrepo_c")).arg("--quiet").arg(made.dir.join(repo)));
        }
        made
    }

    fn package(&self, repo: &str, name: &str, version: &str, signer: &str) {
        let top = &self.dir;
        let spec = top.join(format!("{name}-{version}.spec"));
        let text = format!(
            "Name: {name}\nVersion: {version}\nRelease: 1.rhsystemd\nSummary: stand-in\nLicense: MIT\nBuildArch: noarch\n%description\nstand-in\n%files\n"
        );
        fs::write(&spec, text).unwrap();
        let out = top.join(repo);
        let define = |key: &str, value: &Path| format!("{key} {}", value.display());
        run(Command::new(tool("rpmbuild"))
            .args(["-bb", "--quiet", "--define", &define("_topdir", &top.join("build")), "--define", &define("_rpmdir", &out)])
            .arg(&spec));
        let file = out.join(format!("noarch/{name}-{version}-1.rhsystemd.noarch.rpm"));
        let signer = format!("_gpg_name {signer}@example.invalid");
        let gpg = define("__gpg", &tool("gpg"));
        run(Command::new(tool("rpmsign"))
            .env("GNUPGHOME", &self.gnupg)
            .args(["--define", &signer, "--define", &gpg, "--addsign"])
            .arg(file));
    }

    fn mirror(&self, repo: &str) -> Mirror {
        let url = format!("file://{}", self.dir.join(repo).display());
        Mirror { url, suite: "./".into(), components: Vec::new(), key: Some(self.key.clone()), exclusive: false }
    }
}

/// An install root, with `rpm` and `dnf` that work in it, seen as a Rocky Linux 9 chunkserver.
struct Host {
    root: tempfile::TempDir,
    cluster: Cluster,
    state: ClusterState,
    consent: Consent,
}

impl Host {
    fn new(mirror: Mirror) -> Self {
        let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/reference.yaml");
        let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
        let mut cluster = inventory::load(&inventory, &options).unwrap_or_else(|e| panic!("{e:?}")).cluster;
        cluster.repositories.moosefs = MooseFsSource::Mirror(mirror);
        cluster.moosefs.version = VersionLine::V3;
        for disk in cluster.nodes.iter_mut().flat_map(|n| &mut n.disks) {
            (disk.device, disk.lvm, disk.fs) = (Some("/dev/sdb".into()), None, "xfs".into());
        }
        let root = tempfile::Builder::new().prefix("mfsctl-el-root").tempdir_in("/tmp").unwrap();
        let host = Self { root, cluster, state: ClusterState::new(), consent: Consent::default() };
        fs::create_dir_all(host.path("/shim")).unwrap();
        host.shim("rpm", &format!("exec {} --root '{}' \"$@\"", tool("rpm").display(), host.root.path().display()));
        host.shim(
            "dnf",
            &format!(
                "exec {} --installroot='{}' --releasever=9 --setopt=reposdir='{}' --disableplugin='*' \"$@\"",
                tool("dnf").display(),
                host.root.path().display(),
                host.path("/etc/yum.repos.d").display()
            ),
        );
        host
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// Where a repository file of this root finds its key.
    fn key_url(&self) -> String {
        format!("gpgkey=file://{}/etc", self.root.path().display())
    }

    fn shim(&self, name: &str, line: &str) {
        let path = self.path("/shim").join(name);
        fs::write(&path, format!("#!/bin/sh\n{line}\n")).unwrap();
        run(Command::new("chmod").arg("0755").arg(&path));
    }

    /// Asks the root what the survey would: managed files, and packages by the very question.
    fn observe(&mut self) {
        let node = self.cluster.node(NODE).unwrap();
        let mut facts = HostFacts::default();
        for path in layout::files(&self.cluster, node) {
            let meta = Meta { mode: 0o644, owner: "root".into(), group: "root".into() };
            let there = fs::read_to_string(self.path(&path))
                .map(|text| FileFact::Regular { content: text.replace(&self.key_url(), KEY_URL), meta });
            facts.files.insert(path, there.unwrap_or(FileFact::Missing));
        }
        facts.system.os = system::Os { id: "rocky".into(), like: "rhel".into(), version: "9.3".into(), ..system::Os::default() };
        (facts.system.free_root, facts.system.free_var) = (1 << 40, 1 << 40);
        // Only the shims are in the path: no dpkg is found, as on Enterprise Linux. Debian's rpm macros call these two.
        for helper in ["bash", "id"] {
            let link = self.path("/shim").join(helper);
            if !link.exists() {
                std::os::unix::fs::symlink(which::which(helper).unwrap(), link).unwrap();
            }
        }
        let script = package::ask(&layout::storage::packages(&self.cluster, node)).script;
        let out = Command::new("/bin/sh").arg("-c").arg(script).env("PATH", self.path("/shim")).output().unwrap();
        facts.packages = package::parse(&Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }).unwrap();
        self.state.insert(NODE.to_owned(), Ok(facts));
    }

    fn plan(&mut self, name: &str) -> Outcome {
        self.observe();
        let facts = self.state[NODE].as_ref().unwrap();
        let pending = BTreeSet::new();
        let node = self.cluster.node(NODE).unwrap();
        (step::find(name).unwrap().plan)(&View {
            cluster: &self.cluster,
            node,
            facts,
            state: &self.state,
            pending: &pending,
            consent: &self.consent,
        })
    }

    /// Does an action in the root: paths of managed files are taken there.
    fn act(&self, action: &Action) -> Output {
        match &action.kind {
            ActionKind::Write(write) => {
                let path = self.path(&write.path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, write.content.replace(KEY_URL, &self.key_url())).unwrap();
                Command::new("true").output().unwrap()
            }
            ActionKind::Run(command) => {
                let here = |word: &String| if word.starts_with("/etc/") { self.path(word).display().to_string() } else { word.clone() };
                let argv: Vec<String> = command.argv.iter().map(here).collect();
                let path = format!("{}:{}", self.path("/shim").display(), std::env::var("PATH").unwrap());
                // The shims first for the lookup of the program itself, too.
                let mut child = Command::new("/usr/bin/env")
                    .args(&argv)
                    .env("PATH", path)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap();
                child.stdin.take().unwrap().write_all(&command.stdin).unwrap();
                child.wait_with_output().unwrap()
            }
        }
    }

    /// Plans a step and does it; gives the first failure's words.
    fn provision(&mut self, name: &str) -> Result<(), String> {
        match self.plan(name) {
            Outcome::Unchanged(_) => Ok(()),
            Outcome::Refused(refusal) => Err(refusal.found),
            Outcome::Do(actions) => actions.iter().try_for_each(|action| {
                let out = self.act(action);
                let words = format!("{}: {}", action.title, String::from_utf8_lossy(&out.stderr));
                if out.status.success() { Ok(()) } else { Err(words) }
            }),
        }
    }

    /// What the upgrade's question finds.
    fn releases(&self) -> release::Releases {
        let out = self.act(&Action::run("ask", step::daemon::script(release::SCRIPT, &["dnf", "-", "refresh"])));
        release::parse(&Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }).unwrap()
    }

    fn installed(&mut self, name: &str) -> Option<String> {
        self.observe();
        self.state[NODE].as_ref().unwrap().packages.version(name).map(str::to_owned)
    }
}

#[test]
fn repository_key_and_packages_come_to_rest() {
    let mut host = Host::new(Repository::get().mirror("repo"));
    assert_eq!(host.provision("repository"), Ok(()));
    assert!(matches!(host.plan("repository"), Outcome::Unchanged(_)), "{:?}", host.plan("repository"));
    assert_eq!(host.provision("packages"), Ok(()));
    // The repository offers 4.57.7 as well: the version line of the inventory holds.
    assert_eq!(host.installed("moosefs-chunkserver").as_deref(), Some("3.0.97-1.rhsystemd"));
    assert_eq!(host.installed("xfsprogs").as_deref(), Some("5.0-1.rhsystemd"));
    assert!(matches!(host.plan("packages"), Outcome::Unchanged(_)));

    // A repository that moved is read anew, and an upgrade within the line finds what it offers.
    host.cluster.repositories.moosefs = MooseFsSource::Mirror(Repository::get().mirror("newer"));
    assert_eq!(host.provision("repository"), Ok(()));
    let upgrade = host.act(&Action::run("upgrade", ["dnf", "-y", "upgrade", "moosefs-chunkserver-3.*"]));
    assert!(upgrade.status.success(), "{}", String::from_utf8_lossy(&upgrade.stderr));
    assert_eq!(host.installed("moosefs-chunkserver").as_deref(), Some("3.0.118-1.rhsystemd"));
}

#[test]
fn an_upgrade_takes_exactly_the_version_and_sees_what_is_offered_and_held() {
    let mut host = Host::new(Repository::get().mirror("repo"));
    assert_eq!((host.provision("repository"), host.provision("packages")), (Ok(()), Ok(())));
    host.cluster.repositories.moosefs = MooseFsSource::Mirror(Repository::get().mirror("newer"));
    assert_eq!(host.provision("repository"), Ok(()));

    // What an upgrade asks first.
    let seen = host.releases();
    assert_eq!(seen.installed["moosefs-chunkserver"], "3.0.97-1.rhsystemd");
    let offers: Vec<&str> = seen.offers["moosefs-chunkserver"].iter().map(String::as_str).collect();
    assert_eq!(offers, ["3.0.118-1.rhsystemd", "4.60.0-1.rhsystemd"]);
    assert!(seen.held.is_empty());

    let package = vec!["moosefs-chunkserver".to_owned()];
    let to = |version: &str| Upgrading {
        version: version.to_owned(),
        packages: [(NODE.to_owned(), package.clone())].into(),
        ..Upgrading::default()
    };
    host.consent.upgrade = Some(to("3.0.119-1.rhsystemd"));
    assert!(host.provision("upgrade-chunkserver-packages").is_err());
    assert_eq!(host.installed("moosefs-chunkserver").as_deref(), Some("3.0.97-1.rhsystemd"), "a version nobody offers changes nothing");
    host.consent.upgrade = Some(to("3.0.118-1.rhsystemd"));
    assert_eq!(host.provision("upgrade-chunkserver-packages"), Ok(()));
    assert_eq!(host.installed("moosefs-chunkserver").as_deref(), Some("3.0.118-1.rhsystemd"));
}

#[test]
fn a_version_line_nobody_offers_is_named() {
    let mut host = Host::new(Repository::get().mirror("repo"));
    host.cluster.moosefs.version = VersionLine::V2;
    assert_eq!(host.provision("repository"), Ok(()));
    let error = host.provision("packages").unwrap_err();
    assert!(error.contains("the inventory wants MooseFS 2, the repositories of this host offer: moosefs-chunkserver"), "{error}");
    assert_eq!(host.installed("moosefs-chunkserver"), None);
}

#[test]
fn a_package_nobody_offers_is_named() {
    let mut host = Host::new(Repository::get().mirror("newer"));
    host.cluster.nodes.iter_mut().flat_map(|n| &mut n.disks).for_each(|d| d.fs = "ext4".into());
    assert_eq!(host.provision("repository"), Ok(()));
    let error = host.provision("packages").unwrap_err();
    assert!(error.contains("no repository of this host offers: e2fsprogs"), "{error}");
}

#[test]
fn packages_under_a_strangers_key_are_not_installed() {
    let mut host = Host::new(Repository::get().mirror("strange"));
    assert_eq!(host.provision("repository"), Ok(()));
    let error = host.provision("packages").unwrap_err();
    assert!(error.contains("signature cannot be verified"), "{error}");
    assert_eq!(host.installed("moosefs-chunkserver"), None);
}

#[test]
fn an_unreachable_mirror_is_told_before_packages_are_tried() {
    let mut host = Host::new(Mirror { url: "file:///nonexistent/mirror".into(), ..Repository::get().mirror("repo") });
    let error = host.provision("repository").unwrap_err();
    assert!(error.starts_with("read the package lists of the mirrors") && error.contains("mfsctl-moosefs"), "{error}");
}
