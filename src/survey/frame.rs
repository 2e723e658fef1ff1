//! Many questions in one script, their answers told apart by marker lines with a random word.

use crate::fact::{self, Answer, Answers, Question};
use crate::remote::shell;

/// A word no answer contains by accident.
#[must_use]
pub fn nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// One script that asks all questions, each a shell function with empty standard input: a question may `return`
/// early and set its own positional parameters, but not `exit`. (A subshell each would cost a fork each: a sixth of the time.)
#[must_use]
pub fn script(questions: &[Question], nonce: &str) -> String {
    let mut script = String::from("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; export PATH LC_ALL\n");
    for question in questions {
        let name = shell::quote(&question.name);
        script.push_str(&format!(
            "echo '@{nonce} begin '{name}\nq() {{\n{}\n}}\nq </dev/null\nprintf '\\n@{nonce} end %s %s\\n' {name} $?\n",
            question.script.trim_end()
        ));
    }
    script
}

/// Splits the output into answers. What is no UTF-8 is replaced; the text of the questions in `raw` has a character for each byte instead.
///
/// # Errors
/// When a marker is missing or out of place: the connection or the shell broke off.
pub fn split(output: &[u8], nonce: &str, raw: &[&str]) -> Result<Answers, String> {
    // Latin-1 loses nothing, and the markers are ASCII.
    let output: String = output.iter().map(|byte| char::from(*byte)).collect();
    let mut answers = Answers::new();
    let begin = format!("@{nonce} begin ");
    let mut rest = output.as_str();
    while let Some(start) = rest.find(&begin) {
        let (name, after) = rest[start + begin.len()..].split_once('\n').ok_or("a marker line is cut off")?;
        let end = format!("\n@{nonce} end {name} ");
        let Some((text, after)) = after.split_once(end.as_str()).or_else(|| after.strip_prefix(&end[1..]).map(|a| ("", a))) else {
            return Err(format!("no end of the answer to {name}"));
        };
        let (status, after) = after.split_once('\n').ok_or("a marker line is cut off")?;
        let status = status.parse().map_err(|_| format!("no exit status after {name}"))?;
        let text = if raw.contains(&name) { text.to_owned() } else { String::from_utf8_lossy(&fact::bytes(text)).into_owned() };
        answers.insert(name.to_owned(), Answer { text, status });
        rest = after;
    }
    if answers.is_empty() { Err("no answers in it".to_owned()) } else { Ok(answers) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ask(fragments: &[(&str, &str)]) -> Answers {
        let questions: Vec<Question> = fragments.iter().map(|(n, s)| Question { name: (*n).to_owned(), script: (*s).to_owned() }).collect();
        let nonce = nonce();
        let out = std::process::Command::new("sh").arg("-c").arg(script(&questions, &nonce)).output().unwrap();
        split(&out.stdout, &nonce, &["bytes"]).unwrap()
    }

    #[test]
    fn text_and_status_come_back_whatever_they_hold() {
        let answers = ask(&[
            ("empty", ":"),
            ("no-newline", "printf abc"),
            ("lines", "echo a; echo; echo b; return 7"),
            ("stdin", "cat; echo ok"),
            ("comment", "echo x # no newline after this"),
            ("words", "printf 'Zürich \\377'"),
            ("bytes", "printf 'ü\\377\\0'"),
        ]);
        assert_eq!(answers["empty"], Answer { text: String::new(), status: 0 });
        assert_eq!(answers["no-newline"].text, "abc");
        assert_eq!(answers["lines"], Answer { text: "a\n\nb\n".to_owned(), status: 7 });
        assert_eq!(answers["stdin"].text, "ok\n");
        assert_eq!(answers["comment"].text, "x\n");
        assert_eq!(answers["words"].text, "Zürich \u{fffd}");
        assert_eq!(fact::bytes(&answers["bytes"].text), [0xc3, 0xbc, 0xff, 0]);
    }

    #[test]
    fn a_cut_answer_is_an_error() {
        assert!(split(b"@n begin a\ntext", "n", &[]).is_err());
        assert!(split(b"", "n", &[]).is_err());
        assert!(split(b"@n begin a\ntext\n@n end a x\n", "n", &[]).is_err());
    }
}
