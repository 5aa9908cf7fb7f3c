//! Every verb of the command, run as a user runs it: what it prints, how it
//! ends, and that its JSON is what the schema says.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may unwrap"
)]

#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod check;
mod directory;
mod document;
mod help;
mod history;
mod hostile;
mod run;
mod same_verdict;
mod schema;
mod status;
mod undo;
mod version_argument;

use support::{Folder, Ran};

/// Three migrations with downs.
fn folder() -> Folder {
    Folder::with(&[
        (
            "migrations/001_users.sql",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL) STRICT;\n\
             -- migrate:down\nDROP TABLE users;\n",
        ),
        (
            "migrations/002_orders.sql",
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL) STRICT;\n\
             -- migrate:down\nDROP TABLE orders;\n",
        ),
        (
            "migrations/003_by_user.sql",
            "CREATE INDEX orders_by_user ON orders (user_id);\n\
             -- migrate:down\nDROP INDEX orders_by_user;\n",
        ),
    ])
}

/// The same, applied.
fn applied() -> Folder {
    let folder = folder();
    let _ = folder.run("up -d app.db").fine();
    folder
}

/// Without what is another on each run.
fn scrubbed(ran: &Ran) -> String {
    let mut text = String::new();
    for line in ran.to_string().lines() {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for at in 0..words.len() {
            let is_number = |word: &str| word.parse::<f64>().is_ok();
            if let Some((name, time)) = words[at].rsplit_once("-20")
                && time.ends_with("Z.db")
            {
                words[at] = format!("{name}-TIME.db");
            }
            let is_date = words[at].len() == 10 && words[at].starts_with("20");
            let unit = words[at].trim_end_matches([',', ')']);
            let after = words[at][unit.len()..].to_owned();
            let is_unit = ["ms", "s"].contains(&unit);
            if at > 0 && is_unit && is_number(&words[at - 1]) {
                "N".clone_into(&mut words[at - 1]);
                words[at] = format!("ms{after}");
            } else if is_date && words.get(at + 1).is_some_and(|time| time.len() == 8) {
                "DATE".clone_into(&mut words[at]);
                "TIME".clone_into(&mut words[at + 1]);
            }
        }
        // The columns of a table are as wide as the numbers in them.
        let mut line = words.join(" ");
        while !line.starts_with(' ') && line.contains("   ") {
            line = line.replace("   ", "  ");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// What a person sees.
#[macro_export]
macro_rules! shows {
    ($ran:expr, @$snapshot:literal) => {
        insta::assert_snapshot!($crate::scrubbed(&$ran), @$snapshot)
    };
}
