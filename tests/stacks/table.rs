//! The SQLite stacks of Rust services, in the newest version and the one before:
//! the dependencies of a program beside the runtime. Programs for most of them are
//! recipes of the guide.

/// A stack: its name, its lines in `[dependencies]`, and the program in `programs/`
/// that is run with it.
pub(crate) struct Stack {
    pub(crate) name: &'static str,
    pub(crate) dependencies: &'static str,
    pub(crate) program: Option<&'static str>,
}

const fn stack(name: &'static str, dependencies: &'static str) -> Stack {
    Stack {
        name,
        dependencies,
        program: None,
    }
}

const fn run(name: &'static str, dependencies: &'static str, program: &'static str) -> Stack {
    Stack {
        name,
        dependencies,
        program: Some(program),
    }
}

pub(crate) const STACKS: &[Stack] = &[
    stack("rusqlite-new", "rusqlite = '=0.43.0'"),
    stack("rusqlite-old", "rusqlite = '=0.32.1'"),
    stack("r2d2-new", "r2d2 = '0.8'\nr2d2_sqlite = '=0.35.0'"),
    stack("r2d2-old", "r2d2 = '0.8'\nr2d2_sqlite = '=0.34.0'"),
    stack("deadpool-new", "deadpool-sqlite = '=0.14.0'"),
    stack("deadpool-old", "deadpool-sqlite = '=0.13.0'"),
    stack("tokio-rusqlite-new", "tokio-rusqlite = '=0.8.0'"),
    stack("tokio-rusqlite-old", "tokio-rusqlite = '=0.7.0'"),
    stack("async-sqlite-new", "async-sqlite = '=0.7.0'"),
    stack("async-sqlite-old", "async-sqlite = '=0.6.0'"),
    run(
        "sqlx-0.9-new",
        "sqlx = { version = '=0.9.0', features = ['runtime-tokio', 'sqlite'] }
tokio = { version = '1', features = ['full'] }",
        include_str!("programs/sqlx.rs"),
    ),
    stack(
        "sqlx-0.9-system",
        "sqlx = { version = '=0.9.0', default-features = false, features = ['runtime-tokio', 'sqlite-unbundled'] }",
    ),
    stack(
        "sqlx-0.8-new",
        "sqlx = { version = '=0.8.6', features = ['runtime-tokio', 'sqlite'] }",
    ),
    stack(
        "sqlx-0.8-old",
        "sqlx = { version = '=0.8.5', features = ['runtime-tokio', 'sqlite'] }",
    ),
    stack(
        "diesel-2.3-new",
        "diesel = { version = '=2.3.14', features = ['sqlite'] }",
    ),
    stack(
        "diesel-2.3-old",
        "diesel = { version = '=2.3.13', features = ['sqlite'] }",
    ),
    stack(
        "diesel-2.2",
        "diesel = { version = '2.2', features = ['sqlite'] }",
    ),
    stack(
        "sea-orm-2-new",
        "sea-orm = { version = '=2.0.4', features = ['runtime-tokio', 'sqlx-sqlite'] }",
    ),
    stack(
        "sea-orm-2-old",
        "sea-orm = { version = '=2.0.3', features = ['runtime-tokio', 'sqlx-sqlite'] }",
    ),
    stack(
        "sea-orm-1",
        "sea-orm = { version = '1.1', features = ['runtime-tokio', 'sqlx-sqlite'] }",
    ),
    stack("sea-query-new", "sea-query-rusqlite = '=0.8.0'"),
    stack("sea-query-old", "sea-query-rusqlite = '0.7'"),
    stack("rusqlite-migration-new", "rusqlite_migration = '=2.6.0'"),
    stack("rusqlite-migration-old", "rusqlite_migration = '=2.5.0'"),
    stack(
        "refinery-new",
        "refinery = { version = '=0.10.0', features = ['rusqlite'] }",
    ),
    stack(
        "refinery-old",
        "refinery = { version = '=0.9.2', features = ['rusqlite'] }",
    ),
    stack(
        "tauri-plugin-sql-new",
        "tauri-plugin-sql = { version = '=2.6.0', features = ['sqlite'] }",
    ),
    stack(
        "tauri-plugin-sql-old",
        "tauri-plugin-sql = { version = '=2.5.0', features = ['sqlite'] }",
    ),
];
