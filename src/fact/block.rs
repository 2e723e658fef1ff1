//! Disks, their partitions, signatures and users, and LVM: everything needed to tell
//! "empty", "ours already" and "holds something" apart.

use std::collections::BTreeMap;

use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "block";

/// Type of a GPT partition for Linux LVM (UEFI partition type registered for it).
pub const GPT_LVM: &str = "e6d6d379-f507-44c2-a23c-238f2a3df928";

/// One line of `lsblk -P -b`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Kernel name: `sdb1`, `dm-0`.
    pub kname: String,
    /// Name as `lsblk` shows it: `sdb1`, `vgdrbr-mfs`.
    pub name: String,
    /// Kernel name of the device it lies on; empty for disks.
    pub parent: String,
    /// `disk`, `part`, `lvm`, `raid1`, `crypt`, `rom`, `loop`…
    pub kind: String,
    /// Bytes.
    pub size: u64,
    /// Not writable.
    pub read_only: bool,
    /// Where mounted, `[SWAP]`, or empty.
    pub mountpoint: String,
}

/// What low-level probing finds on a device, past all caches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probe {
    /// Name with links resolved: `/dev/sdb` for `/dev/disk/by-id/…`.
    pub path: String,
    /// `blkid -p`: `TYPE`, `LABEL`, `UUID`, `PTTYPE`, `PART_ENTRY_TYPE`, `PART_ENTRY_NAME`…
    pub tags: BTreeMap<String, String>,
    /// Several signatures contradict each other (blkid's status 8).
    pub ambivalent: bool,
    /// The device could not be read, in blkid's words (a DRBD secondary: "Wrong medium type").
    pub unreadable: Option<String>,
    /// Types of all signatures `wipefs` lists; it sees more than blkid does (a lone backup GPT, remains of RAID).
    pub signatures: Vec<String>,
    /// First sector of a partition (512 bytes each); 0 for whole devices.
    pub start: u64,
    /// Sectors of 512 bytes; 0 when unknown.
    pub sectors: u64,
    /// Partitions of this disk.
    pub partitions: Vec<Probe>,
}

/// A physical volume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pv {
    /// Device.
    pub path: String,
    /// Its volume group; empty when in none.
    pub vg: String,
    /// Bytes LVM can use of it.
    pub size: u64,
    /// Bytes not given to a logical volume.
    pub free: u64,
}

/// A volume group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vg {
    /// Name.
    pub name: String,
    /// Attributes (vgs(8)): the fourth is `p` when a disk is missing.
    pub attributes: String,
    /// Bytes.
    pub size: u64,
    /// Bytes not given to a logical volume.
    pub free: u64,
    /// Bytes of one extent.
    pub extent: u64,
}

/// A logical volume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lv {
    /// Name.
    pub name: String,
    /// Its volume group.
    pub vg: String,
    /// Bytes.
    pub size: u64,
    /// Attributes (lvs(8)): the fifth is `a` when active, the sixth `o` when open.
    pub attributes: String,
}

/// Facts of block devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    /// All devices of the node.
    pub devices: Vec<Device>,
    /// The devices asked for that exist, by the name asked for.
    pub probes: BTreeMap<String, Probe>,
    /// Whether LVM's tools are installed; without them the lists below are empty whatever the disks hold.
    pub lvm: bool,
    /// Physical volumes.
    pub pvs: Vec<Pv>,
    /// Volume groups.
    pub vgs: Vec<Vg>,
    /// Logical volumes.
    pub lvs: Vec<Lv>,
}

impl Probe {
    /// Type of file system, RAID or LVM signature.
    #[must_use]
    pub fn fs(&self) -> Option<&str> {
        self.tags.get("TYPE").map(String::as_str)
    }

    /// Label of the file system.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.tags.get("LABEL").map(String::as_str)
    }

    /// Type of partition table on it: `gpt`, `dos`.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.tags.get("PTTYPE").map(String::as_str)
    }

    /// Whether nothing at all was recognised on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fs().is_none()
            && self.table().is_none()
            && !self.ambivalent
            && self.unreadable.is_none()
            && self.signatures.is_empty()
            && self.partitions.is_empty()
    }
}

impl Lv {
    /// Whether its device exists.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.attributes.chars().nth(4) == Some('a')
    }
}

