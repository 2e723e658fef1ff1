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

#[test]
fn the_exporters_own_figures() {
    let own = exporter::Own { cluster: "a\"b".into(), age: Some(1.5), time: Some(1e9), took: None, gathers: 3, interval: 60.0 };
    let text = exporter::render(&own);
    assert!(text.contains("# TYPE mfs_exporter_gathers_total counter\nmfs_exporter_gathers_total{cluster=\"a\\\"b\"} 3\n"), "{text}");
    assert!(text.contains("mfs_exporter_snapshot_age_seconds{cluster=\"a\\\"b\"} 1.5\n") && !text.contains("gather_duration"), "{text}");
}

/// Every name that stands in the source of the metrics.
fn declared() -> BTreeSet<String> {
    let source = concat!(include_str!("metrics.rs"), include_str!("metrics/exporter.rs"));
    source.split('"').filter(|part| is_name(part)).map(str::to_owned).collect()
}

fn is_name(word: &str) -> bool {
    word.strip_prefix("mfs_").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()))
}

/// The metrics an expression names.
fn named(expression: &str) -> Vec<String> {
    let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|w| is_name(w)).map(str::to_owned).collect()
}

#[test]
fn the_shipped_dashboard_and_rules_name_only_metrics_there_are() {
    let declared = declared();
    let emitted: BTreeSet<String> = series(&page(&healthy())).iter().map(|s| s.split('{').next().unwrap().to_owned()).collect();
    assert!(emitted.len() > 40 && emitted.is_subset(&declared), "{:?}", emitted.difference(&declared).collect::<Vec<_>>());

    let dashboard: serde_json::Value = serde_json::from_str(include_str!("../../monitoring/grafana/mfsctl.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|p| p["targets"].as_array().into_iter().flatten());
    let mut expressions: Vec<String> = targets.map(|t| t["expr"].as_str().unwrap().to_owned()).collect();
    expressions
        .extend(dashboard["templating"]["list"].as_array().unwrap().iter().filter_map(|v| Some(v["definition"].as_str()?.to_owned())));
    let ids: BTreeSet<u64> = panels.iter().map(|p| p["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "ids of panels are unique");
    let shown: BTreeSet<String> = expressions.iter().flat_map(|e| named(e)).collect();
    assert!(expressions.iter().all(|e| !named(e).is_empty()) && shown.len() > 30, "{shown:?}");

    let rules: serde_yaml::Value = serde_yaml::from_str(include_str!("../../monitoring/prometheus/mfsctl.rules.yml")).unwrap();
    let rules = rules["groups"][0]["rules"].as_sequence().unwrap();
    let mut names = BTreeSet::new();
    let mut alerted = BTreeSet::new();
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        assert!(names.insert(name), "{name} stands twice");
        assert!(matches!(rule["labels"]["severity"].as_str(), Some("critical" | "warning")), "{name}");
        assert!(rule["annotations"]["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name}");
        let used = named(rule["expr"].as_str().unwrap());
        assert!(!used.is_empty(), "{name}");
        alerted.extend(used);
    }
    for name in shown.iter().chain(&alerted) {
        assert!(declared.contains(name), "{name} is no metric of ours");
    }
}
