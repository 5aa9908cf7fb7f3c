//! Each rule has a page in `docs/rules`, and examples that are true.
//!
//! The pages are written from the table of the rules: run this test with
//! `RULES=overwrite` after a change of the table.

mod memory;

use insta::assert_snapshot;
use memory::Memory;
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::read;
use migrate_source::lint::{Level, RULES, Rule};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

type Files = [(&'static str, &'static str)];

/// Those whose examples run here; what PostgreSQL's find needs a parser.
fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(|it| it.engine() == Engine::Sqlite)
}

fn findings(files: &Files) -> Vec<Diagnostic> {
    let directory = read(&mut Memory::new(files.iter().copied()), &Options::default());
    let mut findings = directory.diagnostics;
    findings.extend(directory.warnings);
    findings
}

#[test]
fn a_bad_example_has_its_finding_and_nothing_else() {
    let mut shown = String::new();
    for rule in rules() {
        let findings = findings(rule.bad);
        let place = |it: &Diagnostic| match &it.excerpt {
            Some(excerpt) => format!("{}:{}", excerpt.position.line, excerpt.position.column),
            None => "-".to_owned(),
        };
        for it in &findings {
            let _ = writeln!(shown, "{} {}:{}", rule.code, it.path, place(it));
        }
        let codes: Vec<_> = findings.iter().map(|it| it.code).collect();
        let expected = if rule.needs_replay {
            vec![]
        } else {
            vec![rule.code]
        };
        assert_eq!(codes, expected, "{}: {findings:?}", rule.code);
    }
    assert_snapshot!(shown, @"
    S04 002_admin.sql:1:8
    S10 002_unique.sql:1:8
    S16 002_drop.sql:1:1
    S19 001_users.sql:1:49
    S20 001_users.sql:1:23
    S24 002_statistics.sql:2:8
    S25 002_admin.sql:1:54
    S27 002_inactive.sql:1:1
    S31 002_admin.sql:1:34
    S32 002_admin.sql:1:42
    S34 schema/002_orders.sql:-
    ");
}

#[test]
fn a_good_example_has_no_finding() {
    for rule in rules() {
        assert!(
            !rule.good.is_empty() && !rule.bad.is_empty(),
            "{}",
            rule.code
        );
        assert_eq!(findings(rule.good), [], "{}", rule.code);
    }
}

#[test]
fn the_pages_are_those_of_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules");
    let mut pages: Vec<(PathBuf, String)> = RULES
        .iter()
        .map(|rule| (folder.join(format!("{}.md", rule.code)), page(rule)))
        .collect();
    pages.push((folder.join("README.md"), index()));
    if std::env::var("RULES").is_ok_and(|it| it == "overwrite") {
        for (path, text) in &pages {
            std::fs::write(path, text).unwrap();
        }
    }
    for (path, text) in &pages {
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            found == *text,
            "{} is not what the table says; run this test with `RULES=overwrite`",
            path.display()
        );
    }
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, pages.len(), "a page without a rule");
}

/// What is printed on a page cannot be what turns its text around.
fn visible(text: &str) -> String {
    text.replace('\u{202e}', "\\u{202e}")
}

fn level(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

fn page(rule: &Rule) -> String {
    let found = match rule.needs_replay {
        true => "the replay",
        false => "the text",
    };
    let mut page = format!(
        "# {code} {title}\n\n`{name}`, {level}, found by {found}.\n\n{why}\n",
        code = rule.code,
        title = rule.title,
        name = rule.name,
        level = level(rule),
        why = rule.why,
    );
    for (heading, files) in [("Bad", rule.bad), ("Good", rule.good)] {
        let _ = write!(page, "\n{heading}:\n\n```sql\n{}```\n", example(files));
    }
    let _ = write!(
        page,
        "\nWhere it is right, say why: at the head of the script for all of it, or before a \
         statement for that one.\n\n```sql\n-- migrate: allow {} \"why it is right here\"\n```\n",
        rule.name
    );
    page
}

/// Each file below its name.
fn example(files: &Files) -> String {
    let files = files
        .iter()
        .map(|(name, text)| format!("-- migrations/{name}\n{}", visible(text)));
    files.collect::<Vec<String>>().join("\n")
}

fn index() -> String {
    let mut index = INTRODUCTION.to_owned();
    for rule in RULES {
        let _ = writeln!(
            index,
            "| [{code}]({code}.md) | `{name}` | {level} | {found} | {title} |",
            code = rule.code,
            name = rule.name,
            level = level(rule),
            found = if rule.needs_replay { "replay" } else { "text" },
            title = rule.title,
        );
    }
    index + END
}

const INTRODUCTION: &str = "# Rules

What a migration does may be valid and still be a mistake. These rules find it, \
each with a code, a name and a level: an error stops the build, a warning is one \
of the compiler. They look at the migrations that can still be changed: not at \
those that the lock file calls frozen or that were adopted from another tool. They \
look only at a directory that has none of the [other \
problems](../diagnostics.md), which come first.

Where a finding is right, the script says so. At its head that holds for the \
whole script, before a statement for that one:

```sql
-- migrate: allow destructive-drop \"exported to the archive in March\"
DROP TABLE visits;
```

Some rules are decided by the text, so that the macro applies them in every \
build. The others need a replay of the migrations on a real SQLite with rows in \
the tables. Those whose code begins with S are about SQLite, and those with P about \
PostgreSQL, where a server is needed for the replay; S33 and S37 are told there too.

| code | name | level | found by | |
|---|---|---|---|---|
";

const END: &str = "
The numbers have gaps. Some hazards are no matter of choice and have codes that \
cannot be allowed: S02, pragmas that do nothing or do harm, is \
[M021](../diagnostics.md); S03, `BEGIN`, `COMMIT` and their like, is M019; S30, \
empty and unfinished scripts, is M016 and M017. `VACUUM` and `ATTACH` are M020, \
bind parameters M018, bytes that are no text M014 and M015, and file names \
outside of the grammar M006. On PostgreSQL too, what cannot run in a transaction is \
M020, as P02 and P31, and commands of psql are M022, as P32. The runner sees to \
P04, P05 and P25: how long a lock is waited for, and what a migration has set.
";