impl Blocks {
    /// A device by path (`/dev/sdb1`, links resolved).
    #[must_use]
    pub fn device(&self, path: &str) -> Option<&Device> {
        let name = path.strip_prefix("/dev/").unwrap_or(path);
        let mapped = name.strip_prefix("mapper/").unwrap_or(name);
        self.devices.iter().find(|d| d.kname == name || d.name == mapped)
    }

    /// Everything that lies on a device, itself first.
    #[must_use]
    pub fn tree(&self, path: &str) -> Vec<&Device> {
        let mut found: Vec<&Device> = self.device(path).into_iter().collect();
        let mut at = 0;
        while let Some(parent) = found.get(at).map(|d| d.kname.clone()) {
            for device in self.devices.iter().filter(|d| d.parent == parent) {
                if !found.iter().any(|f| f.kname == device.kname) {
                    found.push(device);
                }
            }
            at += 1;
        }
        found
    }

    /// Paths of all whole disks, for messages.
    #[must_use]
    pub fn disks(&self) -> Vec<String> {
        let mut disks: Vec<String> =
            self.devices.iter().filter(|d| d.kind == "disk" && d.parent.is_empty()).map(|d| format!("/dev/{}", d.kname)).collect();
        disks.dedup();
        disks
    }

    /// A volume group by name.
    #[must_use]
    pub fn vg(&self, name: &str) -> Option<&Vg> {
        self.vgs.iter().find(|v| v.name == name)
    }

    /// A logical volume by name.
    #[must_use]
    pub fn lv(&self, vg: &str, name: &str) -> Option<&Lv> {
        self.lvs.iter().find(|l| l.vg == vg && l.name == name)
    }

    /// The physical volume on a device.
    #[must_use]
    pub fn pv(&self, path: &str) -> Option<&Pv> {
        self.pvs.iter().find(|p| p.path == path)
    }
}

/// Asks about the given devices (disks, partitions, volumes), and about LVM when `lvm` is set.
/// Nothing is asked when there is nothing to ask about. `blkid -p` and `wipefs` read the
/// devices themselves: udev's and blkid's caches may be stale or absent.
#[must_use]
pub fn ask(devices: &[String], lvm: bool) -> Question {
    let mut script = String::new();
    if !devices.is_empty() {
        script += "lsblk -P -b -o NAME,KNAME,PKNAME,TYPE,SIZE,RO,MOUNTPOINT 2>/dev/null\n";
        script += "probe() {\n\
                   echo \"$1 $2\"\n\
                   blkid -p -o export \"$2\" 2>&1; s=$?; echo \"status $s\"\n\
                   [ \"$1\" = volume ] || [ $s -eq 0 ] || wipefs -p \"$2\" 2>/dev/null\n\
                   }\n";
        script += &format!(
            "for d in {}; do\n\
             [ -b \"$d\" ] || continue\n\
             r=$d; [ ! -L \"$d\" ] || r=$(readlink -f \"$d\")\n\
             y=/sys/class/block/${{r##*/}}\n\
             echo \"@ $d\"\n\
             case $r in /dev/dm-*|/dev/drbd*) probe volume \"$r\"; continue ;; esac\n\
             probe disk \"$r\"\n\
             read -r n <\"$y/size\" && echo \"place 0 $n\"\n\
             for p in \"$y\"/*/partition; do\n\
             [ -e \"$p\" ] || continue\n\
             p=${{p%/partition}}\n\
             probe part \"/dev/${{p##*/}}\"\n\
             read -r b <\"$p/start\" && read -r n <\"$p/size\" && echo \"place $b $n\"\n\
             done\n\
             done\n",
            shell::join(devices)
        );
    }
    if lvm {
        script += "if command -v pvs >/dev/null 2>&1; then\n\
                   echo '@ lvm'\n\
                   pvs --noheadings --separator '|' --units b --nosuffix -o pv_name,vg_name,pv_size,pv_free,vg_attr,vg_size,vg_free,vg_extent_size,lv_name,lv_size,lv_attr 2>/dev/null\n\
                   fi\n";
    }
    Question { name: NAME.to_owned(), script: script + ":\n" }
}

