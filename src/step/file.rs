//! Files a step manages: compared with what stands there, written only when they differ.

use super::{Action, ActionKind, Outcome, Refusal, View, WriteFile};
use crate::fact::file::FileFact;
use crate::inventory::secret::Secret;

/// A file as it should be.
#[derive(Debug, Clone)]
pub struct ManagedFile {
    /// Absolute path; it must be among the paths surveyed (`survey::files`).
    pub path: String,
    /// Content.
    pub content: String,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub owner: String,
    /// Group.
    pub group: String,
    /// Texts masked where the file is shown.
    pub secrets: Vec<Secret>,
    /// Marks set before it changes (`moosefs-master:reload`).
    pub marks: Vec<String>,
}

impl ManagedFile {
    /// A file of root's, mode 0644, without secrets.
    pub fn new(path: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            content: content.into(),
            mode: 0o644,
            owner: "root".to_owned(),
            group: "root".to_owned(),
            secrets: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Sets the permission bits.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Sets owner and group.
    #[must_use]
    pub fn owned(mut self, owner: &str, group: &str) -> Self {
        owner.clone_into(&mut self.owner);
        group.clone_into(&mut self.group);
        self
    }

    /// Adds a text to mask.
    #[must_use]
    pub fn secret(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// Adds a mark.
    #[must_use]
    pub fn marks(mut self, mark: impl Into<String>) -> Self {
        self.marks.push(mark.into());
        self
    }
}

/// The action that makes a file so, or none when it is so.
///
/// # Errors
/// When something else than a regular file stands there, or nobody asked for that path.
pub fn ensure(view: &View, file: ManagedFile) -> Result<Option<Action>, Refusal> {
    let fact = view.facts.files.get(&file.path).ok_or_else(|| Refusal {
        found: format!("{} was not part of the survey", file.path),
        fix: "this is a fault of mfsctl: please report it".to_owned(),
    })?;
    let (before, differs) = match fact {
        FileFact::Missing => (None, true),
        FileFact::Regular { content, meta } => {
            let same = *content == file.content && meta.mode == file.mode && meta.owner == file.owner && meta.group == file.group;
            (Some(content.clone()), !same)
        }
        FileFact::Directory(_) => return Err(in_the_way(&file.path, "a directory")),
        FileFact::Other(kind) => return Err(in_the_way(&file.path, kind)),
    };
    if !differs {
        return Ok(None);
    }
    let title = match &before {
        None => format!("write {}", file.path),
        Some(text) if *text == file.content => format!("set mode {:04o} {}:{} on {}", file.mode, file.owner, file.group, file.path),
        Some(_) => format!("change {}", file.path),
    };
    let write = WriteFile {
        path: file.path,
        content: file.content,
        before,
        mode: file.mode,
        owner: file.owner,
        group: file.group,
        secrets: file.secrets,
        marks: file.marks,
    };
    Ok(Some(Action { title, kind: ActionKind::Write(write), guard: None, clears: Vec::new() }))
}

/// Moves away what a package, installed in this very run, may have put where a managed file comes; none when
/// something stood there at the survey already, since that is shown in the diff.
#[must_use]
pub fn set_packaged_aside(view: &View, path: &str) -> Option<Action> {
    if view.facts.files.get(path) != Some(&FileFact::Missing) {
        return None;
    }
    let action = Action::run(format!("set the package's own {path} aside"), ["mv", "-f", path, &format!("{path}.packaged")]);
    Some(action.only_if(format!("{path} came with the package"), ["test", "-e", path]))
}

/// Ensures several files; `Unchanged` with `unchanged` when all are so.
#[must_use]
pub fn ensure_all(view: &View, files: Vec<ManagedFile>, unchanged: &str) -> Outcome {
    match actions(view, files) {
        Ok(actions) => Outcome::from_actions(actions, unchanged),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// Actions that make several files so.
///
/// # Errors
/// As [`ensure`].
pub fn actions(view: &View, files: Vec<ManagedFile>) -> Result<Vec<Action>, Refusal> {
    files.into_iter().filter_map(|f| ensure(view, f).transpose()).collect()
}

fn in_the_way(path: &str, kind: &str) -> Refusal {
    Refusal { found: format!("{path} is {kind}"), fix: format!("move it out of the way: mfsctl wants to write the file {path}") }
}
