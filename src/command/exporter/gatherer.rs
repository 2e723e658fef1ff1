//! Gathers in the background, one gathering at a time, and keeps the last.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::server::Answer;
use crate::command::status::gather;
use crate::engine::fleet::Fleet;
use crate::engine::interrupt::Interrupt;
use crate::health;
use crate::inventory::model::Cluster;
use crate::remote::Connect;
use crate::report::metrics::{self, exporter::Own};

/// Longest time a gathering may take: a node's survey has a minute, a connection half of one.
const LONGEST: Duration = Duration::from_secs(120);

/// The last gathering.
struct Snapshot {
    text: Arc<str>,
    at: Instant,
    time: f64,
    took: f64,
    gathers: u64,
}

/// What gathers, and what it gathered.
pub struct Gatherer {
    cluster: Arc<Cluster>,
    interval: Duration,
    last: Arc<Mutex<Option<Snapshot>>>,
    worker: JoinHandle<()>,
}

impl Gatherer {
    /// Begins to gather at once. The thread is not waited for at the end: a node that hangs must not hold it up.
    pub fn start(cluster: Cluster, connector: Arc<dyn Connect>, jobs: usize, interval: Duration, stop: Interrupt) -> Self {
        let (cluster, last) = (Arc::new(cluster), Arc::new(Mutex::new(None)));
        let (of, keep) = (Arc::clone(&cluster), Arc::clone(&last));
        let worker = thread::spawn(move || work(&of, &*connector, jobs, interval, &keep, &stop));
        Self { cluster, interval, last, worker }
    }

    /// The cluster's name.
    pub fn cluster(&self) -> &str {
        &self.cluster.name
    }

    /// Whether nobody gathers any more.
    pub fn ended(&self) -> bool {
        self.worker.is_finished()
    }

    /// The answer to a GET, `None` where there is nothing.
    pub fn answer(&self, path: &str) -> Option<Answer> {
        match path {
            "/metrics" => Some(Answer::metrics(self.page())),
            "/healthz" => Some(self.health()),
            _ => None,
        }
    }

    fn page(&self) -> String {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = last.as_ref();
        let own = Own {
            cluster: self.cluster.name.clone(),
            age: snapshot.map(|s| s.at.elapsed().as_secs_f64()),
            time: snapshot.map(|s| s.time),
            took: snapshot.map(|s| s.took),
            gathers: snapshot.map_or(0, |s| s.gathers),
            interval: self.interval.as_secs_f64(),
        };
        let text = snapshot.map(|s| Arc::clone(&s.text));
        drop(last);
        format!("{}{}", text.as_deref().unwrap_or_default(), metrics::exporter::render(&own))
    }

    fn health(&self) -> Answer {
        let age = self.last.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|s| s.at.elapsed());
        match age {
            Some(age) if age <= 2 * self.interval + LONGEST => Answer::text(200, "ok\n"),
            Some(age) => Answer::text(503, &format!("the last gathering is {} s old\n", age.as_secs())),
            None => Answer::text(503, "nothing was gathered yet\n"),
        }
    }
}

fn work(cluster: &Cluster, connector: &dyn Connect, jobs: usize, interval: Duration, last: &Mutex<Option<Snapshot>>, stop: &Interrupt) {
    let mut fleet = Fleet::new(cluster, connector, jobs);
    let mut gathers = 0;
    while !stop.requested() {
        let begin = Instant::now();
        let (report, _) = gather::sight(cluster, &mut fleet, &gather::judged, &|_, _| Ok(()), &|_| {});
        let text = metrics::render(&report, &health::judge(&report));
        gathers += 1;
        let snapshot =
            Snapshot { text: text.into(), at: Instant::now(), time: gather::now(), took: begin.elapsed().as_secs_f64(), gathers };
        *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
        rest(cluster, &mut fleet, begin + interval, stop);
    }
}

/// Waits, and keeps the connections alive meanwhile; one that died is made anew by the next gathering, which would
/// otherwise take the node for dead.
fn rest(cluster: &Cluster, fleet: &mut Fleet, until: Instant, stop: &Interrupt) {
    let mut breath = Instant::now();
    loop {
        if breath.elapsed() >= Duration::from_secs(1) || Instant::now() >= until {
            breath = Instant::now();
            for node in &cluster.nodes {
                let slot = fleet.slot(&node.name);
                if matches!(slot.open().map(|t| t.breathe()), Some(Err(_))) {
                    slot.close();
                }
            }
        }
        if stop.requested() || Instant::now() >= until {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::RemoteError;
    use crate::remote::fake::FakeConnector;
    use crate::step::testing::cluster;

    fn started(interval: Duration) -> (Gatherer, FakeConnector, Interrupt) {
        let (fake, stop) = (FakeConnector::new(), Interrupt::default());
        for node in cluster().nodes {
            fake.host(&node.name).down(Some(RemoteError::Unreachable { node: node.name.clone(), reason: "down".into() }));
        }
        (Gatherer::start(cluster(), Arc::new(fake.clone()), 4, interval, stop.clone()), fake, stop)
    }

    fn wait(what: &str, mut until: impl FnMut() -> bool) {
        let begin = Instant::now();
        while !until() {
            assert!(begin.elapsed() < Duration::from_secs(20), "{what}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn it_gathers_again_and_again_never_two_at_once_and_ends_when_told() {
        let (gatherer, fake, stop) = started(Duration::from_millis(300));
        wait("no snapshot", || gatherer.page().contains("mfs_node_reachable"));
        assert!(gatherer.page().contains("mfs_cluster_healthy{cluster=\"reference\"} 0"), "{}", gatherer.page());
        wait("no second gathering", || gatherer.page().contains("mfs_exporter_gathers_total{cluster=\"reference\"} 2"));
        let connects = fake.host("node1").connections();
        assert!((2..=4).contains(&connects), "{connects}: one try a gathering");
        assert_eq!(gatherer.answer("/healthz").unwrap().status, 200);
        assert!(gatherer.answer("/").is_none() && !gatherer.ended());
        stop.request();
        wait("it goes on", || gatherer.ended());
    }

    #[test]
    fn an_old_snapshot_is_served_with_its_age_and_is_not_healthy() {
        let (gatherer, _fake, stop) = started(Duration::from_secs(3600));
        wait("no snapshot", || gatherer.page().contains("mfs_node_reachable"));
        stop.request();
        wait("it goes on", || gatherer.ended());
        let age = |page: &str| -> f64 {
            let line = page.lines().find(|l| l.starts_with("mfs_exporter_snapshot_age_seconds{")).unwrap();
            line.rsplit_once(' ').unwrap().1.parse().unwrap()
        };
        let first = age(&gatherer.page());
        thread::sleep(Duration::from_millis(50));
        assert!(age(&gatherer.page()) >= first + 0.05, "the age is of the scrape, not of the gathering");
        let old = Gatherer { interval: Duration::ZERO, ..gatherer };
        if let Some(snapshot) = old.last.lock().unwrap().as_mut() {
            snapshot.at = Instant::now().checked_sub(LONGEST + Duration::from_secs(5)).unwrap();
        }
        let health = old.answer("/healthz").unwrap();
        assert!(health.status == 503 && health.body.contains("125 s old"), "{} {}", health.status, health.body);
        assert!(old.page().contains("mfs_node_reachable"), "what is old is served, and says so");
        *old.last.lock().unwrap() = None;
        assert_eq!(old.answer("/healthz").unwrap().body, "nothing was gathered yet\n");
        assert!(old.page().contains("mfs_exporter_info") && !old.page().contains("mfs_exporter_snapshot_age"));
    }
}
