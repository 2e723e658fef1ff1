//! What the step plans: files, restarts, removal; and that no secret is shown.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::fact::unit::Unit;
use crate::inventory::model::{Smtp, Webhook};
use crate::step::testing::{World, actions, show};

fn world() -> World {
    let mut world = World::new();
    let account = Smtp {
        host: "mail.example.com".into(),
        port: 587,
        security: "starttls".into(),
        user: Some("mfs".into()),
        password: Some(Secret::new("it's $HOME \"x\" `id`")),
        from: "mfs@example.com".into(),
    };
    let relay = Smtp { host: "10.0.0.9".into(), port: 25, security: "none".into(), user: None, password: None, ..account.clone() };
    let url = Secret::new("https://hooks.example.com/T0/secret-path");
    let headers = vec![Secret::new("X-Key: header-secret"), Secret::new("X-Other: o\"ther")];
    world.cluster.notify.smtp = vec![account, relay];
    world.cluster.notify.to = vec!["ops@example.com".into(), "night@example.com".into()];
    world.cluster.notify.webhook = Some(Webhook { url, token: Some(Secret::new("bearer-token")), headers });
    world
}

fn done(world: &mut World) {
    let outcome = world.plan("node1", plan);
    world.apply_writes("node1", &outcome);
    let unit = Unit { load: "loaded".into(), active: "active".into(), enabled: "enabled".into(), ..Unit::default() };
    world.facts("node1").units.0.insert(at::PATH_UNIT.to_owned(), unit);
}

#[test]
fn the_files_then_nothing() {
    let mut world = world();
    let script = SCRIPT.lines().map(|l| format!("    | {l}\n")).collect::<String>();
    insta::assert_snapshot!(show(&world.plan("node1", plan)).replace(&script, "    | <the script>\n"));
    done(&mut world);
    let outcome = world.plan("node1", plan);
    assert_eq!(show(&outcome), "unchanged: tells 2 receivers by 2 mail accounts and a webhook\n");
}

#[test]
fn nothing_is_installed_when_nobody_is_to_be_told() {
    let world = World::new();
    assert_eq!(show(&world.plan("node1", plan)), "unchanged: the inventory has no `notify`\n");
}

#[test]
fn taken_out_of_the_inventory_it_goes_with_all_that_holds_a_password() {
    let mut world = world();
    done(&mut world);
    world.cluster.notify = crate::inventory::model::Notify::default();
    let outcome = world.plan("node1", plan);
    let text = show(&outcome);
    assert!(actions(&outcome)[0].title.contains("end the alerts"), "{text}");
    for gone in [at::SCRIPT, at::CONF, "/etc/mfs-alert.conf.mfsctl-previous", at::VAR_DIR, at::RUN_DIR, at::PATH_UNIT_FILE] {
        assert!(text.contains(gone), "{gone} stays: {text}");
    }
    for file in at::FILES {
        world.facts("node1").files.insert(file, FileFact::Missing);
    }
    world.facts("node1").units.0.clear();
    assert!(matches!(world.plan("node1", plan), Outcome::Unchanged(_)));
}

#[test]
fn secrets_reach_the_shell_as_they_are_and_are_masked_elsewhere() {
    let mut world = world();
    let outcome = world.plan("node1", plan);
    let masked = crate::report::mask::Masker::new(&world.cluster);
    done(&mut world);
    let conf = world.facts("node1").files.content(at::CONF).unwrap().to_owned();
    let script = format!(
        "{conf}\nprintf '%s|' \"$A1_PASSWORD\" \"$A2_PASSWORD\" \"$HOOK_SECRET\" \"$TOKEN_SECRET\" \"$HEADER1_SECRET\" \"$HEADER2_SECRET\" \"$TO\""
    );
    let out = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let wanted = "it's $HOME \"x\" `id`||https://hooks.example.com/T0/secret-path|bearer-token|X-Key: header-secret|X-Other: o\"ther|\
                  ops@example.com night@example.com|";
    assert_eq!(text, wanted);
    let write = actions(&outcome).iter().find_map(|a| match &a.kind {
        ActionKind::Write(w) if w.path == at::CONF => Some(w),
        _ => None,
    });
    assert_eq!(write.unwrap().mode, 0o600);
    assert!(write.unwrap().secrets.iter().any(|s| s.expose() == "bearer-token"));
    let shown = masked.mask(&conf);
    for secret in ["secret-path", "bearer-token", "header-secret"] {
        assert!(!shown.contains(secret), "{secret} is shown: {shown}");
    }
}

#[test]
fn a_changed_password_restarts_the_sender_and_a_certificate_comes_and_goes() {
    let mut world = world();
    done(&mut world);
    world.cluster.notify.smtp[0].password = Some(Secret::new("another"));
    world.cluster.notify.ca = Some(Secret::new("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"));
    let outcome = world.plan("node1", plan);
    assert!(show(&outcome).contains("write 0600") && show(&outcome).contains(at::CA), "{}", show(&outcome));
    world.apply_writes("node1", &outcome);
    world.pending.insert(at::MARK.to_owned());
    let text = show(&world.plan("node1", plan));
    assert!(text.contains("stop mfs-alert.service") && text.contains("restart mfs-alert.path"), "{text}");
    world.pending.clear();
    world.cluster.notify.ca = None;
    let text = show(&world.plan("node1", plan));
    assert!(text.contains("rm -f -- /etc/mfs-alert.pem"), "{text}");
}

#[test]
fn curl_comes_with_it_and_certificates_where_they_are_needed() {
    let mut world = world();
    let wanted = |world: &World| crate::step::package::wanted(&world.view("node1"), crate::fact::system::Family::Apt);
    assert!(wanted(&world).contains(&"curl".to_owned()) && wanted(&world).contains(&"ca-certificates".to_owned()));
    world.cluster.notify.ca = Some(Secret::new("x"));
    assert!(!wanted(&world).contains(&"ca-certificates".to_owned()));
    assert!(!wanted(&World::new()).contains(&"curl".to_owned()));
}
