//! Finding what is installed, and the user that may run it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The user that runs the servers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum User {
    /// The user who runs the tests.
    Same,
    /// PostgreSQL and PgBouncer refuse to run as root.
    Other { uid: u32, gid: u32 },
}

pub(crate) fn user() -> User {
    static USER: OnceLock<User> = OnceLock::new();
    *USER.get_or_init(|| {
        if id(&["-u"]) != Some(0) {
            return User::Same;
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                Some(User::Other {
                    uid: id(&["-u", name])?,
                    gid: id(&["-g", name])?,
                })
            })
            .expect("root needs a user `postgres` or `nobody` to run servers")
    })
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// The folder with `initdb` and `postgres`.
///
/// # Panics
///
/// When there is none and `MIGRATE_REQUIRE_SERVERS` is 1.
pub(crate) fn postgres() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let found = candidates().into_iter().find(|folder| {
                folder.join("initdb").is_file() && folder.join("postgres").is_file()
            });
            if found.is_none() {
                skip(
                    "no PostgreSQL server is installed (looked for `initdb` in \
                     `$MIGRATE_POSTGRES_BIN`, `pg_config --bindir` and \
                     /usr/lib/postgresql/*/bin)",
                );
            }
            found
        })
        .as_deref()
}

/// The major version of the server in a folder.
pub(crate) fn major(folder: &Path) -> u32 {
    static MAJOR: OnceLock<u32> = OnceLock::new();
    *MAJOR.get_or_init(|| {
        let output = Command::new(folder.join("postgres"))
            .arg("--version")
            .output()
            .expect("the server can be started");
        // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (_, version) = text.split_once(") ").unwrap_or_default();
        let end = version.find(|c: char| !c.is_ascii_digit());
        version[..end.unwrap_or(version.len())]
            .parse()
            .unwrap_or_else(|_| panic!("`postgres --version` says `{text}`"))
    })
}

fn candidates() -> Vec<PathBuf> {
    if let Some(folder) = env::var_os("MIGRATE_POSTGRES_BIN") {
        return vec![folder.into()];
    }
    let mut folders = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&output.stdout).trim().into());
    }
    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    packaged.sort();
    folders.extend(packaged.into_iter().rev().map(|(_, folder)| folder));
    folders
}

/// The program of PgBouncer.
///
/// # Panics
///
/// When there is none and `MIGRATE_REQUIRE_SERVERS` is 1.
pub(crate) fn pgbouncer() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM
        .get_or_init(|| {
            let path = env::var_os("PATH").unwrap_or_default();
            // The package puts it where only root looks.
            let found = env::split_paths(&path)
                .chain([PathBuf::from("/usr/sbin")])
                .map(|folder| folder.join("pgbouncer"))
                .find(|program| program.is_file());
            if found.is_none() {
                skip(
                    "PgBouncer is not installed (looked for `pgbouncer` in `$PATH` and /usr/sbin)",
                );
            }
            found
        })
        .as_deref()
}

/// Says that tests are skipped, or fails where that is not allowed.
pub(crate) fn skip(why: &str) {
    assert!(
        env::var_os("MIGRATE_REQUIRE_SERVERS").is_none_or(|value| value != "1"),
        "{why}, and `MIGRATE_REQUIRE_SERVERS` is 1"
    );
    eprintln!("skipped: {why}");
}
