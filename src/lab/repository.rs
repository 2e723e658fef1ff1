//! The nodes' only source of packages: a signed apt repository made from Debian's own packages.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cache::Cache;
use super::debian;
use super::error::{LabError, Result};
use super::image::Image;
use super::progress::{Progress, step};
use super::tool::Tool;

/// Rises when the way the repository is made changes.
const VERSION: &str = "2";
/// Component the packages are in.
pub const COMPONENT: &str = "main";
/// Component with a second release of MooseFS, for rehearsing upgrades: the same programs in packages of a higher version.
/// No node uses it unless it is added to its sources.
pub const NEXT: &str = "next";
/// The version of that release, beside Debian's 3.0.117.
pub const NEXT_VERSION: &str = "3.0.118-1";
/// Sets installed together on some node. Each is resolved on its own, so that packages which
/// exclude each other (fuse and fuse3) are both brought.
const SETS: &[&str] = &[
    "moosefs-master moosefs-cli moosefs-cgi moosefs-cgiserv moosefs-metalogger drbd-utils keepalived xfsprogs lvm2 gdisk parted psmisc curl",
    "moosefs-chunkserver moosefs-metalogger xfsprogs lvm2 gdisk parted psmisc curl",
    "moosefs-client fuse3",
    "fuse",
    "iputils-arping",
    "arping",
    "socat netcat-openbsd",
    "msmtp msmtp-mta openssl",
    "gnupg gpg gpgv",
    "python3",
];

/// A built repository.
#[derive(Debug, Clone)]
pub struct Repository {
    /// What the server shows: `debian/dists/…`, `debian/pool/…`, `key.asc`.
    pub root: PathBuf,
    /// The signing key, ASCII armoured.
    pub key: PathBuf,
}

/// The cached repository for an image, made when there is none.
///
/// # Errors
/// A host program fails; the error carries what it said.
pub fn ensure(cache: &Cache, image: &Image, progress: Progress<'_>) -> Result<Repository> {
    let sets = SETS.join("\n");
    let installed = fs::read_to_string(&image.status).map_err(LabError::io(&image.status))?;
    let dir = cache.entry("packages", &[VERSION, &installed, &sets], progress, |dir| build(dir, image, progress))?;
    Ok(Repository { root: dir.join("public"), key: dir.join("public/key.asc") })
}

fn build(dir: &Path, image: &Image, progress: Progress<'_>) -> Result<()> {
    let (work, debian_root) = (dir.join("work"), dir.join("public/debian"));
    let pool = debian_root.join("pool");
    fs::create_dir_all(&pool).map_err(LabError::io(&pool))?;
    let config = debian::private_apt(&work, &image.status, debian::SUITE)?;
    let apt =
        |args: &[&str], seconds| Tool::new("apt-get").env("APT_CONFIG", &config).args(args).within(Duration::from_secs(seconds)).run();
    step(progress, "packages: lists", || apt(&["-qq", "update"], 300))?;
    step(progress, "packages: download", || {
        SETS.iter().try_for_each(|set| {
            let mut args = vec!["-qq", "-y", "--download-only", "--reinstall", "install"];
            args.extend(set.split_whitespace());
            apt(&args, 900).map(drop)
        })
    })?;
    step(progress, "packages: signed index", || {
        collect(&work.join("cache/archives"), &pool)?;
        step(progress, "packages: a second release of MooseFS", || repack(&work, &pool, &debian_root.join("next")))?;
        index(&debian_root)?;
        sign(dir, &debian_root.join("dists").join(debian::SUITE))
    })?;
    fs::remove_dir_all(&work).map_err(LabError::io(&work))
}

fn collect(archives: &Path, pool: &Path) -> Result<()> {
    for entry in fs::read_dir(archives).map_err(LabError::io(archives))?.flatten() {
        let from = entry.path();
        if from.extension().is_some_and(|e| e == "deb") {
            // Version epochs come as %3a; a plain name needs no quoting in an URL.
            let to = pool.join(entry.file_name().to_string_lossy().replace("%3a", "."));
            fs::rename(&from, &to).map_err(LabError::io(&to))?;
        }
    }
    Ok(())
}