/// Reads the answer.
///
/// # Errors
/// When a line is not of the form asked for.
pub fn parse(answer: &Answer) -> Result<Blocks, FactError> {
    let error = |what: &str, found: &str| FactError::new(NAME, what, found);
    let mut blocks = Blocks::default();
    let mut sections = answer.text.split("@ ");
    for line in sections.next().unwrap_or_default().lines() {
        blocks.devices.push(device(line).ok_or_else(|| error("a line of lsblk -P", line))?);
    }
    for section in sections {
        let (name, body) = section.split_once('\n').unwrap_or((section, ""));
        if name == "lvm" {
            blocks.lvm = true;
            for line in body.lines() {
                lvm_line(&mut blocks, line).ok_or_else(|| error("a line of pvs", line))?;
            }
        } else {
            let probe = probes(body).ok_or_else(|| error("a probe", section))?;
            blocks.probes.insert(name.to_owned(), probe);
        }
    }
    Ok(blocks)
}

/// `NAME="sdb1" KNAME="sdb1" …`; values escape as `\x20`.
fn device(line: &str) -> Option<Device> {
    let mut device = Device::default();
    let mut rest = line;
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"')?;
        match key.trim() {
            "NAME" => value.clone_into(&mut device.name),
            "KNAME" => value.clone_into(&mut device.kname),
            "PKNAME" => value.clone_into(&mut device.parent),
            "TYPE" => value.clone_into(&mut device.kind),
            "SIZE" => device.size = value.parse().ok()?,
            "RO" => device.read_only = value == "1",
            "MOUNTPOINT" => value.clone_into(&mut device.mountpoint),
            _ => {}
        }
        rest = after;
    }
    if device.kname.is_empty() { None } else { Some(device) }
}

/// The probe of one device asked for, its partitions with it.
fn probes(body: &str) -> Option<Probe> {
    let mut whole: Option<Probe> = None;
    let mut reading_tags = false;
    for line in body.lines() {
        let start = ["disk ", "volume ", "part "].iter().find_map(|w| line.strip_prefix(w).map(|path| (*w, path)));
        if let Some((kind, path)) = start {
            let probe = Probe { path: path.to_owned(), ..Probe::default() };
            match &mut whole {
                Some(disk) if kind == "part " => disk.partitions.push(probe),
                None => whole = Some(probe),
                Some(_) => return None,
            }
            reading_tags = true;
            continue;
        }
        let disk = whole.as_mut()?;
        let probe = if disk.partitions.is_empty() { disk } else { disk.partitions.last_mut()? };
        if let Some(status) = line.strip_prefix("status ") {
            probe.ambivalent = status == "8";
            reading_tags = false;
        } else if let Some(place) = line.strip_prefix("place ") {
            let (start, sectors) = place.split_once(' ')?;
            (probe.start, probe.sectors) = (start.parse().ok()?, sectors.parse().ok()?);
        } else if let Some(message) = line.strip_prefix("blkid: ") {
            // "ambivalent result" is told by the status; everything else is a device that cannot be read.
            if !message.contains("ambivalent") {
                probe.unreadable = Some(message.trim_start_matches("error: ").to_owned());
            }
        } else if reading_tags {
            if let Some((key, value)) = line.split_once('=') {
                probe.tags.insert(key.to_owned(), value.replace("\\ ", " "));
            }
        } else if !line.starts_with('#') && !line.is_empty() {
            // wipefs -p: offset,uuid,label,type
            probe.signatures.extend(line.rsplit(',').next().map(str::to_owned));
        }
    }
    whole
}

