//! A migrations directory, judged through `directory::read`: what is accepted,
//! and every message that a reader can get.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod directives;
mod layouts;
mod lock;
mod lock_changed;
mod lock_lines;
#[path = "../memory/mod.rs"]
mod memory;
mod names;
mod numbering;
mod outside;
mod pairs;
mod pragmas;
mod rust_files;
mod statements;
mod texts;
mod transactions;
mod unreadable;

use memory::Memory;
use migrate_source::Options;
use migrate_source::directory::{Directory, read};
use migrate_source::render::render;

/// A script without a fault, where its content has no part in the test.
const SQL: &str = "CREATE TABLE t(x);\n";

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.shown_root = "migrations";
    options
}

fn rendered(directory: &Directory) -> String {
    let rendered: Vec<String> = directory.diagnostics.iter().map(render).collect();
    rendered.join("\n\n")
}

/// Every problem of a directory, as the user reads it.
fn problems<C: AsRef<[u8]>>(files: &[(&str, C)]) -> String {
    problems_with(files, &options())
}

fn problems_with<C: AsRef<[u8]>>(files: &[(&str, C)], options: &Options<'_>) -> String {
    let mut files = Memory::new(files.iter().map(|(path, content)| (*path, content)));
    rendered(&read(&mut files, options))
}

/// Every problem of one script.
fn script(sql: impl AsRef<[u8]>) -> String {
    problems(&[("001_users.sql", sql)])
}

/// The same problem, whatever the input: its first line for each.
fn headlines(scripts: &[&str]) -> String {
    let mut headlines = String::new();
    for sql in scripts {
        let problems = script(sql);
        let count = problems.matches(" = help: ").count();
        let headline = problems.lines().next().unwrap_or("accepted");
        headlines += &format!("{sql:<40} {count} {headline}\n");
    }
    headlines
}
