//! What a release binary knows of the machine that built it.

use crate::package::{Package, RUNTIME_WITHOUT_SYNTAX, executable, program, run};
use std::fs;

#[test]
fn a_release_binary_knows_no_path_and_checks_no_directory() {
    // Without the parser there is less to compile a second time.
    let package = Package::new("released", RUNTIME_WITHOUT_SYNTAX);
    package.write("migrations/001_a.sql", "CREATE TABLE a(x);\n");
    package.write("src/main.rs", &program(CALLS));
    package.build().ok();
    package
        .cargo(&["build", "--release"])
        .ok()
        .without_warnings("released");

    let folder = package.path("migrations");
    let folder = folder.parent().unwrap().to_str().unwrap();
    let holds = |profile: &str, text: &str| {
        let binary = fs::read(executable(profile, "released")).unwrap();
        let mut windows = binary.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    };
    assert!(holds("debug", folder), "the control does not hold the path");
    assert!(!holds("release", folder));
    assert!(holds("release", "CREATE TABLE a(x);"));

    package.write("migrations/002_b.sql", "CREATE TABLE b(x);\n");
    let a = "001_a: CREATE TABLE a(x);";
    assert_eq!(run(&executable("release", "released")), [a, "applied 1"]);
    assert!(package.run()[1].starts_with("stale true: "));
}

/// Both ways to write a path; the second has the macro write an absolute one.
const CALLS: &str = r#"
use migrate_runtime as rt;

rt::embed_migrations!("migrations", watch = false);

mod beside {
    migrate_runtime::embed_migrations!("./../migrations", watch = false);
}

#[used]
static BESIDE: fn() -> rt::Migrator<beside::Migration> = beside::Migration::migrator;
"#;
