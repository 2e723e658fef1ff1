//! The parser of the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::{Directory, Header, MetaFile, MooseFs, NAME, Process, Space, TenantDir};
use crate::fact::{Answer, FactError};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Cluster, Node, Role};

/// Clock ticks a second in `/proc/PID/stat`: USER_HZ, 100 on every Linux architecture supported.
const TICKS: f64 = 100.0;

/// Reads the answer to [`super::ask`] for the same cluster and node.
///
/// # Errors
/// When a line is not of the form asked for.
pub fn parse(cluster: &Cluster, node: &Node, answer: &Answer) -> Result<MooseFs, FactError> {
    let sections = sections(&answer.text)?;
    let lines = |name: &str| sections.get(name).map(Vec::as_slice).unwrap_or_default();
    let mut facts = MooseFs::default();
    let uptime = match lines("uptime").first() {
        Some(line) => line.parse().map_err(|_| error("an uptime", line))?,
        None => 0.0,
    };
    // One search finds both: only a process has a name in parentheses.
    for line in lines("kernel") {
        if line.contains('(') {
            facts.processes.push(process(line, uptime)?);
        } else {
            let (port, address) = peer(line)?;
            facts.peers.entry(port).or_default().insert(address);
        }
    }
    let headers = headers(lines("headers"))?;
    stats(cluster, node, lines("stat"), &mut facts)?;
    for (path, header) in headers {
        let (dir, name) = path.rsplit_once('/').ok_or_else(|| error("a path", &path))?;
        if name.contains("_ml") {
            facts.metalogger.headers.insert(name.to_owned(), header);
        } else if dir == cluster.data_path() {
            facts.data.headers.insert(name.to_owned(), header);
        } else {
            facts.elsewhere.insert(path.clone(), header);
        }
    }
    facts.metalogger_last = lines("last").iter().filter_map(|l| l.split_once(": ")).filter_map(|(id, _)| id.parse().ok()).max();
    for line in lines("space") {
        let (path, space) = space(line)?;
        facts.disks.entry(path).or_default().space = Some(space);
    }
    for line in lines("contents") {
        match line.splitn(3, '|').collect::<Vec<_>>()[..] {
            ["used", path] => facts.disks.entry(path.to_owned()).or_default().used = true,
            ["foreign", path, name] => facts.disks.entry(path.to_owned()).or_default().foreign.push(name.to_owned()),
            _ => return Err(error("the contents of a directory", line)),
        }
    }
    for line in lines("answers") {
        if let Some(path) = line.strip_prefix("no answer|") {
            facts.answers.insert(path.to_owned(), None);
        } else {
            let (path, space) = space(line)?;
            facts.answers.insert(path, Some(space));
        }
    }
    facts.tenants = tenants(lines("tenants"), &facts)?;
    if let (Some(found), Some(mount)) = (&mut facts.tenants, lines("tenants").first()) {
        settings(mount, &lines, found);
    }
    facts.disks.retain(|_, disk| !disk.owner.is_empty());
    Ok(facts)
}

fn error(what: &str, found: &str) -> FactError {
    FactError::new(NAME, what, found)
}

fn sections(text: &str) -> Result<BTreeMap<&str, Vec<&str>>, FactError> {
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines().filter(|l| !l.is_empty()) {
        if let Some(name) = line.strip_prefix("== ") {
            current = Some(sections.entry(name).or_default());
        } else {
            current.as_mut().ok_or_else(|| error("a section", line))?.push(line);
        }
    }
    Ok(sections)
}

/// `PID (name) state …`; field 22 is the start in ticks since boot (man proc).
fn process(line: &str, uptime: f64) -> Result<Process, FactError> {
    let wrong = || error("a line of /proc/PID/stat", line);
    let (pid, rest) = line.split_once(" (").ok_or_else(wrong)?;
    let (name, rest) = rest.split_once(") ").ok_or_else(wrong)?;
    let started: f64 = rest.split(' ').nth(19).and_then(|t| t.parse().ok()).ok_or_else(wrong)?;
    Ok(Process { pid: pid.parse().map_err(|_| wrong())?, name: name.to_owned(), age: uptime - started / TICKS })
}

/// `sl local remote state …`, addresses in host byte order (little-endian on every platform supported), ports in hex.
fn peer(line: &str) -> Result<(u16, Ipv4Addr), FactError> {
    let wrong = || error("a line of /proc/net/tcp", line);
    let mut ends = line.split_whitespace().skip(1).filter_map(|end| end.split_once(':'));
    let ((_, port), (address, _)) = (ends.next().ok_or_else(wrong)?, ends.next().ok_or_else(wrong)?);
    let port = u16::from_str_radix(port, 16).map_err(|_| wrong())?;
    // An IPv4 address within IPv6 stands in the last 32 bits.
    let tail = address.get(address.len().saturating_sub(8)..).ok_or_else(wrong)?;
    let bits = u32::from_str_radix(tail, 16).map_err(|_| wrong())?;
    Ok((port, Ipv4Addr::from(bits.swap_bytes())))
}