/// Eight columns are a physical volume with its group, four a logical volume.
fn lvm_line(blocks: &mut Blocks, line: &str) -> Option<()> {
    let fields: Vec<&str> = line.trim().split('|').map(str::trim).collect();
    // Fields of no volume group are empty or 0.
    let bytes = |text: &str| if text.is_empty() { Some(0) } else { text.split('.').next()?.parse().ok() };
    match fields[..] {
        // One line for each segment, with the logical volume on it or none.
        [path, vg, size, free, attributes, vg_size, vg_free, extent, lv, lv_size, lv_attributes] => {
            if !blocks.pvs.iter().any(|p| p.path == path) {
                blocks.pvs.push(Pv { path: path.to_owned(), vg: vg.to_owned(), size: bytes(size)?, free: bytes(free)? });
            }
            if !vg.is_empty() && blocks.vg(vg).is_none() {
                let (size, free, extent) = (bytes(vg_size)?, bytes(vg_free)?, bytes(extent)?);
                blocks.vgs.push(Vg { name: vg.to_owned(), attributes: attributes.to_owned(), size, free, extent });
            }
            // Hidden parts of other volumes stand in brackets.
            let known = blocks.lvs.iter().any(|l| l.vg == vg && l.name == lv);
            if !lv.is_empty() && !lv.starts_with('[') && !known {
                let (name, vg, attributes) = (lv.to_owned(), vg.to_owned(), lv_attributes.to_owned());
                blocks.lvs.push(Lv { name, vg, size: bytes(lv_size)?, attributes });
            }
        }
        [""] => {}
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Blocks {
        parse(&Answer { text: text.to_owned(), status: 0 }).unwrap()
    }

    #[test]
    fn a_bare_disk_is_empty() {
        let blocks = of(include_str!("../../tests/fixtures/block/bare.txt"));
        assert!(blocks.probes["/dev/ubdb"].is_empty() && !blocks.lvm);
        assert_eq!(blocks.disks(), ["/dev/ubda", "/dev/ubdb"]);
        assert_eq!(blocks.probes["/dev/ubdb"].sectors, 6_291_456);
        assert_eq!(blocks.device("/dev/ubda").unwrap().mountpoint, "/");
    }

    #[test]
    fn a_finished_master() {
        let blocks = of(include_str!("../../tests/fixtures/block/drbd-up.txt"));
        let disk = &blocks.probes["/dev/ubdb"];
        assert_eq!((disk.table(), disk.partitions.len()), (Some("gpt"), 1));
        let part = &disk.partitions[0];
        assert_eq!((part.fs(), part.start, part.sectors), (Some("LVM2_member"), 2048, 6_287_360));
        assert_eq!(part.tags["PART_ENTRY_TYPE"], GPT_LVM);
        assert_eq!(blocks.pv("/dev/ubdb1").unwrap().vg, "vgdrbr");
        assert_eq!(blocks.vg("vgdrbr").unwrap().extent, 4 << 20);
        let lv = blocks.lv("vgdrbr", "mfs").unwrap();
        assert!(lv.is_active() && lv.size == 536_870_912);
        assert_eq!(blocks.probes["/dev/vgdrbr/mfs"].fs(), Some("drbd"));
        assert_eq!(blocks.probes["/dev/drbd0"].unreadable.as_deref(), Some("/dev/drbd0: Wrong medium type"));
        let names: Vec<&str> = blocks.tree("/dev/ubdb").iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["ubdb", "ubdb1", "vgdrbr-mfs", "drbd0"]);
    }

    #[test]
    fn an_orphan_pv_and_an_ambivalent_disk() {
        let blocks = of("NAME=\"sdb\" KNAME=\"sdb\" PKNAME=\"\" TYPE=\"disk\" SIZE=\"100\" RO=\"0\" MOUNTPOINT=\"\"\n\
                         @ /dev/sdb\ndisk /dev/sdb\nblkid: /dev/sdb: ambivalent result (probably more filesystems on the device, use wipefs(8) to see more details)\nstatus 8\n\
                         # offset,uuid,label,type\n0x218,abc,,LVM2_member\n0x438,,my label,ext4\nplace 0 204800\n\
                         @ lvm\n  /dev/sdb||104857600|104857600|||0|0|||\n  /dev/sdb||104857600|104857600|||0|0|[pvmove0]|0|pwi\n");
        let probe = &blocks.probes["/dev/sdb"];
        assert!(probe.ambivalent && probe.unreadable.is_none() && !probe.is_empty());
        assert_eq!(probe.signatures, ["LVM2_member", "ext4"]);
        assert_eq!((blocks.pv("/dev/sdb").unwrap().vg.as_str(), blocks.vgs.len(), blocks.lvs.len()), ("", 0, 0));
    }

    #[test]
    fn garbage_is_an_error() {
        for text in ["what\n", "@ /dev/sdb\nnothing\n", "@ lvm\n a|b\n"] {
            assert!(parse(&Answer { text: text.to_owned(), status: 0 }).is_err(), "{text}");
        }
        assert_eq!(of(""), Blocks::default());
    }

    #[test]
    fn the_question_is_valid_shell_and_skips_what_is_missing() {
        let question = ask(&["/dev/no-such-disk".to_owned(), "/etc/passwd".to_owned()], true);
        let out = std::process::Command::new("sh").arg("-c").arg(question.script).output().unwrap();
        assert!(of(&String::from_utf8(out.stdout).unwrap()).probes.is_empty());
        assert_eq!(ask(&[], false).script, ":\n");
    }
}
