//! One line about twice a second on the master's console: what this node takes itself for.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::thread;
use std::time::Duration;

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(400);

fn text(path: &str) -> String {
    fs::read(path).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
}

/// Role, connection, disks, and whether I/O is frozen: the state line of /proc/drbd (DRBD 8.4).
fn replication() -> String {
    let drbd = text("/proc/drbd");
    let line = drbd.lines().find(|l| l.trim_start().starts_with("0: ")).unwrap_or_default();
    let part = |key: &str| line.split_whitespace().find_map(|w| w.strip_prefix(key)).unwrap_or("-/-").to_owned();
    // The first of the flags after the protocol: r for running, s for suspended.
    let frozen = line.split_whitespace().next_back().is_some_and(|flags| flags.len() >= 6 && flags.starts_with('s'));
    let role = part("ro:");
    format!("role={} cs={} ds={} frozen={}", role.split('/').next().unwrap_or("-"), part("cs:"), part("ds:"), u8::from(frozen))
}

/// Looks until it is killed.
pub fn run(vip: &str) -> io::Result<()> {
    let mut console = OpenOptions::new().write(true).open("/dev/console")?;
    let address = format!("-- {vip}\n");
    let mut number = 0_u64;
    loop {
        let here = text("/proc/net/fib_trie").contains(&address);
        let listens = text("/proc/net/tcp").lines().any(|l| l.contains(":24CD 00000000:0000 0A"));
        let mounted = text("/proc/mounts").lines().any(|l| l.starts_with("/dev/drbd0 "));
        let up = text("/proc/uptime");
        let up = up.split(' ').next().unwrap_or("0");
        number += 1;
        let line = format!(
            "\nchaos-watch {number} up={up} {} vip={} listens={} mounted={} .\n",
            replication(),
            u8::from(here),
            u8::from(listens),
            u8::from(mounted)
        );
        console.write_all(line.as_bytes())?;
        thread::sleep(PERIOD);
    }
}
