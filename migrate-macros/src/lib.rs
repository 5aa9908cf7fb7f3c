//! The macro [`embed_migrations!`], which reads a migrations directory while a
//! crate compiles. Depend on `migrate-runtime`, which exports it: the code that
//! the macro writes names that crate.
//!
//! ```
//! use migrate_runtime::{embed_migrations, rusqlite::Connection};
//!
//! embed_migrations!("../migrations");
//!
//! let mut db = Connection::open_in_memory()?;
//! Migration::migrator().up(&mut db)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rules of a directory are not here: they are in `migrate-source`, and the same
//! everywhere. The macro uses no database of the application, so it does not know
//! whether a table exists there.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;

mod args;
mod place;

mod git;
mod load;
#[cfg(feature = "prove")]
mod proof;

mod docs;
mod expand;
mod report;
mod rust;
mod stub;
mod watch;

use crate::call::Call;
use crate::place::{Place, Surroundings};
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::Directory;
use migrate_source::lint::{by_level, without_repeats};
use proc_macro2::TokenStream;
use quote::quote;

/// Checks a migrations directory and embeds it as a typed, ordered registry.
///
/// ```
/// use migrate_runtime::embed_migrations;
///
/// embed_migrations!("../migrations", first = 1);   // pub enum Migration
///
/// embed_migrations! {
///     /// The schema of the orders database.
///     pub(crate) enum Schema in "../migrations", watch = false
/// }
///
/// assert_eq!(Migration::LATEST as u64, Schema::LATEST as u64);
/// ```
///
/// The second spelling chooses name, visibility, documentation and further
/// attributes; `Clone`, `Copy`, `Debug`, `Eq`, `Ord`, `Hash` and their like are
/// derived already. The macro can be used wherever an item can be: in a module, or in
/// the body of a function.
///
/// The path is relative to the package's `Cargo.toml`; one that starts with
/// `./` is relative to the file of the call. It is separated by `/` on every
/// system, and never absolute.
///
/// # The directory
///
/// A migration is an SQL file: a number of at least three digits, `_` or `-`,
/// and a name of lower-case letters, digits, `_` and `-`. The numbers start at
/// 1, have no gap and all the same width. The down, which may be missing, has
/// one of these places:
///
/// | up | down |
/// |---|---|
/// | `001_users.sql`, before a line `-- migrate:down` | the same file, after that line |
/// | `001_users.sql` or `001_users.up.sql` | `001_users.down.sql` |
/// | `001_users.sql` | `001_users.sql` or `001_users_down.sql` in a folder `down/` or `rollbacks/` |
/// | `001_users/up.sql` | `001_users/down.sql` |
///
/// Folders whose names begin with no number are categories, as in
/// `schema/001_users.sql` and `seed/002_admin.sql`; the numbers go through all
/// of them. Left out are `README*`, names that begin with a dot, a folder
/// `archive/` and the file `migrations.lock`; anything else is an error.
///
/// Comments at the head of a script say what is on purpose:
/// `-- migrate: irreversible "why"` that there is no down,
/// `-- migrate: empty "why"` that nothing is done, and
/// `-- migrate: no-transaction` that the statements run one by one, outside of a
/// transaction, as `VACUUM` and a change of the journal mode must. A migration
/// that came from another tool says `-- migrate: adopted sqlx "20240101120000"`,
/// once for each that it was there.
///
/// With `engine = "postgres"` the scripts are for PostgreSQL, and the registry is
/// a `Registry<Postgres>` that runs on no SQLite. That needs the feature
/// `postgres` of the runtime crate. Statements are sent one by one, and split as psql
/// splits them, but commands of psql, such as `\i`, and `COPY … FROM STDIN` are errors.
///
/// A migration may be written in Rust, as `001_users.rs`. It is compiled as a
/// part of your crate, with the module of the call as its `super`:
///
/// ```
/// use migrate_runtime::rusqlite::{Result, Transaction};
///
/// pub fn up(tx: &Transaction<'_>) -> Result<()> {
///     tx.execute_batch("CREATE TABLE users(id INTEGER PRIMARY KEY)")
/// }
///
/// pub fn down(tx: &Transaction<'_>) -> Result<()> {
///     tx.execute_batch("DROP TABLE users")
/// }
/// ```
///
/// For PostgreSQL the functions are `async`, and take a
/// `&tokio_postgres::Transaction<'_>`.
///
/// The error may be any that converts into `Box<dyn Error + Send + Sync>`. The
/// function `down` may be missing, or be SQL in a file of its own.
///
/// # Arguments
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `first = 10` | the version that the first migration has | `1` |
/// | `numbering = "sequential"` or `"timestamp"` | without a gap, or 14-digit timestamps | `"sequential"` |
/// | `engine = "sqlite"` or `"postgres"` | the database that the SQL is for | `"sqlite"` |
/// | `watch = true`, `false` or `"required"` | warn, say nothing or refuse to compile if no build script watches the directory | `true` |
/// | `downs = "optional"` or `"required"` | whether a migration without a down must say `-- migrate: irreversible "why"` | `"optional"` |
/// | `min_sqlite = "3.38"` | the oldest SQLite that runs the migrations: what is newer is an error, and an older one is refused at start-up | any |
/// | `syntax = true` or `false` | whether statements are parsed; `true` needs the feature `syntax` | the feature |
/// | `prove = false "why"` | the migrations are proved neither by the generated test nor, with the feature `prove`, by the compiler | `true` |
/// | `functions = "slug/1"`, `collations = "german"` | what the application adds to SQLite; a placeholder without effect replaces it where the migrations are proved | none |
/// | `setup = path` | a function that adds the real ones to a `&Connection`, for the generated test | none |
/// | `crate = path` | the runtime crate under another name, or re-exported | `::migrate_runtime` |
///
/// `min_sqlite`, `functions`, `collations` and `setup` are for SQLite alone.
///
/// # What is generated
///
/// An enum with one variant per migration, in order: `V001InitialSchema` for
/// `001_initial_schema.sql`. Its value is the version, and its documentation
/// shows file, checksum, SQL and down. A migration that does not exist does not
/// compile, and a `match` can be exhaustive. On the enum, with its visibility:
///
/// ```text
/// const REGISTRY: &'static Registry;               // constant data, nothing to parse
/// const ALL: &'static [Migration];                 // every variant, in order
/// const LATEST: Migration;
/// fn migrator() -> Migrator<Migration>;            // and the engine, if not SQLite
/// const fn version(self) -> Version;
/// fn get(self) -> &'static migrate_runtime::Migration;
/// ```
///
/// and `From` for `Version`. No absolute path is in the code of a release
/// build. Two hidden tests come along: `embedded_migrations_are_fresh` compares
/// the embedded files with the directory, and `embedded_migrations_are_sound`
/// replays them on an SQLite in memory, with rows in every table. They run if the
/// call is in a module, because the test harness finds none in the body of a function.
/// The second is for SQLite only: a replay for PostgreSQL needs a server.
///
/// # What is rejected
///
/// Everything that can be known: numbers that are missing or used twice, names
/// outside of the grammar, a down without its up, empty scripts, quotes and
/// comments that are never closed, bind parameters, `BEGIN` and `COMMIT`,
/// statements that cannot run in a transaction, and syntax errors. All problems are reported at once, each with its place:
///
/// ```text
/// error: M025: syntax error near `NUL`
///         --> migrations/001_users.sql:3:17
///          |
///        3 |   name TEXT NOT NUL
///          |                 ^^^
///          = help: correct the statement; …
///  --> src/main.rs:3:19
///   |
/// 3 | embed_migrations!("migrations");
///   |                   ^^^^^^^^^^^^
/// ```
///
/// The syntax is that of the crate `sqlite3-parser`, a port of SQLite's own
/// grammar. Of the `INSERT` statements of a directory the first megabyte is
/// parsed: a large seed file would make every build wait. For PostgreSQL it is
/// that of the crate `squawk-syntax`, which sees a quarter as much of them, and
/// no bodies of functions in other languages than SQL.
///
/// What a migration does is judged by rules that can be allowed: a table that is
/// dropped with its data, a type that SQLite does not know, a change of every
/// row; each has a page in `docs/rules` of the repository. Some are errors and
/// some warnings, which come as the use of a deprecated constant, the only way to
/// warn on stable Rust. If the change is intentional, give the reason at the top of
/// the script, before the statement, or after it on the same line:
///
/// ```sql
/// -- migrate: allow destructive-drop "exported to the archive in March"
/// DROP TABLE visits;
/// ```
///
/// # The lock file
///
/// If `migrations.lock` lies in the directory, what it calls frozen is released:
/// a frozen migration that was changed, renamed or removed, a line that was
/// edited and a migration that is not listed are errors. `migrate_runtime::lock`
/// has the functions that write it.
///
/// # Rebuilds
///
/// Cargo sees when a file changes that the macro has read, but not that a file
/// is added: a macro cannot watch a directory. A build script can:
///
/// ```text
/// // build.rs
/// fn main() {
///     println!("cargo::rerun-if-changed=migrations");
///     println!("cargo::rustc-env=MIGRATIONS_WATCHED=migrations");
/// }
/// ```
///
/// The second line tells the macro so; several directories are separated by
/// `;`, and one that contains the migrations will do. Without it the macro
/// warns. A directory of which a stale binary was made is also noticed when a
/// debug binary first uses its registry, and by the generated test.
///
/// Two checkouts of one package must not share a target directory: to Cargo
/// they are the same package, and it may call the second one built.
#[proc_macro]
pub fn embed_migrations(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    run(input.into()).into()
}

