//! Symbolic links, followed inside a tree only.

/// The path a link at `path` with the text `target` ends at, or `None` if it leaves the tree.
pub(super) fn resolve(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => (),
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn links_end_inside_the_tree_or_nowhere() {
        assert_eq!(resolve("a/b/c.proto", "../d.proto").as_deref(), Some("a/d.proto"));
        assert_eq!(resolve("c.proto", "./x/d.proto").as_deref(), Some("x/d.proto"));
        assert_eq!(resolve("c.proto", "../d.proto"), None);
        assert_eq!(resolve("c.proto", "/etc/passwd"), None);
    }
}
