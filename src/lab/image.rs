//! The disk image all nodes boot from: a bare Debian server with User-Mode Linux's modules.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cache::Cache;
use super::debian;
use super::error::{LabError, Result};
use super::kernel::Kernel;
use super::progress::{Progress, step};
use super::tool::Tool;

/// Rises when the way the image is made changes.
const VERSION: &str = "1";
/// Size of a node's root file system; sparse.
const SIZE: &str = "4G";
/// What a plain Debian server or cloud image holds; everything else is provisioning's work.
const PACKAGES: &str = "systemd-sysv,udev,dbus,openssh-server,iproute2,iputils-ping,lvm2,kmod,procps,fdisk,ca-certificates,sudo,less,netbase,\
    logrotate,cron,e2fsprogs,python3,curl";

/// Files put into the image: path, mode, content.
const FILES: &[(&str, u32, &str)] = &[
    ("usr/local/lib/lab-node", 0o755, include_str!("guest/lab-node")),
    ("etc/systemd/system/lab-node.service", 0o644, include_str!("guest/lab-node.service")),
    ("etc/systemd/system/ssh.service.d/lab.conf", 0o644, include_str!("guest/lab-ready.conf")),
    ("etc/systemd/system/systemd-udev-trigger.service.d/lab.conf", 0o644, include_str!("guest/udev-trigger.conf")),
    ("etc/systemd/journald.conf.d/lab.conf", 0o644, include_str!("guest/journald.conf")),
    ("etc/ssh/sshd_config.d/lab.conf", 0o644, include_str!("guest/sshd.conf")),
    ("etc/sudoers.d/lab", 0o440, include_str!("guest/sudoers")),
    ("etc/fstab", 0o644, "/dev/ubda / ext4 noatime,errors=remount-ro 0 1\n"),
    ("etc/apt/sources.list", 0o644, ""),
    ("etc/machine-id", 0o444, ""),
];

/// Units that only cost time on such a machine: a boot is mostly forks, and forks are dear under User-Mode Linux.
const MASKED: &str = "getty@tty1.service getty.target systemd-networkd-wait-online.service systemd-timesyncd.service \
    apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer logrotate.timer \
    systemd-random-seed.service systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-journal-flush.service \
    lvm2-monitor.service systemd-pstore.service modprobe@configfs.service modprobe@dm_mod.service \
    modprobe@fuse.service modprobe@loop.service modprobe@drm.service modprobe@efi_pstore.service dev-mqueue.mount dev-hugepages.mount \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
    proc-sys-fs-binfmt_misc.automount systemd-sysusers.service systemd-remount-fs.service systemd-firstboot.service \
    systemd-repart.service systemd-binfmt.service systemd-ask-password-console.path systemd-ask-password-wall.path \
    systemd-machine-id-commit.service systemd-pcrphase.service systemd-pcrphase-sysinit.service";
/// Generators of no use there, for the same reason.
const GENERATORS: &str = "cryptsetup debug getty gpt-auto hibernate-resume integritysetup rc-local run system-update veritysetup";

/// A built image.
#[derive(Debug, Clone)]
pub struct Image {
    /// The disk.
    pub disk: PathBuf,
    /// What dpkg has installed in it: packages the repository need not bring.
    pub status: PathBuf,
}

/// The cached image, made when there is none.
///
/// # Errors
/// A host program fails; the error carries what it said.
pub fn ensure(cache: &Cache, kernel: &Kernel, progress: Progress<'_>) -> Result<Image> {
    let files: String = FILES.iter().map(|(path, mode, content)| format!("{path} {mode:o}\n{content}\n")).collect();
    let definition = [VERSION, debian::SUITE, PACKAGES, MASKED, GENERATORS, SIZE, &kernel.version, &files];
    let dir = cache.entry("image", &definition, progress, |dir| build(dir, kernel, progress))?;
    Ok(Image { disk: dir.join("disk.img"), status: dir.join("status") })
}

