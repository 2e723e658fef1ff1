//! Checks that need more than one value: each error with its place and its fix.

mod nodes;
mod sharing;
mod storage;

use super::diagnostic::Findings;
use super::document::Document;
use super::resolve::Folded;

/// Runs every check.
pub fn all(doc: &Document, nodes: &[Folded<'_>], witnesses: &[String], findings: &mut Findings) {
    nodes::names_and_addresses(doc, nodes, findings);
    nodes::groups(doc, nodes, findings);
    nodes::roles(doc, nodes, findings);
    nodes::priorities(doc, nodes, findings);
    nodes::witnesses(doc, nodes, witnesses, findings);
    nodes::ports(doc, nodes, witnesses, findings);
    storage::masters(nodes, findings);
    storage::chunkservers(nodes, findings);
    sharing::mounts(nodes, findings);
    sharing::tenants(doc, nodes, findings);
    sharing::exports(doc, nodes, findings);
    sharing::reachable(doc, nodes, findings);
}
