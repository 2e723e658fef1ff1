//! The settings of the takeover script, and how its witnesses change without anybody's votes counting twice.

use std::collections::BTreeSet;

use serde_json::json;

use super::keepalived;
use crate::fact::HostFacts;
use crate::fact::drbd_status::DrbdResource;
use crate::fact::takeover::master_port;
use crate::inventory::layout::takeover as at;
use crate::inventory::model::{Cluster, Role};
use crate::remote::shell::quote;
use crate::step::{self, Refusal, View, template};

const CONF: &str = include_str!("../../../playbooks/files/mfs-ha.conf");
/// A list of before without any witness, as the script has it.
const NONE: &str = "none";

/// Addresses of some witnesses.
type List = BTreeSet<String>;

/// Whom a master asks for its votes, as the settings on it say.
struct Asked {
    witnesses: List,
    /// Lists of before: a majority of each is needed too.
    earlier: BTreeSet<List>,
}

impl Asked {
    /// `None` where there are no settings.
    fn found(facts: &HostFacts) -> Option<Self> {
        Self::read(facts.files.content(at::HA_CONF)?)
    }

    /// `None` where the text names no witnesses, not even none.
    fn read(text: &str) -> Option<Self> {
        let value = |key: &str| text.lines().find_map(|l| l.strip_prefix(key)).map(|v| v.trim_matches('\''));
        let lists = value("EARLIER=").unwrap_or_default().split(';').map(str::trim).filter(|l| !l.is_empty());
        Some(Self { witnesses: list(value("WITNESSES=")?), earlier: lists.map(list).collect() })
    }
}

/// The lists of before whose majorities this master needs too. While the witnesses change those are needed until the other
/// master asks the new ones as well: two masters with different lists could each win their own.
fn earlier(view: &View, wanted: &List) -> Result<BTreeSet<List>, Refusal> {
    let Some(mut found) = Asked::found(view.facts) else { return Ok(BTreeSet::new()) };
    if found.witnesses != *wanted {
        if let Some(why) = unsettled(view) {
            return Err(Refusal {
                found: format!("the witnesses change while {why}: the other master could win the votes of the new ones"),
                fix: "wait until `mfsctl ha status` shows both up to date and nobody with votes, then run this again".to_owned(),
            });
        }
        found.earlier.insert(found.witnesses);
        found.earlier.remove(wanted);
    } else if unsettled(view).is_none() && peer_asks(view, wanted) {
        found.earlier.clear();
    }
    Ok(found.earlier)
}

fn list(words: &str) -> List {
    words.split_whitespace().filter(|w| *w != NONE).map(str::to_owned).collect()
}

/// Addresses of the witnesses, in the inventory's order.
fn witnesses(view: &View) -> Result<Vec<String>, Refusal> {
    let address = |name: &String| {
        let node = view.cluster.node(name).ok_or_else(|| missing(format!("witness {name} is not a node of the inventory")))?;
        Ok(node.address.to_string())
    };
    view.cluster.ha.witnesses.iter().map(address).collect()
}

fn missing(what: String) -> Refusal {
    Refusal { found: what, fix: "correct the inventory".to_owned() }
}

/// Why nothing may change about who is asked.
fn unsettled(view: &View) -> Option<&'static str> {
    if !view.facts.drbd.resource(view.cluster).is_some_and(DrbdResource::in_sync) {
        return Some("replication is not in sync");
    }
    view.facts.takeover.holding.then_some("this node holds the votes of the present ones")
}

/// Whether the other master asks those witnesses, and all of it that runs there knows.
fn peer_asks(view: &View, wanted: &List) -> bool {
    let peer = view.cluster.peer(view.node).and_then(|peer| step::facts_of(view.state, &peer.name));
    peer.is_some_and(|facts| !facts.pending.contains(at::MARK_HA) && Asked::found(facts).is_some_and(|asked| asked.witnesses == *wanted))
}

/// Whether settings name witnesses of before, so that they are written once more at the end of the change.
pub fn names_earlier(text: &str) -> bool {
    Asked::read(text).is_some_and(|asked| !asked.earlier.is_empty())
}

/// What there is to say of settings that are as they should be.
pub fn words(view: &View) -> &'static str {
    match Asked::found(view.facts) {
        Some(asked) if !asked.earlier.is_empty() => {
            "as rendered; a majority of the witnesses of before is needed too until both masters are in sync and ask the new ones"
        }
        _ => "as rendered",
    }
}

/// Seconds in which keepalived elects somebody: three adverts missed, the skew, and some slack for slow machines.
fn settle(cluster: &Cluster) -> u64 {
    // Adverts are seconds, far below any precision limit; inventories allow at most 255.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let election = (cluster.keepalived.advert_interval.max(0.0) * 4.0).ceil() as u64;
    election + 4
}

/// The settings of the takeover script for one master.
///
/// # Errors
/// When the node has no peer; when a witness is not in the inventory; when the witnesses change while not both masters are in
/// sync, or with votes held: a majority of the new ones need not know who won those of the old ones.
pub fn render(view: &View) -> Result<String, Refusal> {
    let cluster = view.cluster;
    let peer = cluster.peer(view.node).ok_or_else(|| missing(format!("{} has no second master beside it", view.node.name)))?;
    let spelled = |list: &List| if list.is_empty() { NONE.to_owned() } else { list.iter().cloned().collect::<Vec<_>>().join(" ") };
    let witnesses = witnesses(view)?;
    let earlier: Vec<String> = earlier(view, &witnesses.iter().cloned().collect())?.iter().map(spelled).collect();
    let chunkservers: Vec<String> = cluster.with_role(Role::Chunkserver).map(|n| n.address.to_string()).collect();
    let context = json!({
        "node": quote(&view.node.name), "peer": quote(&peer.name),
        "address": view.node.address, "peer_address": peer.address,
        "resource": quote(&cluster.drbd.resource), "device": quote(&cluster.drbd.device), "minor": cluster.drbd.minor(),
        "mount_point": quote(&cluster.mount_point), "data_path": quote(&cluster.data_path()),
        "vip": cluster.vip.address, "vip_prefix": cluster.vip.prefix,
        "interface": quote(cluster.vip.interface.as_deref().unwrap_or_default()),
        "master_port": master_port(cluster),
        "witnesses": quote(&witnesses.join(" ")), "earlier": quote(&earlier.join("; ")),
        "chunkservers": quote(&chunkservers.join(" ")), "witness_port": cluster.ha.witness_port,
        "witness_secret": quote(cluster.ha.witness_secret.expose()),
        "drbd_port": cluster.drbd.port, "elected": keepalived::elected(cluster),
        "promote_wait": cluster.ha.promote_wait.as_secs(), "stop_wait": cluster.ha.stop_wait.as_secs(),
        "fence_wait": cluster.ha.fence_wait.as_secs(), "fence_handicap_centis": cluster.ha.fence_handicap.as_millis() / 10,
        "settle": settle(cluster), "reserve": cluster.ha.reserve_mib.map_or_else(String::new, |mib| mib.to_string()),
    });
    template::render("mfs-ha.conf", CONF, context)
}
