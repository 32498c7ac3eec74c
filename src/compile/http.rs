//! `google.api.http`, out of the text of the option. No file of googleapis is needed for it.

use crate::schema::HttpBinding;

/// The bindings that the options of a method declare, in order.
pub(super) fn bindings(options: Option<&Vec<(String, String)>>) -> Vec<HttpBinding> {
    let mut fields = Vec::new();
    for (name, value) in options.into_iter().flatten() {
        match name.strip_prefix("(google.api.http)") {
            Some("") => scan(value, &mut fields),
            // `option (google.api.http).get = "/v1/agents";`
            Some(field) => {
                scan(&format!("{} : {value}", field.trim_start_matches('.')), &mut fields);
            }
            None => (),
        }
    }
    let mut bindings: Vec<HttpBinding> = Vec::new();
    let mut kind = String::new();
    for (name, text) in fields {
        let verb = name.to_ascii_uppercase();
        match &*name {
            "get" | "put" | "post" | "delete" | "patch" => {
                bindings.push(HttpBinding { verb, path: text, body: String::new() });
            }
            "kind" => kind = text,
            "path" => {
                let verb = std::mem::take(&mut kind);
                bindings.push(HttpBinding { verb, path: text, body: String::new() });
            }
            "body" => bindings.iter_mut().last().into_iter().for_each(|it| it.body = text.clone()),
            _ => (),
        }
    }
    bindings.sort();
    bindings.dedup();
    bindings
}

/// The string fields of a message in text format, in order, whatever they are nested in.
fn scan(text: &str, fields: &mut Vec<(String, String)>) {
    let mut name = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' | '\'' => {
                let mut value = String::new();
                while let Some(next) = chars.next().filter(|next| *next != char) {
                    value.push(if next == '\\' { chars.next().unwrap_or(next) } else { next });
                }
                match fields.last_mut() {
                    // Adjacent strings are one.
                    Some((_, last)) if name.is_empty() => last.push_str(&value),
                    _ => fields.push((std::mem::take(&mut name), value)),
                }
            }
            '#' => while chars.next_if(|next| *next != '\n').is_some() {},
            char if char.is_ascii_alphanumeric() || char == '_' => {
                name.clear();
                name.push(char);
                while let Some(next) =
                    chars.next_if(|next| next.is_ascii_alphanumeric() || *next == '_')
                {
                    name.push(next);
                }
            }
            _ => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bindings;

    fn read(name: &str, value: &str) -> Vec<String> {
        let options = vec![(name.to_owned(), value.to_owned())];
        let bindings = bindings(Some(&options)).into_iter();
        bindings
            .map(|it| format!("{} {} {}", it.verb, it.path, it.body).trim().to_owned())
            .collect()
    }

    #[test]
    fn bindings_are_read_in_every_spelling() {
        let rule =
            r#"{ post : "/v1/agents" body : "*" additional_bindings { get : '/v1/{name=a/*}' } }"#;
        assert_eq!(read("(google.api.http)", rule), ["GET /v1/{name=a/*}", "POST /v1/agents *"]);
        assert_eq!(read("(google.api.http).get", "\"/v1/agents\""), ["GET /v1/agents"]);
        let custom = r#"{ custom : { kind : "HEAD" path : "/v1" "/a" } }"#;
        assert_eq!(read("(google.api.http)", custom), ["HEAD /v1/a"]);
        assert!(read("(acme.http)", rule).is_empty());
    }
}
