//! The replay inside of the compiler, on an SQLite of its own in memory.

use crate::args::Arguments;
use migrate_prove::{Options, Subject};
use migrate_scan::Engine;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::directory::Directory;

/// How many steps SQLite may take for one migration: some seconds. A build must
/// not hang because a script never ends.
const MAX_STEPS: u64 = 100_000_000;

/// Everything that the replay finds.
pub(crate) fn prove(directory: &Directory, arguments: &Arguments) -> Vec<Diagnostic> {
    if arguments.unproved.is_some() || arguments.engine != Engine::Sqlite {
        return Vec::new();
    }
    let migrations = directory.migrations.iter();
    let subjects: Vec<Subject<'_>> = migrations.map(Subject::from).collect();
    let mut options = Options::default();
    options.functions = &arguments.functions;
    options.collations = &arguments.collations;
    options.max_steps = Some(MAX_STEPS);
    options.min_sqlite = arguments.min_sqlite;
    match migrate_prove::prove(&subjects, &options) {
        Ok(proof) => proof.findings,
        Err(error) => {
            let path = subjects.first().map_or("", |first| first.up.path);
            let message = format!("the replay did not start: {error}");
            let help = "leave it out of the compiler: `prove = false \"why\"` in the call";
            vec![Diagnostic::of_path(Code::ReplayFailed, path, message, help)]
        }
    }
}
