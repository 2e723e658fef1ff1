//! `mfsctl status --format prometheus` and `mfsctl exporter`: the report as metrics in the text format of the Prometheus exposition
//! (version 0.0.4), for the node exporter's textfile collector or any scraper that reads files.
//!
//! Names begin with `mfs_`, units are base units, a flag is 0 or 1. What is not known has no sample at all, so that
//! `absent()` and gaps in a graph tell it from zero.

pub mod exporter;

use std::fmt::Write;

use crate::fact::drbd_status::{Connection, Disk, DrbdRole};
use crate::fact::ha_report::Space;
use crate::health::{self, ClusterReport, Finding, NodeView, Severity};
use crate::inventory::model::Role;
use crate::protocol::{self, Chunkserver, Maintenance, MasterReport};

/// All metrics of a report, each with its help and type once.
#[must_use]
pub fn render(report: &ClusterReport, findings: &[Finding]) -> String {
    let mut page = Page { text: String::new(), cluster: report.cluster.clone() };
    verdict(&mut page, findings);
    nodes(&mut page, report);
    masters(&mut page, report);
    page.flag("mfs_master_up", "Whether the MooseFS master answers its clients' port.", [(vec![], Some(report.told().is_some()))]);
    if let Some(told) = report.told() {
        master(&mut page, told);
        chunkservers(&mut page, report, told);
        members(&mut page, report, told);
    }
    disks(&mut page, report);
    mounts(&mut page, report);
    page.text
}

/// Labels of a sample besides the cluster's name.
type Labels<'a> = Vec<(&'static str, &'a str)>;

/// A metric of one kind of thing: name, help, and its value.
type Metric<T, V> = (&'static str, &'static str, fn(&T) -> V);

struct Page {
    text: String,
    cluster: String,
}

impl Page {
    /// Writes a gauge with its samples; nothing when there are none.
    fn gauge<'a>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (Labels<'a>, Option<f64>)>) {
        let mut begun = false;
        for (labels, value) in samples {
            let Some(value) = value else { continue };
            if !begun {
                let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
                begun = true;
            }
            let _ = write!(self.text, "{name}{{cluster=\"{}\"", escaped(&self.cluster));
            for (label, value) in labels {
                let _ = write!(self.text, ",{label}=\"{}\"", escaped(value));
            }
            let _ = writeln!(self.text, "}} {value}");
        }
    }

    fn flag<'a>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (Labels<'a>, Option<bool>)>) {
        self.gauge(name, help, samples.into_iter().map(|(labels, value)| (labels, value.map(|v| f64::from(u8::from(v))))));
    }

    /// A single value of the cluster.
    fn value(&mut self, name: &str, help: &str, value: f64) {
        self.gauge(name, help, [(vec![], Some(value))]);
    }
}

/// A label's value as the format wants it: backslash, quote and line feed escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn verdict(page: &mut Page, findings: &[Finding]) {
    page.flag("mfs_cluster_healthy", "Whether nothing is worse than a notice.", [(vec![], Some(health::is_healthy(findings)))]);
    let severities = [Severity::Notice, Severity::Warning, Severity::Critical];
    let count = |severity: Severity| findings.iter().filter(|f| f.severity == severity).count() as f64;
    let samples = severities.map(|s| (vec![("severity", s.word())], Some(count(s))));
    page.gauge("mfs_findings", "Findings by severity.", samples);
    // Several findings of a rule about one subject are one series, with their number as its value.
    let bad: Vec<&Finding> = findings.iter().filter(|f| f.severity > Severity::Ok).collect();
    let key = |f: &Finding| (f.rule, f.subject.clone(), f.severity);
    let mut keys: Vec<_> = bad.iter().map(|f| key(f)).collect();
    keys.sort();
    keys.dedup();
    let samples = keys.iter().map(|k| {
        let number = bad.iter().filter(|f| key(f) == *k).count() as f64;
        (vec![("rule", k.0), ("severity", k.2.word()), ("subject", k.1.as_str())], Some(number))
    });
    page.gauge("mfs_finding", "What is not as it should be, by rule and subject.", samples);
}

fn nodes(page: &mut Page, report: &ClusterReport) {
    let each = |value: fn(&NodeView) -> Option<bool>| report.nodes.iter().map(move |n| (vec![("node", n.name.as_str())], value(n)));
    page.flag("mfs_node_reachable", "Whether the node could be asked.", each(|n| Some(n.reachable)));
    let skew = report.clock_skew_ms();
    let samples = skew.iter().map(|(node, ms)| (vec![("node", *node)], Some(*ms as f64 / 1000.0)));
    page.gauge("mfs_node_clock_skew_seconds", "The node's clock less the middle of all nodes' clocks.", samples);
}

