//! The settings of the connection around a script: its changes outlive the
//! transaction, and must not affect the next migration or the application.

use super::advisory_lock::literal;
use super::server::rows;
use super::session::{SessionState, own_settings};
use crate::error::Error;
use futures_util::future::try_join;
use tokio_postgres::{Client, Transaction};

const DOING: &str = "restoring the settings of the connection";

/// The settings that the runner changes for scripts. They are restored without
/// a look at what a script has made of them.
const CHANGED: [&str; 4] = [
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "search_path",
];

/// The session's own settings, its `search_path`, and the values of all
/// settings that a script can change.
#[derive(Debug)]
pub(super) struct SessionSettings {
    own: Vec<(String, String)>,
    search_path: String,
    all: Vec<(String, String)>,
}

impl SessionSettings {
    pub(super) async fn read(
        tx: &Transaction<'_>,
        state: &SessionState<'_>,
    ) -> Result<SessionSettings, Error> {
        if !state.server.has_transactional_ddl() {
            return Ok(SessionSettings {
                own: Vec::new(),
                search_path: search_path(tx.client()).await?,
                all: Vec::new(),
            });
        }
        let client = tx.client();
        let ((own, all), search_path) = try_join(
            try_join(own_settings(client), all_settings(client)),
            search_path(client),
        )
        .await?;
        Ok(SessionSettings {
            own,
            search_path,
            all,
        })
    }

    /// The statement that sets what scripts run with, until the end of the
    /// transaction.
    pub(super) fn for_scripts(&self, state: &SessionState<'_>) -> String {
        let own = &state.settings.engine;
        let search_path = own.search_path.as_ref().unwrap_or(&self.search_path);
        let lock_timeout = format!("{}ms", own.table_lock_timeout.as_millis());
        let values = [lock_timeout.as_str(), "0", "0", search_path];
        let set = CHANGED.iter().zip(values).map(|(name, value)| {
            format!("pg_catalog.set_config('{name}', {}, true)", literal(value))
        });
        format!("SELECT {}", set.collect::<Vec<_>>().join(", "))
    }

    /// The statement that restores these settings after a script, for the
    /// session. A script may have given one of them its own value for the
    /// session that it has anyway in this transaction.
    pub(super) fn after_scripts(&self) -> String {
        let back = CHANGED.map(|name| {
            // `NULL` is what `RESET` does.
            let before = self.was(name).map_or("NULL".to_owned(), literal);
            format!("pg_catalog.set_config('{name}', {before}, false)")
        });
        format!("SELECT {}", back.join(", "))
    }

