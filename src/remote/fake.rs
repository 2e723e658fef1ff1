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

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Connect, Exit, Output, RemoteError, Request, Stream, Target, Transport, shell};

type Predicate = Arc<dyn Fn(&Request) -> bool + Send + Sync>;
type Dynamic = Arc<dyn Fn(&Request) -> Output + Send + Sync>;
type Service = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// What a fake node does with a command.
#[derive(Clone)]
pub struct Reply {
    what: What,
    delay: Duration,
}

#[derive(Clone)]
enum What {
    Output(Output),
    Dynamic(Dynamic),
    Fail(RemoteError),
    Hang,
    Lose,
}

impl Reply {
    fn new(what: What) -> Self {
        Self { what, delay: Duration::ZERO }
    }

    /// Exits with 0 after printing `stdout`.
    #[must_use]
    pub fn ok(stdout: impl Into<Vec<u8>>) -> Self {
        Self::new(What::Output(output(Exit::Code(0), stdout.into(), Vec::new())))
    }

    /// Exits with `code` after printing `stderr`.
    #[must_use]
    pub fn exit(code: i32, stderr: impl Into<Vec<u8>>) -> Self {
        Self::new(What::Output(output(Exit::Code(code), Vec::new(), stderr.into())))
    }

    /// Is killed by a signal, named without `SIG`.
    #[must_use]
    pub fn signal(name: &str) -> Self {
        Self::new(What::Output(output(Exit::Signal(name.to_owned()), Vec::new(), Vec::new())))
    }

    /// Gives exactly this output.
    #[must_use]
    pub fn output(output: Output) -> Self {
        Self::new(What::Output(output))
    }

    /// Computes the output, for nodes that have a state. No lock is held while `answer` runs.
    #[must_use]
    pub fn from_fn(answer: impl Fn(&Request) -> Output + Send + Sync + 'static) -> Self {
        Self::new(What::Dynamic(Arc::new(answer)))
    }

    /// The transport fails; the connection stays usable unless the error is [`RemoteError::Lost`].
    #[must_use]
    pub fn fail(error: RemoteError) -> Self {
        Self::new(What::Fail(error))
    }

    /// Does not end: sleeps until the request's deadline, then [`RemoteError::Timeout`].
    #[must_use]
    pub fn hang() -> Self {
        Self::new(What::Hang)
    }

    /// The connection dies in mid-command and stays dead; a new connection works again.
    #[must_use]
    pub fn lose() -> Self {
        Self::new(What::Lose)
    }

    /// Takes this long first (real time).
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// An output with no time elapsed.
#[must_use]
pub fn output(exit: Exit, stdout: Vec<u8>, stderr: Vec<u8>) -> Output {
    Output { exit, stdout, stderr, elapsed: Duration::ZERO }
}

/// One thing that was done to a fake node.
#[derive(Debug, Clone)]
pub enum Call {
    /// A connection was asked for (also when it was refused).
    Connect,
    /// A command was run.
    Run(Request),
    /// A command was started to be held.
    Hold(Request),
    /// A line was sent to the held command.
    Tell(String),
    /// A TCP connection was opened.
    Tcp(String, u16),
    /// The transport was dropped.
    Close,
}

struct Rule {
    matches: Predicate,
    reply: Reply,
    left: Option<usize>,
}

struct State {
    rules: Vec<Rule>,
    otherwise: Reply,
    at: BTreeMap<usize, Reply>,
    connect: VecDeque<RemoteError>,
    down: Option<RemoteError>,
    hold: Result<String, RemoteError>,
    holder_dead: bool,
    services: BTreeMap<u16, Service>,
    runs: usize,
    history: Vec<Call>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            otherwise: Reply::ok(""),
            at: BTreeMap::new(),
            connect: VecDeque::new(),
            down: None,
            hold: Ok("locked".to_owned()),
            holder_dead: false,
            services: BTreeMap::new(),
            runs: 0,
            history: Vec::new(),
        }
    }
}

