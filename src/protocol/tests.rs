#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use proptest::prelude::*;

use super::*;

mod further;

const VERSIONS: [&str; 2] = ["3.0.117", "4.59.2"];
const STATES: [&str; 4] = ["healthy", "one-in-maintenance", "one-stopped-gracefully", "one-stopped-one-killed"];

fn fixture(version: &str, name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/fixtures/wire/{version}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A peer that answers with captured messages, a few bytes at a time, with NOPs between them.
struct Replay {
    messages: Vec<serde_json::Value>,
    input: Vec<u8>,
    output: VecDeque<u8>,
    step: usize,
}

impl Replay {
    fn new(version: &str, state: &str) -> Self {
        let capture: serde_json::Value = serde_json::from_str(&fixture(version, &format!("{state}.json"))).unwrap();
        Self { messages: capture["messages"].as_array().unwrap().clone(), input: Vec::new(), output: VecDeque::new(), step: 3 }
    }

    /// Only the disks of one chunkserver.
    fn chunkserver(version: &str, state: &str, ip: &str) -> Self {
        let mut replay = Self::new(version, state);
        replay.messages.retain(|m| m["name"] == format!("HDD_LIST {ip}"));
        replay
    }

    fn say(&mut self, command: u32, payload: &[u8]) {
        self.output.extend(command.to_be_bytes());
        self.output.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
        self.output.extend(payload);
    }

    fn answer(&mut self) {
        while self.input.len() >= 8 {
            let command = u32::from_be_bytes(self.input[..4].try_into().unwrap());
            let length = u32::from_be_bytes(self.input[4..8].try_into().unwrap()) as usize;
            let frame: Vec<u8> = self.input.drain(..8 + length).collect();
            let payload: String = frame[8..].iter().map(|b| format!("{b:02x}")).collect();
            let found = self.messages.iter().find(|m| m["command"] == command && m["payload"] == payload);
            let found = found.unwrap_or_else(|| panic!("no capture of {command} {payload:?}"));
            let data = unhex(found["data"].as_str().expect("the master closed the connection"));
            self.say(0, b"");
            self.say(command + 1, &data);
        }
    }
}

impl Read for Replay {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.step = self.step % 7 + 1;
        let count = self.step.min(buffer.len()).min(self.output.len());
        for (slot, byte) in buffer.iter_mut().zip(self.output.drain(..count)) {
            *slot = byte;
        }
        Ok(count)
    }
}

