//! One fake node: its script and its history.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use super::{Reply, lock};
use crate::remote::{RemoteError, Request, shell};

type Predicate = Arc<dyn Fn(&Request) -> bool + Send + Sync>;
pub(super) type Service = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// One thing that was done to a fake node.
#[derive(Debug, Clone)]
pub enum Call {
    /// A connection was asked for (also when it was refused).
    Connect,
    /// A command was run.
    Run(Request),
    /// A command was run whose output is taken as it comes.
    Stream(Request),
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

pub(super) struct State {
    rules: Vec<Rule>,
    otherwise: Reply,
    at: BTreeMap<usize, Reply>,
    pub(super) connect: VecDeque<RemoteError>,
    pub(super) down: Option<RemoteError>,
    pub(super) hold: Result<String, RemoteError>,
    pub(super) holder_dead: bool,
    pub(super) services: BTreeMap<u16, Service>,
    runs: usize,
    pub(super) breaths: usize,
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
            breaths: 0,
            history: Vec::new(),
        }
    }
}

/// A handle on one fake node; says what it answers and what was done to it.
#[derive(Clone)]
pub struct FakeHost {
    pub(super) name: String,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) log: Arc<Mutex<Vec<(String, Call)>>>,
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

    /// How often an idle connection to it was kept alive.
    #[must_use]
    pub fn breaths(&self) -> usize {
        lock(&self.state).breaths
    }

    /// How many connections were asked for.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.state).history.iter().filter(|c| matches!(c, Call::Connect)).count()
    }

    pub(super) fn record(&self, call: Call) {
        lock(&self.log).push((self.name.clone(), call.clone()));
        lock(&self.state).history.push(call);
    }

    pub(super) fn next_reply(&self, request: &Request) -> Reply {
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
