//! Blocks of lines of ours, between markers, inside files that belong to others: their lines stay byte for byte.

use super::file::ManagedFile;
use super::{Action, Refusal, View, file};
use crate::fact::file::FileFact;

/// The block's first line.
#[must_use]
pub fn begin(name: &str) -> String {
    format!("# mfsctl begin {name}").trim_end().to_owned()
}

/// The block's last line.
#[must_use]
pub fn end(name: &str) -> String {
    format!("# mfsctl end {name}").trim_end().to_owned()
}

/// The text with the block of that name holding exactly these lines: replaced where it stands,
/// appended when there is none, taken out when there are no lines.
///
/// # Errors
/// The number of a marker line (from 1) whose counterpart is missing.
pub fn with_block(text: &str, name: &str, lines: &[String]) -> Result<String, usize> {
    let (begin, end) = (begin(name), end(name));
    let mut before = String::new();
    let mut after = String::new();
    let mut began = None;
    let mut ended = false;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim_end();
        if bare == begin {
            if began.is_some() {
                return Err(at + 1);
            }
            began = Some(at + 1);
        } else if bare == end {
            if began.is_none() || ended {
                return Err(at + 1);
            }
            ended = true;
        } else if ended {
            after.push_str(line);
        } else if began.is_none() {
            before.push_str(line);
        }
    }
    if let (Some(at), false) = (began, ended) {
        return Err(at);
    }
    if lines.is_empty() {
        return Ok(before + &after);
    }
    if !before.is_empty() && !before.ends_with('\n') {
        before.push('\n');
    }
    let block: String = std::iter::once(&begin).chain(lines).chain(std::iter::once(&end)).map(|l| format!("{l}\n")).collect();
    Ok(before + &block + &after)
}

/// Lines outside every block of ours, with their numbers from 1.
pub fn foreign_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let word = line.strip_prefix("# mfsctl ").and_then(|rest| rest.split_whitespace().next());
        match word {
            Some("begin") => inside = true,
            Some("end") => {
                inside = false;
                return None;
            }
            _ => {}
        }
        (!inside).then_some((at + 1, line))
    })
}

/// The action that writes an edited text over a file of somebody else's, its mode and owner kept.
/// `planned` is what the file will hold when this action's turn comes: what stands there, plus what earlier steps of the same plan write.
///
/// # Errors
/// When something else than a regular file stands there.
pub fn edit(view: &View, path: &str, planned: &str, edited: String, mark: Option<&str>) -> Result<Option<Action>, Refusal> {
    let mut wanted = ManagedFile::new(path, edited);
    if let Some(FileFact::Regular { meta, .. }) = view.facts.files.get(path) {
        wanted = wanted.mode(meta.mode).owned(&meta.owner, &meta.group);
    }
    if let Some(mark) = mark {
        wanted = wanted.marks(mark);
    }
    if wanted.content == planned && view.facts.files.content(path).is_some() {
        return Ok(None);
    }
    let mut action = file::ensure(view, wanted)?;
    if let Some(super::ActionKind::Write(write)) = action.as_mut().map(|a| &mut a.kind)
        && !planned.is_empty()
    {
        write.before = Some(planned.to_owned());
    }
    Ok(action)
}

/// The refusal for a marker without its counterpart.
#[must_use]
pub fn broken(path: &str, name: &str, line: usize) -> Refusal {
    Refusal {
        found: format!("{path}: line {line} is a marker of mfsctl's block without its counterpart"),
        fix: format!("make the block whole again ({:?} … {:?}), or remove both markers", begin(name), end(name)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_block_is_appended_replaced_and_removed() {
        let foreign = "a\n\tb  \n# c";
        let once = with_block(foreign, "x", &lines("1\n2")).unwrap();
        assert_eq!(once, "a\n\tb  \n# c\n# mfsctl begin x\n1\n2\n# mfsctl end x\n");
        assert_eq!(with_block(&once, "x", &lines("1\n2")).unwrap(), once);
        let more = format!("{once}tail\n");
        assert_eq!(with_block(&more, "x", &lines("3")).unwrap(), "a\n\tb  \n# c\n# mfsctl begin x\n3\n# mfsctl end x\ntail\n");
        assert_eq!(with_block(&more, "x", &[]).unwrap(), "a\n\tb  \n# c\ntail\n");
        assert_eq!(with_block("", "", &lines("1")).unwrap(), "# mfsctl begin\n1\n# mfsctl end\n");
    }

    #[test]
    fn blocks_of_other_names_are_left_alone() {
        let text = with_block(&with_block("f\n", "a", &lines("1")).unwrap(), "b", &lines("2")).unwrap();
        assert_eq!(with_block(&text, "a", &[]).unwrap(), "f\n# mfsctl begin b\n2\n# mfsctl end b\n");
        assert_eq!(foreign_lines(&text).collect::<Vec<_>>(), [(1, "f")]);
    }

    #[test]
    fn broken_markers_are_refused() {
        for (text, line) in [
            ("# mfsctl begin\nx\n", 1),
            ("x\n# mfsctl end\n", 2),
            ("# mfsctl begin\n# mfsctl begin\n# mfsctl end\n", 2),
            ("# mfsctl begin\n# mfsctl end\n# mfsctl end\n", 3),
        ] {
            assert_eq!(with_block(text, "", &[]), Err(line), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn foreign_text_survives(text in "([a-z #\t]{0,8}\n){0,6}") {
            let with = with_block(&text, "n", &lines("1")).unwrap();
            proptest::prop_assert_eq!(with_block(&with, "n", &[]).unwrap(), text);
        }
    }
}
