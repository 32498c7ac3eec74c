//! Patterns of names.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Names, some of them with wildcards: `*` is any text, `?` one character, `[ab]` and `{a,b}` a
/// choice. Case counts, and a dot is a character like others.
#[derive(Clone, Debug, Default)]
pub struct Patterns(GlobSet);

impl Patterns {
    /// # Errors
    /// A pattern that is none, and why.
    pub fn new<P: AsRef<str>>(patterns: &[P]) -> Result<Patterns, String> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns.iter().map(AsRef::as_ref) {
            let pattern = pattern.strip_prefix('.').unwrap_or(pattern);
            let glob = GlobBuilder::new(pattern).build().map_err(|err| err.to_string())?;
            set.add(glob);
        }
        Ok(Patterns(set.build().map_err(|err| err.to_string())?))
    }

    /// One of them is the name, or stands for it.
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn a_pattern_is_the_whole_name_or_has_wildcards() {
        let patterns = Patterns::new(&["acme.v1.Event", ".acme.*.Alert", "tenant_?d"]).unwrap();
        for name in ["acme.v1.Event", "acme.v1.sub.Alert", "tenant_id"] {
            assert!(patterns.matches(name), "{name}");
        }
        for name in ["acme.v1.Events", "acme.v1.event", "Alert", "tenant_uid"] {
            assert!(!patterns.matches(name), "{name}");
        }
        assert!(Patterns::new(&["a[b"]).unwrap_err().contains("a[b"));
    }
}
