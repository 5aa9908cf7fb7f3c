//! S43: `IF NOT EXISTS` and `IF EXISTS` because of which a statement does nothing. S34: the same
//! for a name that is spelled in another way.

use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::change::Change;
use crate::replay::compare::{is_same, one_line};
use crate::replay::finding::{Findings, nth_word};
use crate::replay::run::run;
use crate::replay::subject::Part;
use migrate_scan::sqlite::name_of;
use migrate_source::diagnostic::Code;
use rusqlite::Result;
use std::rc::Rc;

/// Reports the statements that do nothing; returns whether there is one.
pub(super) fn check(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) -> Result<bool> {
    let count = findings.count();
    for (index, words) in change.task.part.words().iter().enumerate() {
        match Head::read(words).filter(|it| it.is_conditional) {
            Some(drop) if drop.is_drop => dropped(change, index, drop, findings),
            Some(create) => created(change, index, create, findings)?,
            None => {}
        }
    }
    Ok(findings.count() > count)
}

/// The beginning of a statement that creates or drops an object.
#[derive(Clone, Copy)]
struct Head<'w> {
    is_drop: bool,
    /// Whether it has `IF EXISTS` or `IF NOT EXISTS`, and is not about a temporary object.
    is_conditional: bool,
    kind: Kind,
    name: &'w str,
    /// The index of the name.
    at: usize,
}

