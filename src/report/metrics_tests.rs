#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;
use crate::health::testing::healthy;
use crate::health::{MasterAnswer, judge};

/// Reads the format as a scraper does: each family once, with help and type before its samples; no series twice.
fn series(text: &str) -> BTreeSet<String> {
    let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
    let mut family = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().unwrap();
            assert!(families.insert(family.to_owned()), "{family} stands twice");
            assert!(rest.ends_with('.'), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert_eq!(rest, format!("{family} gauge"));
        } else {
            let (labelled, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = labelled.split_once('{').unwrap();
            assert_eq!(name, family, "a sample outside its family");
            assert!(labels.ends_with('}') && labels.starts_with("cluster=\""), "{line}");
            value.parse::<f64>().unwrap();
            assert!(series.insert(labelled.to_owned()), "{labelled} stands twice");
        }
    }
    series
}

fn page(report: &ClusterReport) -> String {
    render(report, &judge(report))
}

#[test]
fn a_healthy_cluster() {
    let text = page(&healthy());
    series(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_not_known_has_no_sample() {
    let mut report = healthy();
    report.lose("node2");
    report.lose("node7");
    report.master = MasterAnswer::Silent { reason: "connection refused".to_owned() };
    let text = page(&report);
    let series = series(&text);
    let of = |name: &str| series.iter().filter(|s| s.starts_with(&format!("{name}{{"))).count();
    assert_eq!((of("mfs_node_reachable"), of("mfs_vip_present"), of("mfs_drbd_primary"), of("mfs_mount_up")), (8, 1, 1, 2));
    assert_eq!((of("mfs_chunks_missing"), of("mfs_metadata_version"), of("mfs_metalogger_connected")), (0, 0, 0));
    assert!(text.contains("mfs_master_up{cluster=\"reference\"} 0") || text.contains("mfs_master_up{"), "{text}");
    assert!(text.contains("rule=\"node-reachable\",severity=\"critical\",subject=\"node2\"} 1"), "{text}");
}

#[test]
fn labels_cannot_break_out() {
    let mut report = healthy();
    report.node_mut("node3").disks.as_mut().unwrap()[0].path = "/a\"} 1\nevil{x=\"\\".to_owned();
    let text = page(&report);
    series(&text);
    assert!(text.contains(r#"path="/a\"} 1\nevil{x=\"\\"} 1"#), "{text}");
}

#[test]
fn findings_of_one_rule_and_subject_are_one_series() {
    let mut report = healthy();
    let disks = report.node_mut("node3").disks.as_mut().unwrap();
    disks.push(disks[0].clone());
    disks.iter_mut().for_each(|d| d.damaged = true);
    disks[1].path = "/mnt/mfs2/".to_owned();
    let text = page(&report);
    series(&text);
    assert!(text.contains("rule=\"disks\",severity=\"critical\",subject=\"node3\"} 2"), "{text}");
}
