//! Pairing ups with downs.

use crate::diagnostic::{Code, Diagnostic};
use crate::file_name::{Role, stem_of};
use crate::rules;
use crate::section::Section;
use crate::source_file::RefusedPath;
use crate::{Options, SourceMigration, SourceScript};
use migrate_model::Checksum;
use migrate_scan::Statement;

/// Pairs ups with downs. A down without an up, and a second down, are reported.
pub(super) fn assemble(
    sections: &[(Section<'_>, Option<Section<'_>>)],
    refused: &[RefusedPath],
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Vec<SourceMigration> {
    let mut files: Vec<(&Section<'_>, bool)> = sections
        .iter()
        .map(|(section, _)| section)
        .filter(|section| section.role == Role::Down)
        .map(|section| (section, false))
        .collect();
    let mut migrations = Vec::new();
    for (up, section_down) in sections
        .iter()
        .filter(|(section, _)| section.role != Role::Down)
    {
        let rust_down = rules::rust::check(up, options, out);
        let mut downs: Vec<&Section<'_>> = section_down.iter().chain(&rust_down).collect();
        // Both lists are sorted by version, so the search takes logarithmic time.
        let version = up.source.name.version;
        let from = files.partition_point(|(down, _)| down.source.name.version < version);
        let same = files[from..]
            .iter_mut()
            .take_while(|(down, _)| down.source.name.version == version);
        for (down, is_used) in same {
            if !*is_used && belongs(down, up) {
                *is_used = true;
                downs.push(down);
            }
        }
        if let [_, second, ..] = downs[..] {
            out.push(two_downs(up, &downs, second));
        }
        migrations.push(migration(up, downs.first().copied(), out));
    }
    // An up with a bad name is already reported; its down is not a second problem.
    let misnamed = rules::numbering::claimed(&[], refused);
    for (down, _) in files.iter().filter(|(_, is_used)| !is_used) {
        if !misnamed.contains_key(&down.source.name.version.get()) {
            out.push(orphan_down(down, sections));
        }
    }
    migrations
}

fn belongs(down: &Section<'_>, up: &Section<'_>) -> bool {
    let (down, up) = (&down.source.name, &up.source.name);
    down.version == up.version
        && (down.name == up.name || down.name_without_suffix.as_ref() == Some(&up.name))
}

fn migration(
    up: &Section<'_>,
    down: Option<&Section<'_>>,
    out: &mut Vec<Diagnostic>,
) -> SourceMigration {
    use crate::directive::Directive;
    use crate::lint::rule;
    let name = &up.source.name;
    let (number, width) = (name.version.get(), name.digits);
    let irreversible = up
        .directives()
        .find_map(|(directive, range)| match directive {
            Directive::Irreversible(reason) => Some((reason, range)),
            _ => None,
        });
    if let (Some((_, range)), Some(down)) = (&irreversible, down) {
        out.push(
            up.diagnostic(
                Code::MisusedDirective,
                range.clone(),
                "this migration is declared irreversible, but has a down",
                "remove the directive, or the down",
            )
            .note(format!("the down is in `{}`", down.source.path)),
        );
    }
    SourceMigration {
        version: name.version,
        label: format!("{number:0width$}_{}", name.name),
        stem: stem_of(&up.source.path).to_owned(),
        name: name.name.clone(),
        checksum: Checksum::of(up.text()),
        down_checksum: down
            .and_then(|down| locked_down(up, down))
            .map(Checksum::of),
        up: script(up),
        down: down.map(script),
        irreversible: irreversible.map(|(reason, _)| reason),
        is_frozen: false,
        is_adopted: up
            .directives()
            .any(|(directive, _)| matches!(directive, Directive::Adopted { .. })),
        refers_ahead: up.directives().any(|(directive, _)| match directive {
            Directive::Allow { rule: word, .. } => {
                rule(&word).is_ok_and(|rule| rule.code == Code::ForeignKeyTarget)
            }
            _ => false,
        }),
    }
}

/// The part of the down that the lock file covers. If the down follows its up in one file, the
/// part includes the lines between them, so every byte of the file is covered. The checksum of a
/// Rust file covers both functions.
fn locked_down<'a>(up: &Section<'_>, down: &Section<'a>) -> Option<&'a str> {
    let follows_up = up.source.path == down.source.path;
    match down.role {
        Role::Rust => None,
        _ if follows_up => Some(&down.source.text[up.range.end..]),
        _ => Some(down.text()),
    }
}

fn script(section: &Section<'_>) -> SourceScript {
    let statements = section.scan.statements.iter().map(|statement| Statement {
        line: statement.line + section.first_line - 1,
        ..*statement
    });
    SourceScript {
        path: section.source.path.clone(),
        text: section.text().to_owned(),
        first_line: section.first_line,
        statements: statements.collect(),
        is_rust: section.source.name.role == Role::Rust,
        in_transaction: !section.is_without_transaction(),
    }
}

fn two_downs(up: &Section<'_>, downs: &[&Section<'_>], second: &Section<'_>) -> Diagnostic {
    let mut diagnostic = Diagnostic::of_path(
        Code::TwoDowns,
        &second.source.path,
        format!("`{}` has {} downs", up.source.path, downs.len()),
        "keep one of them",
    );
    for down in downs {
        diagnostic = diagnostic.note(format!(
            "a down at `{}:{}`",
            down.source.path, down.first_line
        ));
    }
    diagnostic
}

fn orphan_down(down: &Section<'_>, sections: &[(Section<'_>, Option<Section<'_>>)]) -> Diagnostic {
    let name = &down.source.name;
    let from = sections.partition_point(|(section, _)| section.source.name.version < name.version);
    let near = sections[from..]
        .iter()
        .take_while(|(section, _)| section.source.name.version == name.version)
        .map(|(section, _)| section.source)
        .find(|source| source.name.role != Role::Down);
    let (message, help) = match near {
        Some(source) => (
            format!(
                "this down does not belong to `{}`: the names differ",
                source.path
            ),
            format!(
                "give both the same name, `{}` or `{}`",
                source.name.name, name.name
            ),
        ),
        None => (
            format!(
                "there is no migration {} that this down could undo",
                name.version
            ),
            "add the up script, or remove this file".to_owned(),
        ),
    };
    Diagnostic::of_path(Code::OrphanDown, &down.source.path, message, help)
}
