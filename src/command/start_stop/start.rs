//! `mfsctl start`.

use std::thread;
use std::time::{Duration, Instant};

use super::StartArgs;
use super::run::{self, Command, conclude};
use super::what::What;
use crate::command::failover::{Seen, locked_look, look};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::error::Result;
use crate::health::gate::{self, Answer};
use crate::health::started;
use crate::inventory::model::Role;
use crate::playbook::Playbook;
use crate::report;
use crate::step::Consent;

/// Longest time until what has been started is seen where it belongs.
const SEEN_WITHIN: Duration = Duration::from_secs(180);

/// Stages of a role.
pub fn stages(role: Role) -> &'static [&'static str] {
    match role {
        Role::Master => &["takeover", "serving"],
        Role::Metalogger => &["metaloggers"],
        Role::Chunkserver => &["chunkservers"],
        Role::Client => &["clients"],
    }
}

pub fn start(context: &Context, args: &StartArgs) -> Result<()> {
    let cluster = context.cluster()?;
    let what = What::parse(&cluster, &args.what)?;
    let playbook = run::playbook("start")?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = if args.dry_run { look(&mut operation) } else { locked_look(&mut operation, "start")? };
    operation.monitor.clear();
    let without = run::left_out(Command::Start, &what, &cluster, &seen.state, args.skip_unreachable)?;
    let (scope, consent) = (what.scope(stages, &without), Consent::default());
    let plan = run::plan(&cluster, &playbook, &scope, &consent, &seen.state)?;
    if args.dry_run {
        let text = report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker);
        let json = || format!("{:#}", report::plan::json(&plan, false, &operation.masker));
        report::data(&if context.json() { json() } else { text });
        return Ok(());
    }
    if !plan.is_empty() {
        if !context.json() {
            report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
        }
        operation.confirm(args.yes, &format!("start {}: {} actions", what.name, plan.len()))?;
        operation.begin()?;
    }
    let results = run::carry_out(&mut operation, &playbook, &scope, &consent, plan, seen.state)?;
    let checks = if run::well(&results) { until_up(&mut operation, &playbook, &what) } else { Vec::new() };
    conclude(context, &mut operation, ("start", &what.name), &results, &checks)
}

/// Looks until what was started is seen where it belongs.
pub fn until_up(operation: &mut Operation, playbook: &Playbook, what: &What) -> Vec<Answer> {
    let end = Instant::now() + SEEN_WITHIN;
    loop {
        let now = look(operation);
        let checks = checks(operation, playbook, what, &now);
        if checks.iter().all(|c| c.passed) || Instant::now() > end || operation.interrupt.requested() {
            return checks;
        }
        thread::sleep(Duration::from_secs(1));
    }
}

fn checks(operation: &Operation, playbook: &Playbook, what: &What, now: &Seen) -> Vec<Answer> {
    let cluster = operation.cluster;
    let active = run::active(cluster, now);
    let sight = active.as_deref().and_then(|active| run::sight(cluster, &now.report, &now.state, active));
    let mut checks = match sight.filter(|_| what.whole) {
        Some(sight) => gate::verify(&playbook.verify, &sight, &sight),
        None => Vec::new(),
    };
    checks.extend(started::judge(&now.report, &what.nodes, &what.roles));
    checks
}
