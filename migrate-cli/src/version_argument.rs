//! Which migration is meant by what somebody typed.

use crate::failure::Failure;
use migrate_runtime::{Migration, Row, Status, Version};
use migrate_source::nearest;

/// The history behind a status.
pub(crate) fn rows(status: &Status) -> Vec<&Row> {
    let entries = status.entries().iter();
    entries.filter_map(|entry| entry.row.as_ref()).collect()
}

/// Finds a migration by number (`12`, `012`), name, number and name, or file.
/// Of the history those count too that the registry does not know.
pub(crate) fn resolve(
    text: &str,
    migrations: &[Migration],
    history: &[&Row],
) -> Result<Version, Failure> {
    let mut known: Vec<(Version, String, String)> = migrations
        .iter()
        .map(|it| (it.version, it.label.to_owned(), it.name.to_owned()))
        .collect();
    known.extend(
        history
            .iter()
            .filter(|row| migrations.iter().all(|it| it.version != row.version))
            .map(|row| (row.version, row.label(), row.name.clone())),
    );
    if let Ok(number) = text.parse::<u64>() {
        let found = known.iter().find(|(version, ..)| version.get() == number);
        return match found {
            Some((version, ..)) => Ok(*version),
            None => Err(no_such(text, &known)),
        };
    }
    let stem = stem(text);
    let by_label = known.iter().find(|(_, label, _)| same(label, stem));
    if let Some((version, ..)) = by_label {
        return Ok(*version);
    }
    let named: Vec<_> = known.iter().filter(|(.., name)| same(name, stem)).collect();
    match named[..] {
        [] => Err(no_such(text, &known)),
        [(version, ..)] => Ok(*version),
        _ => {
            let labels: Vec<&str> = named.iter().map(|(_, label, _)| label.as_str()).collect();
            Err(Failure::usage(format!(
                "`{text}` is the name of several migrations: `{}`",
                labels.join("`, `")
            ))
            .help("name the one that is meant by its number"))
        }
    }
}

/// A file is as good as the migration in it.
fn stem(text: &str) -> &str {
    let file = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let mut stem = file;
    for ending in [".sql", ".rs", ".down", ".up"] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    stem
}

/// A hyphen of a file name is an underscore elsewhere.
fn same(known: &str, text: &str) -> bool {
    known.len() == text.len()
        && known
            .bytes()
            .zip(text.bytes())
            .all(|(a, b)| a == b || matches!((a, b), (b'_' | b'-', b'_' | b'-')))
}

fn no_such(text: &str, known: &[(Version, String, String)]) -> Failure {
    let failure = Failure::usage(format!("there is no migration `{text}`"));
    let stem = stem(text);
    let labels = known.iter().map(|(_, label, _)| label.as_str());
    let labels: Vec<&str> = labels.collect();
    let names: Vec<&str> = known.iter().map(|(.., name)| name.as_str()).collect();
    let by_name = || {
        let name = nearest(stem, &names)?;
        let found = known.iter().find(|(.., it)| it == name);
        found.map(|(_, label, _)| label.as_str())
    };
    if let Some(label) = nearest(stem, &labels).or_else(by_name) {
        return failure.help(format!("did you mean `{label}`?"));
    }
    match (labels.first(), labels.last()) {
        (Some(first), Some(last)) => failure.help(format!("they go from `{first}` to `{last}`")),
        _ => failure,
    }
}
