//! `mfsctl tenant add`: into the inventory, and made.

use crate::command::client::umount::refuse_held;
use crate::command::client::until;
use crate::command::failover;
use crate::command::operation::Operation;
use crate::command::provision;
use crate::command::tenant::entry::{self, quoted};
use crate::command::tenant::{concerned, refuse_silence};
use crate::context::Context;
use crate::engine::converge::Job;
use crate::error::{Error, Kind, Result};
use crate::health::{clients, tenants};
use crate::inventory::model::{Cluster, Tenant};
use crate::playbook;
use crate::playbook::plan::Scope;
use crate::report;
use crate::step::Consent;

/// Stages of `provision` that a tenant needs.
const STAGES: [&str; 4] = ["master-config", "serving", "tenants", "clients"];

/// Add a tenant to the inventory and make it, or make one that stands there
///
/// A new tenant's entry is put behind the others in the inventory; every other byte
/// of it stays. Its password is made up and lies in secrets/tenant-NAME beside the
/// inventory, 0600; it is never printed. Then its export is written on both masters and
/// read by the active one, its folder is made with owner, mode, goal, trash time and
/// quota, and its clients mount it.
///
/// For a tenant that stands in the inventory name it alone: what is missing is made.
/// So a run that was cut off is finished by the same name.
///
/// Refused while somebody else is connected to the folder: the password would cut them
/// off in the middle of their work (input/output error).
///
/// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or flags, 3 refused
/// and nothing changed, 4 not all is done: run it again, 5 another operator is at work,
/// 130 interrupted.
///
/// Examples:
///   mfsctl tenant add business1 --client node7 --client node8
///   mfsctl tenant add business1 --client node7 --goal 2 --trashtime 7d --quota 500GiB
///   mfsctl tenant add business1            # stands in the inventory: make what is missing
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct AddArgs {
    /// Name of the tenant
    pub name: String,
    /// A client that mounts it (may be repeated)
    #[arg(long, value_name = "NODE")]
    pub client: Vec<String>,
    /// Folder in the file system; default /NAME
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<String>,
    /// Mount point on the clients; default /mnt/NAME
    #[arg(long, value_name = "PATH")]
    pub mount: Option<String>,
    /// Who may mount it: an address, a network, from-to, or *; default: its only client, else *
    #[arg(long, value_name = "NETWORK")]
    pub network: Option<String>,
    /// Owner of the folder, user:group or uid:gid
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<String>,
    /// Permissions of the folder, octal; default 0770
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,
    /// Copies of each chunk of new files
    #[arg(long, value_name = "N")]
    pub goal: Option<u16>,
    /// How long deleted files stay in the trash: seconds, or 36h, 7d
    #[arg(long, value_name = "TIME")]
    pub trashtime: Option<String>,
    /// Hard limit of its size: 500GiB
    #[arg(long, value_name = "SIZE")]
    pub quota: Option<String>,
    /// Options of its export; default rw,alldirs,maproot=0
    #[arg(long, value_name = "OPTIONS")]
    pub options: Option<String>,
    /// No password: whoever is in its network may mount it
    #[arg(long)]
    pub no_password: bool,
    /// Print the entry and the plan, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
}

impl AddArgs {
    fn describes(&self) -> bool {
        let given = [&self.folder, &self.mount, &self.network, &self.owner, &self.mode, &self.trashtime, &self.quota, &self.options];
        given.iter().any(|g| g.is_some()) || self.goal.is_some() || self.no_password || !self.client.is_empty()
    }

    /// The lines of its entry, but for the password.
    fn fields(&self, cluster: &Cluster) -> Vec<String> {
        let only = match self.client.as_slice() {
            [one] => cluster.node(one).map(|n| n.address.to_string()),
            _ => None,
        };
        let network = self.network.clone().or(only);
        let mut lines = vec![format!("name: {}", quoted(&self.name))];
        let text = [
            ("folder", &self.folder),
            ("network", &network),
            ("owner", &self.owner),
            ("mode", &self.mode),
            ("trashtime", &self.trashtime),
            ("quota", &self.quota),
            ("options", &self.options),
            ("mount", &self.mount),
        ];
        lines.extend(text.iter().filter_map(|(key, value)| value.as_ref().map(|v| format!("{key}: {}", quoted(v)))));
        lines.extend(self.goal.map(|g| format!("goal: {g}")));
        if !self.client.is_empty() {
            let names: Vec<String> = self.client.iter().map(|c| quoted(c)).collect();
            lines.push(format!("clients: [{}]", names.join(", ")));
        }
        lines
    }
}

