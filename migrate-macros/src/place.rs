//! The place of a call's directory, and the spelling of its path:
//! docs/internals/macro.md, "Paths".

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use std::env;
use std::path::{Component, Path, PathBuf};

/// What the compiler reports about the location of a call.
pub(crate) struct Surroundings {
    /// The folder of the package's `Cargo.toml`.
    pub(crate) manifest: Option<PathBuf>,
    /// The file of the call; rust-analyzer does not know it.
    pub(crate) file: Option<PathBuf>,
    /// The compiler's working directory: the root of the workspace. Nothing is
    /// searched in it; paths that are shown are shortened by it.
    pub(crate) workspace: Option<PathBuf>,
}

/// A migrations directory.
pub(crate) struct Place {
    /// Where it is read.
    pub(crate) absolute: PathBuf,
    /// Its path in messages: relative, separated by `/`.
    pub(crate) shown: String,
    /// Its path from the package, as a build script needs it.
    pub(crate) from_package: String,
    /// Whether `absolute` is a guess, because the file of the call is unknown.
    pub(crate) is_guess: bool,
    /// For a path that is relative to the file of the call: the same path relative to the package,
    /// as written and as an absolute path. In other tools, such as sqlx, `./` means that.
    pub(crate) in_package: Option<(String, PathBuf)>,
    /// The folder of the call's file, if that is known.
    call_folder: Option<PathBuf>,
    written: Written,
}

enum Written {
    /// Below the package's folder; holds the rest.
    Package(String),
    /// Next to the file of the call; holds the whole path.
    File(String),
}

impl Surroundings {
    pub(crate) fn of_call(directory: &syn::LitStr) -> Surroundings {
        Surroundings {
            manifest: env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
            // The compiler gives it relative to its working directory.
            file: directory
                .span()
                .unwrap()
                .local_file()
                .and_then(|file| std::path::absolute(file).ok()),
            workspace: env::current_dir().ok(),
        }
    }
}

impl Place {
    /// Finds the directory.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the path as it is written.
    pub(crate) fn find(path: &str, around: &Surroundings) -> Result<Place, String> {
        check(path)?;
        let path = path.trim_end_matches('/');
        let package = around.manifest.as_deref();
        let beside_file = path == "." || path.starts_with("./");
        if let (true, Some(folder)) = (beside_file, around.file.as_deref().and_then(Path::parent)) {
            let absolute = normalize(&folder.join(path));
            let Some(text) = absolute.to_str() else {
                return Err("the folder of this file is not named in UTF-8".to_owned());
            };
            let written = Written::File(text.to_owned());
            let rest = path.trim_start_matches("./");
            return Ok(Place {
                // For a file outside the workspace, as under trybuild, the path from the package
                // would differ between machines.
                shown: below_root(&absolute, around)
                    .unwrap_or_else(|| slashes(&normalize(Path::new(path)))),
                from_package: from_package(&absolute, package),
                absolute,
                is_guess: false,
                call_folder: Some(folder.to_owned()),
                in_package: package.map(|package| (rest.to_owned(), package.join(rest))),
                written,
            });
        }
        let Some(package) = package else {
            return Err("`CARGO_MANIFEST_DIR` is not set: this path needs it".to_owned());
        };
        let rest = path.trim_start_matches("./");
        let absolute = package.join(rest);
        Ok(Place {
            shown: below_root(&normalize(&absolute), around)
                .unwrap_or_else(|| from_package(&normalize(&absolute), Some(package))),
            from_package: rest.to_owned(),
            absolute,
            is_guess: beside_file,
            call_folder: around
                .file
                .as_deref()
                .and_then(Path::parent)
                .map(Path::to_owned),
            in_package: None,
            written: Written::Package(format!("/{rest}")),
        })
    }

