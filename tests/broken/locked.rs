//! Directories with a lock file that disagrees.

use crate::write;
use std::fs;
use std::path::Path;

/// What breaks a directory whose two migrations are frozen, and a third is not.
pub(crate) type Break = fn(&Path);

pub(crate) const LOCKED: &[(&str, Break)] = &[
    ("a frozen up", |at| append(at, "001_users.sql", "-- more\n")),
    ("a frozen down", |at| {
        append(at, "002_orders.down.sql", "-- more\n");
    }),
    ("a frozen name", |at| {
        rename(at, "002_orders.sql", "002_sales.sql");
        rename(at, "002_orders.down.sql", "002_sales.down.sql");
    }),
    ("a frozen hyphen", |at| {
        rename(at, "001_users.sql", "001-users.sql");
    }),
    ("a frozen file gone", |at| {
        fs::remove_file(at.join("001_users.sql")).unwrap();
    }),
    ("not listed", |at| {
        write(at, ("004_more.sql", "CREATE TABLE more(x INTEGER);\n"));
    }),
    ("a draft gone", |at| {
        fs::remove_file(at.join("003_draft.sql")).unwrap();
    }),
    ("a line", |at| {
        edit(at, |text| text.replace("draft\n", "daft\n"));
    }),
    ("a header", |at| {
        edit(at, |text| text.replacen("# ", "#  ", 1));
    }),
    ("a chain", |at| edit(at, |text| swap_digit(&text, "chain="))),
    ("a checksum", |at| {
        edit(at, |text| swap_digit(&text, "users sha256:"));
    }),
    ("an order", |at| {
        edit(at, |text| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.swap(1, 2);
            format!("{}\n", lines.join("\n"))
        });
    }),
    ("markers", |at| {
        edit(at, |text| {
            text.replace(
                "003_draft draft\n",
                "<<<<<<< HEAD\n003_draft draft\n=======\n003_other draft\n>>>>>>> theirs\n",
            )
        });
    }),
];

fn append(at: &Path, name: &str, more: &str) {
    let text = fs::read_to_string(at.join(name)).unwrap();
    write(at, (name, &(text + more)));
}

fn rename(at: &Path, from: &str, to: &str) {
    fs::rename(at.join(from), at.join(to)).unwrap();
}

fn edit(at: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(at.join("migrations.lock")).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text);
    write(at, ("migrations.lock", &changed));
}

/// Another digit behind a word.
fn swap_digit(text: &str, word: &str) -> String {
    let at = text.find(word).unwrap() + word.len() + "sha256:".len();
    let digit = if &text[at..=at] == "0" { "1" } else { "0" };
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}
