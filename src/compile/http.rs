//! `google.api.http`, out of the text of the option. No file of googleapis is needed for it.

use crate::schema::HttpBinding;

/// The bindings that the options of a method declare, in order.
pub(super) fn bindings(options: Option<&Vec<(String, String)>>) -> Vec<HttpBinding> {
    // Options may set the fields of one rule each by itself.
    let mut scan = Scan::default();
    for (name, value) in options.into_iter().flatten() {
        match name.strip_prefix("(google.api.http)") {
            Some("") => scan.text(value),
            // `option (google.api.http).get = "/v1/agents";`
            Some(field) => scan.text(&format!("{} : {value}", field.trim_start_matches('.'))),
            None => (),
        }
    }
    scan.done.push(scan.rule);
    let mut bindings: Vec<HttpBinding> = scan.done;
    bindings.retain(|it| !it.path.is_empty());
    bindings.sort();
    bindings.dedup();
    bindings
}

/// A reader of `google.api.HttpRule` in text format.
#[derive(Default)]
struct Scan {
    /// The rule that is open, around which `outer` are.
    rule: HttpBinding,
    /// `None` for a message that is a part of its rule.
    outer: Vec<Option<HttpBinding>>,
    done: Vec<HttpBinding>,
    /// The field that a value is of.
    name: String,
}

impl Scan {
    fn text(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '"' | '\'' => {
                    let mut value = String::new();
                    while let Some(next) = chars.next().filter(|next| *next != char) {
                        value.push(if next == '\\' { chars.next().unwrap_or(next) } else { next });
                    }
                    self.value(&value);
                }
                '#' => while chars.next_if(|next| *next != '\n').is_some() {},
                '{' | '<' if self.name == "custom" => self.outer.push(None),
                // The rule itself, or one of its additional bindings, which may be a list.
                '{' | '<' => self.outer.push(Some(std::mem::take(&mut self.rule))),
                '}' | '>' => {
                    if let Some(Some(outer)) = self.outer.pop() {
                        self.done.push(std::mem::replace(&mut self.rule, outer));
                    }
                }
                char if char.is_ascii_alphanumeric() || char == '_' => {
                    self.name.clear();
                    self.name.push(char);
                    let in_word = |next: &char| next.is_ascii_alphanumeric() || *next == '_';
                    while let Some(next) = chars.next_if(in_word) {
                        self.name.push(next);
                    }
                }
                _ => (),
            }
        }
    }

    /// Adjacent strings are one.
    fn value(&mut self, value: &str) {
        let HttpBinding { verb, path, body, response_body } = &mut self.rule;
        match &*self.name {
            name @ ("get" | "put" | "post" | "delete" | "patch") => {
                *verb = name.to_ascii_uppercase();
                path.push_str(value);
            }
            "kind" => *verb += &value.to_ascii_uppercase(),
            "path" => path.push_str(value),
            "body" => body.push_str(value),
            "response_body" => response_body.push_str(value),
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
        let other = r#"{ body : "*" additional_bindings : [ { get : "/a" } , { body : "b"
            custom < path : "/c" kind : "head" > response_body : "x" } ] post : "/p" }"#;
        assert_eq!(read("(google.api.http)", other), ["GET /a", "HEAD /c b", "POST /p *"]);
    }
}