    /// An expression for the absolute path of the directory, or of a file in
    /// it. For the usual form no absolute path is written into the source.
    pub(crate) fn expression(&self, file: Option<&str>) -> TokenStream {
        let file = file.map_or(String::new(), |file| format!("/{file}"));
        match &self.written {
            Written::Package(rest) => {
                let rest = Literal::string(&format!("{rest}{file}"));
                quote!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #rest))
            }
            Written::File(whole) => {
                let whole = Literal::string(&format!("{whole}{file}"));
                quote!(#whole)
            }
        }
    }

    /// The path of a Rust file for `include!`: relative to the file of the call, because the
    /// compiler embeds this path in the messages of panics.
    pub(crate) fn include(&self, file: &str) -> TokenStream {
        let path = self.call_folder.as_deref().and_then(|folder| {
            let folder = normalize(folder);
            let path = relative_path(&folder, &normalize(&self.absolute.join(file)))?;
            // Through a symbolic link, `..` may lead to a different folder.
            folder.join(&path).is_file().then_some(path)
        });
        match path {
            Some(path) => {
                let path = Literal::string(&path);
                quote!(#path)
            }
            None => self.expression(Some(file)),
        }
    }
}

/// Refuses paths that mean something else on another machine.
fn check(path: &str) -> Result<(), String> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.trim().is_empty() {
        Err("the path of the directory is empty".to_owned())
    } else if path.starts_with('/') || Path::new(path).is_absolute() || drive {
        Err(format!(
            "`{path}` is an absolute path, which other machines do not have; write it relative to \
             the package's `Cargo.toml`, or with `./` relative to this file"
        ))
    } else if path.contains('\\') {
        Err("separate the folders of this path by `/`: it works on Windows too".to_owned())
    } else {
        Ok(())
    }
}

/// The path from the workspace, or at least from the package.
fn below_root(absolute: &Path, around: &Surroundings) -> Option<String> {
    let below = |root: &Option<PathBuf>| {
        let root = normalize(root.as_deref()?);
        absolute.strip_prefix(root).ok().map(slashes)
    };
    below(&around.workspace).or_else(|| below(&around.manifest))
}

/// The path from the package's folder, with `..` if necessary.
fn from_package(absolute: &Path, package: Option<&Path>) -> String {
    let package = normalize(package.unwrap_or(Path::new("")));
    // On another drive, or without a package, only the name is shown.
    relative_path(&package, absolute)
        .unwrap_or_else(|| slashes(Path::new(absolute.file_name().unwrap_or_default())))
}

/// The relative path from one place to another, if there is one.
fn relative_path(from: &Path, to: &Path) -> Option<String> {
    let mut up = PathBuf::new();
    for folder in from.ancestors() {
        if let Ok(rest) = to.strip_prefix(folder) {
            return Some(slashes(&up.join(rest)));
        }
        up.push("..");
    }
    None
}

/// Removes `.` and `..` without accessing the disk, which would resolve symbolic links.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            component => normal.push(component),
        }
    }
    normal
}

/// A relative path separated by `/`; the folder itself is `.`.
fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around() -> Surroundings {
        Surroundings {
            manifest: Some("/ws/app".into()),
            file: Some("/ws/app/tests/ui/two.rs".into()),
            workspace: Some("/ws".into()),
        }
    }

    fn find(path: &str) -> String {
        match Place::find(path, &around()) {
            Ok(place) => format!("{} | {}", place.shown, place.from_package),
            Err(error) => error,
        }
    }

    #[test]
    fn paths_are_shown_from_the_workspace() {
        assert_eq!(find("migrations"), "app/migrations | migrations");
        assert_eq!(find("db/migrations/"), "app/db/migrations | db/migrations");
        assert_eq!(find("../migrations"), "migrations | ../migrations");
        assert_eq!(find("../../other"), "../../other | ../../other");
        assert_eq!(find("./two"), "app/tests/ui/two | tests/ui/two");
        assert_eq!(find("./../../../x"), "x | ../x");
        assert_eq!(find(".."), ". | ..");
    }

    #[test]
    fn a_package_outside_of_the_working_directory_shows_its_own_paths() {
        let mut around = around();
        around.workspace = Some("/elsewhere".into());
        let place = Place::find("db", &around).unwrap();
        assert_eq!(place.shown, "db");
    }

    #[test]
    fn a_file_outside_of_everything_shows_the_path_of_the_call() {
        let mut around = around();
        around.workspace = Some("/target/trybuild".into());
        around.manifest = around.workspace.clone();
        let shown = |path: &str| Place::find(path, &around).unwrap().shown;
        assert_eq!(shown("./two"), "two");
        assert_eq!(shown("./../a//b/"), "../a/b");
    }

    #[test]
    fn without_the_file_the_package_is_a_guess() {
        let mut around = around();
        around.file = None;
        let place = Place::find("./two", &around).unwrap();
        assert!(place.is_guess);
        assert_eq!(place.absolute, Path::new("/ws/app/two"));
    }

    #[test]
    fn only_the_form_beside_the_file_writes_an_absolute_path() {
        let written = |path: &str| {
            let place = Place::find(path, &around()).unwrap();
            place.expression(Some("001_a.sql")).to_string()
        };
        assert!(!written("db").contains("/ws"));
        assert_eq!(written("./db"), "\"/ws/app/tests/ui/db/001_a.sql\"");
    }

    #[test]
    fn paths_that_do_not_travel_are_refused() {
        assert_eq!(find(""), "the path of the directory is empty");
        assert!(find("/etc/migrations").starts_with("`/etc/migrations` is an absolute path"));
        assert!(find("C:/x").starts_with("`C:/x` is an absolute path"));
        assert!(find("db\\migrations").starts_with("separate the folders"));
    }
}
