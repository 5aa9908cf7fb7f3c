//! Parsing database URLs and opening databases.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

use crate::failure::Failure;
#[cfg(not(all(feature = "postgres", feature = "sqlite")))]
use crate::features;
use crate::output::Output;
use migrate_scan::Engine;
#[cfg(feature = "sqlite")]
use std::rc::Rc;
#[cfg(feature = "postgres")]
use std::time::Duration;

/// A database, as named by its URL.
#[allow(
    clippy::large_enum_variant,
    reason = "a process has few of them; with one engine there is one variant"
)]
#[derive(Clone, Debug)]
pub(crate) enum Database {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Place),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Server),
}

/// The options for opening a database.
#[derive(Clone)]
pub(crate) struct ConnectOptions {
    /// Where waiting is reported.
    pub(crate) output: Output,
    /// The program's own function to open a file.
    #[cfg(feature = "sqlite")]
    pub(crate) open_file: Option<Rc<sqlite::Connect>>,
    /// How long to keep trying to reach a server.
    #[cfg(feature = "postgres")]
    pub(crate) timeout: Option<Duration>,
}

/// Examples of URLs, for help texts.
pub(crate) const EXAMPLES: &str = match (cfg!(feature = "sqlite"), cfg!(feature = "postgres")) {
    (true, false) => "`sqlite:app.db`",
    (false, true) => "`postgres://USER:PASSWORD@HOST/DATABASE`",
    _ => "`sqlite:app.db` or `postgres://USER:PASSWORD@HOST/DATABASE`",
};

pub(crate) const EXAMPLE: &str = if cfg!(feature = "sqlite") {
    "sqlite:app.db"
} else {
    "postgres://USER:PASSWORD@HOST/DATABASE"
};

impl Database {
    /// Parses a URL such as `sqlite:app.db`, also in the form that sqlx uses
    /// (with `//` and a query), the path of a file, or anything that
    /// PostgreSQL's own programs accept.
    pub(crate) fn parse(url: &str) -> Result<Database, Failure> {
        if url.trim().is_empty() {
            return Err(Failure::usage("the URL of the database is empty")
                .help(format!("give it as {EXAMPLES}")));
        }
        match engine_of(url) {
            #[cfg(feature = "sqlite")]
            Some(Engine::Sqlite) => sqlite::Place::parse(url).map(Database::Sqlite),
            #[cfg(feature = "postgres")]
            Some(Engine::Postgres) => postgres::Server::parse(url).map(Database::Postgres),
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            Some(absent) => Err(features::missing_engine(absent)),
            None => {
                let scheme = scheme(url).map_or(url, |(scheme, _)| scheme);
                Err(
                    Failure::usage(format!("`{scheme}:` is not a known kind of database"))
                        .help(format!("give it as {EXAMPLES}")),
                )
            }
        }
    }
}

/// The engine of a URL, or `None` if its scheme is unknown.
pub(crate) fn engine_of(url: &str) -> Option<Engine> {
    let Some((scheme, _)) = scheme(url) else {
        return Some(if is_key_and_value(url) || lacks_its_colon(url) {
            Engine::Postgres
        } else {
            Engine::Sqlite
        });
    };
    match scheme.to_ascii_lowercase().as_str() {
        "sqlite" | "sqlite3" | "file" => Some(Engine::Sqlite),
        "postgres" | "postgresql" => Some(Engine::Postgres),
        _ => None,
    }
}

/// The scheme before the first colon, and the rest after it. Returns `None` if
/// that text cannot be a scheme.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let is_in_scheme = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
    let is_scheme =
        scheme.starts_with(|it: char| it.is_ascii_alphabetic()) && scheme.chars().all(is_in_scheme);
    // A single letter is a Windows drive.
    (scheme.len() > 1 && is_scheme).then_some((scheme, rest))
}

