//! Nodes that exist only in memory, for tests of everything above this room.
//!
//! A test says what each node answers and where it breaks, runs the code under
//! test against [`FakeConnector`], and then reads the recorded history:
//!
//! ```
//! use mfsctl::remote::fake::{FakeConnector, Reply};
//! use mfsctl::remote::{Connect, Request, Target};
//!
//! let fake = FakeConnector::new();
//! fake.host("node1").on(|r| r.argv[0] == "hostname", Reply::ok("node1\n"));
//! let mut node = fake.connect(&Target { name: "node1".into(), ..Target::default() })?;
//! assert_eq!(node.run(&Request::new(["hostname"]))?.text(), "node1\n");
//! assert_eq!(fake.host("node1").commands(), ["hostname"]);
//! # Ok::<(), mfsctl::remote::RemoteError>(())
//! ```
//!
//! Every handle is a cheap clone of shared state and may be used from any thread.

mod host;
mod reply;
mod transport;

pub use self::host::{Call, FakeHost};
pub use self::reply::{Reply, output};
pub use self::transport::{FakeConnector, FakeTransport};

use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Read, Write};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::remote::{Connect, Exit, RemoteError, Request, Target, Transport};

    fn node(fake: &FakeConnector) -> Box<dyn Transport> {
        fake.connect(&Target { name: "node1".into(), ..Target::default() }).unwrap()
    }

    #[test]
    fn the_newest_rule_wins_and_limited_rules_run_out() {
        let fake = FakeConnector::new();
        let host = fake.host("node1");
        host.on_command("status", Reply::ok("up")).on_times(1, |_| true, Reply::exit(3, "not yet"));
        let mut node = node(&fake);
        assert_eq!(node.run(&Request::new(["x", "status"])).unwrap().exit, Exit::Code(3));
        assert_eq!(node.run(&Request::new(["x", "status"])).unwrap().text(), "up");
        assert!(node.run(&Request::new(["other"])).unwrap().success());
        assert_eq!(host.commands(), ["x status", "x status", "other"]);
    }

    #[test]
    fn faults_strike_where_told_and_a_lost_connection_stays_lost() {
        let fake = FakeConnector::new();
        fake.host("node1").at(2, Reply::lose());
        let mut first = node(&fake);
        assert!(first.run(&Request::new(["a"])).is_ok());
        assert!(matches!(first.run(&Request::new(["b"])), Err(RemoteError::Lost { .. })));
        assert!(matches!(first.run(&Request::new(["c"])), Err(RemoteError::Lost { .. })));
        assert!(node(&fake).run(&Request::new(["c"])).is_ok());
        assert_eq!(fake.host("node1").connections(), 2);
    }

    #[test]
    fn a_hanging_command_takes_its_deadline() {
        let fake = FakeConnector::new();
        fake.host("node1").otherwise(Reply::hang());
        let request = Request::new(["sleep"]).within(Duration::from_millis(30));
        let started = Instant::now();
        assert!(matches!(node(&fake).run(&request), Err(RemoteError::Timeout { .. })));
        assert!(started.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn a_broken_lock_is_seen_by_tell_and_breathe() {
        let fake = FakeConnector::new();
        let mut node = node(&fake);
        assert_eq!(node.hold(&Request::new(["flock"])).unwrap(), "locked");
        assert!(node.tell("done").is_ok() && node.breathe().is_ok());
        fake.host("node1").end_held();
        assert!(node.breathe().is_err() && node.tell("x").is_err());
    }

    #[test]
    fn a_port_is_served() {
        let fake = FakeConnector::new();
        fake.host("node1").serve(9421, |asked| asked.iter().rev().copied().collect());
        let mut node = node(&fake);
        let mut stream = node.tcp("localhost", 9421, Duration::from_secs(1)).unwrap();
        stream.write_all(b"abc").unwrap();
        let mut answer = [0; 3];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"cba");
        drop(stream);
        assert!(node.tcp("localhost", 1, Duration::from_secs(1)).is_err());
    }

    #[test]
    fn a_node_that_goes_down_loses_open_connections_and_refuses_new_ones() {
        let fake = FakeConnector::new();
        let mut open = node(&fake);
        let error = RemoteError::Unreachable { node: "node1".into(), reason: "no route to host".into() };
        fake.host("node1").down(Some(error));
        assert!(matches!(open.run(&Request::new(["a"])), Err(RemoteError::Lost { .. })));
        assert!(fake.connect(&Target { name: "node1".into(), ..Target::default() }).is_err());
        fake.host("node1").down(None);
        assert!(node(&fake).run(&Request::new(["a"])).is_ok());
    }
}
