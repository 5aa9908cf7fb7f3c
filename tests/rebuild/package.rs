use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A package in a folder of its own, or a workspace of several.
pub(crate) struct Package {
    name: &'static str,
    folder: PathBuf,
}

/// What a command said.
pub(crate) struct Output {
    succeeded: bool,
    text: String,
}

/// How every message about a stale binary ends.
pub(crate) const REBUILD: &str = "rebuild the crate; if Cargo finds nothing to do, touch one of \
    its source files, because Cargo notices a new migration only if a build script watches the \
    directory";

/// The dependency on the runtime, as a line of a manifest.
pub(crate) const RUNTIME: &str = concat!(
    "migrate-runtime = { path = '",
    env!("CARGO_MANIFEST_DIR"),
    "/../migrate-runtime' }"
);

/// The proof in the generated test, as further lines of a manifest.
pub(crate) const TESTING: &str = concat!(
    "\n[dev-dependencies]\nmigrate-runtime = { path = '",
    env!("CARGO_MANIFEST_DIR"),
    "/../migrate-runtime', features = ['testing'] }"
);

/// The runtime without the syntax check, which brings a parser along.
pub(crate) const RUNTIME_WITHOUT_SYNTAX: &str = concat!(
    "migrate-runtime = { path = '",
    env!("CARGO_MANIFEST_DIR"),
    "/../migrate-runtime', default-features = false, features = ['bundled', 'sqlite'] }"
);

/// The three lines that a user copies, for one directory.
pub(crate) fn build_script(directory: &str) -> String {
    format!(
        r#"fn main() {{
    println!("cargo::rerun-if-changed={directory}");
    println!("cargo::rustc-env=MIGRATIONS_WATCHED={directory}");
}}
"#
    )
}

/// A program that prints what it embeds and applies it. Everything that a user
/// names is named, so that a failed build would show second-hand errors.
pub(crate) fn program(call: &str) -> String {
    format!(
        r#"{call}

fn main() {{
    for migration in Migration::ALL {{
        let migration = migration.get();
        println!("{{}}: {{}}", migration.label, migration.up.sql().trim());
    }}
    let _ = (Migration::LATEST.version(), Migration::REGISTRY.migrations());
    let mut db = rt::rusqlite::Connection::open_in_memory().unwrap();
    match Migration::migrator().to(Migration::LATEST).up(&mut db) {{
        Ok(report) => println!("applied {{}}", report.applied().len()),
        Err(error) => println!("stale {{}}: {{error}}", error.is_stale()),
    }}
}}
"#
    )
}

/// The program with the short call.
pub(crate) fn usual_program() -> String {
    program("use migrate_runtime as rt;\nrt::embed_migrations!(\"migrations\");")
}

/// The manifest of a member of a workspace.
pub(crate) fn manifest(name: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{dependencies}\n"
    )
}

impl Package {
    /// A package with this manifest below the usual head. A name is used once,
    /// because the packages share the target directory.
    pub(crate) fn new(name: &'static str, dependencies: &str) -> Package {
        Package::with_root(
            name,
            name,
            &format!("{}\n[workspace]\n", manifest(name, dependencies)),
        )
    }

    /// Version 1 and 2 in `migrations/`, and a program that embeds them.
    pub(crate) fn usual(name: &'static str) -> Package {
        let package = Package::new(name, RUNTIME);
        package.write("src/main.rs", &usual_program());
        package.write("migrations/001_a.sql", "CREATE TABLE a(x);\n");
        package.write("migrations/002_b.sql", "CREATE TABLE b(x);\n");
        package
    }

    /// A workspace; each folder in it is a member.
    pub(crate) fn workspace(name: &'static str, folder: &str, members: &[&str]) -> Package {
        let root = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
        Package::with_root(name, folder, &root)
    }

