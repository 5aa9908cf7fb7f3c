//! The search for the programs of PostgreSQL.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is said if no server is found.
pub(super) const MISSING: &str = "no PostgreSQL server was found: `TEST_DATABASE_URL` is not set, \
     and `initdb` and `postgres` are not in the folder `MIGRATE_POSTGRES_BIN` nor, if that is not \
     set, in `PATH`, `pg_config --bindir`, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, \
     /opt/homebrew/opt/postgresql@*/bin, /usr/local/opt/postgresql@*/bin and \
     /Applications/Postgres.app; install one with `apt install postgresql`, `dnf install \
     postgresql-server` or `brew install postgresql`, or set `TEST_DATABASE_URL`";

/// Parent, beginning of the name, and what follows, of the folders of packages.
const PACKAGED: [(&str, &str, &str); 5] = [
    ("usr/lib/postgresql", "", "bin"),
    ("usr", "pgsql-", "bin"),
    ("opt/homebrew/opt", "postgresql", "bin"),
    ("usr/local/opt", "postgresql", "bin"),
    (
        "Applications/Postgres.app/Contents/Versions",
        "latest",
        "bin",
    ),
];

/// The folder with `initdb` and `postgres`.
pub(super) fn find() -> Option<PathBuf> {
    let own = env::var_os("MIGRATE_POSTGRES_BIN");
    let path = env::var_os("PATH").unwrap_or_default();
    search(own.as_deref(), &path, bindir, Path::new("/"))
}

/// The folder that `pg_config` prints.
fn bindir() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    Some(folder.trim().into())
}

fn search(
    own: Option<&OsStr>,
    path: &OsStr,
    bindir: impl FnOnce() -> Option<PathBuf>,
    root: &Path,
) -> Option<PathBuf> {
    if let Some(folder) = own {
        return Some(PathBuf::from(folder)).filter(|folder| is_complete(folder));
    }
    env::split_paths(path)
        .find(|folder| is_complete(folder))
        .or_else(|| bindir().filter(|folder| is_complete(folder)))
        .or_else(|| {
            packaged(root)
                .into_iter()
                .find(|folder| is_complete(folder))
        })
}

fn is_complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

/// The folders of packages, the newest version of each kind first.
fn packaged(root: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (parent, beginning, rest) in PACKAGED {
        let entries = fs::read_dir(root.join(parent)).into_iter().flatten();
        let mut found: Vec<(u32, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let version = name.to_str()?.strip_prefix(beginning)?;
                let version = version.trim_start_matches('@').split('.').next()?;
                Some((version.parse().unwrap_or(0), entry.path().join(rest)))
            })
            .collect();
        found.sort();
        folders.extend(found.into_iter().rev().map(|(_, folder)| folder));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::search;
    use std::ffi::OsStr;
    use std::fs;
    use std::path::Path;

    /// The folder that is found below a root with these installations.
    fn found(own: Option<&str>, path: &str, bindir: Option<&str>, there: &[&str]) -> String {
        let root = tempfile::tempdir().unwrap();
        for folder in there {
            let folder = root.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("initdb"), "").unwrap();
            fs::write(folder.join("postgres"), "").unwrap();
        }
        let below = |folder: &str| root.path().join(folder);
        let found = search(
            own.map(below).as_ref().map(|it| it.as_os_str()),
            below(path).as_os_str(),
            || bindir.map(below),
            root.path(),
        );
        let found = found.as_deref().unwrap_or(Path::new("nothing"));
        let found = found.strip_prefix(root.path()).unwrap_or(found);
        found.to_str().unwrap().to_owned()
    }

    #[test]
    fn places_are_searched_in_order() {
        let all = ["own", "path", "config", "usr/lib/postgresql/15/bin"];
        assert_eq!(found(Some("own"), "path", Some("config"), &all), "own");
        assert_eq!(found(None, "path", Some("config"), &all), "path");
        assert_eq!(found(None, "no", Some("config"), &all), "config");
        assert_eq!(found(None, "no", None, &all), all[3]);
        // A variable that is set and wrong is not passed over in silence.
        assert_eq!(found(Some("no"), "path", Some("config"), &all), "nothing");
        assert_eq!(found(None, "no", None, &[]), "nothing");
        assert!(search(None, OsStr::new(""), || None, Path::new("/nowhere")).is_none());
    }

    #[test]
    fn the_newest_version_is_taken() {
        for [old, new] in [
            ["usr/lib/postgresql/9.6/bin", "usr/lib/postgresql/15/bin"],
            ["usr/pgsql-9.6/bin", "usr/pgsql-17/bin"],
            [
                "opt/homebrew/opt/postgresql@9/bin",
                "opt/homebrew/opt/postgresql@16/bin",
            ],
            [
                "usr/local/opt/postgresql/bin",
                "usr/local/opt/postgresql@14/bin",
            ],
        ] {
            assert_eq!(found(None, "no", None, &[old, new]), new);
        }
        let app = "Applications/Postgres.app/Contents/Versions/latest/bin";
        assert_eq!(found(None, "no", None, &[app]), app);
    }
}
