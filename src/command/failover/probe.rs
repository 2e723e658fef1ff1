//! The gap as a client sees it: another node asks the master at the virtual address for its version, again and again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::fleet::target;
use crate::inventory::model::Node;
use crate::remote::{Connect, Request};

/// bash, for `/dev/tcp`. Prints `UPTIME 1` for each answer and `UPTIME 0` for each second without one, for some seconds.
/// The question is ANTOAN_GET_VERSION (10), its answer ANTOAN_VERSION (11) (MFSCommunication.h).
const ASK: &str = r#"vip=$1 port=$2 end=$((SECONDS + $3))
while [ "$SECONDS" -lt "$end" ]; do
  answer=$(timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "\0\0\0\12\0\0\0\0" >&3 && head -c 4 <&3 | od -An -tx1' "$vip" "$port" 2>/dev/null)
  read -r up _ </proc/uptime
  if [ "$answer" = " 00 00 00 0b" ]; then echo "$up 1"; else echo "$up 0"; fi
  sleep 0.2
done
"#;

/// One look: seconds since that node's boot, and whether the master answered.
type Look = (f64, bool);

/// Probes from a node until told to stop; gives the longest time without an answer, in milliseconds, if there was one.
pub fn gap(connector: &dyn Connect, node: &Node, vip: &str, port: u16, stop: &AtomicBool) -> Option<u64> {
    let mut transport = connector.connect(&target(node)).ok()?;
    let mut looks: Vec<Look> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let words = ["bash", "-c", ASK, "mfsctl-probe", vip, &port.to_string(), "3"];
        let output = transport.run(&Request::new(words).within(Duration::from_secs(20))).ok()?;
        looks.extend(read(&output.text()));
    }
    longest(&looks)
}

fn read(text: &str) -> Vec<Look> {
    let look = |line: &str| {
        let (at, answered) = line.split_once(' ')?;
        Some((at.parse().ok()?, answered == "1"))
    };
    text.lines().filter_map(look).collect()
}

/// The longest time between two answers with a miss between them.
fn longest(looks: &[Look]) -> Option<u64> {
    let (mut last, mut missed, mut gap) = (None, false, None);
    for (at, answered) in looks {
        if !answered {
            missed = true;
            continue;
        }
        if let (Some(last), true) = (last, missed) {
            let now: f64 = (at - last) * 1000.0;
            gap = gap.max(Some(now.round() as u64));
        }
        (last, missed) = (Some(*at), false);
    }
    gap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_between_answers_around_misses() {
        assert_eq!(longest(&read("10.0 1\n10.3 1\n11.4 0\n12.5 0\n13.1 1\n13.4 1\n")), Some(2800));
        assert_eq!(longest(&read("10.0 1\n14.3 1\n")), None, "a slow probe is no gap");
        assert_eq!(longest(&read("10.0 0\n11.0 0\n12.0 1\n")), None, "nothing is known of the time before");
        assert_eq!(longest(&read("garbage\n1.0 1\n2.0 0\n3.0 1\n4.0 0\n9.0 1\n")), Some(6000));
    }

    #[test]
    fn the_probe_is_valid_shell() {
        assert!(std::process::Command::new("bash").args(["-n", "-c", ASK]).status().is_ok_and(|s| s.success()));
    }
}
