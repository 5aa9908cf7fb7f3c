//! Resolution of arguments such as `--to 12` to migrations.

use crate::failure::Failure;
use crate::output::quoted_list;
use migrate_runtime::{Migration, Status, Version};
use migrate_source::nearest;
use std::collections::BTreeMap;

/// The labels of the migrations that an argument can name.
type Labels = BTreeMap<Version, String>;

/// Finds a migration by number (`12`, `012`), name, number and name, or file.
/// With a history, this includes the migrations that only the history knows.
pub(crate) fn resolve(
    text: &str,
    migrations: &[Migration],
    history: Option<&Status>,
) -> Result<Version, Failure> {
    let recorded = history.into_iter().flat_map(Status::entries);
    let mut labels: Labels = recorded.map(|it| (it.version, it.label.clone())).collect();
    labels.extend(
        migrations
            .iter()
            .map(|it| (it.version, it.label.to_owned())),
    );
    if let Ok(number) = text.parse::<u64>() {
        let found = labels.keys().find(|version| version.get() == number);
        return found.copied().ok_or_else(|| no_such(text, &labels));
    }
    let stem = stem(text);
    if let Some((version, _)) = labels.iter().find(|(_, label)| is_same(label, stem)) {
        return Ok(*version);
    }
    let named = labels
        .iter()
        .filter(|(_, label)| is_same(name(label), stem));
    match named.collect::<Vec<_>>()[..] {
        [(version, _)] => Ok(*version),
        [] => Err(no_such(text, &labels)),
        ref several => Err(Failure::usage(format!(
            "`{text}` is the name of several migrations: {}",
            quoted_list(several.iter().map(|(_, label)| label))
        ))
        .help("give its number instead")),
    }
}

/// The name of a migration without a file extension.
fn stem(text: &str) -> &str {
    let mut stem = text.rsplit(['/', '\\']).next().unwrap_or(text);
    for ending in [".sql", ".rs", ".down", ".up"] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    stem
}

/// The part of a label after the number.
fn name(label: &str) -> &str {
    label.split_once('_').map_or(label, |(_, name)| name)
}

/// Compares names; a hyphen in a file name equals an underscore.
fn is_same(known: &str, text: &str) -> bool {
    known.replace('-', "_") == text.replace('-', "_")
}

fn no_such(text: &str, labels: &Labels) -> Failure {
    let failure = Failure::usage(format!("there is no migration `{text}`"));
    // A number is never a misspelling of another number.
    let is_number = text.bytes().all(|it| it.is_ascii_digit());
    if !is_number && let Some(label) = similar(stem(text), labels) {
        return failure.help(format!("did you mean `{label}`?"));
    }
    match (labels.values().next(), labels.values().next_back()) {
        (Some(first), Some(last)) => {
            failure.help(format!("the migrations go from `{first}` to `{last}`"))
        }
        _ => failure,
    }
}

/// The most similar label, by label or by name.
fn similar<'a>(stem: &str, labels: &'a Labels) -> Option<&'a str> {
    let labels: Vec<&str> = labels.values().map(String::as_str).collect();
    let names: Vec<&str> = labels.iter().map(|label| name(label)).collect();
    nearest(stem, &labels).or_else(|| {
        let nearest = nearest(stem, &names)?;
        labels.into_iter().find(|label| name(label) == nearest)
    })
}