fn build(dir: &Path, kernel: &Kernel, progress: Progress<'_>) -> Result<()> {
    let root = dir.join("root");
    step(progress, "image: Debian base system", || bootstrap(&root))?;
    step(progress, "image: kernel modules and settings", || {
        modules(&root, kernel)?;
        settle(&root)?;
        fs::copy(root.join("var/lib/dpkg/status"), dir.join("status")).map(drop).map_err(LabError::io(dir))
    })?;
    step(progress, "image: file system", || {
        let disk = dir.join("disk.img");
        Tool::new("mkfs.ext4")
            .args(["-q", "-F", "-m", "0", "-N", "131072", "-J", "size=32", "-E", "lazy_itable_init=0,lazy_journal_init=0", "-d"])
            .arg(&root)
            .arg(&disk)
            .arg(SIZE)
            .within(Duration::from_secs(300))
            .run()?;
        fs::set_permissions(&disk, Permissions::from_mode(0o400)).map_err(LabError::io(&disk))?;
        fs::remove_dir_all(&root).map_err(LabError::io(&root))
    })
}

/// mmdebstrap in mount and process namespaces that end with this process: a killed build leaves neither mounts nor processes.
fn bootstrap(root: &Path) -> Result<()> {
    let mut tool = Tool::new("setpriv").args(["--pdeathsig", "KILL"]);
    tool = tool.args(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    tool = tool.args(["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"]);
    tool = tool.args(["--format=directory", "--aptopt=Acquire::Languages \"none\"", "--dpkgopt=force-unsafe-io"]);
    tool = tool.args(debian::proxy_settings()?.iter().map(|l| format!("--aptopt={l}")));
    for path in ["doc", "man", "locale", "info"] {
        tool = tool.arg(format!("--dpkgopt=path-exclude=/usr/share/{path}/*"));
    }
    tool.arg(format!("--keyring={}", debian::KEYRING))
        .arg(format!("--include={PACKAGES}"))
        .arg(debian::SUITE)
        .arg(root)
        .arg(debian::mirror())
        .within(Duration::from_secs(900))
        .run()
        .map(drop)
}

fn modules(root: &Path, kernel: &Kernel) -> Result<()> {
    let target = root.join("lib/modules");
    fs::create_dir_all(&target).map_err(LabError::io(&target))?;
    Tool::new("cp").arg("-r").arg(&kernel.modules).arg(&target).run()?;
    inside(root, &["depmod", &kernel.version])
}

fn settle(root: &Path) -> Result<()> {
    inside(root, &["useradd", "--create-home", "--shell", "/bin/bash", "admin"])?;
    inside(root, &["useradd", "--create-home", "--shell", "/bin/bash", "--gid", "users", "operator"])?;
    Tool::new("chroot").arg(root).arg("chpasswd").input("operator:operator\n").run()?;
    for (path, mode, content) in FILES {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(LabError::io(parent))?;
        }
        fs::write(&path, content).map_err(LabError::io(&path))?;
        fs::set_permissions(&path, Permissions::from_mode(*mode)).map_err(LabError::io(&path))?;
    }
    let units = root.join("etc/systemd/system");
    MASKED.split_whitespace().try_for_each(|unit| link("/dev/null", &units.join(unit)))?;
    let generators = root.join("etc/systemd/system-generators");
    fs::create_dir_all(&generators).map_err(LabError::io(&generators))?;
    GENERATORS.split_whitespace().try_for_each(|name| link("/dev/null", &generators.join(format!("systemd-{name}-generator"))))?;
    link("/lib/systemd/system/multi-user.target", &units.join("default.target"))?;
    inside(root, &["systemctl", "enable", "--quiet", "lab-node.service"])?;
    // dbus and logind start when asked; name and host key are each node's own.
    let wants = "lib/systemd/system/multi-user.target.wants";
    for path in [&format!("{wants}/dbus.service"), &format!("{wants}/systemd-logind.service"), "var/lib/dbus/machine-id", "etc/hostname"] {
        remove(&root.join(path))?;
    }
    let ssh = root.join("etc/ssh");
    for entry in fs::read_dir(&ssh).map_err(LabError::io(&ssh))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("ssh_host_") {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn inside(root: &Path, argv: &[&str]) -> Result<()> {
    Tool::new("chroot").arg(root).args(argv).within(Duration::from_secs(120)).run().map(drop)
}

fn link(target: &str, path: &Path) -> Result<()> {
    remove(path)?;
    symlink(target, path).map_err(LabError::io(path))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(LabError::io(path)(e)),
        _ => Ok(()),
    }
}
