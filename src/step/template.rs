//! Configuration files from templates. An undefined name is an error, never an empty string.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::Refusal;

/// Renders a template. A [`crate::inventory::secret::Secret`] in the context renders masked: expose it by hand where it belongs.
///
/// # Errors
/// When the template is wrong or names something the context lacks.
pub fn render(name: &str, source: &str, context: impl Serialize) -> Result<String, Refusal> {
    let wrong = |e: minijinja::Error| Refusal { found: format!("template {name}: {e:#}"), fix: "correct the template".to_owned() };
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build().map_err(wrong)?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(syntax);
    environment.render_named_str(name, source, Value::from(Serde(context))).map_err(wrong)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_undefined_name_is_an_error() {
        let context = std::collections::BTreeMap::from([("a", "1")]);
        assert_eq!(render("t", "a={{ a }}\n{% if a %}\nx\n{% endif %}\n", &context).unwrap(), "a=1\nx\n");
        assert!(render("t", "{{ b }}", &context).unwrap_err().found.contains("template t"));
    }
}