fn masters(page: &mut Page, report: &ClusterReport) {
    let masters: Vec<&NodeView> = report.with_role(Role::Master).collect();
    let flags: [Metric<NodeView, Option<bool>>; 8] = [
        ("mfs_vip_present", "Whether the node has the virtual address.", |n| n.vip_present),
        ("mfs_drbd_primary", "Whether the node is DRBD Primary.", |n| n.drbd.as_ref().map(|d| d.role == DrbdRole::Primary)),
        ("mfs_drbd_connected", "Whether DRBD is connected to its peer.", |n| n.drbd.as_ref().map(|d| d.connection.is_connected())),
        ("mfs_drbd_standalone", "Whether DRBD gave up its connection.", |n| {
            n.drbd.as_ref().map(|d| d.connection == Connection::StandAlone)
        }),
        ("mfs_drbd_disk_up_to_date", "Whether the node's copy of the metadata volume is UpToDate.", |n| {
            n.drbd.as_ref().map(|d| d.disk == Disk::UpToDate)
        }),
        ("mfs_volume_mounted", "Whether the metadata volume is mounted.", |n| n.volume_mounted),
        ("mfs_master_running", "Whether mfsmaster runs on the node.", |n| n.master_running),
        ("mfs_takeover_agent_healthy", "Whether the takeover agent calls the node fit.", |n| n.agent.as_ref().map(|a| a.healthy)),
    ];
    for (name, help, value) in flags {
        page.flag(name, help, masters.iter().map(|n| (vec![("node", n.name.as_str())], value(n))));
    }
    let gauges: [Metric<NodeView, Option<f64>>; 6] = [
        ("mfs_drbd_out_of_sync_bytes", "What DRBD still has to send to, or get from, its peer.", |n| {
            n.drbd.as_ref().map(|d| d.out_of_sync_kib as f64 * 1024.0)
        }),
        ("mfs_drbd_sync_ratio", "How far a resync is; no sample without one.", |n| {
            n.drbd.as_ref().and_then(|d| d.sync.as_ref()).map(|s| s.percent / 100.0)
        }),
        ("mfs_volume_free_bytes", "Free space of the metadata volume.", |n| space(n, |s| s.free_mib)),
        ("mfs_volume_size_bytes", "Size of the metadata volume.", |n| space(n, |s| s.total_mib)),
        ("mfs_volume_reserve_bytes", "Room kept in reserve on the metadata volume.", |n| space(n, |s| s.reserve_mib)),
        ("mfs_takeover_hold_seconds", "Time left of a hold of the takeover; 0 without one.", |n| {
            n.agent.as_ref().map(|a| a.hold.as_ref().map_or(0.0, |h| h.left as f64))
        }),
    ];
    for (name, help, value) in gauges {
        page.gauge(name, help, masters.iter().map(|n| (vec![("node", n.name.as_str())], value(n))));
    }
}

/// A figure of the metadata volume, which the agent tells in MiB, in bytes.
fn space(node: &NodeView, mib: fn(&Space) -> u64) -> Option<f64> {
    node.agent.as_ref().and_then(|a| a.space.as_ref()).map(|s| mib(s) as f64 * f64::from(1 << 20))
}

fn master(page: &mut Page, told: &MasterReport) {
    let info = &told.info;
    let version = told.version.to_string();
    page.gauge("mfs_master_info", "The version the master runs.", [(vec![("version", version.as_str())], Some(1.0))]);
    let sum = &told.chunks.all;
    let values: [(&str, &str, f64); 19] = [
        ("mfs_metadata_version", "Next change id of the metadata; it must never go back.", info.metadata_version as f64),
        ("mfs_master_memory_bytes", "Memory of mfsmaster.", info.memory as f64),
        (
            "mfs_metadata_store_duration_seconds",
            "How long the last store of the metadata took.",
            f64::from(info.last_store_duration_ms) / 1000.0,
        ),
        ("mfs_space_total_bytes", "Space of all connected chunkservers.", info.total_space as f64),
        ("mfs_space_available_bytes", "Space clients may still fill.", info.available_space as f64),
        ("mfs_trash_bytes", "Length of the files in the trash.", info.trash_space as f64),
        ("mfs_trash_files", "Files in the trash.", f64::from(info.trash_files)),
        ("mfs_sustained_bytes", "Length of the files deleted while open.", info.sustained_space as f64),
        ("mfs_sustained_files", "Files deleted while open.", f64::from(info.sustained_files)),
        ("mfs_inodes", "Inodes.", f64::from(info.inodes)),
        ("mfs_directories", "Directories.", f64::from(info.directories)),
        ("mfs_files", "Files.", f64::from(info.files)),
        ("mfs_chunks", "Chunks that are not deleted.", sum.chunks() as f64),
        ("mfs_chunks_missing", "Chunks without any copy.", sum.missing as f64),
        ("mfs_chunks_endangered", "Chunks with one copy left where more are wanted.", sum.endangered as f64),
        ("mfs_chunks_undergoal", "Chunks with fewer copies than wanted.", sum.undergoal as f64),
        ("mfs_chunks_overgoal", "Chunks with more copies than wanted.", sum.overgoal as f64),
        ("mfs_chunks_single_copy", "Chunks of which a single copy is wanted.", sum.single_copy as f64),
        (
            "mfs_chunk_counters_settled",
            "Whether the counters of chunks can be trusted now.",
            f64::from(u8::from(told.chunks.progress.is_settled())),
        ),
    ];
    for (name, help, value) in values {
        page.value(name, help, value);
    }
    let stored = info.last_store_time.map(f64::from);
    page.gauge("mfs_metadata_stored_timestamp_seconds", "When the master stored its metadata last.", [(vec![], stored)]);
}

