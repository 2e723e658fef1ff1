//! Stand-ins for Enterprise Linux: a small signed rpm repository, for trying the commands
//! of the yum and dnf family (key import, install, pin, upgrade, query) with Debian's dnf
//! in an install root. The packages hold no software, only their names and versions.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{LabError, Result};
use super::tool::Tool;

/// Packages of MooseFS, each in all of [`MOOSEFS_VERSIONS`].
const MOOSEFS: [&str; 7] =
    ["moosefs-master", "moosefs-cli", "moosefs-cgi", "moosefs-cgiserv", "moosefs-metalogger", "moosefs-chunkserver", "moosefs-client"];
/// A version to come from, one to pin, and one to upgrade to.
const MOOSEFS_VERSIONS: [&str; 3] = ["3.0.116", "3.0.117", "3.0.118"];
/// Everything else provisioning asks for, with a version.
const OTHERS: &[(&str, &str)] = &[
    ("drbd84-utils", "9.22.0"),
    ("kmod-drbd84", "8.4.11"),
    ("drbd9x-utils", "9.27.0"),
    ("kmod-drbd9x", "9.1.19"),
    ("drbd-utils", "9.27.0"),
    ("kmod-drbd", "9.1.19"),
    ("elrepo-release", "9"),
    ("keepalived", "2.2.8"),
    ("xfsprogs", "5.19.0"),
    ("e2fsprogs", "1.46.5"),
    ("lvm2", "2.03.17"),
    ("parted", "3.5"),
    ("fuse", "2.9.9"),
    ("fuse3", "3.10.2"),
    ("psmisc", "23.4"),
    ("curl", "7.76.1"),
    ("yum-plugin-fastestmirror", "1.1.31"),
];
/// Release of every package.
const RELEASE: &str = "1.standin";

/// Programs needed beside the lab's own.
const PROGRAMS: &[(&str, &str)] =
    &[("rpmbuild", "rpm"), ("rpmsign", "rpm"), ("createrepo_c", "createrepo-c"), ("dnf", "dnf"), ("gpg", "gnupg")];

/// A built repository.
#[derive(Debug, Clone)]
pub struct RpmRepository {
    /// Directory with packages and `repodata`; serve it or use it as `file://`.
    pub root: PathBuf,
    /// The signing key, ASCII armoured, in the same directory.
    pub key: PathBuf,
}

/// Builds the repository in a directory that does not exist yet.
///
/// # Errors
/// A program is missing or fails.
pub fn rpm_repository(root: &Path) -> Result<RpmRepository> {
    let missing: Vec<_> = PROGRAMS.iter().filter(|(program, _)| which::which(program).is_err()).collect();
    if !missing.is_empty() {
        let (missing, packages) = missing.into_iter().map(|(m, p)| ((*m).to_owned(), (*p).to_owned())).unzip();
        return Err(LabError::Missing { missing, packages });
    }
    fs::create_dir(root).map_err(LabError::io(root))?;
    // Short: gpg's sockets lie below it, and their paths may not pass 108 bytes.
    let work = tempfile::tempdir().map_err(LabError::act("make a temporary directory"))?;
    build(root, work.path())?;
    let home = work.path().join("gnupg");
    DirBuilder::new().mode(0o700).create(&home).map_err(LabError::io(&home))?;
    let signed = sign(root, &home);
    let _ = Tool::new("gpgconf").arg("--homedir").arg(&home).args(["--kill", "all"]).output();
    let key = signed?;
    Ok(RpmRepository { root: root.to_owned(), key })
}

/// One build for each version of MooseFS: a build cannot hold two versions of a package.
fn build(root: &Path, work: &Path) -> Result<()> {
    for (index, version) in MOOSEFS_VERSIONS.iter().enumerate() {
        let spec = work.join(format!("standins{index}.spec"));
        let others = if index == 0 { OTHERS } else { &[] };
        fs::write(&spec, spec_text(version, others)).map_err(LabError::io(&spec))?;
        Tool::new("rpmbuild")
            .args(["-bb", "--quiet", "--target", "noarch", "--nodeps"])
            .arg(format!("--define=_topdir {}", work.display()))
            .arg(format!("--define=_rpmdir {}", root.display()))
            .arg("--define=_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm")
            .arg(&spec)
            .within(Duration::from_secs(120))
            .run()?;
    }
    Ok(())
}

fn spec_text(moosefs: &str, others: &[(&str, &str)]) -> String {
    let mut text = String::from("Name: standins\nVersion: 1\nRelease: 1\nSummary: Stand-ins\nLicense: MIT\n%description\nStand-ins.\n");
    let mut add = |name: &str, version: &str| {
        text += &format!("%package -n {name}\nSummary: Stand-in for {name}\nVersion: {version}\nRelease: {RELEASE}\n");
        text += &format!("%description -n {name}\nHolds nothing.\n%files -n {name}\n");
    };
    MOOSEFS.iter().for_each(|name| add(name, moosefs));
    others.iter().for_each(|(name, version)| add(name, version));
    text
}

fn sign(root: &Path, home: &Path) -> Result<PathBuf> {
    let gpg = |args: &[&str]| {
        Tool::new("gpg").env("GNUPGHOME", home).args(["--batch", "--yes", "--quiet", "--no-tty"]).args(args).dir(root).run()
    };
    let user = "mfsctl lab <lab@localhost>";
    gpg(&["--passphrase", "", "--quick-generate-key", user, "rsa2048", "sign", "never"])?;
    let key = root.join("RPM-GPG-KEY-standin");
    fs::write(&key, gpg(&["--armor", "--export"])?.stdout).map_err(LabError::io(&key))?;
    let program = which::which("gpg").map_err(|e| LabError::act("gpg")(std::io::Error::other(e)))?;
    let packages: Vec<PathBuf> = fs::read_dir(root)
        .map_err(LabError::io(root))?
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "rpm"))
        .collect();
    Tool::new("rpmsign")
        .env("GNUPGHOME", home)
        .arg(format!("--define=_gpg_name {user}"))
        .arg(format!("--define=__gpg {}", program.display()))
        .arg("--addsign")
        .args(&packages)
        .within(Duration::from_secs(120))
        .run()?;
    Tool::new("createrepo_c").args(["--quiet", "."]).dir(root).within(Duration::from_secs(120)).run()?;
    gpg(&["--armor", "--detach-sign", "repodata/repomd.xml"])?;
    Ok(key)
}
