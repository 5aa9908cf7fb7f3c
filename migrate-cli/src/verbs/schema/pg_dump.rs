//! The schema of a PostgreSQL database, printed by `pg_dump`, which supports
//! every kind of object and every version of the server.

use crate::context::Context;
use crate::database::postgres::Server;
use crate::failure::Failure;
use crate::migrator::{AnyMigrator, postgres};
use crate::percent_encoding;
use migrate_runtime::tokio_postgres::Config;
use migrate_scan::sqlite::quote;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

const PROGRAM: &str = "pg_dump";

pub(super) fn dump(context: &Context<'_>, server: &Server) -> Result<String, Failure> {
    // Connection errors are reported the same way as for other verbs.
    drop(server.connect(&context.connect, None)?);
    let (url, password) = without_password(&server.url)?;
    let (schema, table) = history(context)?;
    let mut command = Command::new(PROGRAM);
    command.args(["--schema-only", "--no-owner", "--no-password"]);
    command.arg("--encoding=UTF8");
    for table in [table, &format!("{table}_lock")] {
        // `pg_dump` treats a name without quotes as a pattern.
        let excluded = format!("{}.{}", quote(schema), quote(table));
        command.arg(format!("--exclude-table={excluded}"));
    }
    if let Some(schema) = &context.global.postgres.schema {
        command.arg(format!("--schema={}", quote(schema)));
    }
    // Other users can read the arguments of a process, but not its environment.
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command.arg(format!("--dbname={url}")).stdin(Stdio::null());
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::new(format!(
            "the schema of a PostgreSQL database is printed by `{PROGRAM}`, which is not installed"
        ))
        .help(
            "install the PostgreSQL client programs, in the version of the server or newer, and \
             add them to `PATH`",
        ),
        _ => Failure::new(format!("`{PROGRAM}` cannot be run")).because(&error),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let mut failure = Failure::new(format!("`{PROGRAM}` failed"));
        failure
            .causes
            .extend(said.lines().map(str::trim).map(str::to_owned));
        if said.contains("server version mismatch") {
            failure = failure.help(format!(
                "install a `{PROGRAM}` that is at least as new as the server, and put it first in \
                 `PATH`"
            ));
        }
        return Err(failure);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(stable(&text))
}

fn history<'a>(context: &'a Context<'_>) -> Result<(&'a str, &'a str), Failure> {
    let (schema, table) = postgres::history(context.global)?;
    let (own_schema, own_table) = match context.embedded {
        Some(AnyMigrator::Postgres(own)) => (own.get_history_schema(), own.get_history_table()),
        _ => ("public", "_migrations"),
    };
    Ok((schema.unwrap_or(own_schema), table.unwrap_or(own_table)))
}

/// Removes lines that change with each dump or with each version.
fn stable(text: &str) -> String {
    let changes = [
        "-- Dumped from database version",
        "-- Dumped by pg_dump version",
        "\\restrict ",
        "\\unrestrict ",
    ];
    let mut stable = String::new();
    let mut is_left_out = false;
    for line in text.lines() {
        let changes = changes.iter().any(|it| line.starts_with(it));
        // A blank line follows such a line.
        if !changes && (!is_left_out || !line.is_empty()) {
            stable += line;
            stable.push('\n');
        }
        is_left_out = changes;
    }
    stable
}

/// Splits the password from a URL; it is passed in the environment.
fn without_password(url: &str) -> Result<(String, Option<String>), Failure> {
    let Some((scheme, rest)) = url.split_once("://") else {
        let has_password = url
            .parse::<Config>()
            .map_or(true, |config| config.get_password().is_some());
        if has_password && url.contains("password") {
            return Err(Failure::usage(format!(
                "a password in `key=value` pairs cannot be passed to `{PROGRAM}` without exposing \
                 it"
            ))
            .help("give a URL instead: `postgres://USER:PASSWORD@HOST/DATABASE`"));
        }
        return Ok((url.to_owned(), None));
    };
    let mut password = None;
    let decoded =
        |text: &str| String::from_utf8_lossy(&percent_encoding::decode(text)).into_owned();
    // The user info ends at the first `@`, as in the connection itself.
    let (user, rest) = match rest.split_once('@') {
        Some((user, rest)) => match user.split_once(':') {
            Some((user, secret)) => {
                password = Some(decoded(secret));
                (format!("{user}@"), rest)
            }
            None => (format!("{user}@"), rest),
        },
        None => (String::new(), rest),
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        match pair.split_once('=') {
            Some(("password", secret)) => password = Some(decoded(secret)),
            _ => kept.push(pair),
        }
    }
    let mut url = format!("{scheme}://{user}{place}");
    if !kept.is_empty() {
        url += &format!("?{}", kept.join("&"));
    }
    Ok((url, password))
}

#[cfg(test)]
mod tests {
    use super::{stable, without_password};

    #[test]
    fn a_password_is_taken_out_of_a_url() {
        let taken = |url: &str| without_password(url).ok();
        let wanted = |url: &str, password: &str| {
            Some((
                url.to_owned(),
                Some(password.to_owned()).filter(|it| !it.is_empty()),
            ))
        };
        assert_eq!(
            taken("postgres://app:s%40cret@db1,db2:5433/orders?sslmode=require"),
            wanted(
                "postgres://app@db1,db2:5433/orders?sslmode=require",
                "s@cret"
            )
        );
        assert_eq!(
            taken("postgresql://app@db/orders?password=x&connect_timeout=3"),
            wanted("postgresql://app@db/orders?connect_timeout=3", "x")
        );
        assert_eq!(
            taken("postgres://app:se/c?ret@db/orders"),
            wanted("postgres://app@db/orders", "se/c?ret")
        );
        assert_eq!(taken("postgres://db/o"), wanted("postgres://db/o", ""));
        assert_eq!(taken("host=db dbname=o"), wanted("host=db dbname=o", ""));
        assert_eq!(taken("host=db password=x"), None);
    }

    #[test]
    fn what_changes_each_time_is_left_out() {
        let text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from \
                    database version 15.1\n-- Dumped by pg_dump version 15.1\n\nSET a = 0;\n\n\
                    \\unrestrict abc\n\n";
        assert_eq!(
            stable(text),
            "--\n-- PostgreSQL database dump\n--\n\nSET a = 0;\n\n"
        );
    }
}