fn chunkservers(page: &mut Page, report: &ClusterReport, told: &MasterReport) {
    let names: Vec<(String, String)> = told.chunkservers.iter().map(|s| (report.name_of(s.address), s.id.to_string())).collect();
    let labels = |at: usize| vec![("node", names[at].0.as_str()), ("id", names[at].1.as_str())];
    let values: [Metric<Chunkserver, f64>; 7] = [
        ("mfs_chunkserver_connected", "Whether the chunkserver is connected to the master.", |s| f64::from(u8::from(s.connected))),
        ("mfs_chunkserver_maintenance", "Whether its absence starts no replication.", |s| {
            f64::from(u8::from(s.maintenance != Maintenance::Off))
        }),
        ("mfs_chunkserver_used_bytes", "Space used on its disks.", |s| s.used as f64),
        ("mfs_chunkserver_size_bytes", "Space of its disks.", |s| s.total as f64),
        ("mfs_chunkserver_chunks", "Chunks on it.", |s| f64::from(s.chunks)),
        ("mfs_chunkserver_removal_chunks", "Chunks on its disks marked for removal.", |s| f64::from(s.removal_chunks)),
        ("mfs_chunkserver_queue_operations", "Operations waiting there.", |s| f64::from(s.queue)),
    ];
    for (name, help, value) in values {
        page.gauge(name, help, told.chunkservers.iter().enumerate().map(|(at, s)| (labels(at), Some(value(s)))));
    }
    // A chunkserver of the inventory that the master never saw has no entry there, and must not be missing here.
    let unseen = report.with_role(Role::Chunkserver).filter(|n| report.chunkserver(n).is_none());
    let samples = unseen.map(|n| (vec![("node", n.name.as_str())], Some(1.0)));
    page.gauge("mfs_chunkserver_unknown", "A chunkserver of the inventory that the master does not know.", samples);
}

fn members(page: &mut Page, report: &ClusterReport, told: &MasterReport) {
    let seen = |n: &NodeView| told.metaloggers.iter().any(|m| report.comes_from(n, m.address));
    let samples = report.with_role(Role::Metalogger).map(|n| (vec![("node", n.name.as_str())], Some(seen(n))));
    page.flag("mfs_metalogger_connected", "Whether the metalogger is connected to the master.", samples);
    let live = told.sessions.iter().filter(|s| s.connections > 0).count();
    page.value("mfs_sessions", "Sessions of clients with a connection.", live as f64);
    page.value("mfs_sessions_away", "Sessions of clients without a connection.", (told.sessions.len() - live) as f64);
}

fn disks(page: &mut Page, report: &ClusterReport) {
    let all: Vec<(&str, &protocol::Disk)> =
        report.nodes.iter().flat_map(|n| n.disks.iter().flatten().map(|d| (n.name.as_str(), d))).collect();
    let values: [Metric<protocol::Disk, f64>; 4] = [
        ("mfs_disk_ok", "Whether a chunkserver's disk works without errors.", |d| f64::from(u8::from(d.is_ok()))),
        ("mfs_disk_used_bytes", "Space used on it.", |d| d.used as f64),
        ("mfs_disk_size_bytes", "Its space.", |d| d.total as f64),
        ("mfs_disk_chunks", "Chunks on it.", |d| f64::from(d.chunks)),
    ];
    for (name, help, value) in values {
        page.gauge(name, help, all.iter().map(|(node, d)| (vec![("node", *node), ("path", d.path.as_str())], Some(value(d)))));
    }
}

fn mounts(page: &mut Page, report: &ClusterReport) {
    let all = report.nodes.iter().flat_map(|n| n.mounts.iter().map(move |m| (n, m)));
    let samples = all.map(|(n, m)| {
        let up = m.mounted.map(|mounted| mounted && m.answers != Some(false));
        (vec![("node", n.name.as_str()), ("path", m.path.as_str())], up)
    });
    page.flag("mfs_mount_up", "Whether a mount of the inventory is there and answers.", samples);
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
