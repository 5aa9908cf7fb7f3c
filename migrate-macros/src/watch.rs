//! Whether a build script watches the directory, and what to say if not.
//!
//! A macro cannot make Cargo watch a directory. The build script does, and
//! tells the macro so through an environment variable: docs/internals/macro.md,
//! "Rebuilding when files change".

use crate::args::Watch;
use crate::place::{Place, normalize};
use crate::report;
use proc_macro2::{Span, TokenStream};
use std::path::Path;

/// The variable that the build script sets: directories relative to the
/// package, separated by `;`.
pub(crate) const VARIABLE: &str = "MIGRATIONS_WATCHED";

/// The warning or error for a directory that no build script watches, if one is
/// due.
pub(crate) fn complaint(place: &Place, watch: Watch, span: Span) -> Option<TokenStream> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let package = Path::new(&package);
    let watched = std::env::var(VARIABLE).ok();
    if watch == Watch::No || place.is_guess || is_watched(place, package, watched.as_deref()) {
        return None;
    }
    let has_build_script = package.join("build.rs").is_file();
    let advice = advice(place, watched.as_deref(), has_build_script);
    Some(match watch {
        Watch::Required => report::error(&advice, span),
        _ => report::warning("UNWATCHED", &advice, span),
    })
}

/// Whether one of the watched directories is ours, or contains it.
fn is_watched(place: &Place, package: &Path, watched: Option<&str>) -> bool {
    let directory = normalize(&place.absolute);
    watched
        .unwrap_or_default()
        .split(';')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| directory.starts_with(normalize(&package.join(entry))))
}

fn advice(place: &Place, watched: Option<&str>, has_build_script: bool) -> String {
    let path = &place.from_package;
    let (file, value) = match watched.filter(|watched| !watched.is_empty()) {
        Some(watched) => (
            format!("`build.rs` watches `{watched}` only; make its lines say"),
            format!("{watched};{path}"),
        ),
        None if has_build_script => ("add to `build.rs`".to_owned(), path.clone()),
        None => ("create `build.rs`".to_owned(), path.clone()),
    };
    // A path is printable, but a quote in it would end the string.
    let (path, value) = (path.escape_debug(), value.escape_debug());
    format!(
        "nothing watches `{shown}`: a file added to it may go unnoticed until something else is \
         rebuilt\n\
         = help: {file}\n\
         \n\
         fn main() {{\n\
         \x20   println!(\"cargo::rerun-if-changed={path}\");\n\
         \x20   println!(\"cargo::rustc-env={VARIABLE}={value}\");\n\
         }}\n\
         \n\
         = help: or say `watch = false` in the call",
        shown = place.shown,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Surroundings;

    fn place(path: &str) -> Place {
        let around = Surroundings {
            manifest: Some("/ws/app".into()),
            file: Some("/ws/app/src/main.rs".into()),
            workspace: Some("/ws".into()),
        };
        Place::find(path, &around).unwrap()
    }

    #[test]
    fn an_entry_counts_for_the_directory_and_what_is_below() {
        let watched = |path: &str, entries| is_watched(&place(path), "/ws/app".as_ref(), entries);
        assert!(watched("migrations", Some("migrations")));
        assert!(watched("db/migrations", Some("./db/")));
        assert!(watched("../migrations", Some("x; ../migrations")));
        assert!(watched("./../db", Some("db")));
        assert!(!watched("migrations", Some("migrations/old")));
        assert!(!watched("migrations2", Some("migrations")));
        assert!(!watched("migrations", Some("")));
        assert!(!watched("migrations", None));
    }

    #[test]
    fn the_advice_can_be_copied() {
        assert_eq!(
            advice(&place("db"), Some("migrations"), true),
            "nothing watches `app/db`: a file added to it may go unnoticed until something else \
             is rebuilt\n\
             = help: `build.rs` watches `migrations` only; make its lines say\n\
             \n\
             fn main() {\n    \
                 println!(\"cargo::rerun-if-changed=db\");\n    \
                 println!(\"cargo::rustc-env=MIGRATIONS_WATCHED=migrations;db\");\n\
             }\n\
             \n\
             = help: or say `watch = false` in the call"
        );
        assert!(advice(&place("db"), None, true).contains("add to `build.rs`"));
        assert!(advice(&place("db"), None, false).contains("create `build.rs`"));
    }
}
