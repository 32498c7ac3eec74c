//! Path templates of HTTP bindings.

/// The paths that a template stands for: `/v1/{name=agents/*}:stop`, without the names of its
/// variables, which no client sends.
#[derive(Debug, PartialEq, Eq)]
pub struct Template<'t> {
    /// A word, `*` for one segment, or `**` for the rest of them.
    segments: Vec<&'t str>,
    /// What follows the last colon.
    verb: &'t str,
}

impl<'t> Template<'t> {
    /// `google/api/http.proto` has the grammar.
    pub fn of(path: &'t str) -> Template<'t> {
        let (path, verb) = match path.rsplit_once(':') {
            Some((path, verb)) if !verb.contains(['/', '}']) => (path, verb),
            _ => (path, ""),
        };
        let mut segments = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            let (part, after) = match rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
                Some((variable, after)) => {
                    (variable.split_once('=').map_or("*", |(_, segments)| segments), after)
                }
                None => rest.split_at(rest.find('{').unwrap_or(rest.len())),
            };
            segments.extend(part.split('/').map(str::trim).filter(|it| !it.is_empty()));
            rest = after;
        }
        Template { segments, verb }
    }

    /// Every path of the other is one of these.
    pub fn covers(&self, other: &Template<'_>) -> bool {
        let mut theirs = other.segments.iter();
        for &own in &self.segments {
            if own == "**" {
                return self.verb == other.verb;
            }
            let fits = theirs.next().is_some_and(|it| match own {
                "*" => *it != "**",
                own => own == *it,
            });
            if !fits {
                return false;
            }
        }
        theirs.next().is_none() && self.verb == other.verb
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    #[test]
    fn names_of_variables_do_not_matter_and_wildcards_cover() {
        let covers =
            |server: &str, client: &str| Template::of(server).covers(&Template::of(client));
        for (server, client) in [
            ("/v1/{name=agents/*}", "/v1/{agent=agents/*}"),
            ("/v1/agents/{id}", "/v1/agents/{name=*}"),
            ("/v1/{name=agents/**}", "/v1/{name=agents/*/pods/*}"),
            ("/v1/agents/{id}", "/v1/agents/self"),
            ("/v1/{name=agents/*}:stop", "/v1/agents/{id}:stop"),
            ("/v1/{a.b=x/*}/{c}", "/v1/x/{d}/{e}"),
        ] {
            assert!(covers(server, client), "{server} {client}");
        }
        for (server, client) in [
            ("/v1/agents/self", "/v1/agents/{id}"),
            ("/v1/agents/{id}", "/v1/agents/{id=**}"),
            ("/v1/agents/{id}", "/v1/agents/{id}:stop"),
            ("/v1/agents/{id}", "/v2/agents/{id}"),
            ("/v1/agents/{id}", "/v1/agents"),
        ] {
            assert!(!covers(server, client), "{server} {client}");
        }
    }
}
