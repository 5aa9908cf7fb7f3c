//! Reads the directory from disk and validates it with `migrate-source`.

use crate::args::Arguments;
use crate::git::Repository;
use crate::place::Place;
use migrate_model::files::{Files, Listed};
use migrate_model::{Checksum, Numbering};
use migrate_scan::Engine;
use migrate_source::directory::Directory;
use migrate_source::nearest;
use migrate_source::{Options, SyntaxProblem, directory};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Reads and validates the migrations.
pub(crate) fn load(place: &Place, arguments: &Arguments) -> Directory {
    let mut options = Options::default();
    options.shown_root = &place.shown;
    options.numbering = numbering(arguments);
    options.engine = arguments.engine;
    options.rust = Some(&migrate_source::rust_file::check);
    options.downs_required = arguments.downs_required;
    options.sqlite.min_sqlite = arguments.min_sqlite;
    options.sqlite.functions = &arguments.functions;
    let parser = parser(arguments.engine).filter(|_| arguments.syntax != Some(false));
    options.syntax = parser.as_deref();
    let repository = Repository::around(&place.absolute);
    let earlier = |path: &str, locked: &Checksum| repository.earlier(path, locked);
    options.earlier = Some(&earlier);
    let mut disk = Disk {
        root: place.absolute.clone(),
        in_package: place.in_package.clone(),
    };
    directory::read(&mut disk, &options)
}

type Parser = Box<dyn Fn(&str) -> Option<SyntaxProblem>>;

/// The parser of an engine's statements, if it is compiled in.
fn parser(engine: Engine) -> Option<Parser> {
    match engine {
        #[cfg(feature = "syntax")]
        Engine::Sqlite => {
            let checker = migrate_prove::SyntaxChecker::default();
            Some(Box::new(move |statement: &str| checker.check(statement)))
        }
        #[cfg(not(feature = "syntax"))]
        Engine::Sqlite => None,
        #[cfg(all(feature = "postgres", feature = "syntax"))]
        Engine::Postgres => {
            let checker = migrate_prove::postgres::SyntaxChecker::default();
            Some(Box::new(move |statement: &str| checker.check(statement)))
        }
        #[cfg(not(all(feature = "postgres", feature = "syntax")))]
        Engine::Postgres => None,
    }
}

/// The numbering scheme of the call.
pub(crate) fn numbering(arguments: &Arguments) -> Numbering {
    match arguments.first {
        _ if arguments.timestamps => Numbering::Timestamp,
        Some(first) => Numbering::Sequential { first },
        None => Numbering::DEFAULT,
    }
}

struct Disk {
    root: PathBuf,
    /// A directory to suggest if there is none at the path.
    in_package: Option<(String, PathBuf)>,
}

impl Files for Disk {
    fn list(&mut self, folder: &str) -> Result<Vec<Listed>, String> {
        let folder = self.below(folder);
        let entries = fs::read_dir(&folder).map_err(|error| self.reason(&folder, &error))?;
        let mut listed = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| error.to_string())?;
            listed.push(Listed {
                // A name that is not UTF-8 is refused later, like any other invalid name.
                name: entry.file_name().to_string_lossy().into_owned(),
                // `DirEntry::file_type` would not follow a symbolic link.
                is_folder: entry.path().is_dir(),
            });
        }
        Ok(listed)
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.below(path);
        // Reading a pipe would never end.
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => Err("it is not a regular file".to_owned()),
            Ok(_) => fs::read(&path).map_err(|error| error.to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
                Err("it is a link to a file that does not exist".to_owned())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Disk {
    /// `Path::join` with an empty path would end in `/`, and a file name followed by
    /// `/` does not name a file.
    fn below(&self, path: &str) -> PathBuf {
        match path {
            "" => self.root.clone(),
            path => self.root.join(path),
        }
    }

    fn reason(&self, folder: &Path, error: &io::Error) -> String {
        if folder.is_file() {
            return "it is a file, not a directory".to_owned();
        }
        if error.kind() != io::ErrorKind::NotFound {
            return error.to_string();
        }
        if folder != self.root {
            // It was listed a moment ago, but its real name is not UTF-8.
            return "its name is not UTF-8".to_owned();
        }
        let in_package = self
            .in_package
            .iter()
            .find(|(_, path)| path.is_dir())
            .map(|(written, _)| written.clone());
        match in_package.or_else(|| self.sibling()) {
            Some(name) => format!("there is no such directory; did you mean `{name}`?"),
            None => "there is no such directory".to_owned(),
        }
    }

    /// A folder next to the missing one with a similar name.
    fn sibling(&self) -> Option<String> {
        let wanted = self.root.file_name()?.to_str()?;
        let mut names: Vec<String> = fs::read_dir(self.root.parent()?)
            .ok()?
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        // The system lists them in any order, and two may be equally similar.
        names.sort();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        nearest(wanted, &names).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for a test, empty.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("migrate-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_is_not_named_in_utf8_is_there_all_the_same() {
        use std::os::unix::ffi::OsStrExt as _;

        let root = folder("utf8");
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
        fs::create_dir(root.join(name)).unwrap();
        let mut disk = Disk {
            root: root.clone(),
            in_package: None,
        };
        let listed = disk.list("").unwrap();
        let reason = disk.list(&listed[0].name).unwrap_err();
        assert_eq!(reason, "its name is not UTF-8");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn of_two_folders_as_near_the_first_is_proposed() {
        let root = folder("near");
        for name in ["migrationz", "migrationa", "migrationm"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let mut disk = Disk {
            root: root.join("migrations"),
            in_package: None,
        };
        let reason = disk.list("").unwrap_err();
        assert_eq!(
            reason,
            "there is no such directory; did you mean `migrationa`?"
        );
        fs::remove_dir_all(root).unwrap();
    }
}
