//! The model → a frame. What colour says is always also said in words or signs, so it works without colour.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph, Sparkline};

use super::model::{Model, Open, Pane};
use super::sheet::{self, Sheet, fit};
use super::{detail, panes};
use crate::health::{self, NodeView, drbd};
use crate::inventory::model::Role;
use crate::report::format::{bytes, clean, duration, grouped, percent, wrap};
use crate::report::status::{further, headline, pair, storage};
use crate::report::table::{Tone, Word};

/// The smallest screen anything is drawn on.
const LEAST: (u16, u16) = (60, 20);
/// Columns of a pane from which on its table has more of them.
const WIDE: u16 = 62;
/// Rows of the pane of the pair: nine layers, their head, borders.
const PAIR: u16 = 12;

const HELP: &str = "\
Tab, Shift-Tab   next, previous pane
arrows           the pane in that direction
j, k             row down, row up (in the pair: the other master)
g, G             first, last row
s                sort the pane in another way
Enter            open the node of the row; cluster-wide rows open the cluster
Esc              close what is open
p                pause: nobody is asked until p is pressed again
r                ask everybody now
?                this help
q, Ctrl-C        leave

While a node is open j and k scroll, Tab opens the next node.
Of a node that does not answer the last view is shown with its age;
findings are judged by what is true now.";

/// How things look.
struct Look<'a> {
    model: &'a Model,
    color: bool,
}

/// Draws everything.
pub fn draw(frame: &mut Frame, model: &Model, color: bool) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let words =
            format!("The terminal is {}×{}: make it {}×{} at least (80×24 is good), or q.", area.width, area.height, LEAST.0, LEAST.1);
        let text = wrap("", &words, usize::from(area.width));
        frame.render_widget(Paragraph::new(text), area);
        return;
    }
    let look = Look { model, color };
    let [head, body, foot] = Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)]).areas(area);
    look.head(frame, head);
    look.foot(frame, foot);
    match &model.open {
        Some(open) => look.opened(frame, body, open),
        None => look.panes(frame, body),
    }
    if model.help {
        look.help(frame, body);
    }
}

