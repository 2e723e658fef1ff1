//! Keys as the terminal tells them → what they mean.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::update::Key;

/// The meaning of a key; `None` when it has none here.
#[must_use]
pub fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return match event.code {
            KeyCode::Char('c') => Some(Key::Quit),
            _ => None,
        };
    }
    Some(match event.code {
        KeyCode::Tab => Key::Next,
        KeyCode::BackTab => Key::Previous,
        KeyCode::Left | KeyCode::Char('h') => Key::Left,
        KeyCode::Right | KeyCode::Char('l') => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Char('j') => Key::RowDown,
        KeyCode::Char('k') => Key::RowUp,
        KeyCode::Char('g') | KeyCode::Home => Key::Top,
        KeyCode::Char('G') | KeyCode::End => Key::Bottom,
        KeyCode::Char('s') => Key::Sort,
        KeyCode::Enter => Key::Open,
        KeyCode::Esc => Key::Back,
        KeyCode::Char('p') => Key::Pause,
        KeyCode::Char('r') => Key::Refresh,
        KeyCode::Char('?') => Key::Help,
        KeyCode::Char('q') => Key::Quit,
        _ => return None,
    })
}
