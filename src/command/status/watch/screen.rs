//! The terminal taken and put back: raw mode and the other screen, however it ends.

use std::io::{self, Stdout, Write};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::{Frame, Terminal};

/// Whether the terminal is taken now.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal while it is the dashboard's.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes it.
    ///
    /// # Errors
    /// When the terminal refuses; it is as it was then.
    pub fn open() -> io::Result<Self> {
        HOOK.call_once(hook);
        TAKEN.store(true, Ordering::SeqCst);
        let opened = (|| {
            terminal::enable_raw_mode()?;
            execute!(io::stdout(), EnterAlternateScreen, Hide)?;
            Ok(Self { terminal: Terminal::new(CrosstermBackend::new(io::stdout()))? })
        })();
        if opened.is_err() {
            restore();
        }
        opened
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.terminal.draw(draw).map(|_| ())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts the terminal back, once. A terminal that is gone is no error: there is nobody left to tell.
fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, LeaveAlternateScreen, Show);
        let _ = terminal::disable_raw_mode();
        let _ = out.flush();
    }
}

/// A panic is told on the terminal as it was before. One of a thread that asks a node is caught there and told as that
/// node's failure, and must not touch the screen.
fn hook() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name().is_some_and(|name| name.starts_with(super::crew::NAMES)) {
            return;
        }
        restore();
        before(info);
    }));
}
