//! The inventory: one YAML file describes a cluster; [`model::Cluster`] is what it resolves to.
//!
//! text → [`tree`] (with places) → [`document`] (typed) → checks and folding → [`model`].
//! Every error is kept and reported with its place; nothing stops at the first.

mod check;
pub mod diagnostic;
mod document;
pub mod edit;
pub mod keys;
pub mod layout;
pub mod machine;
pub mod model;
mod read;
mod reader;
mod resolve;
mod rule;
pub mod schema;
pub mod secret;
pub mod select;
pub mod source;
pub mod starter;
mod suggest;
mod tree;
pub mod unit;

use std::path::{Path, PathBuf};

pub use diagnostic::Diagnostic;

use diagnostic::{Findings, Pos};
use machine::Machine;
use model::Cluster;
use reader::Reader;
use source::{Placeholders, SecretSource};
use tree::{Kind, Tree};

/// A text and the name it is known by in messages.
#[derive(Debug, Clone)]
pub struct Text {
    /// Name, usually the path as the operator gave it.
    pub name: String,
    /// The YAML.
    pub text: String,
}

/// How an inventory is loaded.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Texts laid over the inventory, in order; see [`parse`].
    pub overlays: Vec<Text>,
    /// Files with age identities, for `!age` secrets.
    pub age_identities: Vec<PathBuf>,
    /// Read no secrets from outside the file: they become a stand-in.
    pub without_secrets: bool,
    /// The text is a draft that is not written as it is: nothing is said of secrets that stand in it in clear.
    pub draft: bool,
}

/// A good inventory.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it resolves to.
    pub cluster: Cluster,
    /// What should be looked at all the same.
    pub warnings: Vec<Diagnostic>,
}

/// Where an inventory is read from, and what reads its secrets.
pub struct Surroundings<'a> {
    /// Directory that relative paths start from.
    pub base: &'a Path,
    /// What `~` stands for.
    pub home: Option<&'a Path>,
    /// What reads secrets.
    pub source: &'a dyn SecretSource,
    /// The inventory file, when others may read it: plain secrets in it are warned of.
    pub readable_file: Option<&'a Path>,
}

/// Reads an inventory file, its overlays and its secrets.
///
/// # Errors
/// All that is wrong, warnings included, sorted by place.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Vec<Diagnostic>> {
    let text = machine::read_text(path).map_err(|diagnostic| vec![*diagnostic])?;
    load_text(path, text, options)
}

/// Reads an inventory as [`load`] does, but this text instead of what the file holds.
///
/// # Errors
/// As [`load`].
pub fn load_text(path: &Path, text: String, options: &LoadOptions) -> Result<Loaded, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let mut texts = vec![Text { name, text }];
    texts.extend(options.overlays.iter().cloned());
    let machine = Machine { age_identities: options.age_identities.clone() };
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let surroundings = Surroundings {
        base: path.parent().unwrap_or(Path::new("")),
        home: home.as_deref(),
        source: if options.without_secrets { &Placeholders } else { &machine },
        readable_file: (!options.draft && machine::others_can_read(path)).then_some(path),
    };
    parse(&texts, &surroundings)
}

/// Reads an inventory from texts: the first is the inventory, the others are laid over it.
///
/// Overlays merge mappings key by key and replace everything else. Their `ssh` and `repositories` describe
/// surroundings, not the cluster: those replace the inventory's own whole, `ssh` also that of groups and nodes.
///
/// # Errors
/// All that is wrong, warnings included, sorted by place.
pub fn parse(texts: &[Text], surroundings: &Surroundings<'_>) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::new(texts.iter().map(|t| t.name.clone()).collect());
    let mut whole: Option<Tree> = None;
    for (file, text) in texts.iter().enumerate() {
        let tree = tree::parse(&text.text, file, &mut findings);
        match (&mut whole, tree) {
            (_, None) => return Err(findings.finish()),
            (None, tree) => whole = tree,
            (Some(base), Some(over)) => lay_over(base, over),
        }
    }
    let Some(tree) = whole else { return Err(findings.finish()) };
    let mut reader = Reader {
        findings: &mut findings,
        source: surroundings.source,
        base: surroundings.base,
        home: surroundings.home,
        plain_secrets: Vec::new(),
    };
    let document = read::document(&mut reader, &tree);
    let plain: Vec<Pos> = reader.plain_secrets.into_iter().filter(|at| at.file == 0).collect();
    if let (Some(path), Some(first)) = (surroundings.readable_file, plain.iter().min()) {
        let message = format!(
            "{} in clear in a file that others can read",
            if plain.len() == 1 { "a secret".to_owned() } else { format!("{} secrets", plain.len()) }
        );
        findings.warn(*first, message, format!("chmod 600 {}, or use !env, !file, !command or !age", path.display()));
    }
    let cluster = resolve::resolve(&document, &mut findings);
    let diagnostics = findings.finish();
    match cluster {
        Some(cluster) => Ok(Loaded { cluster, warnings: diagnostics }),
        None => Err(diagnostics),
    }
}

fn lay_over(base: &mut Tree, over: Tree) {
    if let (Kind::Map(entries), Kind::Map(new)) = (&mut base.kind, &over.kind) {
        let has = |name: &str| new.iter().any(|(k, _)| k.text == name);
        entries.retain(|(k, _)| !(matches!(k.text.as_str(), "ssh" | "repositories") && has(&k.text)));
        if has("ssh") {
            for (_, members) in entries.iter_mut().filter(|(k, _)| matches!(k.text.as_str(), "groups" | "nodes")) {
                forget_ssh(members);
            }
        }
    }
    base.overlay(over);
}

fn forget_ssh(members: &mut Tree) {
    let Kind::Map(members) = &mut members.kind else { return };
    for (_, member) in members {
        if let Kind::Map(keys) = &mut member.kind {
            keys.retain(|(k, _)| k.text != "ssh");
        }
    }
}
