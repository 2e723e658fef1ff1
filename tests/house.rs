//! The rules of the house, checked on the source itself: a room imports only from rooms below it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the top to the bottom; those on one line may not import each other.
const ROOMS: &[&[&str]] = &[
    &["main"],
    &["command", "cli"],
    &["context"],
    &["report"],
    &["engine"],
    &["playbook"],
    &["health"],
    &["step"],
    &["survey"],
    &["archive"],
    &["fact"],
    &["metadata"],
    &["protocol"],
    &["inventory"],
    &["remote"],
    &["lab"],
    &["error"],
];

/// Pairs allowed though they point upwards or sideways, each with its reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("cli", "command", "the clap tree holds the commands' Args"),
    ("command", "cli", "completions and man pages are made from the tree"),
    ("context", "cli", "settings are resolved from the flags"),
];

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|level| level.contains(&room))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn rooms_import_only_from_rooms_below() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix("src").unwrap();
        let room = relative.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        // Unit tests may build upon anything; the house is about what ships.
        if room == "lib" || file.ends_with("tests.rs") || file.ends_with("testing.rs") {
            continue;
        }
        let here = level(&room).unwrap_or_else(|| unreachable!("{room} has no place in the house: add it to ROOMS"));
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\n#[allow").next().unwrap().split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for path in line.match_indices("crate::").map(|(at, _)| &line[at + 7..]) {
                let other: String = path.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let Some(there) = level(&other) else { continue };
                let allowed = ALLOWED.iter().any(|(from, to, _)| *from == room && *to == other);
                if other != room && there <= here && !allowed {
                    wrong.push(format!("{}:{}: {room} imports {other}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

#[test]
fn only_remote_ssh_knows_ssh2() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let wrong: Vec<_> = files
        .iter()
        .filter(|f| !f.display().to_string().starts_with("src/remote/ssh") && fs::read_to_string(f).unwrap().contains("ssh2::"))
        .collect();
    assert!(wrong.is_empty(), "ssh2 outside its room: {wrong:?}");
}