    fn was(&self, name: &str) -> Option<&str> {
        let found = self.own.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The statements that restore the identity of the session. The role that a
    /// script has set may not be allowed to read the settings.
    pub(super) fn identity(&self) -> [String; 2] {
        [
            ("session_authorization", "session_user"),
            ("role", "pg_catalog.current_setting('role')"),
        ]
        .map(|(name, now)| {
            let before = literal(self.was(name).unwrap_or_default());
            format!(
                "SELECT pg_catalog.set_config('{name}', {before}, false) WHERE {now} <> {before}"
            )
        })
    }

    /// The query that finds the settings with another value than before: a
    /// fraction of the cost of the view `pg_settings`. After a script, those
    /// that the runner itself changed are left out.
    pub(super) fn find_changed(&self, is_after: bool) -> String {
        let all = self.all.iter();
        let all = all.filter(|(name, _)| !is_after || !CHANGED.contains(&name.as_str()));
        let (names, values): (Vec<&str>, Vec<&str>) = all
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .unzip();
        format!(
            "SELECT t.name FROM ROWS FROM (pg_catalog.unnest({}), pg_catalog.unnest({})) \
             AS t (name, setting) \
             WHERE coalesce(pg_catalog.current_setting(t.name, true), '') <> t.setting",
            array(&names),
            array(&values)
        )
    }

    /// The statement that restores what a script has set, for the session or
    /// for the transaction, without a look at it.
    pub(super) fn restore(&self) -> String {
        let own = self.own.iter();
        let own = own.filter(|(name, _)| !is_identity(name) && !name.starts_with("transaction_"));
        let (names, values): (Vec<&str>, Vec<&str>) = own
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .unzip();
        // `NULL` is what `RESET` does.
        format!(
            "SELECT pg_catalog.set_config(s.name, own.setting, false) \
             FROM pg_catalog.pg_settings s LEFT JOIN ROWS FROM (pg_catalog.unnest({}), \
             pg_catalog.unnest({})) AS own (name, setting) ON own.name = s.name \
             WHERE own.name IS NOT NULL \
             OR s.source = 'session' AND s.name NOT LIKE 'transaction\\_%'",
            array(&names),
            array(&values)
        )
    }
}

/// Makes the names of functions and operators in the statements of the runner
/// refer to the server's own ones, whatever a script has set.
pub(super) const QUALIFIED: &str = "SET LOCAL search_path = pg_catalog";

async fn search_path(client: &Client) -> Result<String, Error> {
    let sql = "SELECT pg_catalog.current_setting('search_path')";
    let rows = rows(client.simple_query(sql).await, DOING)?;
    let search_path = rows.first().and_then(|row| row.get(0));
    Ok(search_path.unwrap_or_default().to_owned())
}

/// Reads the values of all settings that a script can change, as
/// `current_setting` shows them.
async fn all_settings(client: &Client) -> Result<Vec<(String, String)>, Error> {
    let sql = "SELECT name, pg_catalog.current_setting(name) FROM pg_catalog.pg_settings \
               WHERE context IN ('user', 'superuser') AND name NOT LIKE 'transaction\\_%'";
    let rows = rows(client.simple_query(sql).await, DOING)?;
    let settings = rows.iter().map(|row| {
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        (text(0), text(1))
    });
    Ok(settings.collect())
}

/// An array of texts as it is written in a statement.
fn array(texts: &[&str]) -> String {
    let elements: Vec<String> = texts
        .iter()
        .map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    let array = format!("{{{}}}", elements.join(","));
    format!("CAST({} AS pg_catalog.text[])", literal(&array))
}

/// The statements that restore these settings, whatever was changed since, in
/// one message.
pub(super) fn back_to(own: &[(String, String)], custom: &Custom) -> String {
    let identity = |wanted: &str| {
        let found = own.iter().find(|(name, _)| name == wanted);
        let value = found.map(|(_, value)| value.as_str()).unwrap_or_default();
        set(wanted, value)
    };
    let mut sql = "RESET SESSION AUTHORIZATION;".to_owned();
    sql += &identity("session_authorization");
    sql += &identity("role");
    // Not `RESET ALL`, which would also reset custom settings of the
    // application, which no view lists.
    sql += "SELECT pg_catalog.set_config(name, reset_val, false) FROM pg_catalog.pg_settings \
            WHERE source = 'session' AND context IN ('user', 'superuser') \
            AND name NOT LIKE 'transaction\\_%';";
    for (name, value) in own {
        if !is_identity(name) && !name.starts_with("transaction_") {
            sql += &set(name, value);
        }
    }
    sql.extend(custom.back());
    sql
}

/// The custom settings that a script names: no view of the server lists them.
#[derive(Debug)]
pub(super) struct Custom(Vec<(String, String)>);

impl Custom {
    /// Reads their values before the script.
    pub(super) async fn read<'a>(
        client: &(impl tokio_postgres::GenericClient + Sync),
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<Custom, Error> {
        let names: Vec<String> = texts.flat_map(custom_names).collect();
        if names.is_empty() {
            return Ok(Custom(Vec::new()));
        }
        let values = names.iter().map(|name| {
            format!(
                "coalesce(pg_catalog.current_setting({}, true), '')",
                literal(name)
            )
        });
        let sql = format!("SELECT {}", values.collect::<Vec<_>>().join(", "));
        let rows = rows(client.simple_query(&sql).await, DOING)?;
        let value = |at: usize| rows.first().and_then(|row| row.get(at));
        let values = names.into_iter().enumerate();
        Ok(Custom(
            values
                .map(|(at, name)| (name, value(at).unwrap_or_default().to_owned()))
                .collect(),
        ))
    }

    /// The statements that restore them. A setting that still has its value is
    /// skipped, because `set_config` would create one that never existed.
    pub(super) fn back(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, value)| {
            let (name, value) = (literal(name), literal(value));
            format!(
                "SELECT pg_catalog.set_config({name}, {value}, false) \
                 WHERE pg_catalog.current_setting({name}, true) <> {value};"
            )
        })
    }
}

/// The two-part names in a statement that sets something.
fn custom_names(text: &str) -> Vec<String> {
    let upper = text.to_ascii_uppercase();
    if !upper.trim_start().starts_with("SET") && !upper.contains("SET_CONFIG") {
        return Vec::new();
    }
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    words
        .filter(|word| word.contains('.') && word.split('.').all(is_part))
        .map(str::to_owned)
        .collect()
}

fn is_identity(name: &str) -> bool {
    matches!(name, "role" | "session_authorization")
}

fn set(name: &str, value: &str) -> String {
    let (name, value) = (literal(name), literal(value));
    format!("SELECT pg_catalog.set_config({name}, {value}, false);")
}
