//! `embed_migrations!` as a user meets it: what it refuses, in the words that
//! the compiler prints, and every layout that it accepts.

use std::path::Path;
use std::{fs, io};
use trybuild::TestCases;

#[test]
fn what_is_refused() {
    fill_package().unwrap();
    TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn what_is_accepted() {
    TestCases::new().pass("ui/pass/*.rs");
}

/// trybuild compiles the cases as programs of a package of its own, in the
/// target directory. A path that does not begin with `./` is relative to that
/// package, so the cases that need one find it only if it is put there.
fn fill_package() -> io::Result<()> {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/migrate-tests");
    let migrations = package.join("migrations");
    fs::create_dir_all(&migrations)?;
    let script = "CREATE TABLE users(id INTEGER PRIMARY KEY);\n";
    fs::write(migrations.join("001_users.sql"), script)
}
