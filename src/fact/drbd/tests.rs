//! Answers put together from captured pieces.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::fact::drbd_status::{Connection, Disk};
use crate::step::testing;

fn read(text: &str) -> Drbd {
    parse(&Answer { text: text.to_owned(), status: 0 }).unwrap()
}

fn captured(state: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/fixtures/drbd/proc/{state}.node1.txt", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_bare_master() {
    let facts = read("@proc\n@sectors\n@available\n8.4.11\n@backing\n@kernel\n");
    assert_eq!(facts.backing, Backing::Absent);
    assert_eq!(facts.freshness(), Freshness::Fresh);
    assert_eq!(facts.is_nine(), Some(false));
    assert_eq!(facts.bytes, None);
}

#[test]
fn a_healthy_pair_is_told_in_three_sections() {
    let text = format!("@proc\n{}@sectors\n1048576\n@backing\ndrbd\n", captured("connected-primary-secondary"));
    let facts = read(&text);
    let resource = facts.resource(&testing::cluster()).unwrap();
    assert!(resource.in_sync());
    assert_eq!(facts.bytes, Some(536_870_912));
    assert_eq!(facts.freshness(), Freshness::Unknown, "nobody asked, because nobody needs it");
}

#[test]
fn a_refused_connection_comes_with_the_kernels_reason() {
    let text = format!(
        "@proc\n{}@sectors\n1048576\n@setup\n@backing\ndrbd\n@utils\n9.22.0\n@objection\n@generation\n\
         BC672B50FFEC2C0F:0000000000000004:0000000000000000:0000000000000000:1:1:1:0:0:0:0\n@kernel\n\
         [  449.630000] drbd mfs: Authentication of peer failed\n",
        captured("wrong-secret")
    );
    let facts = read(&text);
    let resource = facts.resource(&testing::cluster()).unwrap();
    assert_eq!((&resource.connection, &resource.disk), (&Connection::StandAlone, &Disk::UpToDate));
    assert_eq!(facts.freshness(), Freshness::Used);
    assert_eq!(facts.utils.as_deref(), Some("9.22.0"));
    assert!(facts.kernel_log[0].contains("Authentication of peer failed"));
}

#[test]
fn metadata_just_made_is_fresh() {
    let text = format!(
        "@proc\n{}@backing\ndrbd\n@generation\n\
         0000000000000004:0000000000000000:0000000000000000:0000000000000000:0:0:0:1:0:1:0\n",
        captured("inconsistent-inconsistent-initial")
    );
    assert_eq!(read(&text).freshness(), Freshness::Fresh);
}

#[test]
fn objections_are_kept() {
    let text = "@proc\n@backing\nxfs\n@objection\n'mfs' not defined in your config (for this host).\n";
    let facts = read(text);
    assert_eq!(facts.backing, Backing::Other("xfs".to_owned()));
    assert_eq!(facts.freshness(), Freshness::Used);
    assert_eq!(facts.objection.as_deref(), Some("'mfs' not defined in your config (for this host)."));
}

#[test]
fn an_answer_of_another_form_is_an_error() {
    assert!(parse(&Answer { text: String::new(), status: 0 }).is_err());
    assert!(parse(&Answer { text: "@proc\n@sectors\nmany\n".to_owned(), status: 0 }).is_err());
}

#[test]
fn the_question_runs_where_there_is_no_drbd() {
    let cluster = testing::cluster();
    let question = ask(&cluster, &cluster.nodes[0]).unwrap();
    let out = std::process::Command::new("sh").arg("-c").arg(format!("q() {{\n{}\n}}\nq", question.script)).output().unwrap();
    let facts = read(&String::from_utf8(out.stdout).unwrap());
    assert_eq!(facts.status.resources.len(), 0, "a machine that tests has no DRBD");
    assert!(ask(&cluster, &cluster.nodes[2]).is_none());
}
