//! The documentation of a variant: what a reader sees on hover.

use migrate_source::{SourceMigration, SourceScript};
use std::fmt::Write;

/// The longest script that is shown on hover.
const MAX_LINES: usize = 60;
const MAX_BYTES: usize = 4000;

/// The file, the checksum, the SQL, and the down, if there is one.
pub(crate) fn variant(migration: &SourceMigration) -> String {
    let up = &migration.up;
    let mut docs = format!("`{}`, `{}`\n\n", up.path, migration.checksum);
    fenced(&mut docs, up);
    match (&migration.down, &migration.irreversible) {
        (Some(down), _) if down.is_rust => docs.push_str("\nDown: in the same file.\n"),
        (Some(down), _) => {
            let _ = writeln!(docs, "\nDown{}:\n", origin(down, up));
            fenced(&mut docs, down);
        }
        (None, Some(reason)) => {
            let _ = writeln!(docs, "\nIrreversible: {}", plain(reason));
        }
        (None, None) => docs.push_str("\nNo down.\n"),
    }
    docs
}

fn origin(down: &SourceScript, up: &SourceScript) -> String {
    if down.path == up.path {
        String::new()
    } else {
        format!(" (`{}`)", down.path)
    }
}

/// Text without Markdown syntax: otherwise rustdoc would warn about a broken
/// `[link]`, in a crate that cannot fix it.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&'
        ) {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}

/// A code block that nothing inside can close.
fn fenced(docs: &mut String, script: &SourceScript) {
    // rustdoc would take Rust for an example, and compile it.
    block(
        docs,
        if script.is_rust { "rust,ignore" } else { "sql" },
        &script.text,
    );
}

fn block(docs: &mut String, language: &str, sql: &str) {
    let sql = sql.trim_end();
    let mut shown = String::new();
    for line in sql.lines().take(MAX_LINES) {
        if shown.len() + line.len() > MAX_BYTES {
            break;
        }
        shown.push_str(line);
        shown.push('\n');
    }
    let fence = "`".repeat(longest_run(&shown).max(2) + 1);
    // Writing to a string cannot fail.
    let _ = writeln!(docs, "{fence}{language}\n{shown}{fence}");
    let left = sql.lines().count() - shown.lines().count();
    if left > 0 {
        let _ = writeln!(docs, "\n… {left} more lines");
    }
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`');
    runs.map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str) -> String {
        let mut docs = String::new();
        block(&mut docs, "sql", text);
        docs
    }

    #[test]
    fn the_fence_is_longer_than_what_it_holds() {
        assert_eq!(sql("SELECT 1;\n\n"), "```sql\nSELECT 1;\n```\n");
        assert_eq!(sql("-- ```` no end"), "`````sql\n-- ```` no end\n`````\n");
        assert_eq!(sql(""), "```sql\n```\n");
    }

    #[test]
    fn a_reason_is_no_markdown() {
        assert_eq!(plain("drops [x] <b>"), r"drops \[x\] \<b\>");
    }

    #[test]
    fn long_scripts_are_cut() {
        let docs = sql(&"SELECT 1;\n".repeat(100));
        assert_eq!(docs.lines().count(), 60 + 4);
        assert!(docs.ends_with("\n… 40 more lines\n"));
        let docs = sql(&format!("SELECT 1;\nSELECT '{}';", "x".repeat(1 << 20)));
        assert_eq!(docs, "```sql\nSELECT 1;\n```\n\n… 1 more lines\n");
    }
}
