#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::update::{Effect, Key, Message, update};
use super::*;
use crate::fact::drbd_status::{self, DrbdResource};
use crate::health::testing::{drbd, healthy};
use crate::health::{ClusterReport, MasterAnswer, Severity};
use crate::step::testing::cluster;

/// The moment of everything here, seconds since 1970.
const NOW: f64 = 1_795_346_900.0;

fn start() -> Model {
    Model::new(Arc::new(cluster()), 3, NOW)
}

/// Every node's look, as a report has it.
fn looks(report: &ClusterReport, at: f64) -> Vec<Look> {
    let look = |view: &crate::health::NodeView| {
        let word = match &report.master {
            MasterAnswer::Answered { through, address, report } if *through == view.name => Some(Ok((*address, report.clone()))),
            MasterAnswer::Silent { reason } if view.vip_present == Some(true) => Some(Err(reason.clone())),
            _ => None,
        };
        let seen = if view.reachable { Ok(view.clone()) } else { Err(view.unreachable_reason.clone().unwrap()) };
        Look { node: view.name.clone(), at, view: seen, word }
    };
    report.nodes.iter().map(look).collect()
}

fn tell(model: &mut Model, report: &ClusterReport, at: f64) {
    for look in looks(report, at) {
        update(model, Message::Asking(look.node.clone(), at - 0.2));
        assert_eq!(update(model, Message::Looked(Box::new(look))), Effect::None);
    }
    update(model, Message::Clock(at));
}

/// The dashboard after some rounds in which clients work.
fn after(report: &ClusterReport, rounds: u32) -> Model {
    let mut model = start();
    let mut report = report.clone();
    for round in 0..rounds {
        if report.told().is_some() {
            for session in &mut report.told_mut().sessions {
                session.operations.0 += u64::from(round % 5) * u64::from(session.id) * 30;
            }
        }
        tell(&mut model, &report, NOW + 3.0 * f64::from(round));
    }
    model
}

fn screen(model: &Model, width: u16, height: u16) -> String {
    let mut model = model.clone();
    update(&mut model, Message::Size(width, height));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, &model, false)).unwrap();
    terminal.backend().to_string()
}

fn press(model: &mut Model, keys: &[Key]) -> Effect {
    keys.iter().map(|key| update(model, Message::Key(*key))).last().unwrap()
}

