//! Messages → the next model, and what is to be done outside. Pure: the clock comes as a message.

use super::model::{Look, Model, Open, Pane};
use super::{detail, panes};
use crate::health::Records;

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The next pane.
    Next,
    /// The pane before.
    Previous,
    /// The pane to the left.
    Left,
    /// The pane to the right.
    Right,
    /// The pane above, or a line up.
    Up,
    /// The pane below, or a line down.
    Down,
    /// A row up.
    RowUp,
    /// A row down.
    RowDown,
    /// The first row.
    Top,
    /// The last row.
    Bottom,
    /// The next way to sort.
    Sort,
    /// Open the node of the row.
    Open,
    /// Close what is open.
    Back,
    /// Ask nobody, or ask again.
    Pause,
    /// Ask everybody now.
    Refresh,
    /// The help.
    Help,
    /// Leave.
    Quit,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// A node is being looked at since then.
    Asking(String, f64),
    /// A node was looked at.
    Looked(Box<Look>),
    /// What is known of backups and switchovers.
    Records(Box<Records>),
    /// The screen has that many columns and rows.
    Size(u16, u16),
    /// It is that late, seconds since 1970.
    Clock(f64),
}

/// What is to be done outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Leave.
    Quit,
    /// Ask everybody now.
    Refresh,
    /// Ask nobody (or go on).
    Pause(bool),
}

/// The panes by column, from the top.
const COLUMNS: [&[Pane]; 2] =
    [&[Pane::Pair, Pane::Loggers, Pane::Clients], &[Pane::Replication, Pane::Chunks, Pane::Servers, Pane::Findings]];

/// Takes one message.
pub fn update(model: &mut Model, message: Message) -> Effect {
    match message {
        Message::Key(key) => return press(model, key),
        Message::Asking(node, at) => {
            if let Some(seen) = model.seen.get_mut(&node) {
                seen.asking = Some(at);
            }
        }
        Message::Records(records) => model.shown.records = Some(*records),
        Message::Size(columns, rows) => {
            model.size = (columns, rows);
            clamp(model);
        }
        Message::Looked(look) => looked(model, *look),
        Message::Clock(now) => {
            // A clock set back must not freeze what is measured by it.
            model.sampled = model.sampled.min(now);
            model.ticked = model.ticked.min(now);
            model.now = now;
            if now.floor() > model.ticked.floor() {
                model.ticked = now;
                model.rebuild();
                model.sample();
            }
        }
    }
    Effect::None
}

fn looked(model: &mut Model, look: Look) {
    let Some(seen) = model.seen.get_mut(&look.node) else { return };
    (seen.asking, seen.ended, seen.word) = (None, true, look.word);
    model.now = model.now.max(look.at);
    match look.view {
        Ok(view) => (seen.good, seen.failed) = (Some((view, look.at)), None),
        Err(reason) => seen.failed = Some(reason),
    }
    model.rebuild();
    // Counters are compared only when the word that counts has just come.
    let counted = match &model.report.master {
        crate::health::MasterAnswer::Answered { through, report, .. } if *through == look.node => Some(report.sessions.clone()),
        _ => None,
    };
    if let Some(sessions) = counted {
        model.count(&sessions, look.at);
    }
    clamp(model);
}

/// Keeps every cursor on a row.
fn clamp(model: &mut Model) {
    for pane in Pane::ALL {
        let last = panes::targets(model, pane).len().saturating_sub(1);
        let cursor = &mut model.cursor[pane.index()];
        *cursor = (*cursor).min(last);
    }
}

fn press(model: &mut Model, key: Key) -> Effect {
    match key {
        Key::Quit => return Effect::Quit,
        Key::Refresh => return Effect::Refresh,
        Key::Pause => {
            model.paused = !model.paused;
            return Effect::Pause(model.paused);
        }
        Key::Help => {
            model.help = !model.help;
            return Effect::None;
        }
        Key::Back if model.help => {
            model.help = false;
            return Effect::None;
        }
        _ if model.help => return Effect::None,
        _ => {}
    }
    if model.open.is_some() {
        read(model, key);
    } else {
        move_about(model, key);
    }
    Effect::None
}

/// Keys while a node is open.
fn read(model: &mut Model, key: Key) {
    let Some(Open { node, scroll }) = model.open.clone() else { return };
    let last = detail::lines(model, &node).len().saturating_sub(1);
    let scroll = match key {
        Key::Back => {
            model.open = None;
            return;
        }
        Key::RowDown | Key::Down => (scroll + 1).min(last),
        Key::RowUp | Key::Up => scroll.saturating_sub(1),
        Key::Top => 0,
        Key::Bottom => last,
        // The node after or before this one.
        Key::Next | Key::Right | Key::Previous | Key::Left => {
            let names: Vec<&String> = model.cluster.nodes.iter().map(|n| &n.name).collect();
            let at = names.iter().position(|n| **n == node).unwrap_or(0);
            let step = if matches!(key, Key::Next | Key::Right) { 1 } else { names.len().saturating_sub(1) };
            if let Some(name) = names.get((at + step) % names.len().max(1)) {
                model.open = Some(Open { node: (*name).clone(), scroll: 0 });
            }
            return;
        }
        _ => scroll,
    };
    model.open = Some(Open { node, scroll });
}

fn move_about(model: &mut Model, key: Key) {
    let at = Pane::ALL.iter().position(|p| *p == model.focus).unwrap_or(0);
    let column = usize::from(COLUMNS[1].contains(&model.focus));
    let row = COLUMNS[column].iter().position(|p| *p == model.focus).unwrap_or(0);
    let count = panes::targets(model, model.focus).len();
    let cursor = &mut model.cursor[model.focus.index()];
    match key {
        Key::Next => model.focus = Pane::ALL[(at + 1) % Pane::ALL.len()],
        Key::Previous => model.focus = Pane::ALL[(at + Pane::ALL.len() - 1) % Pane::ALL.len()],
        Key::Left | Key::Right => {
            let other = COLUMNS[usize::from(key == Key::Right)];
            if !other.contains(&model.focus) {
                model.focus = other[row.min(other.len() - 1)];
            }
        }
        Key::Up => model.focus = COLUMNS[column][row.saturating_sub(1)],
        Key::Down => model.focus = COLUMNS[column][(row + 1).min(COLUMNS[column].len() - 1)],
        Key::RowDown => *cursor = (*cursor + 1).min(count.saturating_sub(1)),
        Key::RowUp => *cursor = cursor.saturating_sub(1),
        Key::Top => *cursor = 0,
        Key::Bottom => *cursor = count.saturating_sub(1),
        Key::Sort => {
            let sorts = model.focus.sorts().len();
            if sorts > 0 {
                let sort = &mut model.sort[model.focus.index()];
                *sort = (*sort + 1) % sorts;
            }
        }
        Key::Open => {
            let node = panes::targets(model, model.focus).get(model.cursor[model.focus.index()]).cloned().flatten();
            model.open = node.map(|node| Open { node, scroll: 0 });
        }
        Key::Back | Key::Pause | Key::Refresh | Key::Help | Key::Quit => {}
    }
}