fn run(input: TokenStream) -> TokenStream {
    let call = Call::parse(input);
    let mut errors = call
        .errors
        .as_ref()
        .map(syn::Error::to_compile_error)
        .unwrap_or_default();
    let place = call.directory.as_ref().and_then(|path| {
        let place = Place::find(&path.value(), &Surroundings::of_call(path));
        place
            .map_err(|text| errors.extend(report::error(&text, path.span())))
            .ok()
            .map(|place| (place, path.span()))
    });
    let Some((place, span)) = place else {
        let stub = stub::stub(&call, &[]);
        return quote!(#errors #stub);
    };
    let lost = place.is_guess.then(|| report::lost(span));
    let mut directory = load::load(&place, &call.arguments);
    // The findings of rules and of the replay are reported together.
    if directory
        .diagnostics
        .iter()
        .all(|it| it.code.rule().is_some())
    {
        judge(&mut directory, &call);
    }
    if errors.is_empty() && directory.diagnostics.is_empty() {
        let code = expand::expand(&call, &place, &directory);
        let complaint = watch::complaint(&place, call.arguments.watch, span);
        let warnings = report::warnings(&directory.warnings, span);
        return quote!(#lost #complaint #warnings #code);
    }
    // rust-analyzer does not report the file of the call, so a directory next to
    // it is not found, which is not an error of the user.
    let is_lost = place.is_guess && !place.absolute.is_dir();
    if errors.is_empty() && !is_lost {
        errors = report::errors(&directory.diagnostics, span);
    }
    let stub = stub::stub(&call, &directory.migrations);
    quote!(#lost #errors #stub)
}

/// Adds the findings in a valid directory.
fn judge(directory: &mut Directory, call: &Call) {
    for found in [proved(directory, call), of_postgres(directory, call)] {
        let found = without_repeats(found, &directory.diagnostics);
        let (errors, warnings) = by_level(without_repeats(found, &directory.warnings));
        directory.diagnostics.extend(errors);
        directory.warnings.extend(warnings);
    }
}

/// Replays the migrations, if the macro contains SQLite.
fn proved(directory: &Directory, call: &Call) -> Vec<Diagnostic> {
    #[cfg(feature = "prove")]
    return proof::prove(directory, &call.arguments);
    #[cfg(not(feature = "prove"))]
    {
        let _ = (directory, call);
        Vec::new()
    }
}

/// Applies the rules for PostgreSQL, which need its parser.
fn of_postgres(directory: &Directory, call: &Call) -> Vec<Diagnostic> {
    #[cfg(all(feature = "postgres", feature = "syntax"))]
    if call.arguments.engine == migrate_scan::Engine::Postgres {
        return migrate_prove::postgres::lint(&directory.migrations);
    }
    let _ = (directory, call);
    Vec::new()
}
