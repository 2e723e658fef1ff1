//! Tables that fit the terminal, with colour that means something and is never needed.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};

/// How a cell is meant; shown as colour where colour is on, always also said in its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// As it should be.
    Good,
    /// Works, but wants a look.
    Warn,
    /// Broken.
    Bad,
    /// Not known or of no matter.
    Dim,
}

/// One cell: its words and tone.
pub type Word = (String, Tone);

/// A cell without a tone.
pub fn plain(text: impl Into<String>) -> Word {
    (text.into(), Tone::Plain)
}

/// Renders a titled table for the terminal; an empty one renders its title and `(none)`.
#[must_use]
pub fn render(title: &str, headers: &[&str], rows: &[Vec<Word>], color: bool) -> String {
    render_within(title, headers, rows, color, terminal_width())
}

/// Renders a titled table at most that many columns wide, else as wide as it needs.
#[must_use]
pub fn render_within(title: &str, headers: &[&str], rows: &[Vec<Word>], color: bool, width: Option<u16>) -> String {
    if rows.is_empty() {
        return format!("{title}\n  (none)\n");
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.force_no_tty();
    if color {
        table.enforce_styling();
    }
    if let Some(width) = width {
        table.set_width(width);
    }
    table.set_header(headers.iter().map(|h| Cell::new(h).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.iter().map(|(text, tone)| match tone {
            Tone::Plain => Cell::new(text),
            Tone::Good => Cell::new(text).fg(Color::Green),
            Tone::Warn => Cell::new(text).fg(Color::Yellow),
            Tone::Bad => Cell::new(text).fg(Color::Red).add_attribute(Attribute::Bold),
            Tone::Dim => Cell::new(text).add_attribute(Attribute::Dim),
        }));
    }
    format!("{title}\n{table}\n")
}

/// Columns of the terminal on standard output, if it is one.
#[must_use]
pub fn terminal_width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 20).then_some(size.ws_col)
}
