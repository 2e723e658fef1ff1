//! What was done to the cluster lately: backups and rehearsals as noted on this machine, switchovers in its journal and the masters'.

use crate::archive;
use crate::command::backup_meta::state_dir;
use crate::engine::history::{self, Run};
use crate::fact::journal::Switchover;
use crate::health::{ClusterReport, Records};
use crate::inventory::model::Role;

/// Looks everything up. What cannot be read is not known; where it was looked says how much that means.
#[must_use]
pub fn look(report: &ClusterReport) -> Records {
    let mut records = Records::default();
    let mut switchovers: Vec<Switchover> = Vec::new();
    match state_dir() {
        Ok(state) => {
            records.backup = archive::last_backup(&state, &report.cluster);
            records.rehearsal = archive::last_rehearsal(&state, &report.cluster);
            records.looked_for_backups = state.display().to_string();
        }
        Err(reason) => records.looked_for_backups = reason,
    }
    match history::path().map(|journal| history::read(&journal)) {
        Ok(Ok((runs, _))) => {
            switchovers.extend(runs.iter().rev().find_map(|r| of_run(r, &report.cluster)));
            records.looked_for_switchovers.push("this machine".to_owned());
        }
        Ok(Err(error)) => records.looked_for_switchovers.push(format!("this machine ({error})")),
        // Said above: both are in one directory.
        Err(_) => {}
    }
    for node in report.with_role(Role::Master).filter(|n| n.reachable) {
        records.looked_for_switchovers.push(node.name.clone());
        switchovers.extend(node.switchover.clone());
    }
    records.switchover = switchovers.into_iter().max_by_key(|s| s.time.parse::<jiff::Timestamp>().ok());
    records
}

/// The switchover a run of this cluster carried out, if it did.
fn of_run(run: &Run, cluster: &str) -> Option<Switchover> {
    let end = run.end.as_ref().filter(|_| run.begin.cluster == cluster)?;
    let receipt = end.receipt.as_ref()?;
    Some(Switchover {
        time: end.time.clone(),
        run: end.run.clone(),
        result: end.result.clone(),
        from: receipt.from.clone(),
        to: receipt.to.clone(),
        gap_ms: receipt.gap_ms,
        total_ms: receipt.total_ms,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::history::{Begin, End, Receipt};

    #[test]
    fn only_a_switchover_of_this_cluster_counts() {
        let text = |s: &str| s.to_owned();
        let begin =
            Begin { run: text("r"), time: text("t"), operator: text("a@b"), cluster: text("c"), command: text("x"), version: text("0") };
        let mut end = End { run: text("r"), time: text("t"), result: text("done"), seconds: 1, hosts: BTreeMap::new(), receipt: None };
        assert_eq!(of_run(&Run { begin: begin.clone(), end: None }, "c"), None);
        assert_eq!(of_run(&Run { begin: begin.clone(), end: Some(end.clone()) }, "c"), None);
        end.receipt = Some(Receipt { from: text("node1"), to: text("node2"), total_ms: 9, gap_ms: Some(5), phases: Vec::new() });
        let run = Run { begin, end: Some(end) };
        assert_eq!(of_run(&run, "other"), None);
        assert_eq!(of_run(&run, "c").map(|s| (s.to, s.gap_ms)), Some((text("node2"), Some(5))));
    }

    #[test]
    fn the_newest_of_the_masters_journals_counts() {
        let mut report = crate::health::testing::healthy();
        report.cluster = "no-such-cluster-here".to_owned();
        let moved = |time: &str, to: &str| Switchover {
            time: time.to_owned(),
            run: "r".to_owned(),
            result: "done".to_owned(),
            from: "x".to_owned(),
            to: to.to_owned(),
            gap_ms: None,
            total_ms: 1,
        };
        report.node_mut("node1").switchover = Some(moved("2026-11-22T12:00:00+02:00", "node2"));
        report.node_mut("node2").switchover = Some(moved("2026-11-22T11:00:00Z", "node1"));
        let records = look(&report);
        assert_eq!(records.switchover.map(|s| s.to), Some("node1".to_owned()));
        assert_eq!((records.backup, records.rehearsal), (None, None));
        assert!(records.looked_for_switchovers.contains(&"node2".to_owned()));
        report.lose("node2");
        assert!(!look(&report).looked_for_switchovers.contains(&"node2".to_owned()));
    }
}