/// Whether this is `host=db dbname=orders`, the key-value form of PostgreSQL's
/// own programs. A file with such a name must be written as `sqlite:host=db`.
fn is_key_and_value(url: &str) -> bool {
    let key = url.split('=').next().unwrap_or_default().trim();
    let keys = ["dbname", "host", "hostaddr", "password", "port", "user"];
    url.contains('=') && keys.contains(&key)
}

/// Whether this is a PostgreSQL URL without its colon. It would be taken for
/// the path of a file, and the path, with the password in it, would be shown.
fn lacks_its_colon(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    url.starts_with("postgres//") || url.starts_with("postgresql//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_url_names_a_file() {
        use super::sqlite::Place;
        use std::path::PathBuf;
        let file = |path: &str| Some(Place::File(PathBuf::from(path)));
        let parse = |url: &str| match Database::parse(url) {
            Ok(Database::Sqlite(place)) => Some(place),
            _ => None,
        };
        assert_eq!(parse("sqlite:app.db"), file("app.db"));
        assert_eq!(parse("sqlite://app.db?mode=rwc"), file("app.db"));
        assert_eq!(parse("sqlite:///var/lib/a%20b.db"), file("/var/lib/a b.db"));
        assert_eq!(parse("sqlite:grün.db"), file("grün.db"));
        assert_eq!(parse("data/app.db"), file("data/app.db"));
        assert_eq!(parse("C:\\data\\app.db"), file("C:\\data\\app.db"));
        assert_eq!(parse("postgres/app.db"), file("postgres/app.db"));
        assert_eq!(parse("sqlite:host=db"), file("host=db"));
        assert_eq!(parse("sqlite::memory:"), Some(Place::Memory));
        assert_eq!(parse("sqlite:x?mode=memory"), Some(Place::Memory));
        let read_only = Some(Place::ReadOnly(PathBuf::from("x")));
        assert_eq!(parse("sqlite:x?cache=shared&mode=ro"), read_only);
        for wrong in ["", " ", "sqlite:", "sqlite://", "mysql://a"] {
            assert!(Database::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(all(windows, feature = "sqlite"))]
    #[test]
    fn a_url_names_a_file_on_a_drive() {
        let parse = |url: &str| match Database::parse(url) {
            Ok(Database::Sqlite(place @ (sqlite::Place::File(_) | sqlite::Place::ReadOnly(_)))) => {
                place.shown()
            }
            _ => String::new(),
        };
        assert_eq!(parse(r"sqlite:C:\data\app.db"), r"C:\data\app.db");
        assert_eq!(parse("sqlite:C:/data/app.db"), "C:/data/app.db");
        assert_eq!(parse("sqlite://C:/data/app.db?mode=rwc"), "C:/data/app.db");
        assert_eq!(parse("sqlite:///C:/a%20b.db?mode=ro"), "C:/a b.db");
        assert_eq!(parse("file:///C:/data/app.db"), "C:/data/app.db");
        assert_eq!(parse(r"sqlite:\\server\a\app.db"), r"\\server\a\app.db");
        assert_eq!(parse(r"sqlite:\\?\C:\app.db?mode=ro"), r"\\?\C:\app.db");
        assert_eq!(parse(r"\\?\C:\app.db"), r"\\?\C:\app.db");
        assert_eq!(parse("sqlite:/data/app.db"), "/data/app.db");
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_url_names_a_server() {
        let shown = |url: &str| match Database::parse(url) {
            Ok(Database::Postgres(server)) => Some(server.connector.shown()),
            _ => None,
        };
        let there = Some("db:5432/orders".to_owned());
        assert_eq!(shown("postgres://app:secret@db/orders"), there);
        assert_eq!(shown("PostgreSQL://app@db:5432/orders"), None);
        assert_eq!(shown("postgresql://app@db:5432/orders"), there);
        assert_eq!(shown("host=db dbname=orders password=secret"), there);
        for wrong in ["postgres:", "postgres://", "postgres//a:secret@b/c"] {
            match Database::parse(wrong) {
                Err(failure) => assert!(!format!("{failure:?}").contains("secret")),
                Ok(_) => panic!("{wrong}"),
            }
        }
    }
}
