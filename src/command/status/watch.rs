//! `mfsctl status --watch`: the terminal, the threads that ask, and the loop between them.
//!
//! The nodes are asked on threads of their own ([`crew`]); this one draws, reads keys and never waits for a node. The
//! terminal is put back by [`screen::Screen`] whatever ends the loop.

mod crew;
mod prompt;
mod screen;

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event};

use super::gather::now;
use super::records;
use crate::cli::Format;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::remote::ssh::{SshConnector, SshOptions};
use crate::report::{self, watch};
use crew::Crew;
use prompt::ShyPrompt;
use screen::Screen;

/// Longest time without drawing, and the pace at which what the threads say is taken.
const TICK: Duration = Duration::from_millis(100);
/// How long the first answers are waited for before the screen is taken: whoever needs a passphrase asks for it in this time.
const FIRST: Duration = Duration::from_secs(2);
/// How often backups and switchovers are looked up again.
const RECORDS: Duration = Duration::from_secs(30);

/// Watches until somebody leaves.
///
/// # Errors
/// Standard input or output is no terminal; a wrong inventory; a terminal that fails; a signal.
pub fn run(context: &Context, seconds: u16) -> Result<()> {
    if context.global.format != Format::Table {
        return Err(
            Error::input("--watch draws a screen of its own: take --format away").hint("`mfsctl status --format json` tells the same once")
        );
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Error::input("--watch needs a terminal on standard input and output, and there is none")
            .hint("run it in a terminal (`ssh -t` gives one), or ask once: `mfsctl status`, `mfsctl status --format json`"));
    }
    let cluster = Arc::new(context.cluster()?);
    let prompt = Arc::new(ShyPrompt::default());
    let options = SshOptions {
        accept_new_host_keys: context.global.accept_new_host_keys,
        prompts: Arc::<ShyPrompt>::clone(&prompt),
        ..SshOptions::default()
    };
    let mut model = watch::Model::new(Arc::clone(&cluster), seconds, now());
    let (sender, messages) = mpsc::channel();
    report::say(&format!("asking {} nodes", cluster.nodes.len()));
    let crew = Crew::start(&cluster, Arc::new(SshConnector::new(options)), usize::from(context.global.jobs), seconds, &sender);
    first_answers(&mut model, &messages, &prompt);
    // Until here a signal ends the process, also while it waits for a passphrase.
    let stop = signals().map_err(|e| Error::failed(format!("signals: {e}")))?;
    let mut screen = Screen::open().map_err(|e| Error::failed(format!("the terminal cannot be used: {e}")))?;
    let ended = watching(&mut model, &messages, &crew, &mut screen, context.color, &stop);
    crew.dismiss();
    drop(screen);
    ended.map_err(|e| Error::failed(format!("the terminal failed: {e}")))?;
    if stop.load(Ordering::Relaxed) {
        return Err(Error::new(Kind::Interrupted, "stopped by a signal"));
    }
    Ok(())
}

/// Raised by SIGINT, SIGTERM and SIGHUP; none of them ends the process by itself, so that the terminal is always put back.
fn signals() -> std::io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Takes the first answers while the terminal is still everybody's; a question under way is waited for.
fn first_answers(model: &mut watch::Model, messages: &mpsc::Receiver<watch::Message>, prompt: &ShyPrompt) {
    let end = Instant::now() + FIRST;
    while !model.judged || prompt.is_asking() {
        if Instant::now() >= end && prompt.close() {
            return;
        }
        if let Ok(message) = messages.recv_timeout(TICK) {
            watch::update(model, message);
        }
        watch::update(model, watch::Message::Clock(now()));
    }
    prompt.close();
}

fn watching(
    model: &mut watch::Model,
    messages: &mpsc::Receiver<watch::Message>,
    crew: &Crew,
    screen: &mut Screen,
    color: bool,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut looked_up: Option<Instant> = None;
    let mut stale = true;
    let mut second = 0;
    let (columns, rows) = screen.size()?;
    watch::update(model, watch::Message::Size(columns, rows));
    while !stop.load(Ordering::Relaxed) {
        if looked_up.is_none_or(|at| at.elapsed() > RECORDS) {
            watch::update(model, watch::Message::Records(Box::new(records::look(&model.shown))));
            looked_up = Some(Instant::now());
        }
        for message in messages.try_iter() {
            watch::update(model, message);
            stale = true;
        }
        watch::update(model, watch::Message::Clock(now()));
        // The clock and the ages go on by the second.
        if stale || model.now as i64 != second {
            second = model.now as i64;
            screen.draw(|frame| watch::draw(frame, model, color))?;
            stale = false;
        }
        if !event::poll(TICK)? {
            continue;
        }
        stale = true;
        let message = match event::read()? {
            Event::Key(pressed) => watch::key(pressed).map(watch::Message::Key),
            Event::Resize(columns, rows) => Some(watch::Message::Size(columns, rows)),
            _ => None,
        };
        match message.map(|m| watch::update(model, m)) {
            Some(watch::Effect::Quit) => return Ok(()),
            Some(watch::Effect::Refresh) => crew.refresh(),
            Some(watch::Effect::Pause(paused)) => crew.pause(paused),
            Some(watch::Effect::None) | None => {}
        }
    }
    Ok(())
}
