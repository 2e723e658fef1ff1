#![allow(clippy::unwrap_used)]

use super::*;
use crate::health::judge;
use crate::health::ports::wanted;
use crate::health::testing::healthy;

fn seen() -> (Vec<Finding>, Vec<Attempt>) {
    let mut report = healthy();
    report.node_mut("node2").vip_present = Some(true);
    report.node_mut("node2").master_enabled = Some(true);
    report.node_mut("node3").local.as_mut().unwrap().pending.insert("drbd:adjust".to_owned());
    let mut attempts = wanted(&crate::step::testing::cluster(), &healthy());
    for attempt in &mut attempts {
        attempt.found = Some(if attempt.port == 9422 { Reach::Timeout } else { Reach::Open });
    }
    (judge(&report), attempts)
}

#[test]
fn findings_stand_by_severity_and_fit_the_terminal() {
    let (findings, attempts) = seen();
    let text = render("reference", &findings, &attempts, true, false, Some(80));
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    insta::assert_snapshot!("verbose", text);
    let short = render("reference", &findings, &attempts, false, false, Some(80));
    assert!(!short.contains("why:") && short.contains("`mfsctl doctor --fix` mends 1 of these"), "{short}");
    let order: Vec<usize> = ["CRITICAL (", "WARNING (", "NOTICE ("].iter().map(|w| short.find(w).unwrap()).collect();
    assert!(order.is_sorted());
}

#[test]
fn json_names_ids_hosts_and_ports() {
    let (findings, attempts) = seen();
    let document = document("reference", &findings, &attempts, &[("node2".to_owned(), "did it".to_owned())]);
    let first = &document["findings"][0];
    assert_eq!((first["id"].as_str(), first["host"].as_str()), (Some("vip-two"), Some("cluster")));
    assert!(first["why"].as_str().unwrap().len() > 10 && first["threshold"] == "exactly one holder");
    assert_eq!(document["summary"]["warning"], 1);
    assert_eq!(document["fixed"][0]["node"], "node2");
    let blocked = document["ports"].as_array().unwrap().iter().find(|p| p["port"] == 9422).unwrap();
    assert_eq!((blocked["found"].as_str(), blocked["as_expected"].as_bool()), (Some("timeout"), Some(false)));
}

#[test]
fn the_catalogue_fits_the_terminal() {
    let text = listed(false, Some(80));
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    for entry in catalogue::all() {
        assert!(explained(entry, 80).lines().all(|l| l.chars().count() <= 80));
    }
}
