//! Every check of inventories: a wrong file, and exactly what is said about it.
//!
//! `MFSCTL_UPDATE_FIXTURES=1` writes what is said now beside each file; read the difference before keeping it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use mfsctl::inventory::source::{Failure, Reference, SecretSource};
use mfsctl::inventory::{self, Diagnostic, Surroundings, Text};

/// Knows one environment variable only.
struct Fake;

impl SecretSource for Fake {
    fn read(&self, reference: Reference, text: &str, _base: &Path) -> Result<String, Failure> {
        match (reference, text) {
            (Reference::Plain, _) => Ok(text.to_owned()),
            (Reference::Env, "KEY") => Ok("s3cret-key".to_owned()),
            _ => Err(Failure::new(format!("no {text:?} here"), "")),
        }
    }
}

fn said(name: &str, text: String, readable: bool) -> (bool, String) {
    let path = Path::new(name);
    let around = Surroundings { base: Path::new("/etc/mfsctl"), home: None, source: &Fake, readable_file: readable.then_some(path) };
    let result = inventory::parse(&[Text { name: name.to_owned(), text }], &around);
    let show = |list: &[Diagnostic]| list.iter().map(|d| format!("{d}\n")).collect::<String>();
    match result {
        Ok(loaded) => (true, show(&loaded.warnings)),
        Err(errors) => (false, show(&errors)),
    }
}

fn compare(directory: &str, good: bool) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/inventory").join(directory);
    let mut differing = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "yaml") {
            continue;
        }
        count += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let (loaded, text) = said(name, std::fs::read_to_string(&path).unwrap(), false);
        assert_eq!(loaded, good, "{name}: {text}");
        assert!(!text.contains("s3cret"), "{name} shows a secret: {text}");
        let beside = path.with_extension("txt");
        if std::env::var_os("MFSCTL_UPDATE_FIXTURES").is_some() {
            std::fs::write(&beside, &text).unwrap();
        }
        let wanted = std::fs::read_to_string(&beside).unwrap_or_default();
        if text != wanted || text.is_empty() {
            differing.push(format!("{name}: wanted\n{wanted}\nsaid\n{text}"));
        }
    }
    assert!(count > 2, "no fixtures in {}", directory.display());
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
}

#[test]
fn wrong_inventories_are_answered_well() {
    compare("bad", false);
}

#[test]
fn doubtful_inventories_are_warned_of() {
    compare("warn", true);
}

#[test]
fn plain_secrets_in_a_readable_file_are_warned_of() {
    let text = include_str!("../inventory/lab.yaml").to_owned();
    let (good, warned) = said("lab.yaml", text.clone(), true);
    assert!(good);
    assert_eq!(
        warned,
        "lab.yaml:12:11: warning: 5 secrets in clear in a file that others can read\n  hint: chmod 600 lab.yaml, or use !env, !file, !command or !age\n"
    );
    assert_eq!(said("lab.yaml", text, false), (true, String::new()));
}

/// A slip of the finger near a secret must not show it.
#[test]
fn no_slip_shows_a_secret() {
    let text = "name: mfs\nvip: 172.16.0.47\ndrbd:\n  secret: s3cret-drbd\nmoosefs: {auth: s3cret-auth}\nha:\n  witness_secret: \"s3cret-wit\"\nssh:\n  password: s3cret-ssh\n\
                tenants:\n  - name: a\n    password: s3cret-a\nnotify:\n  webhook: http://s3cret-hook/\nexports:\n  - {path: /, password: s3cret-exp}\n\
                nodes:\n  a:\n    ssh:\n      sudo_password: s3cret-sudo\n    address: 172.16.0.41\n";
    let characters: Vec<char> = text.chars().collect();
    let whole = |part: &[char]| part.iter().collect::<String>();
    let (mut tried, mut shown) = (0, Vec::new());
    for at in 0..characters.len() {
        let (before, after) = characters.split_at(at);
        let mut variants = vec![whole(before) + &whole(&after[1..])];
        for slip in [':', '\n', ' ', '!', '&', '*', '{', '[', '"', '\'', '#', ',', '-', '|', '\t', '?', '@'] {
            variants.push(format!("{}{slip}{}", whole(before), whole(after)));
        }
        for variant in variants {
            tried += 1;
            let (_, told) = said("slip.yaml", variant.clone(), false);
            if told.contains("s3cret") {
                shown.push(format!("{variant}\n→ {told}"));
            }
        }
    }
    assert!(tried > 5000);
    assert!(shown.is_empty(), "{} of {tried}: {}", shown.len(), shown[0]);
}
