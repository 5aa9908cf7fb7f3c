//! The build script that watches the directory.

/// The variable that tells the macro which directories are watched.
const WATCHED: &str = "MIGRATIONS_WATCHED=";
const RERUN: &str = "rerun-if-changed=";

/// A complete script, for a package that has none.
pub(super) fn whole(directory: &str) -> String {
    let lines = [rerun(directory), watched(directory)];
    format!("fn main() {{\n    {}\n}}\n", lines.join("\n    "))
}

fn rerun(directory: &str) -> String {
    format!("println!(\"cargo::{RERUN}{}\");", quoted(directory))
}

fn watched(directories: &str) -> String {
    format!(
        "println!(\"cargo::rustc-env={WATCHED}{}\");",
        quoted(directories)
    )
}

/// Escapes a text for a format string.
fn quoted(text: &str) -> String {
    let text = text.escape_debug().to_string();
    text.replace('{', "{{").replace('}', "}}")
}

/// The relevant content of an existing script, found line by line.
#[derive(Debug, Default)]
pub(super) struct BuildScript {
    is_rerun: bool,
    is_watched: bool,
    /// The other directories that the script watches, as written there.
    others: Option<String>,
}

impl BuildScript {
    pub(super) fn of(text: &str, directory: &str) -> BuildScript {
        let mut script = BuildScript::default();
        let directory = &quoted(directory);
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in lines {
            script.is_rerun |= value(line, RERUN).is_some_and(|it| covers(it, directory));
            if let Some(value) = value(line, WATCHED) {
                if value.split(';').any(|entry| covers(entry, directory)) {
                    script.is_watched = true;
                } else {
                    script.others = Some(value.to_owned());
                }
            }
        }
        script
    }

    pub(super) fn missing(&self, directory: &str) -> Option<String> {
        let rerun = (!self.is_rerun).then(|| rerun(directory));
        let watched = (!self.is_watched).then(|| match &self.others {
            None => watched(directory),
            Some(others) => format!(
                "println!(\"cargo::rustc-env={WATCHED}{others};{}\"); // instead of the one for \
                 `{others}`",
                quoted(directory)
            ),
        });
        let lines: Vec<String> = rerun.into_iter().chain(watched).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// The value after `key` in a string of this line.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(key)?;
    rest.split('"').next()
}

/// Whether watching `entry` watches the directory.
fn covers(entry: &str, directory: &str) -> bool {
    let entry = entry.trim().trim_start_matches("./").trim_end_matches('/');
    directory
        .strip_prefix(entry)
        .is_some_and(|rest| !entry.is_empty() && (rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::{BuildScript, whole};

    fn missing(text: &str, directory: &str) -> String {
        BuildScript::of(text, directory)
            .missing(directory)
            .unwrap_or_default()
    }

    #[test]
    fn what_is_written_is_found_again() {
        for directory in ["migrations", "db/a b", "../shared", "ä{}"] {
            let text = whole(directory);
            assert_eq!(missing(&text, directory), "", "{text}");
        }
    }

    #[test]
    fn a_script_lacks_what_it_does_not_say() {
        let text = "fn main() {\n    // println!(\"cargo::rerun-if-changed=migrations\");\n}\n";
        insta::assert_snapshot!(missing(text, "migrations"), @r#"
        println!("cargo::rerun-if-changed=migrations");
        println!("cargo::rustc-env=MIGRATIONS_WATCHED=migrations");
        "#);
        let text = "println!(\"cargo:rerun-if-changed=db\");\n\
                    println!(\"cargo:rustc-env=MIGRATIONS_WATCHED=db/old\");";
        insta::assert_snapshot!(missing(text, "db/new"), @r#"println!("cargo::rustc-env=MIGRATIONS_WATCHED=db/old;db/new"); // instead of the one for `db/old`"#);
        let text = "println!(\"cargo:rerun-if-changed=db\");\n\
                    println!(\"cargo:rustc-env=MIGRATIONS_WATCHED=x; ./db/\");";
        assert_eq!(missing(text, "db/new"), "");
        assert_ne!(missing(text, "dbx"), "");
    }
}