fn captured(name: &str) -> DrbdResource {
    let path = format!("{}/tests/fixtures/drbd/proc/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    drbd_status::parse(&std::fs::read_to_string(path).unwrap(), "").unwrap().resources.remove(0)
}

fn syncing() -> ClusterReport {
    let mut report = healthy();
    report.node_mut("node1").drbd = Some(captured("connected-primary-secondary.node1"));
    report.node_mut("node1").drbd.as_mut().unwrap().connection = drbd_status::Connection::SyncSource;
    report.node_mut("node2").drbd = Some(captured("initial-sync.node2"));
    report
}

fn node_down() -> Model {
    let mut model = after(&healthy(), 10);
    let mut report = healthy();
    report.lose("node5");
    report.lose("node2");
    report.node_mut("node1").drbd = Some(drbd("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----"));
    let server = &mut report.told_mut().chunkservers[2];
    (server.connected, server.version) = (false, None);
    report.told_mut().chunks.all.endangered = 7;
    report.told_mut().chunks.table[2][1] = 7;
    tell(&mut model, &report, NOW + 60.0);
    model
}

fn split_brain() -> Model {
    let mut report = healthy();
    report.node_mut("node1").drbd = Some(captured("splitbrain-standalone.node1"));
    report.node_mut("node2").drbd = Some(captured("splitbrain-standalone.node2"));
    for node in ["node1", "node2"] {
        let view = report.node_mut(node);
        (view.vip_present, view.volume_mounted, view.master_running) = (Some(true), Some(true), Some(true));
        view.drbd.as_mut().unwrap().role = drbd_status::DrbdRole::Primary;
    }
    after(&report, 10)
}

#[test]
fn healthy_at_80_by_24_and_140_by_40() {
    let model = after(&healthy(), 30);
    assert!(model.judged && model.findings.is_empty(), "{:?}", model.findings);
    insta::assert_snapshot!("healthy_80x24", screen(&model, 80, 24));
    insta::assert_snapshot!("healthy_140x40", screen(&model, 140, 40));
}

#[test]
fn a_sync_with_its_speed_and_end() {
    let model = after(&syncing(), 12);
    let speeds: Vec<u64> = model.sync.iter().flatten().copied().collect();
    assert!(speeds.len() >= 10 && speeds.iter().all(|s| *s > 0), "{speeds:?}");
    insta::assert_snapshot!("syncing_80x24", screen(&model, 80, 24));
    insta::assert_snapshot!("syncing_140x40", screen(&model, 140, 40));
}

#[test]
fn a_dead_node_keeps_its_last_view_with_its_age() {
    let model = node_down();
    assert_eq!((model.age("node5"), model.age("node1")), (Some(33), None));
    let of =
        |rule: &str, subject: &str| model.findings.iter().any(|f| f.rule == rule && f.subject == subject && f.severity > Severity::Notice);
    assert!(of("node-reachable", "node5") && of("node-reachable", "node2") && of("chunkserver-connected", "node5"));
    // Judged is what is true now; shown is what was known last.
    assert!(model.report.nodes[4].disks.is_none() && model.shown.nodes[4].disks.is_some());
    insta::assert_snapshot!("node_down_80x24", screen(&model, 80, 24));
    insta::assert_snapshot!("node_down_140x40", screen(&model, 140, 40));
}

#[test]
fn a_split_brain_is_seen_at_once() {
    let model = split_brain();
    insta::assert_snapshot!("split_brain_80x24", screen(&model, 80, 24));
    insta::assert_snapshot!("split_brain_140x40", screen(&model, 140, 40));
}

#[test]
fn a_node_that_hangs_is_held_against_it_after_ten_seconds() {
    let mut model = after(&healthy(), 3);
    let last = NOW + 6.0;
    update(&mut model, Message::Asking("node3".to_owned(), last));
    update(&mut model, Message::Clock(last + 9.0));
    assert_eq!(model.silence("node3"), None);
    update(&mut model, Message::Clock(last + 11.0));
    assert_eq!((model.silence("node3").as_deref(), model.age("node3")), (Some("no answer for 11 s"), Some(11)));
    assert!(model.findings.iter().any(|f| f.rule == "node-reachable" && f.subject == "node3"));
    // It answers again, and all is well.
    tell(&mut model, &healthy(), last + 12.0);
    assert_eq!((model.silence("node3"), model.findings.len()), (None, 0));
}

#[test]
fn nothing_is_judged_before_every_node_had_its_chance() {
    let mut model = start();
    assert!(!model.judged && model.findings.is_empty());
    assert!(screen(&model, 80, 24).contains("asking 8 nodes"));
    update(&mut model, Message::Clock(NOW + 4.0));
    assert!(model.judged && model.findings.iter().any(|f| f.rule == "node-reachable"));
}

#[test]
fn a_silent_master_leaves_its_last_words_marked_as_old() {
    let mut model = after(&healthy(), 3);
    let mut report = healthy();
    report.master = MasterAnswer::Silent { reason: "connection refused".to_owned() };
    tell(&mut model, &report, NOW + 70.0);
    assert_eq!(model.told_age(), Some(64));
    let text = screen(&model, 80, 24);
    assert!(text.contains("Chunkservers, 1:04 OLD"), "{text}");
    assert!(model.findings.iter().any(|f| f.rule == "master-answers"));
    assert_eq!(model.operations.back(), Some(&None));
}

#[test]
fn operations_are_counted_between_two_words_of_the_master() {
    let mut model = start();
    let mut report = healthy();
    tell(&mut model, &report, NOW + 3.0);
    assert_eq!((model.rate(), model.rates.len()), (0, 0));
    report.told_mut().sessions[0].operations.0 += 90;
    report.told_mut().sessions[2].operations.0 += 30;
    tell(&mut model, &report, NOW + 6.0);
    assert_eq!((model.rate(), model.operations.back()), (40, Some(&Some(40))));
    assert_eq!(model.rates[&1], 30.0);
}

#[test]
fn tab_goes_round_and_arrows_go_there() {
    let mut model = after(&healthy(), 2);
    let mut round = vec![model.focus];
    for _ in 0..Pane::ALL.len() {
        press(&mut model, &[Key::Next]);
        round.push(model.focus);
    }
    assert_eq!((round[0], round[7]), (Pane::Pair, Pane::Pair));
    assert!(Pane::ALL.iter().all(|p| round.contains(p)));
    press(&mut model, &[Key::Previous]);
    assert_eq!(model.focus, Pane::Findings);
    for (key, pane) in [
        (Key::Down, Pane::Findings),
        (Key::Up, Pane::Servers),
        (Key::Left, Pane::Clients),
        (Key::Left, Pane::Clients),
        (Key::Up, Pane::Loggers),
        (Key::Right, Pane::Chunks),
        (Key::Up, Pane::Replication),
        (Key::Left, Pane::Pair),
        (Key::Up, Pane::Pair),
    ] {
        press(&mut model, &[key]);
        assert_eq!(model.focus, pane, "{key:?}");
    }
}

#[test]
fn rows_are_moved_sorted_and_opened() {
    let mut report = healthy();
    report.told_mut().chunkservers[2].used = 600_000_000;
    let mut model = after(&report, 2);
    model.focus = Pane::Servers;
    press(&mut model, &[Key::RowDown, Key::RowDown, Key::RowDown, Key::RowDown]);
    assert_eq!(model.cursor[Pane::Servers.index()], 2);
    press(&mut model, &[Key::Top, Key::Sort]);
    let order: Vec<_> = panes::targets(&model, Pane::Servers).into_iter().flatten().collect();
    assert_eq!(order, ["node5", "node3", "node4"]);
    assert!(screen(&model, 80, 24).contains("Chunkservers, by used"));
    press(&mut model, &[Key::Open]);
    assert_eq!(model.open.as_ref().map(|o| o.node.as_str()), Some("node5"));
    insta::assert_snapshot!("open_node5_80x24", screen(&model, 80, 24));
    press(&mut model, &[Key::Bottom]);
    let scroll = model.open.as_ref().unwrap().scroll;
    assert!(scroll > 10 && detail::lines(&model, "node5").len() == scroll + 1, "{scroll}");
    press(&mut model, &[Key::Next]);
    assert_eq!(model.open.as_ref().map(|o| (o.node.as_str(), o.scroll)), Some(("node6", 0)));
    press(&mut model, &[Key::Back]);
    assert_eq!((model.open.is_none(), model.focus), (true, Pane::Servers));
    press(&mut model, &[Key::Sort, Key::Sort, Key::Sort]);
    assert_eq!(model.sort[Pane::Servers.index()], 0);
}

#[test]
fn the_cluster_is_opened_from_what_is_of_no_node() {
    let mut model = after(&healthy(), 2);
    model.focus = Pane::Chunks;
    press(&mut model, &[Key::Open]);
    assert_eq!(model.open.as_ref().map(|o| o.node.as_str()), Some("cluster"));
    assert!(screen(&model, 140, 40).contains("Chunks by goal"));
    press(&mut model, &[Key::Bottom]);
    assert!(screen(&model, 140, 40).contains("metadata_version"));
}

#[test]
fn a_row_that_goes_away_takes_no_cursor_with_it() {
    let mut model = node_down();
    model.focus = Pane::Findings;
    press(&mut model, &[Key::Bottom]);
    assert!(model.cursor[Pane::Findings.index()] > 2);
    tell(&mut model, &healthy(), NOW + 70.0);
    assert_eq!((model.findings.len(), model.cursor[Pane::Findings.index()]), (0, 0));
    assert_eq!(press(&mut model, &[Key::Open]), Effect::None);
    assert!(model.open.is_none() && screen(&model, 80, 24).contains("none: all is as it should be"));
}

#[test]
fn effects_are_told_and_pause_stops_samples() {
    let mut model = after(&healthy(), 2);
    assert_eq!(press(&mut model, &[Key::Refresh]), Effect::Refresh);
    assert_eq!(press(&mut model, &[Key::Quit]), Effect::Quit);
    assert_eq!(press(&mut model, &[Key::Pause]), Effect::Pause(true));
    let samples = model.operations.len();
    update(&mut model, Message::Clock(NOW + 50.0));
    assert_eq!(model.operations.len(), samples);
    assert!(screen(&model, 80, 24).contains("PAUSED"));
    assert_eq!(press(&mut model, &[Key::Pause]), Effect::Pause(false));
    press(&mut model, &[Key::Help]);
    assert!(screen(&model, 80, 24).contains("Shift-Tab"));
    // While the help is open keys do not reach what is below it, but for leaving.
    press(&mut model, &[Key::Next, Key::Open]);
    assert_eq!((model.focus, model.open.is_none()), (Pane::Pair, true));
    assert_eq!(press(&mut model, &[Key::Quit]), Effect::Quit);
    press(&mut model, &[Key::Back]);
    assert!(!model.help);
}

#[test]
fn a_clock_set_back_does_not_stop_the_samples() {
    let mut model = after(&healthy(), 4);
    let samples = model.operations.len();
    for step in 0..8 {
        update(&mut model, Message::Clock(NOW - 3600.0 + f64::from(step)));
    }
    assert!(model.operations.len() > samples);
}

#[test]
fn every_size_can_be_drawn_in_every_state() {
    let mut models = vec![start(), after(&healthy(), 3), after(&syncing(), 3), node_down(), split_brain()];
    let mut more = Vec::new();
    for model in &models {
        for pane in Pane::ALL {
            let mut model = Model { focus: pane, ..model.clone() };
            press(&mut model, &[Key::Bottom, Key::Sort]);
            more.push(model.clone());
            press(&mut model, &[Key::Open, Key::Bottom]);
            more.push(model);
        }
    }
    models.append(&mut more);
    for model in &models {
        for (width, height) in [(1, 1), (20, 5), (59, 24), (60, 20), (80, 24), (81, 25), (100, 60), (140, 40), (250, 70)] {
            let text = screen(model, width, height);
            assert_eq!(text.lines().count(), usize::from(height));
        }
    }
    assert!(screen(&models[1], 59, 24).contains("The terminal is 59×24"));
}

#[test]
fn without_colour_nothing_is_said_in_colour() {
    let model = split_brain();
    for (color, coloured) in [(false, false), (true, true)] {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| draw(frame, &model, color)).unwrap();
        let any = terminal.backend().buffer().content.iter().any(|c| c.fg != ratatui::style::Color::Reset);
        assert_eq!(any, coloured);
    }
}