fn stats(cluster: &Cluster, node: &Node, lines: &[&str], facts: &mut MooseFs) -> Result<(), FactError> {
    let data = cluster.data_path();
    let disks: BTreeSet<&str> = node.disks.iter().map(|d| d.path.as_str()).collect();
    for line in lines {
        let fields: Vec<&str> = line.splitn(6, '|').collect();
        let [kind, mode, owner, size, modified, path] = fields[..] else { return Err(error("a stat line", line)) };
        let mode = u32::from_str_radix(mode, 8).map_err(|_| error("an octal mode", line))?;
        let (dir, name) = path.rsplit_once('/').ok_or_else(|| error("a path", line))?;
        if disks.contains(path) {
            if kind == "directory" {
                let disk = facts.disks.entry(path.to_owned()).or_default();
                disk.mode = mode;
                owner.clone_into(&mut disk.owner);
            }
            continue;
        }
        if name.ends_with(".cgi") {
            facts.cgi.insert(path.to_owned(), mode);
            continue;
        }
        if node.is(Role::Master) && dir == cluster.mount_point {
            facts.under_mount_point.push(name.to_owned());
        }
        if kind == "directory" {
            continue;
        }
        let file = MetaFile {
            size: size.parse().map_err(|_| error("a size", line))?,
            modified: modified.parse().map_err(|_| error("a time", line))?,
            owner: owner.to_owned(),
        };
        let copy = name.contains("_ml") && dir == layout::metalogger_dir(node);
        let holder: Option<&mut Directory> = match copy {
            true => Some(&mut facts.metalogger),
            false => (dir == data).then_some(&mut facts.data),
        };
        if let Some(holder) = holder {
            holder.files.insert(name.to_owned(), file);
        }
    }
    Ok(())
}

/// Pairs of a path and lines of `od -tx1`, up to 24 bytes.
fn headers(lines: &[&str]) -> Result<Vec<(String, Header)>, FactError> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for line in lines {
        if line.starts_with('/') {
            found.push(((*line).to_owned(), Vec::new()));
            continue;
        }
        let (_, bytes) = found.last_mut().ok_or_else(|| error("a path before bytes", line))?;
        for word in line.split_whitespace() {
            bytes.push(u8::from_str_radix(word, 16).map_err(|_| error("bytes in hex", line))?);
        }
    }
    Ok(found.into_iter().map(|(path, bytes)| (path, Header::read(&bytes))).collect())
}

/// `block size|blocks|available blocks|path`
fn space(line: &str) -> Result<(String, Space), FactError> {
    let fields: Vec<&str> = line.splitn(4, '|').collect();
    let [unit, blocks, available, path] = fields[..] else { return Err(error("a line of space", line)) };
    let number = |text: &str| text.parse::<u64>().map_err(|_| error("a number of blocks", line));
    let unit = number(unit)?;
    let space = Space { total: unit.saturating_mul(number(blocks)?), available: unit.saturating_mul(number(available)?) };
    Ok((path.to_owned(), space))
}

/// `PATH: VALUE` of goals and trash times; quotas are tables, a line with the path before each. What the tools could not
/// tell is not known, and is set again.
fn settings<'a>(mount: &str, lines: &dyn Fn(&str) -> &'a [&'a str], found: &mut BTreeMap<String, TenantDir>) {
    let mut each = |section: &str, put: &dyn Fn(&mut TenantDir, &str)| {
        for (path, value) in lines(section).iter().filter_map(|l| l.rsplit_once(": ")) {
            if let Some(dir) = path.strip_prefix(mount).and_then(|folder| found.get_mut(folder)) {
                put(dir, value.trim());
            }
        }
    };
    each("goals", &|dir, value| dir.goal = value.parse().ok());
    each("trashtimes", &|dir, value| dir.trashtime = value.split_whitespace().next().and_then(|n| n.parse().ok()));
    let mut current: Option<String> = None;
    for line in lines("quotas") {
        if line.starts_with('/') {
            // 3.0 goes on with the table's head in this line, 4.x has nothing after the colon.
            let path = line.split_once(": (").map_or_else(|| line.trim_end_matches(':'), |(path, _)| path);
            current = path.strip_prefix(mount).map(str::to_owned);
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        // size | current | soft | hard, in 4.x with a percentage after each limit
        let hard = match cells.as_slice() {
            ["size", _, _, hard, ""] | ["size", _, _, _, hard, _, ""] => hard.parse().ok(),
            _ => continue,
        };
        if let Some(dir) = current.as_ref().and_then(|folder| found.get_mut(folder)) {
            dir.quota = hard;
        }
    }
}

/// First the mount point, then stat lines, then the exit status: 0 or 1 (some are missing) when the mount answered.
fn tenants(lines: &[&str], facts: &MooseFs) -> Result<Option<BTreeMap<String, TenantDir>>, FactError> {
    let Some((mount, rest)) = lines.split_first() else { return Ok(None) };
    let mut found = BTreeMap::new();
    let mut answered = false;
    for line in rest {
        if let Some(status) = line.strip_prefix("status ") {
            answered = matches!(status, "0" | "1") && matches!(facts.answers.get(*mount), Some(Some(_)));
            continue;
        }
        let fields: Vec<&str> = line.splitn(4, '|').collect();
        let [mode, ids, names, path] = fields[..] else { return Err(error("a tenant's stat line", line)) };
        let mode = u32::from_str_radix(mode, 8).map_err(|_| error("an octal mode", line))?;
        let folder = path.strip_prefix(*mount).ok_or_else(|| error("a path under the mount", line))?;
        let dir = TenantDir { mode, ids: ids.to_owned(), names: names.to_owned(), ..TenantDir::default() };
        found.insert(folder.to_owned(), dir);
    }
    Ok(answered.then_some(found))
}