/// A handle on one fake node; says what it answers and what was done to it.
#[derive(Clone)]
pub struct FakeHost {
    name: String,
    state: Arc<Mutex<State>>,
    log: Arc<Mutex<Vec<(String, Call)>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeHost {
    /// Answers every command that `matches`; the rule added last is asked first, so that a test can
    /// override a general script with a special case.
    pub fn on(&self, matches: impl Fn(&Request) -> bool + Send + Sync + 'static, reply: Reply) -> &Self {
        self.rule(matches, reply, None)
    }

    /// Like [`FakeHost::on`], for the next `times` matching commands only.
    pub fn on_times(&self, times: usize, matches: impl Fn(&Request) -> bool + Send + Sync + 'static, reply: Reply) -> &Self {
        self.rule(matches, reply, Some(times))
    }

    /// Answers commands whose argv, joined as a shell would read it, contains `part`.
    pub fn on_command(&self, part: &str, reply: Reply) -> &Self {
        let part = part.to_owned();
        self.on(move |r| shell::join(&r.argv).contains(&part), reply)
    }

    /// Answers commands whose standard input contains `part`.
    pub fn on_input(&self, part: &str, reply: Reply) -> &Self {
        let part = part.to_owned();
        self.on(move |r| String::from_utf8_lossy(&r.stdin).contains(&part), reply)
    }

    fn rule(&self, matches: impl Fn(&Request) -> bool + Send + Sync + 'static, reply: Reply, left: Option<usize>) -> &Self {
        lock(&self.state).rules.push(Rule { matches: Arc::new(matches), reply, left });
        self
    }

    /// What a command gets that no rule matches; at first exit 0 and no output.
    pub fn otherwise(&self, reply: Reply) -> &Self {
        lock(&self.state).otherwise = reply;
        self
    }

    /// Makes the `nth` command run on this node from now on (1 is the next one, all connections together)
    /// end like this, whatever the rules say.
    pub fn at(&self, nth: usize, reply: Reply) -> &Self {
        let mut state = lock(&self.state);
        let at = state.runs + nth;
        state.at.insert(at, reply);
        drop(state);
        self
    }

    /// Refuses the next connection with this error; several wait in line.
    pub fn refuse_once(&self, error: RemoteError) -> &Self {
        lock(&self.state).connect.push_back(error);
        self
    }

    /// Takes the node down: connections are refused with this error, and open ones are lost; `None` brings it back.
    pub fn down(&self, error: Option<RemoteError>) -> &Self {
        lock(&self.state).down = error;
        self
    }

    /// The first line a held command prints (at first `locked`), or why it could not be started.
    pub fn hold_answers(&self, answer: Result<String, RemoteError>) -> &Self {
        lock(&self.state).hold = answer;
        self
    }

    /// Ends the held command, as when the operator lock is broken on the node.
    pub fn end_held(&self) -> &Self {
        lock(&self.state).holder_dead = true;
        self
    }

    /// Serves a TCP port: each read is answered with what `answer` makes of the bytes written since the last one.
    /// An empty answer reads as end of stream.
    pub fn serve(&self, port: u16, answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> &Self {
        lock(&self.state).services.insert(port, Arc::new(answer));
        self
    }

    /// Everything done to this node, in order.
    #[must_use]
    pub fn history(&self) -> Vec<Call> {
        lock(&self.state).history.clone()
    }

    /// The commands run on this node, in order, each joined as a shell would read it.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let run = |call: &Call| if let Call::Run(request) = call { Some(shell::join(&request.argv)) } else { None };
        lock(&self.state).history.iter().filter_map(run).collect()
    }

    /// The requests run on this node, in order, with their input and deadline.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let run = |call: &Call| if let Call::Run(request) = call { Some(request.clone()) } else { None };
        lock(&self.state).history.iter().filter_map(run).collect()
    }

    /// How many connections were asked for.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.state).history.iter().filter(|c| matches!(c, Call::Connect)).count()
    }

    fn record(&self, call: Call) {
        lock(&self.log).push((self.name.clone(), call.clone()));
        lock(&self.state).history.push(call);
    }

    fn next_reply(&self, request: &Request) -> Reply {
        let mut state = lock(&self.state);
        state.runs += 1;
        let run = state.runs;
        if let Some(reply) = state.at.remove(&run) {
            return reply;
        }
        let found = state.rules.iter().rposition(|rule| rule.left != Some(0) && (rule.matches)(request));
        let Some(rule) = found.and_then(|index| state.rules.get_mut(index)) else { return state.otherwise.clone() };
        rule.left = rule.left.map(|left| left - 1);
        rule.reply.clone()
    }
}

/// Connects to fake nodes. Clones share the nodes.
#[derive(Clone, Default)]
pub struct FakeConnector {
    hosts: Arc<Mutex<BTreeMap<String, FakeHost>>>,
    log: Arc<Mutex<Vec<(String, Call)>>>,
}

impl FakeConnector {
    /// Without nodes; each comes to be when first named.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The node of this name ([`Target::name`]).
    #[must_use]
    pub fn host(&self, name: &str) -> FakeHost {
        let new = || FakeHost { name: name.to_owned(), state: Arc::default(), log: Arc::clone(&self.log) };
        lock(&self.hosts).entry(name.to_owned()).or_insert_with(new).clone()
    }

