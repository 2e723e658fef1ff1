//! Alerts: the sender, its settings and units on both masters; all of it gone where nobody is to be told.

#[cfg(test)]
mod tests;

use serde_json::json;

use super::file::{self, ManagedFile};
use super::{Action, ActionKind, Outcome, Refusal, StepDef, View, template};
use crate::fact::file::FileFact;
use crate::inventory::layout::alerts as at;
use crate::inventory::secret::Secret;
use crate::remote::shell::quote;

/// The steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "alerts", about: "What happens to the takeover is told by mail and webhook", plan }];

const CONF: &str = include_str!("../../playbooks/files/mfs-alert.conf");
const PATH_UNIT: &str = include_str!("../../playbooks/files/mfs-alert.path");
const SERVICE_UNIT: &str = include_str!("../../playbooks/files/mfs-alert.service");

/// The sender: one file on the node, a file a subject here.
pub const SCRIPT: &str = concat!(
    include_str!("../../playbooks/files/mfs-alert/10-base.sh"),
    include_str!("../../playbooks/files/mfs-alert/20-queue.sh"),
    include_str!("../../playbooks/files/mfs-alert/30-message.sh"),
    include_str!("../../playbooks/files/mfs-alert/40-send.sh"),
    include_str!("../../playbooks/files/mfs-alert/50-main.sh"),
);

fn plan(view: &View) -> Outcome {
    if view.cluster.notify.is_empty() {
        return remove(view);
    }
    let mut actions = match files(view).and_then(|files| file::actions(view, files)) {
        Ok(actions) => actions,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    if view.cluster.notify.ca.is_none() && stands(view, at::CA) {
        actions.push(Action::run("remove certificates that are no longer wanted", ["rm", "-f", "--", at::CA]));
    }
    let wrote = |path: &str| actions.iter().any(|a| matches!(&a.kind, ActionKind::Write(w) if w.path == path));
    let (path, service) = (view.facts.units.get(at::PATH_UNIT), view.facts.units.get(at::SERVICE_UNIT));
    if wrote(at::PATH_UNIT_FILE) || wrote(at::SERVICE_UNIT_FILE) || path.needs_reload || service.needs_reload {
        actions.push(Action::run("let systemd read its unit files again", ["systemctl", "daemon-reload"]));
    }
    if !path.is_enabled() {
        actions.push(Action::run("send alerts from boot on", ["systemctl", "enable", at::PATH_UNIT]));
    }
    if view.pending.contains(at::MARK) || !path.is_active() {
        // A sender at work is stopped, and started again by what waits.
        actions.push(Action::run("end a sender with the old settings", ["systemctl", "stop", at::SERVICE_UNIT]));
        actions.push(Action::run("send alerts", ["systemctl", "restart", at::PATH_UNIT]).clears(at::MARK));
    }
    Outcome::from_actions(actions, told(view))
}

/// Who is told, in a few words without a secret.
fn told(view: &View) -> String {
    let notify = &view.cluster.notify;
    let mut ways = Vec::new();
    if !notify.to.is_empty() {
        ways.push(format!("{} receivers by {} mail accounts", notify.to.len(), notify.smtp.len()));
    }
    if notify.webhook.is_some() {
        ways.push("a webhook".to_owned());
    }
    format!("tells {}", ways.join(" and "))
}

fn files(view: &View) -> Result<Vec<ManagedFile>, Refusal> {
    let notify = &view.cluster.notify;
    let shown = |secret: Option<&Secret>| quote(secret.map(Secret::expose).unwrap_or_default());
    let accounts: Vec<_> = notify
        .smtp
        .iter()
        .map(|a| {
            json!({
                "host": quote(&a.host), "port": a.port, "security": quote(&a.security), "from": quote(&a.from),
                "user": quote(a.user.as_deref().unwrap_or_default()), "password": shown(a.password.as_ref()),
            })
        })
        .collect();
    let webhook = notify.webhook.as_ref();
    let headers: Vec<String> = webhook.iter().flat_map(|w| &w.headers).map(|h| quote(h.expose())).collect();
    let context = json!({
        "node": quote(&view.node.name), "cluster": quote(&view.cluster.name), "to": quote(&notify.to.join(" ")), "accounts": accounts,
        "hook": shown(webhook.map(|w| &w.url)), "token": shown(webhook.and_then(|w| w.token.as_ref())),
        "headers": headers, "ca": quote(if notify.ca.is_some() { at::CA } else { "" }),
    });
    let mut conf = ManagedFile::new(at::CONF, template::render("mfs-alert.conf", CONF, context)?).mode(0o600).marks(at::MARK);
    for secret in notify.secrets() {
        // As it stands in the file, too.
        conf = conf.secret(&Secret::new(quote(secret.expose()))).secret(&secret);
    }
    let mut files = vec![
        ManagedFile::new(at::SCRIPT, SCRIPT).mode(0o755).marks(at::MARK),
        conf,
        ManagedFile::new(at::SERVICE_UNIT_FILE, SERVICE_UNIT).marks(at::MARK),
        ManagedFile::new(at::PATH_UNIT_FILE, PATH_UNIT).marks(at::MARK),
    ];
    if let Some(ca) = &notify.ca {
        files.push(ManagedFile::new(at::CA, format!("{}\n", ca.expose().trim_end())).marks(at::MARK));
    }
    Ok(files)
}

fn stands(view: &View, path: &str) -> bool {
    !matches!(view.facts.files.get(path), None | Some(FileFact::Missing))
}

/// Takes everything away, the unit first, so that nothing is dropped where nobody looks.
fn remove(view: &View) -> Outcome {
    let path = view.facts.units.get(at::PATH_UNIT);
    let there: Vec<&str> = at::FILES.into_iter().filter(|file| stands(view, file)).collect();
    if there.is_empty() && !path.is_active() && !path.is_enabled() {
        return Outcome::Unchanged("the inventory has no `notify`".to_owned());
    }
    let mut actions = Vec::new();
    if path.exists() {
        let argv = ["systemctl", "disable", "--now", at::PATH_UNIT, at::SERVICE_UNIT];
        actions.push(Action::run("end the alerts: the inventory has no `notify`", argv));
    }
    // What was replaced by a newer one may hold an old password.
    let previous = there.iter().map(|file| format!("{file}.mfsctl-previous"));
    let gone = there.iter().map(|file| (*file).to_owned()).chain(previous).chain([at::RUN_DIR, at::VAR_DIR].map(str::to_owned));
    actions.push(Action::run("remove what sent alerts", ["rm", "-rf", "--"].map(str::to_owned).into_iter().chain(gone)));
    actions.push(Action::run("let systemd read its unit files again", ["systemctl", "daemon-reload"]).clears(at::MARK));
    Outcome::Do(actions)
}
