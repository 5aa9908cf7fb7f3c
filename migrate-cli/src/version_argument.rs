//! Which migration an argument such as `--to 12` names.

use crate::failure::Failure;
use crate::output::quoted_list;
use migrate_runtime::{Migration, Status, Version};
use migrate_source::nearest;

/// A migration that can be named.
struct Known {
    version: Version,
    label: String,
    name: String,
}

/// Finds a migration by number (`12`, `012`), name, number and name, or file.
/// With a history, this includes the migrations that only the history knows.
pub(crate) fn resolve(
    text: &str,
    migrations: &[Migration],
    history: Option<&Status>,
) -> Result<Version, Failure> {
    let known = known(migrations, history);
    if let Ok(number) = text.parse::<u64>() {
        let found = known.iter().find(|it| it.version.get() == number);
        return found
            .map(|it| it.version)
            .ok_or_else(|| no_such(text, &known));
    }
    let stem = stem(text);
    if let Some(found) = known.iter().find(|it| is_same(&it.label, stem)) {
        return Ok(found.version);
    }
    let named: Vec<&Known> = known.iter().filter(|it| is_same(&it.name, stem)).collect();
    match named[..] {
        [] => Err(no_such(text, &known)),
        [found] => Ok(found.version),
        _ => Err(Failure::usage(format!(
            "`{text}` is the name of several migrations: {}",
            quoted_list(named.iter().map(|it| &it.label))
        ))
        .help("name the one that is meant by its number")),
    }
}

/// In the order of their versions.
fn known(migrations: &[Migration], history: Option<&Status>) -> Vec<Known> {
    let embedded = migrations.iter().map(|it| Known {
        version: it.version,
        label: it.label.to_owned(),
        name: it.name.to_owned(),
    });
    let rows = history.into_iter().flat_map(Status::entries);
    let recorded = rows
        .filter_map(|entry| entry.row.as_ref())
        .filter(|row| migrations.iter().all(|it| it.version != row.version))
        .map(|row| Known {
            version: row.version,
            label: row.label(),
            name: row.name.clone(),
        });
    let mut known: Vec<Known> = embedded.chain(recorded).collect();
    known.sort_by_key(|it| it.version);
    known
}

/// A file is as good as the migration in it.
fn stem(text: &str) -> &str {
    let mut stem = text.rsplit(['/', '\\']).next().unwrap_or(text);
    for ending in [".sql", ".rs", ".down", ".up"] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    stem
}

/// A hyphen of a file name is an underscore elsewhere.
fn is_same(known: &str, text: &str) -> bool {
    known.replace('-', "_") == text.replace('-', "_")
}

fn no_such(text: &str, known: &[Known]) -> Failure {
    let failure = Failure::usage(format!("there is no migration `{text}`"));
    // One number is never a misspelling of another.
    let is_number = text.bytes().all(|it| it.is_ascii_digit());
    if !is_number && let Some(label) = similar(stem(text), known) {
        return failure.help(format!("did you mean `{label}`?"));
    }
    match (known.first(), known.last()) {
        (Some(first), Some(last)) => failure.help(format!(
            "they go from `{}` to `{}`",
            first.label, last.label
        )),
        _ => failure,
    }
}

/// The label of the migration whose label or name is most similar.
fn similar<'a>(stem: &str, known: &'a [Known]) -> Option<&'a str> {
    let labels: Vec<&str> = known.iter().map(|it| it.label.as_str()).collect();
    let names: Vec<&str> = known.iter().map(|it| it.name.as_str()).collect();
    nearest(stem, &labels).or_else(|| {
        let name = nearest(stem, &names)?;
        let found = known.iter().find(|it| it.name == name)?;
        Some(&found.label)
    })
}
