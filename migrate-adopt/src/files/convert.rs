//! Conversion of the migrations of another tool.
//!
//! Each new file names the version it had in the old tool with `-- migrate: adopted`,
//! so the lock file can be rewritten and need not exist.

use super::clean::{Cleaned, Origin, clean};
use super::section::{sections, whole};
use super::{Change, Conversion, Error, NewFile, Source, disk};
use crate::OriginalMigration;
use migrate_model::files::InMemory;
use migrate_scan::Engine;
use migrate_source::directory::read;
use migrate_source::file_name::slug;

/// The options of a conversion.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The tool's history table, if it does not have the default name.
    pub table: Option<String>,
    /// The path of the new directory in messages.
    pub shown: String,
    /// The engine of the scripts.
    pub engine: Engine,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            table: None,
            shown: "migrations".to_owned(),
            engine: Engine::default(),
        }
    }
}

/// Converts the migrations of another tool: they are numbered from 1, and what
/// only that tool needs is removed. A comment at the top of each up names its
/// origin, to match files with the history.
///
/// The result may still have problems, which it includes: those that the
/// compiler would report.
///
/// # Errors
///
/// Fails if a file is not text, or if its markers of the tool are invalid.
pub fn convert(source: &Source, options: &Options) -> Result<Conversion, Error> {
    let mut conversion = Conversion {
        notes: source.notes.clone(),
        directory: Some(source.directory.clone()),
        originals: source.others.clone(),
        ..Conversion::default()
    };
    let width = source.migrations.len().to_string().len().max(3);
    let origin = Origin {
        tool: source.tool,
        table: options.table.as_deref().or(source.tool.table()),
        engine: options.engine,
    };
    for (original, number) in source.migrations.iter().zip(1..) {
        let stem = format!("{number:0width$}_{}", slug(&original.name));
        let no_transaction = source.no_transaction.contains(&original.id);
        migration(&mut conversion, origin, original, &stem, no_transaction)?;
    }
    check(&mut conversion, &options.shown, options.engine);
    Ok(conversion)
}

/// Checks the new files the way the compiler will.
pub(super) fn check(conversion: &mut Conversion, shown: &str, engine: Engine) {
    let mut options = migrate_source::Options::default();
    options.shown_root = shown;
    options.engine = engine;
    let files: Vec<(&str, &str)> = conversion
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let found = read(&mut InMemory(&files), &options);
    conversion.diagnostics = found.diagnostics;
    conversion.warnings = found.warnings;
}

fn migration(
    conversion: &mut Conversion,
    origin: Origin<'_>,
    original: &OriginalMigration,
    stem: &str,
    no_transaction: bool,
) -> Result<(), Error> {
    let tool = origin.tool;
    let file = &original.path;
    let text = disk::text(file, &original.bytes)?;
    let (mut section, inner_down) = sections(origin, file, &text)?;
    section.no_transaction |= no_transaction;
    let up = clean(origin, file, &text, &section);
    // The path of the down, the script, and its text before that.
    let down = match (&original.down, inner_down) {
        (Some((path, bytes)), _) => {
            let text = disk::text(path, bytes)?;
            let mut section = whole(tool, &text);
            section.no_transaction |= no_transaction;
            Some((path, clean(origin, path, &text, &section), text))
        }
        (None, Some(section)) => {
            let cleaned = clean(origin, file, &text, &section);
            let text = text.get(section.range).unwrap_or_default().to_owned();
            Some((file, cleaned, text))
        }
        (None, None) => None,
    };
    let mut header = Vec::new();
    if up.no_transaction {
        header.push(no_transaction_header(file, origin, &up));
    }
    if up.left == 0 {
        let reason = match up.had {
            0 => format!("it had no statement when it was adopted from {tool}"),
            _ => format!("it only did what {tool} required"),
        };
        let directive = format!("-- migrate: empty \"{reason}\"");
        let why = "an empty migration is refused unless it declares this".to_owned();
        header.push(added(file, directive, "it has no statement", why));
    }
    if down.as_ref().is_none_or(|(_, down, _)| down.left == 0) {
        let reason = match &down {
            None => format!("it had no down when it was adopted from {tool}"),
            Some((_, down, _)) if down.had == 0 => {
                format!("its down had no statement when it was adopted from {tool}")
            }
            Some(_) => format!("its down only did what {tool} required"),
        };
        let directive = format!("-- migrate: irreversible \"{reason}\"");
        let why = "remove this line if you write one".to_owned();
        header.push(added(file, directive, "it has no down", why));
    }
    let mut sources = vec![file.clone()];
    let mut targets = vec![format!("{stem}.sql")];
    let adopted = format!("-- migrate: adopted {tool} \"{}\"\n", original.id);
    push_file(conversion, &targets[0], (adopted, header), up, file);
    if let Some((path, down, whole)) = down {
        if path != file {
            sources.push(path.clone());
        }
        if down.left > 0 {
            let header = down
                .no_transaction
                .then(|| no_transaction_header(path, origin, &down));
            let target = format!("{stem}.down.sql");
            let header = (String::new(), header.into_iter().collect());
            push_file(conversion, &target, header, down, path);
            targets.push(target);
        } else {
            conversion.changes.extend(down.changes);
            conversion.notes.extend(down.notes);
            if !down.text.is_empty() && down.had == 0 {
                // A down section is at the end of its file.
                let lines_before = if path == file {
                    text[..text.len() - whole.len()].lines().count()
                } else {
                    0
                };
                let change = dropped(path, (&whole, lines_before), &down.text);
                conversion.changes.push(change);
            }
        }
    }
    conversion.originals.extend(sources.iter().cloned());
    conversion.pairs.push((sources, targets));
    Ok(())
}

/// A directive that is added at the top of a file.
fn added(file: &str, directive: String, what: &str, why: String) -> Change {
    Change {
        file: file.to_owned(),
        line: 1,
        what: what.to_owned(),
        added: directive,
        why,
        ..Change::default()
    }
}

fn no_transaction_header(file: &str, origin: Origin<'_>, script: &Cleaned) -> Change {
    let why = if script.forbids_transaction {
        "one of its statements cannot run in a transaction".to_owned()
    } else {
        format!("so it did in {}", origin.tool)
    };
    let directive = "-- migrate: no-transaction".to_owned();
    let why = format!("{why}; each statement commits alone");
    added(file, directive, "it runs without a transaction", why)
}

/// Adds a script with its first line and its directives.
fn push_file(
    conversion: &mut Conversion,
    path: &str,
    (mut text, directives): (String, Vec<Change>),
    script: Cleaned,
    source: &str,
) {
    text.extend(directives.iter().map(|it| format!("{}\n", it.added)));
    text += &script.text;
    conversion.files.push(NewFile {
        path: path.to_owned(),
        text,
        source: source.to_owned(),
    });
    conversion.changes.extend(script.changes);
    conversion.changes.extend(directives);
    conversion.notes.extend(script.notes);
}

/// A down that consists only of comments gets no file.
fn dropped(path: &str, (whole, lines_before): (&str, usize), comments: &str) -> Change {
    let blank = whole.find(comments.trim_end()).unwrap_or(0);
    Change {
        file: path.to_owned(),
        line: lines_before + whole[..blank].lines().count() + 1,
        what: "the comments of a down without a statement are dropped".to_owned(),
        removed: comments.trim_end().to_owned(),
        why: "there is no file for them".to_owned(),
        ..Change::default()
    }
}
