//! The package in the current folder.

use crate::failure::{Failure, io};
use std::io::ErrorKind;
use std::path::Path;

/// The relevant content of the manifest.
pub(super) struct Package {
    /// The path of the build script; `None` with `build = false`.
    pub(super) build_script: Option<String>,
    pub(super) has_runtime: bool,
    /// Whether the feature `testing` is on, which proves the migrations.
    pub(super) has_proof: bool,
}

impl Package {
    pub(super) fn here() -> Result<Package, Failure> {
        let path = Path::new("Cargo.toml");
        match std::fs::read_to_string(path) {
            Ok(text) => read(&text).ok_or_else(|| {
                Failure::new("the `Cargo.toml` here belongs to a workspace, not to a package")
                    .help("run it in the folder of the package that will embed the migrations")
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(no_package()),
            Err(error) => Err(io("read", path, &error)),
        }
    }
}

fn no_package() -> Failure {
    let here = std::env::current_dir().unwrap_or_default();
    let above = here
        .ancestors()
        .skip(1)
        .find(|folder| folder.join("Cargo.toml").is_file());
    let help = match above {
        Some(folder) => format!(
            "run it in the folder of a package; there is one in `{}`",
            folder.display()
        ),
        None => "run it in the folder of a package, or create one with `cargo init`".to_owned(),
    };
    Failure::new("there is no `Cargo.toml` here").help(help)
}

/// Reads the manifest line by line. With unusual formatting, `init` suggests a
/// step that is not needed.
fn read(text: &str) -> Option<Package> {
    let mut package = None;
    let mut has_runtime = false;
    let mut has_proof = false;
    let mut section = "";
    for line in text.lines() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            section = header.split(']').next().unwrap_or_default().trim();
            if section == "package" {
                package.get_or_insert(Some("build.rs".to_owned()));
            }
        }
        let key = line.split(['=', '.']).next().unwrap_or_default().trim();
        let key = key.trim_matches('"');
        let is_runtime = section.ends_with("dependencies.migrate-runtime")
            || section.ends_with("dependencies") && key == "migrate-runtime";
        let is_of_tests = section.contains("dev-dependencies");
        has_runtime |= is_runtime && !is_of_tests;
        has_proof |= is_runtime && line.contains("\"testing\"");
        let value = line.split_once('=').map(|(_, value)| value.trim());
        if let ("package", "build", Some(value)) = (section, key, value) {
            let name = value.split(['"', '\'']).nth(1).map(str::to_owned);
            if value.starts_with("false") {
                package = Some(None);
            } else {
                package = package.map(|usual| name.or(usual));
            }
        }
    }
    package.map(|build_script| Package {
        build_script,
        has_runtime,
        has_proof,
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_manifest_says_what_there_is() {
        let facts = |text: &str| read(text).map(|it| (it.build_script, it.has_runtime));
        let script = |name: &str| Some(name.to_owned());
        assert_eq!(facts("[workspace]\nmembers = []\n"), None);
        assert_eq!(facts(""), None);
        assert_eq!(
            facts("[package]\nname = \"x\""),
            Some((script("build.rs"), false))
        );
        assert_eq!(
            facts("[workspace]\n[ package ] # x\nbuild = \"tools/build.rs\" # x"),
            Some((script("tools/build.rs"), false))
        );
        assert_eq!(facts("[package]\nbuild = false\n"), Some((None, false)));
        assert_eq!(
            facts("[package]\nbuild = true\n"),
            Some((script("build.rs"), false))
        );
        for runtime in [
            "[dependencies]\nmigrate-runtime = \"0.1\"",
            "[dependencies]\nmigrate-runtime.workspace = true",
            "[dependencies.migrate-runtime]\nversion = \"0.1\"",
            "[target.'cfg(unix)'.dependencies]\nmigrate-runtime = \"0.1\"",
        ] {
            let text = format!("[package]\nname = \"x\"\n{runtime}\n");
            assert_eq!(facts(&text), Some((script("build.rs"), true)), "{runtime}");
        }
        let has_proof = |text: &str| read(text).is_some_and(|it| it.has_proof);
        for (dependency, expected) in [
            ("[dependencies]\nmigrate-runtime = \"0.1\"", false),
            (
                "[dev-dependencies]\nmigrate-runtime = { version = \"0.1\", features = [\"testing\"] }",
                true,
            ),
            (
                "[dev-dependencies.migrate-runtime]\nversion = \"0.1\"\nfeatures = [\"testing\"]",
                true,
            ),
            (
                "[dev-dependencies]\nother = { features = [\"testing\"] }",
                false,
            ),
        ] {
            let text = format!("[package]\nname = \"x\"\n{dependency}\n");
            assert_eq!(has_proof(&text), expected, "{dependency}");
        }
        for other in [
            "[dependencies]\n# migrate-runtime",
            "[features]\nmigrate-runtime = []",
        ] {
            let text = format!("[package]\nname = \"x\"\n{other}\n");
            assert_eq!(facts(&text), Some((script("build.rs"), false)), "{other}");
        }
    }
}
