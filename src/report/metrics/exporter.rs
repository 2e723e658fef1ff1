//! What the exporter tells of itself, beside what it gathered: above all how old that is.

use std::fmt::Write;

use super::escaped;

/// The exporter's own figures at the time of a scrape.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// Cluster's name.
    pub cluster: String,
    /// Age of what was gathered, seconds; nothing was gathered yet without it.
    pub age: Option<f64>,
    /// When it was gathered, seconds since 1970.
    pub time: Option<f64>,
    /// How long the gathering took, seconds.
    pub took: Option<f64>,
    /// How often was gathered.
    pub gathers: u64,
    /// Seconds from the beginning of one gathering to the next.
    pub interval: f64,
}

/// The figures as metrics.
#[must_use]
pub fn render(own: &Own) -> String {
    let mut text = String::new();
    let cluster = escaped(&own.cluster);
    let mut metric = |name: &str, kind: &str, help: &str, more: &str, value: Option<f64>| {
        if let Some(value) = value {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{{cluster=\"{cluster}\"{more}}} {value}");
        }
    };
    metric("mfs_exporter_snapshot_age_seconds", "gauge", "Age of the other metrics on this page.", "", own.age);
    metric("mfs_exporter_snapshot_timestamp_seconds", "gauge", "When the other metrics on this page were gathered.", "", own.time);
    metric("mfs_exporter_gather_duration_seconds", "gauge", "How long the last gathering took.", "", own.took);
    metric("mfs_exporter_gathers_total", "counter", "Gatherings since the exporter began.", "", Some(own.gathers as f64));
    metric("mfs_exporter_interval_seconds", "gauge", "Time from the beginning of one gathering to the next.", "", Some(own.interval));
    let version = format!(",version=\"{}\"", env!("CARGO_PKG_VERSION"));
    metric("mfs_exporter_info", "gauge", "The version of mfsctl that exports.", &version, Some(1.0));
    text
}