impl<'w> Head<'w> {
    /// Reads the words of a statement. `None` if it names another schema, too.
    fn read(words: &'w [String]) -> Option<Head<'w>> {
        let word = |at: usize| words.get(at).map(String::as_str);
        let is_drop = match word(0)? {
            "create" => false,
            "drop" => true,
            _ => return None,
        };
        let is_temporary = matches!(word(1)?, "temp" | "temporary");
        let mut at = 1 + usize::from(is_temporary || word(1)? == "unique");
        let kind = match word(at)? {
            "table" => Kind::Table,
            "virtual" => Kind::Virtual,
            "index" => Kind::Index,
            "view" => Kind::View,
            "trigger" => Kind::Trigger,
            _ => return None,
        };
        at += 1 + usize::from(kind == Kind::Virtual);
        let has_condition = word(at)? == "if";
        if has_condition {
            at += if is_drop { 2 } else { 3 };
        }
        if word(at + 1) == Some(".") {
            if word(at)? != "main" {
                return None;
            }
            at += 2;
        }
        Some(Head {
            is_drop,
            is_conditional: has_condition && !is_temporary,
            kind,
            name: word(at)?,
            at,
        })
    }

    /// The object that the statement creates.
    fn object(self, words: &[String], text: &str) -> Object {
        let head = words[..self.at].iter();
        let head = head.take_while(|word| *word != "if").cloned();
        Object {
            place: 0,
            kind: self.kind,
            name: self.name.to_owned(),
            table: String::new(),
            root: 0,
            sql: text.to_owned(),
            tokens: head.chain(words[self.at..].iter().cloned()).collect(),
        }
    }
}

/// Whether `IF NOT EXISTS` for an object of one kind finds objects of the other.
fn share_names(a: Kind, b: Kind) -> bool {
    let group = |kind| match kind {
        Kind::Table | Kind::Virtual | Kind::View => 0,
        Kind::Index => 1,
        Kind::Trigger => 2,
    };
    group(a) == group(b)
}

/// Finds a statement that creates nothing, because another definition has the name.
fn created(
    change: Change<'_, '_>,
    index: usize,
    create: Head<'_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let part = change.task.part;
    let words = &part.words()[index];
    let text = part.statement(index);
    let wanted = create.object(words, text.strip_suffix(';').unwrap_or(text));
    let place = nth_word(part, index, create.at).unwrap_or_else(|| part.range(index));
    let written = name_of(&part.text[place.clone()]);
    let is_wanted = |it: &Object| is_equal(it, &wanted) && it.name == written;
    let has_name = |it: &&Rc<Object>| share_names(it.kind, create.kind);
    let mut earlier = part.words()[..index].iter();
    let may_exist = earlier.any(|words| words.iter().any(|word| word == create.name))
        || change
            .before
            .catalogue
            .named(create.name)
            .any(|it| has_name(&it));
    let mut now = change.after.catalogue.named(create.name).filter(has_name);
    // Most statements create what they say.
    if !may_exist || now.any(|it| is_wanted(it)) {
        return Ok(());
    }
    let Some(catalogue) = before_statement(change, index)? else {
        return Ok(());
    };
    let there = catalogue.named(create.name).find(has_name);
    let Some(there) = there.filter(|it| !is_wanted(it)) else {
        return Ok(());
    };
    let (kind, name) = (there.kind.as_str(), &there.name);
    if *name != written {
        findings.add(
            part,
            Code::CaseColliding,
            place,
            format!("`{written}` is the {kind} `{name}`, which exists: this does nothing"),
            "remove the statement, or give it another name",
        );
        return Ok(());
    }
    findings.mark_existing(part, Code::ExistsDoesNothing, place.start, name);
    findings.add_with_notes(
        part,
        Code::ExistsDoesNothing,
        place,
        format!("the {kind} `{name}` exists with another definition, so this does nothing"),
        "the migration would be recorded although it did nothing: change what exists, or drop it \
         first, or use another name",
        vec![
            format!("it exists as `{}`", one_line(&there.sql)),
            format!("the statement is `{}`", one_line(&wanted.sql)),
        ],
    );
    Ok(())
}

/// Whether two definitions mean the same. `ASC` is the default.
fn is_equal(a: &Object, b: &Object) -> bool {
    let words = |it: &Object| -> Vec<String> {
        let words = it.tokens.iter();
        words.filter(|word| *word != "asc").cloned().collect()
    };
    is_same(a, b) || a.kind == Kind::Index && words(a) == words(b)
}

/// The schema as a statement of the script meets it.
fn before_statement(change: Change<'_, '_>, index: usize) -> Result<Option<Catalogue>> {
    let trial = change.trial;
    let Some(scratch) = change.begin(false)? else {
        return Ok(None);
    };
    let read = || Catalogue::read(&scratch, trial.catalogue);
    let mut found = if index == 0 { Some(read()?) } else { None };
    let mut watch = |statement| {
        if statement + 1 == index {
            found = Some(read()?);
        }
        Ok(())
    };
    let _ = run(&scratch, change.task, trial.options, &mut watch)?;
    Ok(found)
}

/// Finds a statement that drops nothing, because it has the wrong name or names something else.
fn dropped(change: Change<'_, '_>, index: usize, drop: Head<'_>, findings: &mut Findings<'_, '_>) {
    let whole = change.trial.catalogue;
    let catalogues = [whole, &change.before.catalogue, &change.after.catalogue];
    let is_same_kind = |it: &Object| share_names(it.kind, drop.kind);
    let mut named = catalogues.iter().flat_map(|it| it.named(drop.name));
    if named.any(|it| is_same_kind(it)) {
        return;
    }
    let mut named = catalogues.iter().flat_map(|it| it.named(drop.name));
    let mut known = catalogues.iter().flat_map(|it| it.objects());
    let similar = |it: &&Rc<Object>| {
        is_same_kind(it) && is_misspelled(drop.name, &it.name.to_ascii_lowercase())
    };
    let (name, kind) = (drop.name, drop.kind.as_str());
    let Some(there) = named.next().or_else(|| known.find(similar)) else {
        return;
    };
    let message = format!(
        "there is no {kind} `{name}`, so this drops nothing; there is the {} `{}`",
        there.kind.as_str(),
        there.name
    );
    // It may have been dropped before, or exist only after this.
    let creates = |words: &[String]| {
        let head = Head::read(words).filter(|it| !it.is_drop && it.name == name);
        head.is_some_and(|it| share_names(it.kind, drop.kind))
    };
    let renames = |words: &[String]| words[0] == "alter" && words.iter().any(|word| word == name);
    let mut statements = change.trial.parts().flat_map(Part::words);
    if statements.any(|words| renames(words)) || whole.has_had(creates) {
        return;
    }
    let part = change.task.part;
    let place = nth_word(part, index, drop.at).unwrap_or_else(|| part.range(index));
    findings.add(
        part,
        Code::ExistsDoesNothing,
        place,
        message,
        "correct the name, or remove the statement",
    );
}

/// Whether a name is another one with one letter too many, too few, wrong or in the wrong place.
/// Names that differ in a digit or in a short part, such as `by_a` and `by_b`, are meant so.
fn is_misspelled(name: &str, other: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (name.chars().collect(), other.chars().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let pairs = rest_a.iter().rev().zip(rest_b.iter().rev());
    let end = pairs.take_while(|(a, b)| a == b).count();
    let (one, two) = (&rest_a[..rest_a.len() - end], &rest_b[..rest_b.len() - end]);
    let is_slip = match (one, two) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    };
    let is_letter = |it: &char| it.is_alphabetic() || *it == '_';
    let part_start = b[..start].iter().rev().take_while(|it| **it != '_').count();
    let part_end = b[start..].iter().take_while(|it| **it != '_').count();
    is_slip && one.iter().chain(two).all(is_letter) && part_start + part_end >= 4
}

#[cfg(test)]
mod tests {
    use super::is_misspelled;

    #[test]
    fn only_slips_are_misspelled() {
        for (name, other) in [
            ("usres", "users"),
            ("user", "users"),
            ("userss", "users"),
            ("by_emial", "by_email"),
            ("users_e_mail", "users_email"),
        ] {
            assert!(is_misspelled(name, other), "{name}");
        }
        for (name, other) in [
            ("by_a", "by_b"),
            ("users_1", "users_2"),
            ("users_new", "users"),
            ("posts_user", "posts_slug"),
            ("users", "users"),
        ] {
            assert!(!is_misspelled(name, other), "{name}");
        }
    }
}
