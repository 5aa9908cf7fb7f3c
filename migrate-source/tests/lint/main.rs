//! The rules that the text alone decides, beyond the examples on their pages.

#[path = "../memory/mod.rs"]
mod memory;

mod allow;
mod any_words;
mod cascades;
mod data;
mod definitions;
mod drops;
mod files;
mod shadows;
mod statements;
mod versions;

use memory::Memory;
use migrate_source::Options;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::{Directory, read};
use migrate_source::render::render;

fn directory<C: AsRef<[u8]>>(files: &[(&str, C)]) -> Directory {
    let mut files = Memory::new(files.iter().map(|(path, content)| (*path, content)));
    read(&mut files, &Options::default())
}

/// Errors and warnings of a directory.
fn all(directory: Directory) -> Vec<Diagnostic> {
    let mut findings = directory.diagnostics;
    findings.extend(directory.warnings);
    findings
}

/// Every finding, as the user reads it.
fn shown(files: &[(&str, &str)]) -> String {
    let findings: Vec<String> = all(directory(files)).iter().map(render).collect();
    findings.join("\n\n")
}

/// Every finding: code, place, and the words that are marked.
fn brief(files: &[(&str, &str)]) -> String {
    let findings = all(directory(files)).into_iter().map(|it| {
        let Some(excerpt) = it.excerpt else {
            return format!("{} {}", it.code, it.path);
        };
        let line = excerpt.line.chars();
        let marked = line.skip(excerpt.position.column - 1).take(excerpt.width);
        let (line, column) = (excerpt.position.line, excerpt.position.column);
        let marked: String = marked.collect();
        format!("{} {}:{line}:{column} {marked}", it.code, it.path)
    });
    findings.collect::<Vec<String>>().join("\n")
}

/// The findings of an up.
fn up(sql: &str) -> String {
    brief(&[("001_a.sql", sql)]).replace("001_a.sql:", "")
}

/// Each of the scripts, with its findings.
fn each(scripts: &[&str]) -> String {
    let scripts = scripts
        .iter()
        .map(|sql| format!("{sql}\n    {}", up(sql).replace('\n', "\n    ")));
    scripts.collect::<Vec<String>>().join("\n")
}

#[track_caller]
fn nothing(scripts: &[&str]) {
    for sql in scripts {
        assert_eq!(up(sql), "", "{sql}");
    }
}
