//! The JSON Schema of the file, for editors.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::Written;

/// The schema, made from the types that read the file. `rules` are the ids that levels and allows
/// can name.
pub fn json_schema(rules: &[&str]) -> String {
    // Editors of TOML know this draft best.
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Written>().to_value();
    tidy(&mut schema);
    let definitions = &mut schema["definitions"];
    definitions["Levels"]["propertyNames"] = json!({ "enum": rules });
    definitions["Allow"]["properties"]["rule"]["enum"] = json!(rules);
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// A key may be left out, and TOML has no null; and a line of a comment is no line of its text.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            object.retain(|key, value| key != "default" || !value.is_null());
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|it| it != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            // Beside a reference, a description would not count; beside `allOf` it does.
            if let Some(Value::Array(mut any)) = object.remove("anyOf") {
                any.retain(|it| it["type"] != "null");
                let key = if any.len() == 1 { "allOf" } else { "anyOf" };
                object.insert(key.to_owned(), Value::Array(any));
            }
        }
        _ => (),
    }
}
