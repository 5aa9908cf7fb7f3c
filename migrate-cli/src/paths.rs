//! How paths are shown.

use std::path::Path;

/// A path the way the compiler shows it.
pub(crate) fn shown(path: &Path) -> String {
    let shown = path.to_string_lossy().replace('\\', "/");
    shown.trim_end_matches('/').to_owned()
}

/// A path that can be pasted into a shell.
pub(crate) fn shell_quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%,=\\".contains(c);
    if path.chars().all(is_plain) {
        path.to_owned()
    } else if cfg!(windows) {
        // The shells of Windows know no other quotes, and no path has one in it.
        format!("\"{path}\"")
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(not(windows))]
    #[test]
    fn a_path_can_be_pasted() {
        let paste = super::shell_quoted;
        assert_eq!(paste("db/migrations-2"), "db/migrations-2");
        assert_eq!(paste("db/our migrations"), "'db/our migrations'");
        assert_eq!(paste("db (old)/it's"), r"'db (old)/it'\''s'");
    }
}
