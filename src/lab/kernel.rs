//! The kernel of the machines: User-Mode Linux as Debian's next release has it.
//!
//! Since 6.16 it can hold a machine's programs by seccomp instead of ptrace: on the same host a process costs half of what it does
//! with bookworm's 6.1, on a busy lab a third. The program is linked to a newer C library than an older host has, so it gets its
//! own beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cache::Cache;
use super::debian;
use super::error::{LabError, Result};
use super::progress::{Progress, step};
use super::tool::Tool;

/// Rises when the way it is fetched changes.
const VERSION: &str = "1";
/// The release it is taken from.
const SUITE: &str = "forky";
const PACKAGES: [&str; 2] = ["user-mode-linux", "libc6"];
/// DRBD's generation on the machines, as on those of Debian 12: the one this tool is proven with.
const DRBD: &str = "8.4";
const PROGRAM: &str = "linux.uml";
const LOADER: &str = "ld-linux-x86-64.so.2";
const LIBRARY: &str = "libc.so.6";

/// A kernel that is ready to run.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// The program.
    pub program: PathBuf,
    /// Its modules: what is to be `lib/modules/VERSION` of a machine.
    pub modules: PathBuf,
    /// Its version, the name of the modules' directory.
    pub version: String,
}

/// The cached kernel, fetched when there is none.
///
/// # Errors
/// A host program fails; the error carries what it said. The release has another DRBD.
pub fn ensure(cache: &Cache, progress: Progress<'_>) -> Result<Kernel> {
    let packages = PACKAGES.join(" ");
    let definition = [VERSION, SUITE, &packages];
    // Its loader is named by an absolute path.
    let at = cache.path("kernel", &definition);
    let dir = cache.entry("kernel", &definition, progress, |dir| build(dir, &at, progress))?;
    let program = dir.join(PROGRAM);
    let version = Tool::new(&program.to_string_lossy()).arg("--version").run()?.text().trim().to_owned();
    Ok(Kernel { program, modules: dir.join("modules").join(&version), version })
}

fn build(dir: &Path, at: &Path, progress: Progress<'_>) -> Result<()> {
    let (work, tree) = (dir.join("work"), dir.join("work/tree"));
    fs::create_dir_all(&tree).map_err(LabError::io(&tree))?;
    let status = work.join("status");
    fs::write(&status, "").map_err(LabError::io(&status))?;
    let config = debian::private_apt(&work, &status, SUITE)?;
    let apt = |args: &[&str]| {
        Tool::new("apt-get").env("APT_CONFIG", &config).args(args).dir(&work).within(Duration::from_secs(300)).run().map(drop)
    };
    // A mirror that is kept as it was on some day has an old list; it is signed nevertheless.
    step(progress, "kernel: lists", || apt(&["-qq", "-o", "Acquire::Check-Valid-Until=false", "update"]))?;
    step(progress, "kernel: download", || {
        apt(&["-qq", "download", PACKAGES[0], PACKAGES[1]])?;
        for entry in fs::read_dir(&work).map_err(LabError::io(&work))?.flatten() {
            if entry.path().extension().is_some_and(|e| e == "deb") {
                Tool::new("dpkg-deb").arg("-x").arg(entry.path()).arg(&tree).within(Duration::from_secs(120)).run()?;
            }
        }
        let libraries = tree.join("usr/lib/x86_64-linux-gnu");
        for (from, name) in
            [(tree.join("usr/bin").join(PROGRAM), PROGRAM), (libraries.join(LOADER), LOADER), (libraries.join(LIBRARY), LIBRARY)]
        {
            let to = dir.join(name);
            fs::copy(&from, &to).map(drop).map_err(LabError::io(&from))?;
        }
        let modules = tree.join("usr/lib/uml/modules");
        fs::rename(&modules, dir.join("modules")).map_err(LabError::io(&modules))
    })?;
    same_drbd(&dir.join("modules"))?;
    Tool::new("patchelf").arg("--set-interpreter").arg(at.join(LOADER)).args(["--set-rpath", "$ORIGIN"]).arg(dir.join(PROGRAM)).run()?;
    fs::remove_dir_all(&work).map_err(LabError::io(&work))
}

/// The machines are to have the DRBD that those of Debian 12 have.
fn same_drbd(modules: &Path) -> Result<()> {
    let broken = |reason: String| LabError::Broken { path: modules.to_owned(), reason };
    let version = fs::read_dir(modules).map_err(LabError::io(modules))?.flatten().next().ok_or_else(|| broken("no modules".into()))?;
    let module = version.path().join("kernel/drivers/block/drbd/drbd.ko");
    let found = Tool::new("modinfo").args(["-F", "version"]).arg(&module).run()?.text();
    if found.starts_with(DRBD) { Ok(()) } else { Err(broken(format!("DRBD {} in Debian's {SUITE}, {DRBD} is wanted", found.trim()))) }
}
