//! Databases of other tools on a server, and what becomes of them.

use migrate_adopt::files::{
    Conversion, Options as HowToConvert, convert, read_originals, read_source,
};
use migrate_adopt::postgres::{adopt, plan_adoption};
use migrate_adopt::{Adoption, Error, Options, Tool};
use migrate_model::files::InMemory;
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Migrator, Numbering, Postgres, Version};
use migrate_scan::Engine;
use migrate_servers::{Database, Server};
use migrate_source::Options as HowToRead;
use migrate_source::directory::read;
use migrate_tools::leak;
use std::path::{Path, PathBuf};
use tokio_postgres::Client;

pub(crate) fn fixtures(tool: Tool) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/postgres");
    fixtures.join(tool.name())
}

/// A database that a tool has left; none where PostgreSQL is not installed.
pub(crate) struct Left {
    pub(crate) database: Database,
    pub(crate) client: Client,
}

/// As a dump has it.
pub(crate) async fn left(tool: Tool, kind: &str) -> Option<Left> {
    let dump = fixtures(tool).join(format!("{kind}.sql"));
    made(&std::fs::read_to_string(dump).unwrap()).await
}

/// As these statements make it.
pub(crate) async fn made(sql: &str) -> Option<Left> {
    let database = Server::shared()?.database();
    database.psql(sql);
    let client = connect(&database).await;
    Some(Left { database, client })
}

pub(crate) async fn connect(database: &Database) -> Client {
    let connector = Connector::parse(database.url()).unwrap();
    connector.connect().await.unwrap()
}

/// A migrator that knows the server, so that schemas can be compared.
pub(crate) fn connected(
    migrator: &Migrator<Version, Postgres>,
    left: &Left,
) -> Migrator<Version, Postgres> {
    let connector = Connector::parse(left.database.url()).unwrap();
    migrator.clone().connector(connector)
}

/// A migrator of files that exist only in memory.
pub(crate) fn migrator(files: &[(&str, &str)]) -> Migrator<Version, Postgres> {
    let mut options = HowToRead::default();
    options.engine = Engine::Postgres;
    let directory = read(&mut InMemory(files), &options);
    assert_eq!(directory.diagnostics, []);
    Migrator::new(leak(Numbering::DEFAULT, directory.migrations))
}

/// `001_a`, `002_b` and `003_c`, of which each makes one table.
pub(crate) fn abc() -> Migrator<Version, Postgres> {
    migrator(&[
        ("001_a.sql", "CREATE TABLE a(id integer);\n"),
        ("002_b.sql", "CREATE TABLE b(id integer);\n"),
        ("003_c.sql", "CREATE TABLE c(id integer);\n"),
    ])
}

/// The directory of a tool, as ours.
pub(crate) fn converted(tool: Tool) -> Conversion {
    let source = read_source(tool, &fixtures(tool).join("migrations")).unwrap();
    let mut options = HowToConvert::default();
    options.engine = Engine::Postgres;
    convert(&source, &options).unwrap()
}

pub(crate) fn ours(tool: Tool) -> Migrator<Version, Postgres> {
    let conversion = converted(tool);
    let files: Vec<(&str, &str)> = conversion
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let migrator = migrator(&files);
    match tool {
        Tool::Numbered => migrator.history_table("ours"),
        _ => migrator,
    }
}

pub(crate) fn with_originals(tool: Tool) -> Options {
    let mut options = Options::default();
    options.originals = read_originals(tool, &fixtures(tool).join("migrations")).unwrap();
    options
}

/// Everything that a schema and its histories hold, to see whether anything was
/// changed.
pub(crate) fn dump(database: &Database) -> String {
    let rows = "SELECT string_agg(format('%s %s', c.oid::regclass, \
                query_to_xml(format('SELECT * FROM %s', c.oid::regclass), true, false, '')), E'\\n' \
                ORDER BY c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'";
    database.psql(rows)
}

/// Adopts, after a dry run that must show the same and write nothing. Afterwards
/// what is pending is what was said.
pub(crate) async fn adopted(
    left: &mut Left,
    migrator: &Migrator<Version, Postgres>,
    tool: Tool,
    options: &Options,
) -> Adoption {
    let before = dump(&left.database);
    let migrator = &connected(migrator, left);
    let planned = plan_adoption(migrator, &left.client, tool, options).await;
    assert_eq!(dump(&left.database), before);
    let adoption = adopt(migrator, &mut left.client, tool, options).await;
    let (planned, adoption) = (planned.unwrap(), adoption.unwrap());
    assert_eq!(planned.to_string(), adoption.to_string());
    if options.rename_to.is_none() {
        assert!(dump(&left.database).starts_with(&before));
    }
    let pending = migrator.plan(&left.client).await.unwrap();
    let pending: Vec<&str> = pending.pending().iter().map(|one| one.label).collect();
    assert_eq!(pending, adoption.pending);
    adoption
}

/// Is refused, by the dry run too, and writes nothing.
pub(crate) async fn refused(
    left: &mut Left,
    migrator: &Migrator<Version, Postgres>,
    tool: Tool,
    options: &Options,
) -> Error {
    let before = dump(&left.database);
    let migrator = &connected(migrator, left);
    let planned = plan_adoption(migrator, &left.client, tool, options).await;
    let error = adopt(migrator, &mut left.client, tool, options).await;
    let (planned, error) = (planned.unwrap_err(), error.unwrap_err());
    assert_eq!(planned.to_string(), error.to_string());
    assert_eq!(dump(&left.database), before);
    error
}

/// An error with all its causes, on one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    // Of ours the message alone.
    let text = format!("{error:-}");
    let source = error.source();
    source.map_or(text.clone(), |source| format!("{text}: {}", chain(source)))
}