/// Runs it.
///
/// # Errors
/// Wrong input, refusals, and every end that is not the one wanted.
pub fn add(context: &Context, args: &AddArgs) -> Result<()> {
    let old = context.cluster()?;
    let draft = match old.tenant(&args.name) {
        Some(_) if args.describes() => {
            return Err(Error::input(format!("{} stands in the inventory already; nothing was changed", args.name))
                .hint("change it there, then run the command with the name alone"));
        }
        Some(_) => None,
        None => Some(entry::with(context, &old, &args.name, &args.fields(&old), args.no_password)?),
    };
    let cluster = draft.as_ref().map_or(&old, |d| &d.cluster);
    let tenant = cluster.tenant(&args.name).ok_or_else(|| Error::input(format!("the inventory has no tenant {}", args.name)))?;
    let playbook = playbook::embedded("provision").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, cluster, &connector)?;
    let seen = if args.dry_run { failover::look(&mut operation) } else { failover::locked_look(&mut operation, "tenant add")? };
    refuse_silence(&seen.report.master)?;
    let rows = clients::rows(cluster, &seen.report, &seen.state);
    refuse_kicks(cluster, tenant, &seen, &rows)?;
    let only = STAGES.map(str::to_owned).to_vec();
    let scope = Scope { hosts: Some(concerned(cluster, tenant)), only, skip: Vec::new() };
    let consent = Consent::default();
    let job = Job { playbook: &playbook, cluster, scope: &scope, consent: &consent };
    let plan = job.plan(&seen.state).map_err(Error::failed)?;
    operation.monitor.clear();
    if let Some(draft) = &draft {
        report::say(&format!("into the inventory, under tenants:\n  - {}\n", draft.lines.join("\n    ")));
    }
    if args.dry_run {
        return provision::dry_run(context, true, &operation, &plan);
    }
    refuse_held(&operation, &plan)?;
    let acted = draft.is_some() || !plan.is_empty();
    if acted {
        report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
        operation.confirm(args.yes, &format!("{} actions on {} hosts", plan.len(), provision::busy(&plan)))?;
        operation.begin()?;
    }
    if let Some(draft) = &draft {
        draft.write()?;
    }
    let results = operation.converge(&job, plan, seen.state)?;
    let ill = |rows: &[clients::Row]| -> Vec<String> {
        let own = rows.iter().filter(|r| r.wanted && r.path == tenant.mount && r.node.as_ref().is_some_and(|n| tenant.clients.contains(n)));
        own.filter(|r| r.state.is_ill()).map(|r| format!("{}: {}", r.node.as_deref().unwrap_or_default(), r.state.words())).collect()
    };
    let done = results.values().all(|r| r.stopped.is_none());
    let rows = if acted && done { until(&mut operation, |rows| ill(rows).is_empty()) } else { rows };
    provision::conclude(context, &mut operation, results, "as the inventory says")?;
    match ill(&rows).as_slice() {
        [] => Ok(()),
        ill => Err(Error::new(Kind::Incomplete, format!("{}: not all is well:\n{}", tenant.name, ill.join("\n")))
            .hint("mfsctl client list shows it; run the same command with the name alone again")),
    }
}

/// A password that comes upon a folder in use cuts its users off with input/output errors.
fn refuse_kicks(cluster: &Cluster, tenant: &Tenant, seen: &failover::Seen, rows: &[clients::Row]) -> Result<()> {
    let locked = cluster.exports.iter().rfind(|e| e.path == tenant.folder).is_some_and(|e| e.password.is_some());
    if !locked || tenants::is_protected(cluster, &seen.state, tenant) {
        return Ok(());
    }
    let users = tenants::users(tenant, rows, true);
    if users.is_empty() {
        return Ok(());
    }
    let message = format!("refused, nothing was changed: {} is in use without a password by {}", tenant.folder, users.join(", "));
    Err(Error::new(Kind::Refused, message)
        .hint("a password would cut them off with input/output errors: unmount these first (mfsctl client umount NODE --path PATH)"))
}
