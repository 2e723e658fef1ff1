//! What the host must have, checked before anything is begun.

use std::path::Path;

use super::error::{LabError, Result};

/// A program and the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("patchelf", "patchelf"),
    ("modinfo", "kmod"),
    ("dpkg-deb", "dpkg"),
    ("mmdebstrap", "mmdebstrap"),
    ("ip", "iproute2"),
    ("nft", "nftables"),
    ("mkfs.ext4", "e2fsprogs"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("gpg", "gnupg"),
    ("apt-get", "apt"),
    ("apt-ftparchive", "apt-utils"),
    ("setsid", "util-linux"),
    ("setpriv", "util-linux"),
    ("unshare", "util-linux"),
];

/// Files beside programs.
const FILES: &[(&str, &str)] = &[("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"), ("/dev/net/tun", "kmod")];

/// Makes sure of root and of every program and file the lab uses.
///
/// # Errors
/// [`LabError::NotRoot`], or [`LabError::Missing`] with all that is missing.
pub fn check() -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Err(LabError::NotRoot);
    }
    check_with(|program| which::which(program).is_ok(), |file| Path::new(file).exists())
}

fn check_with(has_program: impl Fn(&str) -> bool, has_file: impl Fn(&str) -> bool) -> Result<()> {
    let programs = PROGRAMS.iter().filter(|(name, _)| !has_program(name));
    let (missing, mut packages): (Vec<String>, Vec<String>) =
        programs.chain(FILES.iter().filter(|(name, _)| !has_file(name))).map(|(n, p)| ((*n).to_owned(), (*p).to_owned())).unzip();
    if missing.is_empty() {
        return Ok(());
    }
    packages.sort();
    packages.dedup();
    Err(LabError::Missing { missing, packages })
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_is_named_once() {
        let result = check_with(|program| !program.starts_with("ssh") && program != "patchelf", |file| !file.contains("tun"));
        let Err(LabError::Missing { missing, packages }) = result else { panic!("{result:?}") };
        assert_eq!(missing, ["patchelf", "ssh", "ssh-keygen", "/dev/net/tun"]);
        assert_eq!(packages, ["kmod", "openssh-client", "patchelf"]);
    }
}