    fn with_root(name: &'static str, folder: &str, root: &str) -> Package {
        let folder = shared().join("packages").join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let package = Package { name, folder };
        // Optimizing SQLite would take most of the time of all these tests.
        let profiles = "[profile.dev]\ndebug = false\n\n[profile.release]\nopt-level = 0\n";
        package.write("Cargo.toml", &format!("{root}\n{profiles}"));
        // With the versions of the workspace there is nothing to download.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, package.path("Cargo.lock")).unwrap();
        package
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes at the end of a file.
    pub(crate) fn append(&self, path: &str, text: &str) {
        let before = fs::read_to_string(self.path(path)).unwrap();
        self.write(path, &(before + text));
    }

    /// Writes a file that looks as if it had been there for years, as `cp -p`
    /// and `mv` do.
    pub(crate) fn write_old(&self, path: &str, text: &str) {
        self.write(path, text);
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let file = File::options().write(true).open(self.path(path)).unwrap();
        file.set_modified(long_ago).unwrap();
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Cargo in the folder of the package.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Output {
        cargo(&self.folder, arguments)
    }

    pub(crate) fn build(&self) -> Output {
        self.cargo(&["build", "-v"])
    }

    /// Builds after a change and asserts that it was seen.
    #[track_caller]
    pub(crate) fn rebuild(&self) {
        let build = self.build().ok();
        assert!(!build.is_fresh(self.name), "not rebuilt:\n{}", build.text);
    }

    /// Asserts that a build has nothing to do.
    #[track_caller]
    pub(crate) fn assert_fresh(&self) {
        let build = self.build().ok();
        assert!(build.is_fresh(self.name), "rebuilt:\n{}", build.text);
    }

    /// What the program of the last build prints, without Cargo.
    #[track_caller]
    pub(crate) fn run(&self) -> Vec<String> {
        run(&executable("debug", self.name))
    }
}

impl Output {
    /// Asserts that the command succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Output {
        assert!(self.succeeded, "{}", self.text);
        self
    }

    /// Asserts that the command failed.
    #[track_caller]
    pub(crate) fn failed(self) -> Output {
        assert!(!self.succeeded, "{}", self.text);
        self
    }

    /// Asserts that the command said this.
    #[track_caller]
    pub(crate) fn has(self, text: &str) -> Output {
        assert!(self.text.contains(text), "no `{text}` in:\n{}", self.text);
        self
    }

    /// Asserts that a package compiled without warnings; others may have theirs.
    #[track_caller]
    pub(crate) fn without_warnings(self, package: &str) -> Output {
        let summary = format!("warning: `{package}");
        assert!(!self.text.contains(&summary), "{}", self.text);
        self
    }

    pub(crate) fn count(&self, text: &str) -> usize {
        self.text.matches(text).count()
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    fn is_fresh(&self, package: &str) -> bool {
        self.text.contains(&format!("Fresh {package} v"))
    }
}

/// Cargo in any folder.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from(env!("CARGO")));
    let mut command = Command::new(cargo);
    let (verb, rest) = arguments.split_first().unwrap();
    command.arg(verb).arg("--offline").args(rest);
    command.current_dir(folder);
    // What the Cargo that runs this test has set is meant for this workspace.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_this_build) {
            command.env_remove(name);
        }
    }
    command.env("CARGO_TARGET_DIR", shared().join("target"));
    command.env("CARGO_TERM_COLOR", "never");
    output(&mut command)
}

/// An executable of the shared target directory.
pub(crate) fn executable(profile: &str, name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    shared().join("target").join(profile).join(file)
}

/// The lines that a program prints; it must succeed.
#[track_caller]
pub(crate) fn run(program: &Path) -> Vec<String> {
    let output = output(&mut Command::new(program)).ok();
    output.lines().map(str::to_owned).collect()
}

pub(crate) fn output(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Output {
        succeeded: output.status.success(),
        text,
    }
}

fn shared() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("rebuild")
}

fn is_about_this_build(variable: &str) -> bool {
    const GROUPS: [&str; 6] = [
        "CARGO_BIN_",
        "CARGO_BUILD_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_",
    ];
    const SINGLE: [&str; 9] = [
        "CARGO_CRATE_NAME",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_PRIMARY_PACKAGE",
        "MIGRATIONS_WATCHED",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
    ];
    GROUPS.iter().any(|group| variable.starts_with(group)) || SINGLE.contains(&variable)
}
