//! Host names, and /etc/hosts: masters know every node and the virtual IP, all others the virtual IP.

use std::net::Ipv4Addr;

use super::managed::{self, foreign_lines, with_block};
use super::{Action, Outcome, Refusal, StepDef, View};
use crate::inventory::layout::storage::HOSTS;
use crate::inventory::model::Role;

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "hostname", about: "The node calls itself what the inventory calls it", plan: hostname },
    StepDef { name: "hosts-file", about: "Names of the nodes and of the virtual IP in /etc/hosts", plan: hosts_file },
];

/// Never changes a name: DRBD, certificates, monitoring may all hang on the present one.
fn hostname(view: &View) -> Outcome {
    let (found, wanted) = (&view.facts.system.hostname, &view.node.name);
    if found == wanted {
        return Outcome::Unchanged(format!("uname -n says {wanted}"));
    }
    Outcome::refused(
        format!("{wanted} calls itself {found} (uname -n): DRBD finds its own section of the configuration by that name"),
        format!(
            "name the machine as the inventory does (hostnamectl set-hostname {wanted}), or rename the node in the inventory to {found}"
        ),
    )
}

fn hosts_file(view: &View) -> Outcome {
    match plan(view) {
        Ok(Some(action)) => Outcome::Do(vec![action]),
        Ok(None) => Outcome::Unchanged(format!("{HOSTS} knows the names already")),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn plan(view: &View) -> Result<Option<Action>, Refusal> {
    let text = view.facts.files.content(HOSTS).unwrap_or_default();
    let names = names(view);
    let rest = without_own_loopback(view, text);
    for (line, address, name) in entries(&rest) {
        let Some((wanted, _)) = names.iter().find(|(_, n)| n.eq_ignore_ascii_case(name)) else { continue };
        // An IPv6 line says nothing about the IPv4 address MooseFS asks for.
        if address.contains(':') || address.parse() == Ok(*wanted) {
            continue;
        }
        return Err(Refusal {
            found: format!("{HOSTS}: line {line} says that {name} is {address}, the inventory says {wanted}"),
            fix: format!("correct or remove that name in {HOSTS}, or correct the address in the inventory"),
        });
    }
    let lines: Vec<String> = names.iter().map(|(address, name)| format!("{address} {name}")).collect();
    let edited = with_block(&rest, "", &lines).map_err(|line| managed::broken(HOSTS, "", line))?;
    managed::edit(view, HOSTS, text, edited, None)
}

/// What this node must know.
fn names(view: &View) -> Vec<(Ipv4Addr, String)> {
    let mut names = Vec::new();
    if view.node.is(Role::Master) {
        names.extend(view.cluster.nodes.iter().map(|n| (n.address, n.name.clone())));
    }
    names.push((view.cluster.vip.address, view.cluster.vip.name.clone()));
    names
}

/// Debian's installer writes `127.0.1.1 NAME`. The resolver prefers loopback addresses whatever the order of
/// lines, so on a master, whose peers and own daemons must find it by that name, the line is commented out:
/// the only line of others that mfsctl changes.
fn without_own_loopback(view: &View, text: &str) -> String {
    if !view.node.is(Role::Master) {
        return text.to_owned();
    }
    let own = |line: &str| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        words.next() == Some("127.0.1.1") && words.any(|w| w == view.node.name)
    };
    text.split_inclusive('\n').map(|line| if own(line) { format!("#{line}") } else { line.to_owned() }).collect()
}

/// Foreign lines as (number, address, name), one for each name.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    foreign_lines(text).flat_map(|(at, line)| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let address = words.next().unwrap_or_default();
        words.map(move |name| (at, address, name))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, show};
    use super::*;

    fn outcome(node: &str, hosts: &str) -> Outcome {
        let mut world = World::new();
        world.file(node, HOSTS, hosts, 0o644);
        world.plan(node, hosts_file)
    }

    #[test]
    fn the_name_must_match() {
        let mut world = World::new();
        assert!(matches!(world.plan("node1", hostname), Outcome::Unchanged(_)));
        world.facts("node1").system.hostname = "node1.example.com".into();
        insta::assert_snapshot!(show(&world.plan("node1", hostname)));
    }

    #[test]
    fn masters_know_all_and_the_others_the_virtual_ip() {
        for node in ["node1", "node3", "node6"] {
            let mut world = World::new();
            let first = world.plan(node, hosts_file);
            insta::assert_snapshot!(format!("hosts-{node}"), show(&first));
            world.apply_writes(node, &first);
            assert!(matches!(world.plan(node, hosts_file), Outcome::Unchanged(_)));
        }
    }

    #[test]
    fn foreign_lines_are_kept_byte_for_byte() {
        let foreign =
            "127.0.0.1\tlocalhost  # mine\n\n::1 localhost ip6-localhost\n10.0.0.9 printer\n172.16.0.41 node1 # same address: fine";
        let Outcome::Do(actions) = outcome("node1", foreign) else { unreachable!() };
        let super::super::ActionKind::Write(write) = &actions[0].kind else { unreachable!() };
        assert!(write.content.starts_with(foreign));
    }

    #[test]
    fn another_address_for_our_name_is_refused() {
        insta::assert_snapshot!(show(&outcome("node1", "127.0.0.1 localhost\n172.16.0.99 old NODE2\n")));
        assert!(matches!(outcome("node3", "10.0.0.1 mfsmaster\n"), Outcome::Refused(_)));
        assert!(matches!(outcome("node3", "172.16.0.99 node2\nfe80::1 mfsmaster\n"), Outcome::Do(_)));
        assert!(matches!(outcome("node1", "127.0.0.1 localhost node1\n"), Outcome::Refused(_)));
    }

    #[test]
    fn a_masters_loopback_line_is_commented_out_once() {
        let mut world = World::new();
        world.file("node1", HOSTS, "127.0.0.1 localhost\n127.0.1.1\tnode1.example.com node1\n", 0o644);
        let first = world.plan("node1", hosts_file);
        insta::assert_snapshot!(show(&first));
        world.apply_writes("node1", &first);
        assert!(matches!(world.plan("node1", hosts_file), Outcome::Unchanged(_)));
        // Elsewhere nobody looks the node up by its own name.
        let Outcome::Do(actions) = outcome("node3", "127.0.1.1 node3\n") else { unreachable!() };
        let super::super::ActionKind::Write(write) = &actions[0].kind else { unreachable!() };
        assert!(write.content.starts_with("127.0.1.1 node3\n"));
    }
}
