//! The JSON Schema of inventories, for editors; written from the same table that checks the keys.

use serde_json::{Map, Value, json};

use super::keys::{Field, Section, Shape, TOP};

/// The whole schema (JSON Schema draft 2020-12).
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut top = section(&TOP, &mut definitions);
    if let Value::Object(top) = &mut top {
        top.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        top.insert("title".to_owned(), json!("mfsctl inventory"));
        top.insert("$defs".to_owned(), Value::Object(definitions));
    }
    top
}

fn section(section: &Section, definitions: &mut Map<String, Value>) -> Value {
    let properties: Map<String, Value> = section.fields.iter().map(|f| (f.key.to_owned(), field(f, definitions))).collect();
    let required: Vec<&str> = section.fields.iter().filter(|f| f.required).map(|f| f.key).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

fn field(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    let mut value = shape(&field.shape, definitions);
    if let Value::Object(value) = &mut value {
        value.insert("description".to_owned(), json!(field.about));
    }
    value
}

fn shape(of: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match of {
        Shape::Text => json!({ "type": ["string", "number"] }),
        Shape::Secret => json!({ "type": ["string", "number"], "minLength": 1 }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Int(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Duration => json!({ "type": "string", "pattern": "^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "minLength": 2 }),
        Shape::Size => json!({ "type": ["string", "integer"], "pattern": "^[0-9]+ ?(B|K|KiB|M|MiB|G|GiB|T|TiB)?$" }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": shape(item, definitions) }),
        Shape::Settings => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Z0-9_]+$" },
            "additionalProperties": { "type": ["string", "number", "boolean"] },
        }),
        Shape::Of(inner) => reference(inner, definitions),
        Shape::Named(inner) => json!({ "type": "object", "additionalProperties": reference(inner, definitions) }),
        Shape::Either(shapes) => json!({ "anyOf": shapes.iter().map(|s| shape(s, definitions)).collect::<Vec<_>>() }),
    }
}

fn reference(inner: &Section, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(inner.name) {
        definitions.insert(inner.name.to_owned(), Value::Null);
        let value = section(inner, definitions);
        definitions.insert(inner.name.to_owned(), value);
    }
    json!({ "$ref": format!("#/$defs/{}", inner.name) })
}
