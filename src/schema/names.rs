//! Names that stand for several elements.

use globset::{GlobBuilder, GlobMatcher};

use super::FullName;

/// A full name, or a pattern for some: `*` stands for anything between two dots, `**` for anything.
#[derive(Clone, Debug)]
pub struct Names {
    written: String,
    /// `None` if it is a name like any other.
    pattern: Option<GlobMatcher>,
}

impl Names {
    /// A leading dot is dropped.
    ///
    /// # Errors
    /// It begins a set of characters, or of alternatives, and does not end it.
    pub fn new(written: &str) -> Result<Names, String> {
        let written = written.strip_prefix('.').unwrap_or(written).to_owned();
        if !written.contains(['*', '?', '[', '{']) {
            return Ok(Names { written, pattern: None });
        }
        // The segments of a path are matched as those of a name are meant.
        let glob = GlobBuilder::new(&written.replace('.', "/"))
            .literal_separator(true)
            .empty_alternates(true)
            .build()
            .map_err(|err| err.kind().to_string())?;
        Ok(Names { written, pattern: Some(glob.compile_matcher()) })
    }

    /// The name is one of them.
    pub fn covers(&self, name: &FullName) -> bool {
        self.covers_text(name.as_str())
    }

    /// As [`Names::covers`], for a name that is none of an element.
    pub fn covers_text(&self, name: &str) -> bool {
        match &self.pattern {
            None => self.written == name,
            Some(pattern) => pattern.is_match(name.replace('.', "/")),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

impl From<&FullName> for Names {
    fn from(name: &FullName) -> Names {
        Names { written: name.as_str().to_owned(), pattern: None }
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Names) -> bool {
        self.written == other.written
    }
}

impl Eq for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_what_is_between_dots() {
        let all = ["acme.v1.Manager", "acme.v1.Manager.Arrive", "acme.v1alpha.Manager", "Manager"];
        for (pattern, covered) in [
            ("acme.v1.Manager", &[0][..]),
            (".acme.v1.Manager", &[0]),
            ("acme.v1.*", &[0]),
            ("acme.*", &[]),
            ("acme.*.Manager", &[0, 2]),
            ("acme.v1.**", &[0, 1]),
            ("**.Manager", &[0, 2, 3]),
            ("acme.v1{,alpha}.Manager", &[0, 2]),
            ("**", &[0, 1, 2, 3]),
        ] {
            let names = Names::new(pattern).expect("it is a pattern");
            let found = (0..all.len()).filter(|&at| names.covers_text(all[at]));
            assert_eq!(found.collect::<Vec<_>>(), covered, "{pattern}");
        }
        assert!(Names::new("acme.[v1").is_err());
    }
}