    /// Everything done to all nodes, in the order it was done.
    #[must_use]
    pub fn history(&self) -> Vec<(String, Call)> {
        lock(&self.log).clone()
    }
}

impl Connect for FakeConnector {
    fn connect(&self, target: &Target) -> Result<Box<dyn Transport>, RemoteError> {
        let host = self.host(&target.name);
        host.record(Call::Connect);
        let mut state = lock(&host.state);
        if let Some(error) = state.down.clone().or_else(|| state.connect.pop_front()) {
            return Err(error);
        }
        drop(state);
        Ok(Box::new(FakeTransport { host, lost: None, held: false }))
    }
}

/// An open connection to a fake node.
pub struct FakeTransport {
    host: FakeHost,
    lost: Option<String>,
    held: bool,
}

impl FakeTransport {
    fn alive(&mut self) -> Result<(), RemoteError> {
        if lock(&self.host.state).down.is_some() {
            self.lost.get_or_insert_with(|| "the node is down".to_owned());
        }
        match &self.lost {
            Some(reason) => Err(RemoteError::Lost { node: self.host.name.clone(), reason: reason.clone() }),
            None => Ok(()),
        }
    }

    fn held_alive(&self) -> Result<(), RemoteError> {
        if !self.held || lock(&self.host.state).holder_dead {
            return Err(RemoteError::Lost { node: self.host.name.clone(), reason: "the held command ended".to_owned() });
        }
        Ok(())
    }
}

impl Transport for FakeTransport {
    fn run(&mut self, request: &Request) -> Result<Output, RemoteError> {
        self.host.record(Call::Run(request.clone()));
        self.alive()?;
        let started = Instant::now();
        let reply = self.host.next_reply(request);
        thread::sleep(reply.delay.min(request.deadline));
        let mut output = match reply.what {
            _ if reply.delay > request.deadline => return Err(timeout(&self.host.name, request)),
            What::Output(output) => output,
            What::Dynamic(answer) => answer(request),
            What::Fail(error) => {
                if let RemoteError::Lost { reason, .. } = &error {
                    self.lost = Some(reason.clone());
                }
                return Err(error);
            }
            What::Hang => {
                thread::sleep(request.deadline.saturating_sub(started.elapsed()));
                return Err(timeout(&self.host.name, request));
            }
            What::Lose => {
                self.lost = Some("connection reset by peer".to_owned());
                return self.alive().map(|()| output(Exit::Code(0), Vec::new(), Vec::new()));
            }
        };
        output.elapsed = started.elapsed();
        Ok(output)
    }

    fn hold(&mut self, request: &Request) -> Result<String, RemoteError> {
        self.host.record(Call::Hold(request.clone()));
        self.alive()?;
        let mut state = lock(&self.host.state);
        let line = state.hold.clone()?;
        state.holder_dead = false;
        drop(state);
        self.held = true;
        Ok(line)
    }

    fn tell(&mut self, line: &str) -> Result<(), RemoteError> {
        self.host.record(Call::Tell(line.to_owned()));
        self.alive()?;
        self.held_alive()
    }

    fn breathe(&mut self) -> Result<(), RemoteError> {
        self.alive()?;
        if self.held { self.held_alive() } else { Ok(()) }
    }

    fn tcp<'a>(&'a mut self, host: &str, port: u16, _deadline: Duration) -> Result<Box<dyn Stream + 'a>, RemoteError> {
        self.host.record(Call::Tcp(host.to_owned(), port));
        self.alive()?;
        let service = lock(&self.host.state).services.get(&port).cloned();
        let address = format!("{host}:{port}");
        let answer = service.ok_or_else(|| RemoteError::Refused { node: self.host.name.clone(), address })?;
        Ok(Box::new(FakeStream { answer, asked: Vec::new(), ready: VecDeque::new() }))
    }
}

impl Drop for FakeTransport {
    fn drop(&mut self) {
        self.host.record(Call::Close);
    }
}

fn timeout(node: &str, request: &Request) -> RemoteError {
    RemoteError::Timeout { node: node.to_owned(), command: shell::join(&request.argv), deadline: request.deadline }
}

struct FakeStream {
    answer: Service,
    asked: Vec<u8>,
    ready: VecDeque<u8>,
}

impl Read for FakeStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            self.ready.extend((self.answer)(&std::mem::take(&mut self.asked)));
        }
        self.ready.read(buffer)
    }
}

impl Write for FakeStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.asked.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
