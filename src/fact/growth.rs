//! Sizes of the metadata volume's three layers: logical volume, DRBD device, file system.

use super::{Answer, FactError, Question};
use crate::inventory::model::{Cluster, Node};
use crate::remote::shell;

const NAME: &str = "growth";

/// Bytes of each layer on one master.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Layers {
    /// The logical volume; `None` when it is not there.
    pub volume: Option<u64>,
    /// The DRBD device; `None` when it is not up.
    pub device: Option<u64>,
    /// The file system's data section, where it is mounted.
    pub filesystem: Option<u64>,
}

/// `$1` logical volume, `$2` DRBD device, `$3` mount point. A secondary's device cannot be opened: its size is the kernel's word.
const SCRIPT: &str = r#"[ ! -b "$1" ] || echo "volume $(blockdev --getsize64 "$1")"
sectors=/sys/class/block/${2##*/}/size
if [ -r "$sectors" ]; then read -r n <"$sectors"; echo "device $((n * 512))"; fi
if grep -q "^$2 $3 xfs " /proc/mounts; then
  xfs_info "$3" | sed -n 's/^data *= *bsize=\([0-9]*\) *blocks=\([0-9]*\),.*/filesystem \1 \2/p'
fi
:
"#;

/// Asks a master; other nodes have no such volume.
#[must_use]
pub fn ask(cluster: &Cluster, node: &Node) -> Option<Question> {
    let storage = node.storage.as_ref()?;
    let words = [storage.lv_path(), cluster.drbd.device.clone(), cluster.mount_point.clone()];
    Some(Question { name: NAME.to_owned(), script: format!("set -- {}\n{SCRIPT}", shell::join(&words)) })
}

/// Reads the answer.
///
/// # Errors
/// When a line is not of the form asked for.
pub fn parse(answer: &Answer) -> Result<Layers, FactError> {
    let mut layers = Layers::default();
    for line in answer.text.lines() {
        let error = || FactError::new(NAME, "a layer and its bytes", line);
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |word: &str| word.parse::<u64>().map_err(|_| error());
        match words.as_slice() {
            ["volume", bytes] => layers.volume = Some(number(bytes)?),
            ["device", bytes] => layers.device = Some(number(bytes)?).filter(|b| *b > 0),
            ["filesystem", block, blocks] => layers.filesystem = number(block)?.checked_mul(number(blocks)?),
            _ => return Err(error()),
        }
    }
    Ok(layers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Layers, FactError> {
        parse(&Answer { text: text.to_owned(), status: 0 })
    }

    #[test]
    fn layers_are_read_as_far_as_they_are_there() {
        let all = read("volume 805306368\ndevice 805244928\nfilesystem 4096 131063\n").unwrap();
        assert_eq!(all, Layers { volume: Some(805_306_368), device: Some(805_244_928), filesystem: Some(4096 * 131_063) });
        assert_eq!(read("device 0\n").unwrap(), Layers::default(), "a device without a disk has no size");
        assert!(read("volume\n").is_err() && read("volume much\n").is_err());
    }

    #[test]
    fn the_word_of_xfs_info_is_understood() {
        let text = "meta-data=/dev/drbd0 isize=512 agcount=4, agsize=32766 blks\n\
            data     =                       bsize=4096   blocks=131063, imaxpct=25\n\
            log      =internal log           bsize=4096   blocks=16384, version=2\n";
        let expression = SCRIPT.split("sed -n '").nth(1).unwrap().split('\'').next().unwrap();
        let mut sed = std::process::Command::new("sed");
        sed.args(["-n", expression]).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = sed.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(said, "filesystem 4096 131063\n");
    }
}
