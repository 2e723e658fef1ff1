//! Rows and columns fitted into a pane.

use crate::report::table::Word;

/// A pane's table.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Names of columns.
    pub headers: Vec<&'static str>,
    /// Rows, as sorted.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its cells, one a column.
    pub cells: Vec<Word>,
    /// The node that Enter opens.
    pub node: Option<String>,
    /// Whether it is of the past: its node does not answer.
    pub old: bool,
}

/// Widths of the columns within that many cells, one cell between them. What is too much is taken from the widest, the
/// first column last: it tells whose row it is.
#[must_use]
pub fn widths(sheet: &Sheet, within: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = sheet.headers.iter().map(|h| count(h)).collect();
    for row in &sheet.rows {
        for (width, (text, _)) in widths.iter_mut().zip(&row.cells) {
            *width = (*width).max(count(text));
        }
    }
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + widths.len().saturating_sub(1);
    while total(&widths) > within {
        let give = |widths: &mut [usize], least: usize| match widths.iter_mut().max_by_key(|w| **w) {
            Some(widest) if *widest > least => {
                *widest -= 1;
                true
            }
            _ => false,
        };
        let one = 1.min(widths.len());
        let (first, rest) = widths.split_at_mut(one);
        if !give(rest, 6) && !give(first, 6) && !give(rest, 3) && !give(first, 3) {
            break;
        }
    }
    widths
}

/// Characters, which are one cell wide each in everything shown here.
#[must_use]
pub fn count(text: &str) -> usize {
    text.chars().count()
}

/// A text in exactly that many cells; what is cut off is told by `…`.
#[must_use]
pub fn fit(text: &str, width: usize) -> String {
    let length = count(text);
    if length <= width {
        return format!("{text}{}", " ".repeat(width - length));
    }
    match width {
        0 => String::new(),
        _ => text.chars().take(width - 1).chain(std::iter::once('…')).collect(),
    }
}

/// The first of the rows to show, so that the selected one is within `height` of them.
#[must_use]
pub fn first(selected: usize, rows: usize, height: usize) -> usize {
    let last = rows.saturating_sub(height);
    selected.saturating_sub(height.saturating_sub(1)).min(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::plain;

    #[test]
    fn texts_fill_their_cells_exactly() {
        assert_eq!([fit("abc", 5), fit("abcdef", 4), fit("abc", 0), fit("ä█", 2)], ["abc  ", "abc…", "", "ä█"]);
    }

    #[test]
    fn the_widest_column_gives_first() {
        let row = |a: &str, b: &str| Row { cells: vec![plain(a), plain(b)], node: None, old: false };
        let sheet = Sheet { headers: vec!["a", "bb"], rows: vec![row("xxxx", "yyyyyyyyyy")] };
        assert_eq!(widths(&sheet, 80), [4, 10]);
        assert_eq!(widths(&sheet, 11), [4, 6]);
        assert_eq!(widths(&sheet, 9), [4, 4]);
        assert_eq!(widths(&sheet, 2), [3, 3]);
        assert_eq!(widths(&Sheet::default(), 5), [0; 0]);
    }

    #[test]
    fn the_selected_row_is_shown() {
        assert_eq!(
            [first(0, 10, 4), first(3, 10, 4), first(4, 10, 4), first(9, 10, 4), first(0, 2, 4), first(5, 10, 0)],
            [0, 0, 1, 6, 0, 5]
        );
    }
}