impl Look<'_> {
    fn style(&self, tone: Tone) -> Style {
        let plain = Style::new();
        let (colour, style) = match tone {
            Tone::Plain => return plain,
            Tone::Good => (Color::Green, plain),
            Tone::Warn => (Color::Yellow, plain),
            Tone::Bad => (Color::Red, plain.add_modifier(Modifier::BOLD)),
            Tone::Dim => return plain.add_modifier(Modifier::DIM),
        };
        if self.color { style.fg(colour) } else { style }
    }

    fn head(&self, frame: &mut Frame, area: Rect) {
        let model = self.model;
        let (words, tone) = if model.judged {
            let tone = match model.findings.first().map(|f| f.severity) {
                Some(severity) if severity > health::Severity::Notice => crate::report::status::tone(severity),
                _ => Tone::Good,
            };
            (headline(&model.findings), tone)
        } else {
            (format!("asking {} nodes", model.cluster.nodes.len()), Tone::Dim)
        };
        // `as` saturates
        let clock =
            jiff::Timestamp::from_second(model.now as i64).map_or_else(|_| String::new(), |t| t.strftime("%H:%M:%S UTC").to_string());
        let right = if model.paused {
            format!("PAUSED · {clock}")
        } else {
            format!(
                "{}/{} nodes · every {} s · {clock}",
                model.cluster.nodes.len() - self.silent(),
                model.cluster.nodes.len(),
                model.interval
            )
        };
        let name = format!("{}: ", clean(&model.shown.cluster));
        let room = usize::from(area.width).saturating_sub(sheet::count(&name) + sheet::count(&right) + 1);
        let line = Line::from(vec![
            Span::styled(name, Style::new().add_modifier(Modifier::BOLD)),
            Span::styled(fit(&words, room), self.style(tone).add_modifier(Modifier::BOLD)),
            Span::raw(" "),
            Span::raw(right),
        ]);
        frame.render_widget(Paragraph::new(line), area);
    }

    fn silent(&self) -> usize {
        self.model.cluster.nodes.iter().filter(|n| self.model.silence(&n.name).is_some()).count()
    }

    fn foot(&self, frame: &mut Frame, area: Rect) {
        let words = match (&self.model.open, self.model.help) {
            (_, true) => " Esc close  q quit",
            (Some(_), false) => " j/k scroll  Tab next node  Esc back  p pause  r refresh  ? help  q quit",
            (None, false) => " Tab pane  j/k row  s sort  Enter open  p pause  r refresh  ? help  q quit",
        };
        frame.render_widget(Paragraph::new(Span::styled(words, self.style(Tone::Dim))), area);
    }

    fn panes(&self, frame: &mut Frame, area: Rect) {
        let [left, right] = Layout::horizontal([Constraint::Percentage(52), Constraint::Percentage(48)]).areas(area);
        let rows = |pane: Pane| u16::try_from(panes::targets(self.model, pane).len()).unwrap_or(u16::MAX);
        let tall = area.height >= 30;
        let beside = left.height.saturating_sub(PAIR);
        let loggers = rows(Pane::Loggers).saturating_add(3).clamp(5, (beside / 2).max(5));
        let [pair, logger, clients] =
            Layout::vertical([Constraint::Length(PAIR), Constraint::Length(loggers), Constraint::Min(3)]).areas(left);
        let (first, second) = if tall { (7, 10) } else { (5, 5) };
        let beside = right.height.saturating_sub(first + second);
        let servers = rows(Pane::Servers).saturating_add(3).clamp(5, (beside / 2).max(6));
        let [replication, chunks, server, findings] =
            Layout::vertical([Constraint::Length(first), Constraint::Length(second), Constraint::Length(servers), Constraint::Min(3)])
                .areas(right);
        self.pair(frame, pair);
        self.table(frame, logger, Pane::Loggers, &self.loggers_title());
        self.table(frame, clients, Pane::Clients, "Clients");
        self.replication(frame, replication);
        self.chunks(frame, chunks);
        self.table(frame, server, Pane::Servers, "Chunkservers");
        self.findings(frame, findings);
    }

    fn loggers_title(&self) -> String {
        match self.model.shown.told() {
            Some(told) => format!("Metaloggers of {}, at {}", told.version, grouped(told.info.metadata_version)),
            None => "Metaloggers".to_owned(),
        }
    }

    /// A pane's frame; the one with the focus has a thick border and a sign. What depends on the master alone tells when
    /// that is of the past.
    fn block(&self, pane: Pane, title: &str) -> Block<'static> {
        let focused = self.model.focus == pane && self.model.open.is_none();
        let sort = self.model.sort[pane.index()];
        let sorted = pane.sorts().get(sort).filter(|_| sort > 0).map_or_else(String::new, |s| format!(", by {s}"));
        let old = match (pane, self.model.told_age()) {
            (Pane::Pair | Pane::Replication | Pane::Findings, _) | (_, None) => String::new(),
            (_, Some(age)) => format!(", {} OLD", duration(age)),
        };
        let sign = if focused { "► " } else { "" };
        let style = if focused { self.accent() } else { self.style(Tone::Dim) };
        let text = Span::styled(format!(" {sign}{title}{sorted}{old} "), if focused { style } else { Style::new() });
        Block::bordered().border_type(if focused { BorderType::Thick } else { BorderType::Rounded }).border_style(style).title(text)
    }

    fn accent(&self) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        if self.color { bold.fg(Color::Cyan) } else { bold }
    }

    fn table(&self, frame: &mut Frame, area: Rect, pane: Pane, title: &str) {
        let block = self.block(pane, title);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let sheet = panes::sheet(self.model, pane, area.width >= WIDE);
        if sheet.rows.is_empty() {
            frame.render_widget(Paragraph::new(Span::styled("none", self.style(Tone::Dim))), inner);
            return;
        }
        frame.render_widget(Paragraph::new(self.rows(&sheet, pane, inner)), inner);
    }

    fn rows(&self, sheet: &Sheet, pane: Pane, inner: Rect) -> Vec<Line<'static>> {
        let widths = sheet::widths(sheet, usize::from(inner.width).saturating_sub(1));
        let line = |mark: &str, cells: &mut dyn Iterator<Item = Span<'static>>| {
            let mut spans = vec![Span::raw(mark.to_owned())];
            for (at, cell) in cells.enumerate() {
                if at > 0 {
                    spans.push(Span::raw(" "));
                }
                spans.push(cell);
            }
            Line::from(spans)
        };
        let dim = self.style(Tone::Dim);
        let mut lines = vec![line(" ", &mut sheet.headers.iter().zip(&widths).map(|(h, w)| Span::styled(fit(h, *w), dim)))];
        let height = usize::from(inner.height).saturating_sub(1);
        let selected = self.model.cursor[pane.index()];
        let first = sheet::first(selected, sheet.rows.len(), height);
        for (at, row) in sheet.rows.iter().enumerate().skip(first).take(height) {
            let focused = self.model.focus == pane && at == selected;
            let spans = row.cells.iter().zip(&widths).map(|((text, tone), width)| {
                let style = if row.old && *tone == Tone::Good { dim } else { self.style(*tone) };
                Span::styled(fit(text, *width), style)
            });
            let line = line(if focused { ">" } else { " " }, &mut spans.collect::<Vec<_>>().into_iter());
            lines.push(if focused { line.patch_style(Style::new().add_modifier(Modifier::REVERSED)) } else { line });
        }
        lines
    }

    fn pair(&self, frame: &mut Frame, area: Rect) {
        let block = self.block(Pane::Pair, "HA pair");
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let masters: Vec<_> = self.model.shown.with_role(Role::Master).collect();
        let rows = pair::rows(&self.model.shown, &masters);
        let wide = area.width >= WIDE;
        let first = if wide { 16 } else { 11 };
        let width = (usize::from(inner.width).saturating_sub(first + 1) / masters.len().max(1)).saturating_sub(1);
        let selected = self.model.cursor[Pane::Pair.index()];
        let mut names = vec![Span::raw(" ".repeat(first + 1))];
        for (at, node) in masters.iter().enumerate() {
            let focused = self.model.focus == Pane::Pair && at == selected;
            let (text, tone) = panes::label(self.model, &node.name);
            let text = if focused { format!(">{text}") } else { text };
            let style = self.style(tone).add_modifier(if focused { Modifier::BOLD | Modifier::REVERSED } else { Modifier::BOLD });
            names.push(Span::styled(fit(&text, width), style));
            names.push(Span::raw(" "));
        }
        let mut lines = vec![Line::from(names)];
        for row in rows {
            let mut cells = row.into_iter();
            let name = cells.next().map(|(text, _)| text).unwrap_or_default();
            // "DRBD connection", "metadata volume", "takeover agent": the second word says it.
            let name = if wide { name } else { name.rsplit(' ').next().unwrap_or_default().to_owned() };
            let mut spans = vec![Span::styled(fit(&name, first), self.style(Tone::Dim)), Span::raw(" ")];
            for (node, (text, tone)) in masters.iter().zip(cells) {
                let old = self.model.silence(&node.name).is_some();
                let style = if old && tone == Tone::Good { self.style(Tone::Dim) } else { self.style(tone) };
                spans.push(Span::styled(fit(&text, width), style));
                spans.push(Span::raw(" "));
            }
            lines.push(Line::from(spans));
        }
        frame.render_widget(Paragraph::new(lines), inner);
    }

    fn replication(&self, frame: &mut Frame, area: Rect) {
        let block = self.block(Pane::Replication, "Replication");
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let width = usize::from(inner.width);
        let mut lines = Vec::new();
        let shown = &self.model.shown;
        if let Some((node, drbd, sync)) = pair::syncing(shown) {
            let way = if matches!(drbd.connection.word(), "SyncTarget" | "PausedSyncT") { "←" } else { "→" };
            let peer = shown.with_role(Role::Master).find(|n| n.name != node.name).map_or("peer", |n| n.name.as_str());
            lines.push(self.line(&format!("{} {way} {peer} {} {:.1} %", node.name, drbd.connection, sync.percent), Tone::Warn, width));
            if inner.height > 3 {
                // `as` saturates
                lines.push(self.line(&storage::bar((sync.percent * 10.0) as u64, 1000, width), Tone::Good, width));
            }
            let speed = sync.speed_kib_s.map_or_else(|| "speed ?".to_owned(), |s| format!("{}/s", bytes(s.saturating_mul(1024))));
            let left = sync.left_kib.map_or_else(String::new, |l| format!(" · {} left", bytes(l.saturating_mul(1024))));
            let eta = sync.finish_seconds.map_or_else(|| " · ETA ?".to_owned(), |s| format!(" · ETA {}", duration(s)));
            lines.push(self.line(&format!("{speed}{left}{eta}"), Tone::Plain, width));
        } else {
            // What is true now: of a node that does not answer the last state says nothing about the link.
            let state = |n: &NodeView| match (&n.drbd, n.reachable) {
                (Some(drbd), _) => format!("{} {}", n.name, drbd.connection),
                (None, true) => format!("{} not up", n.name),
                (None, false) => format!("{} SILENT", n.name),
            };
            let masters: Vec<&NodeView> = self.model.report.with_role(Role::Master).collect();
            let states: Vec<String> = masters.iter().map(|n| state(n)).collect();
            let told = masters.iter().filter_map(|n| n.drbd.as_ref());
            let worst = told.map(|d| drbd::connection(&d.connection)).max_by_key(|e| e.severity);
            match worst {
                Some(worst) => {
                    let tone = crate::report::status::tone(worst.severity);
                    lines.push(self.line(&states.join(" · "), tone, width));
                    let room = usize::from(inner.height).saturating_sub(1);
                    lines.extend(wrap("", worst.meaning, width).lines().take(room).map(|l| self.line(l, Tone::Plain, width)));
                }
                None => lines.push(self.line(&states.join(" · "), Tone::Bad, width)),
            }
        }
        let used = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        frame.render_widget(Paragraph::new(lines), inner);
        if self.model.sync.iter().flatten().any(|speed| *speed > 0) && used < inner.height {
            self.spark(frame, below(inner, used), &self.model.sync);
        }
    }

    fn chunks(&self, frame: &mut Frame, area: Rect) {
        let block = self.block(Pane::Chunks, "Chunks and space");
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let width = usize::from(inner.width);
        let Some(told) = self.model.shown.told() else {
            frame.render_widget(Paragraph::new(self.line("the master does not answer", Tone::Bad, width)), inner);
            return;
        };
        let sum = &told.chunks.all;
        let counted = |name: &str, count: u64, tone: Tone| {
            Span::styled(format!("{name} {} ", grouped(count)), if count > 0 { self.style(tone) } else { Style::new() })
        };
        let mut lines = vec![Line::from(vec![
            counted("missing", sum.missing, Tone::Bad),
            counted("endangered", sum.endangered, Tone::Warn),
            counted("under goal", sum.undergoal, Tone::Warn),
        ])];
        let info = &told.info;
        let used = info.total_space.saturating_sub(info.free_space.unwrap_or(info.available_space));
        let space =
            format!("{} {} of {}", storage::bar(used, info.total_space, 10), percent(used, info.total_space), bytes(info.total_space));
        lines.push(self.line(&format!("space {space}"), storage::fullness(used, info.total_space), width));
        if inner.height > 4 {
            let settled = if told.chunks.progress.is_settled() { "counters settled" } else { "STILL COUNTING" };
            let words = format!("chunks {} · over goal {} · {settled}", grouped(sum.chunks()), grouped(sum.overgoal));
            lines.insert(1, self.line(&words, Tone::Plain, width));
            let (headers, rows) = further::matrix(&told.chunks);
            let room = usize::from(inner.height).saturating_sub(lines.len() + 2);
            if room > 1 && !rows.is_empty() {
                let matrix = std::iter::once(headers.into_iter().map(|h| (h, Tone::Dim)).collect::<Vec<Word>>()).chain(rows);
                lines.extend(matrix.take(room).map(|cells| self.cells(&cells, 7)));
            }
        }
        let used = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        let rest = below(inner, used);
        frame.render_widget(Paragraph::new(lines), inner);
        if rest.height > 0 {
            let words = format!("ops/s {:<6}", grouped(self.model.rate()));
            let first = u16::try_from(sheet::count(&words)).unwrap_or(0).min(rest.width);
            frame.render_widget(Paragraph::new(Span::raw(words)), rest);
            self.spark(frame, Rect { x: rest.x + first, width: rest.width - first, ..rest }, &self.model.operations);
        }
    }

    fn findings(&self, frame: &mut Frame, area: Rect) {
        if self.model.judged && self.model.findings.is_empty() {
            let block = self.block(Pane::Findings, "Findings");
            let inner = block.inner(area);
            frame.render_widget(block, area);
            frame.render_widget(Paragraph::new(Span::styled("none: all is as it should be", self.style(Tone::Good))), inner);
            return;
        }
        self.table(frame, area, Pane::Findings, &format!("Findings: {}", self.model.findings.len()));
    }

    fn cells(&self, cells: &[Word], width: usize) -> Line<'static> {
        Line::from(cells.iter().map(|(text, tone)| Span::styled(fit(text, width) + " ", self.style(*tone))).collect::<Vec<_>>())
    }

    fn line(&self, text: &str, tone: Tone, width: usize) -> Line<'static> {
        Line::from(Span::styled(fit(text, width), self.style(tone)))
    }

    /// The last samples that fit, the newest at the right.
    fn spark(&self, frame: &mut Frame, area: Rect, samples: &std::collections::VecDeque<Option<u64>>) {
        let first = samples.len().saturating_sub(usize::from(area.width));
        let data: Vec<Option<u64>> = samples.iter().skip(first).copied().collect();
        let style = if self.color { Style::new().fg(Color::Cyan) } else { Style::new() };
        frame.render_widget(Sparkline::default().data(data).style(style).absent_value_symbol("·"), area);
    }

    fn opened(&self, frame: &mut Frame, area: Rect, open: &Open) {
        let (name, tone) = panes::label(self.model, &open.node);
        let lines = detail::lines(self.model, &open.node);
        let height = usize::from(area.height).saturating_sub(2);
        let from = open.scroll.min(lines.len().saturating_sub(height));
        let title = format!(" {name} · {}–{} of {} ", from + 1, (from + height).min(lines.len()), lines.len());
        let block = Block::bordered()
            .border_type(BorderType::Thick)
            .border_style(self.accent())
            .title(Span::styled(title, self.style(tone).add_modifier(Modifier::BOLD)));
        let inner = block.inner(area);
        let text: Vec<Line> = lines
            .into_iter()
            .skip(from)
            .take(height)
            .map(|words| Line::from(words.into_iter().map(|(text, tone)| Span::styled(text, self.style(tone))).collect::<Vec<_>>()))
            .collect();
        frame.render_widget(block, area);
        frame.render_widget(Paragraph::new(text), inner);
    }

    fn help(&self, frame: &mut Frame, area: Rect) {
        let lines: Vec<Line> = HELP.lines().map(Line::raw).collect();
        let width = HELP.lines().map(sheet::count).max().unwrap_or(0);
        let width = u16::try_from(width + 4).unwrap_or(area.width).min(area.width);
        let height = u16::try_from(lines.len() + 2).unwrap_or(area.height).min(area.height);
        let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
        let block = Block::bordered().border_type(BorderType::Thick).border_style(self.accent()).title(" Help ");
        frame.render_widget(Clear, place);
        frame.render_widget(Paragraph::new(lines).block(block), place);
    }
}

/// What is left of an area under that many rows.
fn below(area: Rect, used: u16) -> Rect {
    let used = used.min(area.height);
    Rect { y: area.y + used, height: area.height - used, ..area }
}
