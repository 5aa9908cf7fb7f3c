//! Which database is meant, and opening it.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use crate::failure::Failure;
use migrate_model::Engine;
use migrate_runtime::postgres::Connector;
use percent_encoding::percent_decode_str;
use sqlite::Place;
use std::path::PathBuf;

/// A database, as its URL names it.
#[expect(clippy::large_enum_variant, reason = "a process has few of them")]
#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite(Place),
    Postgres(postgres::Server),
}

/// How a URL is written, for those who have to write one.
pub(crate) const EXAMPLES: &str = "`sqlite:app.db` or `postgres://USER:PASSWORD@HOST/DATABASE`";

impl Database {
    /// Reads `sqlite:app.db`, as sqlx writes it too, with `//` and a query, the
    /// path of a file, or what PostgreSQL's own programs take.
    pub(crate) fn parse(url: &str) -> Result<Database, Failure> {
        if engine_of(url) == Some(Engine::Postgres) {
            let connector = Connector::parse(url).map_err(|error| {
                let mut failure = Failure::from(error);
                failure.exit = crate::failure::Exit::Usage;
                failure
            })?;
            return Ok(Database::Postgres(postgres::Server {
                connector,
                url: url.to_owned(),
            }));
        }
        let Some((scheme, rest)) = scheme(url) else {
            return match url {
                _ if url.trim().is_empty() => {
                    Err(Failure::usage("the URL of the database is empty")
                        .help(format!("give it as {EXAMPLES}")))
                }
                ":memory:" => Ok(Database::Sqlite(Place::Memory)),
                _ => Ok(Database::Sqlite(Place::File(PathBuf::from(url)))),
            };
        };
        if engine_of(url).is_none() {
            return Err(
                Failure::usage(format!("`{scheme}:` is no database that is known here"))
                    .help(format!("give it as {EXAMPLES}")),
            );
        }
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = percent_decode_str(path)
            .decode_utf8()
            .map_err(|_| Failure::usage(format!("the path in `{url}` is not UTF-8")))?;
        let is_memory = path == ":memory:" || query.split('&').any(|it| it == "mode=memory");
        match (is_memory, path.is_empty()) {
            (true, _) => Ok(Database::Sqlite(Place::Memory)),
            (false, true) => {
                Err(Failure::usage(format!("`{url}` names no file"))
                    .help("give it as `sqlite:app.db`"))
            }
            (false, false) => {
                let says = |what: &str| query.split('&').any(|it| it == what);
                let path = PathBuf::from(path.as_ref());
                Ok(Database::Sqlite(
                    match says("mode=ro") || says("immutable=1") {
                        true => Place::ReadOnly(path),
                        false => Place::File(path),
                    },
                ))
            }
        }
    }

    /// As it is told to people, without a password.
    pub(crate) fn shown(&self) -> String {
        match self {
            Database::Sqlite(place) => place.shown(),
            Database::Postgres(server) => server.connector.shown(),
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        match self {
            Database::Sqlite(_) => Engine::Sqlite,
            Database::Postgres(_) => Engine::Postgres,
        }
    }
}

/// Which engine a URL is for; `None` if it is for none that is known.
pub(crate) fn engine_of(url: &str) -> Option<Engine> {
    let Some((scheme, _)) = scheme(url) else {
        return Some(match is_key_and_value(url) || lacks_its_colon(url) {
            true => Engine::Postgres,
            false => Engine::Sqlite,
        });
    };
    match scheme.to_ascii_lowercase().as_str() {
        "sqlite" | "sqlite3" | "file" => Some(Engine::Sqlite),
        "postgres" | "postgresql" => Some(Engine::Postgres),
        _ => None,
    }
}

/// What stands before the first colon, if that can be a scheme.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    // One letter is a drive of Windows.
    (scheme.len() > 1 && is_scheme(scheme)).then_some((scheme, rest))
}

/// `host=db dbname=orders`, as PostgreSQL's own programs understand it. A file
/// of such a name would have to be called `sqlite:host=db`.
fn is_key_and_value(url: &str) -> bool {
    let key = url.split('=').next().unwrap_or_default().trim();
    let keys = ["dbname", "host", "hostaddr", "password", "port", "user"];
    url.contains('=') && keys.contains(&key)
}

/// It would be the path of a file, which is shown, with the password in it.
fn lacks_its_colon(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    url.starts_with("postgres//") || url.starts_with("postgresql//")
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file() {
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
