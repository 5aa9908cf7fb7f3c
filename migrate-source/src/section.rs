//! Sections: a file with one script, or the part before or after `-- migrate:down`.

use crate::diagnostic::{Code, Diagnostic};
use crate::directive::{Directive, directives};
use crate::file_name::Role;
use crate::source_file::{SourceFile, line_of};
use migrate_scan::{Engine, Scan};
use std::ops::Range;

/// The part of a file that is one script: the whole file, or the part before or after
/// `-- migrate:down`.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    pub(crate) source: &'a SourceFile,
    pub(crate) engine: Engine,
    pub(crate) role: Role,
    /// The byte range in the text of the file.
    pub(crate) range: Range<usize>,
    /// The line of the file on which it starts.
    pub(crate) first_line: u32,
    /// The scan, whose offsets and lines are relative to the section.
    pub(crate) scan: Scan,
}

impl<'a> Section<'a> {
    fn new(source: &'a SourceFile, engine: Engine, role: Role, range: Range<usize>) -> Section<'a> {
        let scan = match role {
            Role::Rust => Scan::default(),
            _ => engine.scan(&source.text[range.clone()]),
        };
        Section {
            first_line: line_of(source, range.start),
            source,
            engine,
            role,
            range,
            scan,
        }
    }

    pub(crate) fn text(&self) -> &'a str {
        &self.source.text[self.range.clone()]
    }

    /// Creates a problem at a place in the section.
    pub(crate) fn diagnostic(
        &self,
        code: Code,
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let start = self.range.start;
        Diagnostic::in_text(
            code,
            &self.source.path,
            &self.source.text,
            start + range.start..start + range.end,
            message,
            help,
        )
    }

    /// The well-formed directives with their byte ranges; the others are reported by the
    /// directive rules.
    pub(crate) fn directives(&self) -> impl Iterator<Item = (Directive, Range<usize>)> {
        directives(&self.scan, self.text())
    }

    /// Whether the script has the directive `no-transaction`.
    pub(crate) fn is_without_transaction(&self) -> bool {
        self.scan.is_without_transaction(self.text())
    }

    /// The down of a Rust file, which is a function in the same file.
    pub(crate) fn rust_down(&self) -> Section<'a> {
        Section::new(self.source, self.engine, Role::Rust, self.range.clone())
    }

    /// Whether the script has the directive `empty`.
    pub(crate) fn is_empty_on_purpose(&self) -> bool {
        self.directives()
            .any(|(directive, _)| matches!(directive, Directive::Empty(_)))
    }
}

/// Splits a file into its script and the down after `-- migrate:down`.
pub(crate) fn split(source: &SourceFile, engine: Engine) -> (Section<'_>, Option<Section<'_>>) {
    let whole = Section::new(source, engine, source.name.role, 0..source.text.len());
    if source.name.role != Role::Up {
        return (whole, None);
    }
    let Some((end, next_line)) = boundary(&source.text, &whole.scan) else {
        return (whole, None);
    };
    (
        Section::new(source, engine, Role::Up, 0..end),
        Some(Section::new(
            source,
            engine,
            Role::Down,
            next_line..source.text.len(),
        )),
    )
}

/// The up of a file and the text after it, or `None` if there is no `-- migrate:down`.
pub(crate) fn parts(text: &str, engine: Engine) -> Option<[&str; 2]> {
    let (end, _) = boundary(text, &engine.scan(text))?;
    let (up, rest) = text.split_at(end);
    Some([up, rest])
}

/// The offsets where the up ends and where the down starts.
fn boundary(text: &str, scan: &Scan) -> Option<(usize, usize)> {
    let (_, marker) = directives(scan, text).find(|(directive, range)| {
        *directive == Directive::Down && is_alone_on_its_line(text, range.start)
    })?;
    let end = without_blank_lines(&text[..line_start(text, marker.start)]);
    Some((end, (marker.end + 1).min(text.len())))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The length of a text without the blank lines at its end. Blank lines before a down belong to
/// neither script: adding a down to an applied migration, after a blank line, does not change its
/// up.
fn without_blank_lines(text: &str) -> usize {
    let mut end = text.len();
    while let Some(before) = text[..end].strip_suffix('\n') {
        let start = line_start(before, before.len());
        if !before[start..].trim().is_empty() {
            break;
        }
        end = start;
    }
    end
}

pub(crate) fn is_alone_on_its_line(text: &str, at: usize) -> bool {
    text[..at]
        .rsplit('\n')
        .next()
        .is_some_and(|before| before.trim().is_empty())
}
