//! Display of paths, and creation of files.

pub(crate) use migrate_tools::shown;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Creates a file, which must not exist.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes()).inspect_err(|_| {
        // A partial file would be taken for a complete one.
        let _ = fs::remove_file(path);
    })
}

/// Quotes a path so that it can be pasted into a shell.
pub(crate) fn shell_quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%,=\\".contains(c);
    if path.chars().all(is_plain) {
        path.to_owned()
    } else if cfg!(windows) {
        // Windows shells accept only double quotes, which no path contains.
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
