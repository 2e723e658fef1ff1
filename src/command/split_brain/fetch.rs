//! Brings the kept copy of a side's metadata to the operator's machine, piece by piece, and verifies it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::archive::{available, sha256};
use crate::engine::history;
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::remote::{Request, Transport, pieces};

/// A copy kept on a node.
#[derive(Debug, PartialEq, Eq)]
pub struct Saved {
    /// Directory there.
    pub dir: String,
    /// Name, size in bytes and SHA-256 of each file.
    pub files: Vec<(String, u64, String)>,
}

impl Saved {
    /// Size of all files, bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes, _)| bytes).sum()
    }
}

/// Asks a node for the copy of its side's present generation, which the node verifies.
pub fn find(transport: &mut dyn Transport) -> Result<Saved, String> {
    let output = transport.run(&Request::new([HA_SCRIPT, "saved-side"]).within(Duration::from_secs(600))).map_err(|e| e.to_string())?;
    if !output.success() {
        return Err(output.error_text().trim().to_owned());
    }
    parse(&output.text()).ok_or_else(|| format!("mfs-ha saved-side answered oddly: {}", output.text().trim()))
}

/// Reads `saved=DIRECTORY` and a line a file: `file=SHA256 BYTES NAME`.
pub fn parse(text: &str) -> Option<Saved> {
    let mut lines = text.lines();
    let dir = lines.next()?.strip_prefix("saved=")?.to_owned();
    let plain = |name: &str| !name.starts_with('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let mut files = Vec::new();
    for line in lines {
        let mut words = line.strip_prefix("file=")?.splitn(3, ' ');
        let (sum, bytes, name) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
        if !plain(name) || sum.len() != 64 || !sum.chars().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        files.push((name.to_owned(), bytes, sum.to_owned()));
    }
    let name_of_dir = dir.rsplit('/').next()?;
    (dir.starts_with('/') && plain(name_of_dir) && !files.is_empty()).then_some(Saved { dir, files })
}

/// Where it goes here: `$XDG_STATE_HOME/mfsctl/split-brain/CLUSTER/NODE-GENERATION-CONTENT`.
pub fn place(cluster: &str, node: &str, saved: &Saved) -> Result<PathBuf, String> {
    let journal = history::path()?;
    let state = journal.parent().map(Path::to_path_buf).unwrap_or_default();
    let name = saved.dir.rsplit('/').next().unwrap_or_default();
    Ok(state.join("split-brain").join(cluster).join(format!("{node}-{name}")))
}

/// Bytes free here for a copy; `None` when that cannot be asked.
pub fn room() -> Option<u64> {
    let journal = history::path().ok()?;
    let there = journal.ancestors().find(|dir| dir.is_dir())?;
    available(there).ok()
}

/// Brings what is not here yet. `breathe` is called between pieces, with the bytes brought so far; its error ends it.
pub fn bring(
    transport: &mut dyn Transport,
    saved: &Saved,
    place: &Path,
    breathe: &mut dyn FnMut(u64) -> Result<(), String>,
) -> Result<(), String> {
    let told = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    DirBuilder::new().recursive(true).mode(0o700).create(place).map_err(|e| told(place, e))?;
    let mut done = 0;
    let mut sums = String::new();
    for (name, bytes, sum) in &saved.files {
        let path = place.join(name);
        if sha256(&path).is_ok_and(|found| found == *sum) {
            done += bytes;
            transport.breathe().map_err(|e| e.to_string())?;
        } else {
            let part = place.join(format!(".{name}.part"));
            let mut file =
                OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&part).map_err(|e| told(&part, e))?;
            let mut at = 0;
            pieces::fetch(transport, &format!("{}/{name}", saved.dir), *bytes, &mut |piece| {
                file.write_all(piece).map_err(|e| told(&part, e))?;
                at += piece.len() as u64;
                breathe(done + at)
            })?;
            file.sync_all().map_err(|e| told(&part, e))?;
            if sha256(&part).map_err(|e| told(&part, e))? != *sum {
                return Err(format!("{name} did not arrive whole: its SHA-256 is not the one it has there"));
            }
            fs::rename(&part, &path).map_err(|e| told(&path, e))?;
            done += bytes;
        }
        sums.push_str(&format!("{sum}  {name}\n"));
    }
    let list = place.join("SHA256SUMS");
    fs::write(&list, sums).map_err(|e| told(&list, e))?;
    fs::File::open(place).and_then(|dir| dir.sync_all()).map_err(|e| told(place, e))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::local::LocalConnector;
    use crate::remote::{Connect, Target};

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let sum = "a".repeat(64);
        let saved = parse(&format!("saved=/var/lib/x/mfs-1\nfile={sum} 12 metadata.mfs\n")).unwrap();
        assert_eq!((saved.dir.as_str(), saved.bytes()), ("/var/lib/x/mfs-1", 12));
        for wrong in [
            format!("saved=/x/m\nfile={sum} 12 ../metadata.mfs\n"),
            format!("saved=/x/m\nfile={sum} 12 .hidden\n"),
            "saved=/x/m\nfile=abc 12 metadata.mfs\n".to_owned(),
            format!("saved=/x/..\nfile={sum} 12 metadata.mfs\n"),
            format!("saved=x/m\nfile={sum} 12 metadata.mfs\n"),
            "saved=/x/m\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_arrives_is_verified_and_not_brought_twice() {
        let there = tempfile::tempdir().unwrap();
        let here = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..20_000_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[2]).collect();
        fs::write(there.path().join("metadata.mfs"), &content).unwrap();
        fs::write(there.path().join("changelog.0.mfs"), b"1: 2|A()\n").unwrap();
        let dir = there.path().display().to_string();
        let sum = |name: &str| sha256(&there.path().join(name)).unwrap();
        let files = vec![
            ("metadata.mfs".to_owned(), content.len() as u64, sum("metadata.mfs")),
            ("changelog.0.mfs".to_owned(), 9, sum("changelog.0.mfs")),
        ];
        let saved = Saved { dir, files };
        let mut transport = LocalConnector.connect(&Target { name: "n".into(), ..Target::default() }).unwrap();
        let place = here.path().join("deep/er");
        let mut calls = 0;
        bring(transport.as_mut(), &saved, &place, &mut |_| {
            calls += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!((calls, fs::read(place.join("metadata.mfs")).unwrap() == content), (4, true));
        bring(transport.as_mut(), &saved, &place, &mut |_| Err("brought twice".into())).unwrap();
        // A piece that changed on the way is not taken for the file.
        let mut wrong = saved;
        wrong.files[0].2 = "0".repeat(64);
        assert!(bring(transport.as_mut(), &wrong, &place, &mut |_| Ok(())).unwrap_err().contains("did not arrive whole"));
        assert!(bring(transport.as_mut(), &wrong, &place, &mut |_| Err("stop".into())).is_err());
    }
}
