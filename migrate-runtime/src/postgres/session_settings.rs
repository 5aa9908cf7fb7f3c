//! The settings of the connection around a script: its changes outlive the
//! transaction, and must not affect the next migration or the application.

use super::advisory_lock::literal;
use super::classify::failed;
use super::session::{SessionState, own_settings};
use crate::error::Error;
use migrate_scan::sqlite::quote;
use tokio_postgres::Transaction;

const DOING: &str = "restoring the settings of the connection";

/// The session's own settings, and its `search_path`.
#[derive(Debug)]
pub(super) struct SessionSettings {
    own: Vec<(String, String)>,
    search_path: String,
}

impl SessionSettings {
    pub(super) async fn read(
        tx: &Transaction<'_>,
        state: &SessionState<'_>,
    ) -> Result<SessionSettings, Error> {
        let sql = "SELECT pg_catalog.current_setting('search_path')";
        let rows = super::server::rows(tx.simple_query(sql).await, DOING)?;
        let search_path = rows.first().and_then(|row| row.get(0)).unwrap_or_default();
        Ok(SessionSettings {
            own: if state.server.has_transactional_ddl() {
                own_settings(tx).await?
            } else {
                Vec::new()
            },
            search_path: search_path.to_owned(),
        })
    }

    /// Sets the settings that scripts run with, until the end of the
    /// transaction.
    pub(super) async fn for_scripts(
        &self,
        tx: &Transaction<'_>,
        state: &SessionState<'_>,
    ) -> Result<(), Error> {
        let mut sql = String::new();
        for (name, value) in self.ours(state) {
            sql += &format!(
                "SELECT pg_catalog.set_config({}, {}, true);",
                literal(name),
                literal(&value)
            );
        }
        tx.batch_execute(&sql)
            .await
            .map_err(failed("preparing the transaction"))
    }

    /// The settings that scripts run with.
    fn ours(&self, state: &SessionState<'_>) -> [(&'static str, String); 4] {
        let own = &state.settings.engine;
        let search_path = own.search_path.as_ref().unwrap_or(&self.search_path);
        [
            (
                "lock_timeout",
                format!("{}ms", own.table_lock_timeout.as_millis()),
            ),
            ("statement_timeout", "0".to_owned()),
            ("idle_in_transaction_session_timeout", "0".to_owned()),
            ("search_path", search_path.clone()),
        ]
    }

    /// Restores what a script has set, for the session or for the transaction.
    pub(super) async fn restore(
        &self,
        tx: &Transaction<'_>,
        state: &SessionState<'_>,
        custom: &Custom,
    ) -> Result<(), Error> {
        if !state.server.has_transactional_ddl() {
            return Ok(());
        }
        // The role that a script has set may not be allowed to read the
        // settings.
        let mut sql = String::new();
        let was = |name: &str| {
            let found = self.own.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        for (name, now) in [
            ("session_authorization", "session_user"),
            ("role", "pg_catalog.current_setting('role')"),
        ] {
            let before = literal(was(name).unwrap_or_default());
            sql += &format!(
                "SELECT pg_catalog.set_config('{name}', {before}, false) WHERE {now} <> {before};"
            );
        }
        tx.batch_execute(&sql).await.map_err(failed(DOING))?;
        let now = own_settings(tx).await?;
        let mut sql = String::new();
        for (name, value) in &now {
            if was(name) == Some(value) || is_identity(name) || name.starts_with("transaction_") {
                continue;
            }
            sql += &match was(name) {
                Some(before) => set(name, before),
                None => format!("RESET {};", parts(name)),
            };
        }
        for (name, before) in &self.own {
            if !is_identity(name) && now.iter().all(|(known, _)| known != name) {
                sql += &set(name, before);
            }
        }
        sql += &custom.back();
        tx.batch_execute(&sql).await.map_err(failed(DOING))
    }
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
    sql + &custom.back()
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
        let rows = super::server::rows(client.simple_query(&sql).await, DOING)?;
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
    fn back(&self) -> String {
        let back = self.0.iter().map(|(name, value)| {
            let (name, value) = (literal(name), literal(value));
            format!(
                "SELECT pg_catalog.set_config({name}, {value}, false) \
                 WHERE pg_catalog.current_setting({name}, true) <> {value};"
            )
        });
        back.collect()
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

/// Quotes the name of a setting; that of a custom one has two parts.
fn parts(name: &str) -> String {
    let parts: Vec<String> = name.split('.').map(quote).collect();
    parts.join(".")
}