#[test]
fn words_from_nodes_cannot_steer_the_terminal() {
    let mut report = healthy();
    report.node_mut("node1").agent.as_mut().unwrap().note = "\u{1b}]0;x\u{7}".to_owned();
    report.node_mut("node6").mounts[0].path = "/a\u{1b}[2J".to_owned();
    report.node_mut("node3").disks.as_mut().unwrap()[0].path = "/b\u{9b}2J".to_owned();
    let mut model = after(&report, 2);
    model.open = Some(super::model::Open { node: "node3".to_owned(), scroll: 0 });
    for model in [after(&report, 2), model] {
        assert!(!screen(&model, 140, 40).chars().any(|c| c.is_control() && c != '\n'));
    }
}

#[test]
fn keys_of_the_terminal() {
    let plain = |code| key(KeyEvent::new(code, KeyModifiers::NONE));
    for (code, meaning) in [
        (KeyCode::Tab, Key::Next),
        (KeyCode::BackTab, Key::Previous),
        (KeyCode::Up, Key::Up),
        (KeyCode::Char('j'), Key::RowDown),
        (KeyCode::Char('k'), Key::RowUp),
        (KeyCode::Enter, Key::Open),
        (KeyCode::Esc, Key::Back),
        (KeyCode::Char('s'), Key::Sort),
        (KeyCode::Char('p'), Key::Pause),
        (KeyCode::Char('r'), Key::Refresh),
        (KeyCode::Char('?'), Key::Help),
        (KeyCode::Char('q'), Key::Quit),
    ] {
        assert_eq!(plain(code), Some(meaning), "{code:?}");
    }
    assert_eq!(key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), Some(Key::Quit));
    assert_eq!(key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::CONTROL)), None);
    assert_eq!(plain(KeyCode::Char('x')), None);
}
