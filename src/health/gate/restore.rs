//! The gates and checks of a restore of the metadata.

use super::{Check, Gate, Said, Sight};
use crate::fact::drbd_status::{Connection, Disk, DrbdRole};
use crate::inventory::layout::takeover as at;
use crate::inventory::model::Role;

pub const GATES: &[Gate] = &[
    Gate { name: "restore-target-usable", about: "the node that restores has the volume's newest data", ask: target },
    Gate { name: "restore-no-split-brain", about: "the sides of the volume did not go on alone", ask: one_history },
    Gate { name: "restore-takeover-runs", about: "keepalived, agent and worker run where it is restored", ask: takeover },
];

pub const CHECKS: &[Check] = &[
    Check { name: "every-chunkserver-connected", about: "every chunkserver that can be asked is connected", ask: chunkservers },
    Check { name: "no-chunk-missing", about: "no chunk of a file is missing", ask: chunks },
];

fn target(sight: &Sight) -> Said {
    let wanted = "its disk UpToDate; Primary, or to become so by the votes";
    let Some(drbd) = sight.facts(sight.to).and_then(|f| f.drbd.resource(sight.cluster)) else {
        let fix = format!("bring the resource up there (`drbdadm adjust {}`), see docs/drbd.md", sight.cluster.drbd.resource);
        return Said::unknown(&format!("the volume on {}", sight.to.name), wanted, fix);
    };
    let passed = drbd.disk == Disk::UpToDate
        && (drbd.role == DrbdRole::Primary || drbd.peer_role != DrbdRole::Primary || sight.facts(sight.from).is_some());
    let measured = format!("{} is {}, {}, {}", sight.to.name, drbd.role, drbd.connection, drbd.disk);
    Said::when(passed, measured, wanted, "wait for the resync, or bring the other master back; see `mfsctl status` and docs/drbd.md")
}

fn one_history(sight: &Sight) -> Said {
    let wanted = "connected, or the other side away";
    let alone =
        |node| sight.facts(node).and_then(|f| f.drbd.resource(sight.cluster)).is_some_and(|r| r.connection == Connection::StandAlone);
    let both = sight.facts(sight.from).is_some() && (alone(sight.to) || alone(sight.from));
    let measured = if both { "a side is StandAlone: they refuse each other" } else { "they do not refuse each other" };
    Said::when(
        !both,
        measured,
        wanted,
        "see `mfsctl split-brain show` first: what each side has is to be compared before anything is restored",
    )
}

fn takeover(sight: &Sight) -> Said {
    let wanted = "running, so that the restored metadata is served by the normal way";
    let Some(facts) = sight.facts(sight.to) else { return Said::unknown(&sight.to.name, wanted, "mend the connection to it first") };
    if let Some((_, why)) = &facts.takeover.down {
        let measured = format!("{} is stopped on purpose: {why}", sight.to.name);
        return Said::when(false, measured, wanted, "run `mfsctl start` first: what was restored would not be served");
    }
    let dead: Vec<&str> =
        [at::KEEPALIVED_UNIT, at::HA_AGENT_UNIT, at::HA_UNIT].into_iter().filter(|unit| !facts.units.get(unit).is_active()).collect();
    let measured =
        if dead.is_empty() { "all running".to_owned() } else { format!("not running on {}: {}", sight.to.name, dead.join(", ")) };
    Said::when(dead.is_empty(), measured, wanted, format!("systemctl start {}", dead.join(" ")))
}

fn chunkservers(_: &Sight, now: &Sight) -> Said {
    let reachable: Vec<_> = now.report.with_role(Role::Chunkserver).filter(|n| n.reachable).collect();
    let away: Vec<&str> =
        reachable.iter().filter(|n| !now.report.chunkserver(n).is_some_and(|c| c.connected)).map(|n| n.name.as_str()).collect();
    let measured = if away.is_empty() { format!("{} connected", reachable.len()) } else { format!("not connected: {}", away.join(", ")) };
    let fix = "one that met another file system has ended: systemctl start moosefs-chunkserver there, and see its journal";
    Said::when(away.is_empty(), measured, format!("the {} that can be asked", reachable.len()), fix)
}

fn chunks(_: &Sight, now: &Sight) -> Said {
    let wanted = "none";
    match now.told().map(|t| t.chunks.all.missing) {
        Some(missing) => {
            let fix = "`mfsctl status` and mfsfileinfo name them; a kept copy of the metadata may know them (docs/restore.md)";
            Said::when(missing == 0, format!("{missing} missing"), wanted, fix)
        }
        None => Said::unknown("the chunks' state", wanted, "see `mfsctl status`"),
    }
}