/// Makes the second release of MooseFS out of the first.
fn repack(work: &Path, pool: &Path, next: &Path) -> Result<()> {
    fs::create_dir_all(next).map_err(LabError::io(next))?;
    for entry in fs::read_dir(pool).map_err(LabError::io(pool))?.flatten() {
        let (name, from) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
        if !name.starts_with("moosefs-") {
            continue;
        }
        let tree = work.join("repack");
        Tool::new("dpkg-deb").arg("-R").arg(&from).arg(&tree).within(Duration::from_secs(120)).run()?;
        let control = tree.join("DEBIAN/control");
        let text = fs::read_to_string(&control).map_err(LabError::io(&control))?;
        fs::write(&control, next_control(&text)).map_err(LabError::io(&control))?;
        let mut parts = name.splitn(3, '_');
        let (package, arch) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
        let to = next.join(format!("{package}_{NEXT_VERSION}_{arch}"));
        Tool::new("dpkg-deb")
            .args(["--root-owner-group", "-Zgzip", "-z1", "-b"])
            .arg(&tree)
            .arg(&to)
            .within(Duration::from_secs(300))
            .run()?;
        fs::remove_dir_all(&tree).map_err(LabError::io(&tree))?;
    }
    Ok(())
}

/// A package's control file with the next version, of itself and of those it depends on in its own.
fn next_control(text: &str) -> String {
    let version = text.lines().find_map(|l| l.strip_prefix("Version: ")).unwrap_or_default().to_owned();
    let line = |line: &str| match line {
        l if l.starts_with("Version: ") => format!("Version: {NEXT_VERSION}\n"),
        l if !version.is_empty() && l.contains("moosefs-") => {
            format!("{}\n", l.replace(&format!("= {version})"), &format!("= {NEXT_VERSION})")))
        }
        l => format!("{l}\n"),
    };
    text.lines().map(line).collect()
}

fn index(root: &Path) -> Result<()> {
    let dist = root.join("dists").join(debian::SUITE);
    for (component, pool) in [(COMPONENT, "pool"), (NEXT, "next")] {
        let binary = dist.join(component).join("binary-amd64");
        fs::create_dir_all(&binary).map_err(LabError::io(&binary))?;
        let packages = Tool::new("apt-ftparchive").args(["packages", pool]).dir(root).within(Duration::from_secs(120)).run()?;
        let list = binary.join("Packages");
        fs::write(&list, &packages.stdout).map_err(LabError::io(&list))?;
        Tool::new("gzip").args(["-9", "-n", "-k"]).arg(&list).run()?;
    }
    let mut release = Tool::new("apt-ftparchive");
    for (field, value) in [
        ("Origin", "mfsctl lab"),
        ("Label", "mfsctl lab"),
        ("Suite", debian::SUITE),
        ("Codename", debian::SUITE),
        ("Architectures", "amd64"),
        ("Components", "main next"),
        ("Description", "packages for a virtual cluster without a way out"),
    ] {
        release = release.arg("-o").arg(format!("APT::FTPArchive::Release::{field}={value}"));
    }
    let release = release.args(["release", "."]).dir(&dist).within(Duration::from_secs(120)).run()?;
    fs::write(dist.join("Release"), &release.stdout).map_err(LabError::io(&dist))
}

/// Signs with a key made for this repository and thrown away with its keyring: nothing secret is kept.
fn sign(dir: &Path, dist: &Path) -> Result<()> {
    let home = dir.join("work/gnupg");
    DirBuilder::new().mode(0o700).create(&home).map_err(LabError::io(&home))?;
    let gpg = |args: &[&str]| {
        Tool::new("gpg").env("GNUPGHOME", &home).args(["--batch", "--yes", "--quiet", "--no-tty"]).args(args).dir(dist).run()
    };
    let signed = gpg(&["--passphrase", "", "--quick-generate-key", "mfsctl lab <lab@localhost>", "rsa2048", "sign", "never"])
        .and_then(|_| gpg(&["--armor", "--detach-sign", "--output", "Release.gpg", "Release"]))
        .and_then(|_| gpg(&["--clear-sign", "--output", "InRelease", "Release"]))
        .and_then(|_| gpg(&["--armor", "--export"]));
    // The agent outlives gpg unless told.
    let _ = Tool::new("gpgconf").arg("--homedir").arg(&home).args(["--kill", "all"]).output();
    let key = dir.join("public/key.asc");
    fs::write(&key, signed?.stdout).map_err(LabError::io(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_release_depends_on_its_own() {
        let text = "Package: moosefs-master\nVersion: 3.0.117-1\nDepends: libc6 (>= 2.34), moosefs-common (= 3.0.117-1)\n";
        let next = "Package: moosefs-master\nVersion: 3.0.118-1\nDepends: libc6 (>= 2.34), moosefs-common (= 3.0.118-1)\n";
        assert_eq!(next_control(text), next);
    }
}