impl Write for Replay {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.extend(bytes);
        self.answer();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines of an mfscli answer without the label, empty ones left out.
fn told(version: &str, name: &str) -> Vec<Vec<String>> {
    fixture(version, name).lines().filter(|l| l.contains('|')).map(|l| l.split('|').map(str::to_owned).collect()).collect()
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn each(mut check: impl FnMut(&str, &str, MasterReport)) {
    for version in VERSIONS {
        for state in STATES {
            check(version, state, Master::ask(&mut Replay::new(version, state)).unwrap());
        }
    }
}

#[test]
fn chunkservers_are_what_mfscli_says() {
    each(|version, state, report| {
        let mut lines = Vec::new();
        for s in report.chunkservers.iter().filter(|s| s.connected) {
            let maintenance = match s.maintenance {
                Maintenance::Off => "maintenance_off",
                Maintenance::On => "maintenance_on",
                Maintenance::Temporary(_) => "maintenance_tmp_on",
            };
            let mut line = format!("{}|{}|{}|{}|{}|{}", s.address, s.port, s.id, s.labels, s.version.unwrap(), s.queue);
            if version.starts_with('4') {
                assert_eq!(s.load, Load::Normal);
                line += "|Normal";
            }
            assert_eq!(s.removal, Removal::None);
            line += &format!(
                "|{maintenance}|{}|{}|{}|-|{}|{}|{}",
                s.chunks, s.used, s.total, s.removal_chunks, s.removal_used, s.removal_total
            );
            lines.push(line);
        }
        for s in report.chunkservers.iter().filter(|s| !s.connected) {
            assert_eq!(s.version, None);
            let maintenance = match (s.maintenance, version.starts_with('4')) {
                (Maintenance::Off, false) => "maintenance_off".to_owned(),
                (Maintenance::Off, true) => "maintenance off".to_owned(),
                (Maintenance::Temporary(None), false) => "maintenance_temp_on".to_owned(),
                (Maintenance::Temporary(Some(left)), true) => format!("maintenance on (temp ; {left} seconds left)"),
                other => format!("{other:?}"),
            };
            lines.push(format!("{}|{}|{}|{maintenance}", s.address, s.port, s.id));
        }
        let expected: Vec<String> = told(version, &format!("{state}.CS.txt")).iter().map(|l| l[1..].join("|")).collect();
        // mfscli asked a moment before or after: the countdown may differ by that
        if let (Some(mine), Some(theirs)) = (lines.last_mut(), expected.last())
            && let (Some(a), Some(b)) = (seconds_left(mine), seconds_left(theirs))
        {
            assert!(a.abs_diff(b) <= 10, "{mine} / {theirs}");
            mine.clone_from(theirs);
        }
        assert_eq!(lines, expected, "{version} {state}");
    });
}

fn seconds_left(line: &str) -> Option<u32> {
    line.split_once("temp ; ")?.1.split_whitespace().next()?.parse().ok()
}

#[test]
fn the_master_is_what_mfscli_says() {
    each(|version, state, report| {
        let info = &report.info;
        assert!(info.serving);
        assert_eq!(info.version.to_string(), version);
        assert_eq!(report.version_text, format!("{version}-1"));
        let im = told(version, &format!("{state}.IM.txt")).remove(0);
        let v4 = version.starts_with('4');
        let at = if v4 { 7 } else { 6 };
        assert_eq!(im[2], info.version.to_string());
        assert_eq!(im[5].replace(' ', ""), info.metadata_version.to_string());
        assert_eq!(im[at + 1], info.memory.to_string());
        assert_eq!(
            im[at + 2],
            format!(
                "all:{:.7}% sys:{:.7}% user:{:.7}%",
                info.cpu_system_percent + info.cpu_user_percent,
                info.cpu_system_percent,
                info.cpu_user_percent
            )
        );
        assert_eq!(im.last().unwrap(), &format!("{:016X}", info.exports_checksum.unwrap()));
        assert_eq!(info.metadata_id.map(|id| format!("{id:016X}")), v4.then(|| im[6].clone()));
        assert_eq!((info.last_store_time, info.last_store_duration_ms, info.last_store_status), (None, 0, StoreStatus::Background));
        let clock: f64 = im[4].parse().unwrap();
        assert!((info.clock_us.unwrap() as f64 / 1e6 - clock).abs() < 20.0, "{version} {state}");

        let mut lines = vec![
            ("master version", info.version.to_string()),
            ("RAM used", info.memory.to_string()),
            ("CPU used (system)", format!("{:.9}", info.cpu_system_percent / 100.0)),
            ("CPU used (user)", format!("{:.9}", info.cpu_user_percent / 100.0)),
            ("total space", info.total_space.to_string()),
            ("avail space", info.available_space.to_string()),
            ("free space", info.free_space.unwrap().to_string()),
            ("trash space", info.trash_space.to_string()),
            ("trash files", info.trash_files.to_string()),
            ("sustained space", info.sustained_space.to_string()),
            ("sustained files", info.sustained_files.to_string()),
            ("all fs objects", info.inodes.to_string()),
            ("directories", info.directories.to_string()),
            ("files", info.files.to_string()),
            ("chunks", info.chunks.to_string()),
        ];
        lines.push((if v4 { "all full chunk copies" } else { "all chunk copies" }, info.chunk_copies.to_string()));
        let told = told(version, &format!("{state}.IN.txt"));
        for (key, value) in lines {
            let line = told.iter().find(|l| l[1] == key).unwrap_or_else(|| panic!("{key}"));
            assert_eq!(line[2], value, "{version} {state}: {key}");
        }
    });
}

#[test]
fn chunk_health_is_what_mfscli_says() {
    each(|version, state, report| {
        let chunks = &report.chunks;
        assert!(chunks.progress.is_settled());
        assert_eq!(chunks.all, chunks.regular);
        assert_eq!(chunks.all.single_copy, 0);
        assert_eq!(chunks.all.chunks(), 7);
        let told = told(version, &format!("{state}.IC.txt"));
        for (class, count) in [
            ("missing", chunks.all.missing),
            ("endangered", chunks.all.endangered),
            ("undergoal", chunks.all.undergoal),
            ("stable", chunks.all.stable),
            ("overgoal", chunks.all.overgoal),
            ("pending deletion", chunks.all.pending_deletion),
            ("to be removed", chunks.all.ready_to_be_removed),
        ] {
            let line = told.iter().find(|l| l[1] == format!("chunkclass {class}:")).unwrap();
            assert_eq!(line[2], count.to_string(), "{version} {state}: {class}");
        }
        for line in told.iter().filter(|l| l.len() == 5) {
            // 4.x counts redundancy levels: one less than copies
            let shift = usize::from(version.starts_with('4'));
            let number = |word: &str| if word == "missing" { 0 } else { word.parse::<usize>().unwrap() + shift };
            assert_eq!(chunks.table[number(&line[2])][number(&line[3])].to_string(), line[4], "{version} {state}");
        }
    });
}

#[test]
fn sessions_are_what_mfscli_says() {
    each(|version, state, report| {
        let expected: Vec<Vec<String>> = told(version, &format!("{state}.MS.txt"));
        assert_eq!(report.sessions.len(), expected.len());
        for (s, line) in report.sessions.iter().zip(expected) {
            let mine = format!(
                "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
                s.id,
                s.address,
                s.mount_point,
                s.open_files,
                s.connections,
                s.version,
                s.folder,
                if s.read_only { "ro" } else { "rw" },
                yes(!s.any_address),
                yes(s.ignore_gid),
                yes(s.admin),
                s.root.0,
                s.root.1
            );
            assert_eq!(mine, line[1..14].join("|"), "{version} {state}");
            assert_eq!((s.map_all, line[14].as_str()), (false, "-"));
        }
    });
}

#[test]
fn metaloggers_are_what_mfscli_says() {
    each(|version, state, report| {
        let mine: Vec<String> = report.metaloggers.iter().map(|m| format!("{}|{}", m.address, m.version)).collect();
        let expected: Vec<String> = told(version, &format!("{state}.MB.txt")).iter().map(|l| l[1..].join("|")).collect();
        assert_eq!(mine, expected);
    });
}

#[test]
fn exports_are_what_mfscli_says() {
    for version in VERSIONS {
        let report = Master::ask(&mut Replay::new(version, "healthy")).unwrap();
        let mut mine: Vec<String> = report.exports.unwrap().iter().map(export_line).collect();
        let mut expected: Vec<String> = told(version, "healthy.EX.txt")
            .iter()
            .map(|l| {
                let mut words = l[1..=14].to_vec();
                words.remove(3); // the lowest client version is not kept
                words.join("|")
            })
            .collect();
        mine.sort();
        expected.sort();
        assert_eq!(mine, expected, "{version}");
    }
}

fn export_line(e: &ExportEntry) -> String {
    let meta = e.path == ".";
    let dash = |word: String| if meta { "-".to_owned() } else { word };
    [
        e.from.to_string(),
        e.to.to_string(),
        if meta { ". (META)".to_owned() } else { e.path.clone() },
        dash(yes(e.all_dirs).to_owned()),
        yes(e.password).to_owned(),
        if e.read_only { "ro" } else { "rw" }.to_owned(),
        yes(!e.any_address).to_owned(),
        dash(yes(e.ignore_gid).to_owned()),
        dash(yes(e.admin).to_owned()),
        dash(e.root.0.to_string()),
        dash(e.root.1.to_string()),
        if e.map_all { e.all.0.to_string() } else { "-".to_owned() },
        if e.map_all { e.all.1.to_string() } else { "-".to_owned() },
    ]
    .join("|")
}

#[test]
fn disks_are_what_mfscli_says() {
    let mut seen = 0;
    for version in VERSIONS {
        for state in STATES {
            for line in told(version, &format!("{state}.HD.txt")) {
                let mut place = line[1].splitn(3, ':');
                let (ip, _, path) = (place.next().unwrap(), place.next().unwrap(), place.next().unwrap());
                let mut replay = Replay::chunkserver(version, state, ip);
                if replay.messages.is_empty() {
                    continue; // not every chunkserver's answer was kept in every state
                }
                let disks = Disks::ask(&mut replay).unwrap();
                assert_eq!(disks.len(), 1);
                let disk = &disks[0];
                assert_eq!(disk.path, path);
                assert_eq!(
                    (disk.chunks.to_string(), disk.used.to_string(), disk.total.to_string()),
                    (line[2].clone(), line[13].clone(), line[14].clone())
                );
                assert_eq!((line[3].as_str(), disk.last_error), ("no errors", None));
                assert_eq!(line[4], disk.state());
                assert!(disk.is_ok());
                seen += 1;
            }
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn flags_of_disks() {
    let mut entry = vec![1, b'd', 0b1001];
    entry.extend(5_u64.to_be_bytes());
    entry.extend(1_700_000_000_u32.to_be_bytes());
    entry.extend([0; 20]);
    let mut payload = u16::try_from(entry.len()).unwrap().to_be_bytes().to_vec();
    payload.extend(&entry);
    let disk = disks::decode(&payload).unwrap().remove(0);
    assert!(disk.marked_for_removal && disk.invalid && !disk.damaged && !disk.scanning && !disk.is_ok());
    assert_eq!(disk.last_error, Some(DiskError { chunk: 5, time: 1_700_000_000 }));
}

#[test]
fn versions_on_the_wire() {
    for ((major, minor, last), text) in
        [((3, 0, 234), "3.0.117"), ((4, 59, 4), "4.59.2"), ((4, 5, 3), "4.5.3"), ((2, 0, 179), "2.0.89"), ((1, 6, 27), "1.6.27")]
    {
        assert_eq!(Version::from_wire(major, minor, last).to_string(), text);
    }
    assert_eq!(Version::parse("3.0.117-1"), Some(Version::new(3, 0, 117)));
    assert_eq!(Version::parse("moosefs"), None);
    assert!(Version::new(3, 0, 117) < Version::new(4, 0, 0));
}

/// A peer that says what it was told to, whatever it is asked.
struct Says(VecDeque<u8>);

impl Says {
    fn frames(frames: &[(u32, &[u8])]) -> Self {
        let mut bytes = VecDeque::new();
        for (command, payload) in frames {
            bytes.extend(command.to_be_bytes());
            bytes.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
            bytes.extend(*payload);
        }
        Self(bytes)
    }
}

impl Read for Says {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Says {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn wrong_answers_are_errors_that_name_the_message() {
    let version: &[u8] = &[0, 3, 0, 0xea];
    let cases: [(&str, Says, &str); 7] = [
        ("silence", Says::frames(&[]), "GET_VERSION: connection closed before the answer was complete"),
        ("ssh", Says(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec().into()), "GET_VERSION: answer of 841887789 bytes is over the limit of 16777216"),
        ("another answer", Says::frames(&[(501, b"")]), "GET_VERSION: answer 501 instead of 11"),
        (
            "a short version",
            Says::frames(&[(11, b"\0")]),
            "GET_VERSION: cannot read the answer of 1 bytes: 2 more bytes expected at byte 0, 1 left",
        ),
        (
            "an old master",
            Says::frames(&[(11, &[0, 1, 6, 27])]),
            "GET_VERSION: cannot read the answer of 4 bytes: version 1.6.27 is not supported",
        ),
        ("only NOPs", Says::frames(&vec![(0, &b""[..]); 1100]), "GET_VERSION: answer 0 instead of 11"),
        ("a new form", Says::frames(&[(11, version), (511, &[0; 150])]), "INFO: cannot read the answer of 150 bytes: unknown form"),
    ];
    for (name, mut peer, expected) in cases {
        assert_eq!(Master::ask(&mut peer).unwrap_err().to_string(), expected, "{name}");
    }
}

#[test]
fn io_errors_keep_the_systems_words() {
    struct Late;
    impl Read for Late {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::TimedOut, "timed out"))
        }
    }
    impl Write for Late {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert_eq!(Disks::ask(&mut Late).unwrap_err().to_string(), "HDD_LIST: timed out");
}

/// The captured payload of a message.
fn payload(version: &str, name: &str, payload: &str) -> Vec<u8> {
    let replay = Replay::new(version, "one-stopped-gracefully");
    let found = replay.messages.iter().find(|m| m["name"].as_str().unwrap().starts_with(name) && m["payload"] == payload).unwrap();
    unhex(found["data"].as_str().unwrap())
}

fn decode_all(bytes: &[u8]) {
    let _ = info::decode(bytes);
    let _ = matrix::decode(bytes);
    let _ = sessions::decode(bytes);
    let _ = metaloggers::decode(bytes);
    let _ = exports::decode(bytes);
    let _ = disks::decode(bytes);
    let _ = version::decode(bytes);
    further::decode_further(bytes);
    for v in [Version::new(2, 0, 89), Version::new(3, 0, 30), Version::new(3, 0, 117), Version::new(4, 30, 0), Version::new(4, 59, 2)] {
        let _ = chunkservers::decode(v, bytes);
    }
}

proptest! {
    #[test]
    fn arbitrary_payloads_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        decode_all(&bytes);
    }

    #[test]
    fn arbitrary_bytes_from_a_peer_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Master::ask(&mut Says(bytes.clone().into()));
        let _ = Disks::ask(&mut Says(bytes.into()));
    }

    #[test]
    fn cut_and_damaged_answers_never_panic(v in 0_usize..2, which in 0_usize..6, cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let names = [("INFO", ""), ("CSERV_LIST", ""), ("CHUNKS_MATRIX", ""), ("SESSION_LIST", "02"), ("EXPORTS", "03"), ("HDD_LIST", "")];
        let (name, request) = names[which];
        let mut bytes = payload(VERSIONS[v], name, request);
        let at = cut.index(bytes.len());
        decode_all(&bytes[..at]);
        bytes[at] = byte;
        decode_all(&bytes);
    }

    #[test]
    fn a_connection_cut_anywhere_is_an_error(at in any::<prop::sample::Index>()) {
        let mut replay = Replay::new("4.59.2", "healthy");
        // all answers one after the other, as the master would send them
        let mut all = Vec::new();
        for (command, request) in [(10, ""), (510, ""), (500, "01"), (516, ""), (508, "02"), (522, ""), (520, "03"), (518, ""), (542, ""), (512, ""), (514, "")] {
            let data = replay.messages.iter().find(|m| m["command"] == command && m["payload"] == request).unwrap()["data"].as_str().unwrap();
            let data = unhex(data);
            replay.say(command + 1, &data);
        }
        all.extend(replay.output.iter());
        prop_assert!(Master::ask(&mut Says(all.clone().into())).is_ok());
        all.truncate(at.index(all.len()));
        prop_assert!(Master::ask(&mut Says(all.into())).is_err());
    }
}
