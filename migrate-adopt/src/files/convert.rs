//! Conversion of the migrations of another tool.
//!
//! Each new file names the version it had in the old tool with `-- migrate: adopted`,
//! so the lock file can be written anew and need not exist.

use super::clean::{Cleaned, From, clean};
use super::section::{Section, sections, whole};
use super::{Change, Conversion, Error, NewFile, Source, disk};
use crate::Original;
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
    let from = From {
        tool: source.tool,
        table: options.table.as_deref().or(source.tool.table()),
        engine: options.engine,
    };
    for (original, number) in source.migrations.iter().zip(1..) {
        let stem = format!("{number:0width$}_{}", slug(&original.name));
        let is_outside = source.outside.contains(&original.id);
        migration(&mut conversion, from, original, &stem, is_outside)?;
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
    from: From<'_>,
    original: &Original,
    stem: &str,
    is_outside: bool,
) -> Result<(), Error> {
    let tool = from.tool;
    let text = disk::text(&original.path, &original.bytes)?;
    let (mut section, inner_down) = sections(from, &original.path, &text)?;
    section.is_outside |= is_outside;
    let up = clean(from, &original.path, &text, &section);
    let down = match (&original.down, inner_down) {
        (Some((path, bytes)), _) => {
            let text = disk::text(path, bytes)?;
            let mut section = whole(tool, &text);
            section.is_outside |= is_outside;
            Some((path, clean(from, path, &text, &section), text))
        }
        (None, Some(section)) => {
            let cleaned = clean(from, &original.path, &text, &section);
            let text = text_of(&section, &text);
            Some((&original.path, cleaned, text))
        }
        (None, None) => None,
    };
    let mut sources = vec![original.path.clone()];
    let mut targets = vec![format!("{stem}.sql")];
    let mut header = vec![format!("-- migrate: adopted {tool} \"{}\"", original.id)];
    let mut changes = Vec::new();
    let mut add = |file: &str, directive: String, what: &str, why: String| {
        changes.push(Change {
            file: file.to_owned(),
            line: 1,
            what: what.to_owned(),
            removed: String::new(),
            added: directive.clone(),
            why,
        });
        directive
    };
    if up.is_outside {
        header.push(add(
            &original.path,
            OUTSIDE.to_owned(),
            RUNS_OUTSIDE,
            why_outside(from, &up),
        ));
    }
    if up.left == 0 {
        let reason = match up.had {
            0 => format!("it had no statement when it was adopted from {tool}"),
            _ => format!("it only did what {tool} required"),
        };
        let directive = format!("-- migrate: empty \"{reason}\"");
        let why = "an empty migration is refused unless it declares this".to_owned();
        header.push(add(&original.path, directive, "it has no statement", why));
    }
    let kept_down = down.as_ref().filter(|(_, cleaned, _)| cleaned.left > 0);
    if kept_down.is_none() {
        let reason = match &down {
            None => format!("it had no down when it was adopted from {tool}"),
            Some((_, down, _)) if down.had == 0 => {
                format!("its down had no statement when it was adopted from {tool}")
            }
            Some(_) => format!("its down only did what {tool} required"),
        };
        let directive = format!("-- migrate: irreversible \"{reason}\"");
        let why = "remove this line if you write one".to_owned();
        header.push(add(&original.path, directive, "it has no down", why));
    }
    conversion.changes.extend(up.changes.iter().cloned());
    conversion.changes.append(&mut changes);
    conversion.notes.extend(up.notes.iter().cloned());
    conversion
        .files
        .push(new_file(&targets[0], &header, &up, &original.path));
    if let Some((path, down, whole)) = &down {
        if *path != &original.path {
            sources.push((*path).clone());
        }
        conversion.changes.extend(down.changes.iter().cloned());
        conversion.notes.extend(down.notes.iter().cloned());
        if down.left > 0 {
            let mut header = Vec::new();
            if down.is_outside {
                header.push(OUTSIDE.to_owned());
                conversion.changes.push(Change {
                    file: (*path).clone(),
                    line: 1,
                    what: RUNS_OUTSIDE.to_owned(),
                    removed: String::new(),
                    added: OUTSIDE.to_owned(),
                    why: why_outside(from, down),
                });
            }
            let path_of_down = format!("{stem}.down.sql");
            conversion
                .files
                .push(new_file(&path_of_down, &header, down, path));
            targets.push(path_of_down);
        } else if !down.text.is_empty() && down.had == 0 {
            // A down section is at the end of its file.
            let first = if *path == &original.path {
                text[..text.len() - whole.len()].lines().count()
            } else {
                0
            };
            conversion
                .changes
                .push(dropped(path, (whole, first), &down.text));
        }
    }
    conversion.originals.extend(sources.iter().cloned());
    conversion.pairs.push((sources, targets));
    Ok(())
}

const OUTSIDE: &str = "-- migrate: no-transaction";
const RUNS_OUTSIDE: &str = "it runs without a transaction";

fn why_outside(from: From<'_>, script: &Cleaned) -> String {
    let why = if script.needs_outside {
        "one of its statements cannot run in a transaction".to_owned()
    } else {
        format!("so it did in {}", from.tool)
    };
    format!("{why}; each statement commits alone")
}

fn new_file(path: &str, header: &[String], script: &Cleaned, source: &str) -> NewFile {
    let mut text: String = header.iter().map(|line| format!("{line}\n")).collect();
    text.push_str(&script.text);
    NewFile {
        path: path.to_owned(),
        text,
        source: source.to_owned(),
    }
}

fn text_of(section: &Section, text: &str) -> String {
    text.get(section.range.clone())
        .unwrap_or_default()
        .to_owned()
}

/// A down that consists only of comments gets no file.
fn dropped(path: &str, (whole, lines_before): (&str, usize), comments: &str) -> Change {
    let blank = whole.find(comments.trim_end()).unwrap_or(0);
    Change {
        file: path.to_owned(),
        line: lines_before + whole[..blank].lines().count() + 1,
        what: "the comments of a down without a statement are dropped".to_owned(),
        removed: comments.trim_end().to_owned(),
        added: String::new(),
        why: "there is no file for them".to_owned(),
    }
}
