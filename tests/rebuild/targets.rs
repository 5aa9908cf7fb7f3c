//! Every kind of target of one package.

use crate::package::{Package, RUNTIME, build_script};

const LIBRARY: &str = r#"
//! ```
//! use migrate_runtime::embed_migrations;
//! embed_migrations!("migrations");
//! assert_eq!(Migration::LATEST, Migration::V002B);
//! assert_eq!(targets::schema::Migration::ALL.len(), 2);
//! ```

pub mod schema {
    migrate_runtime::embed_migrations!("migrations");
}
"#;

const PROGRAM: &str = r#"
use targets::schema::Migration;

fn main() {
    println!("{:?}", Migration::ALL);
}
"#;

const EXAMPLE: &str = r#"
fn main() {
    migrate_runtime::embed_migrations!("migrations");
    println!("{:?}", Migration::ALL);
}
"#;

// A name of this module is no name in the module of the generated test.
const TEST: &str = r#"
use migrate_runtime as rt;
rt::embed_migrations!("migrations", crate = rt);

#[test]
fn the_library_embeds_the_same() {
    let ours = Migration::LATEST.get();
    assert_eq!(ours.checksum, targets::schema::Migration::LATEST.get().checksum);
}
"#;

#[test]
fn every_kind_of_target_embeds() {
    let package = Package::new("targets", RUNTIME);
    package.write("build.rs", &build_script("migrations"));
    package.write("src/lib.rs", LIBRARY);
    package.write("src/main.rs", PROGRAM);
    package.write("examples/show.rs", EXAMPLE);
    package.write("tests/registry.rs", TEST);
    package.write("migrations/001_a.sql", "CREATE TABLE a(x);\n");
    package.write("migrations/002_b.sql", "CREATE TABLE b(x);\n");

    let test = package
        .cargo(&["test"])
        .ok()
        .without_warnings("targets")
        .has("test schema::__migration_tests::embedded_migrations_are_fresh ... ok")
        .has("test __migration_tests::embedded_migrations_are_fresh ... ok")
        .has("test the_library_embeds_the_same ... ok")
        .has("test src/lib.rs - (line 2) ... ok");
    // The program takes the library's registry and has no test of its own.
    assert_eq!(test.count("embedded_migrations_are_fresh ... ok"), 2);

    package.write("migrations/003_c.sql", "CREATE TABLE c(x);\n");
    let embedded = "[V001A, V002B, V003C]";
    package.cargo(&["run"]).ok().has(embedded);
    package
        .cargo(&["run", "--example", "show"])
        .ok()
        .has(embedded);
    // The numbers in the documentation are wrong now: it was compiled again.
    package
        .cargo(&["test", "--doc"])
        .failed()
        .has("left: V003C")
        .has("right: V002B");
}

const TESTED: &str = r#"
use super::rt::rusqlite::{Connection, Result, Transaction};

pub fn up(tx: &Transaction<'_>) -> Result<()> {
    tx.execute_batch("CREATE TABLE a(x)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs() {
        let mut db = Connection::open_in_memory().unwrap();
        up(&db.transaction().unwrap()).unwrap();
    }
}
"#;

/// The harness finds no tests in a `const`, and the compiler warns of them.
#[test]
fn the_tests_in_a_rust_file_run() {
    let package = Package::new("tested", RUNTIME);
    package.write("build.rs", &build_script("migrations"));
    package.write(
        "src/lib.rs",
        "use migrate_runtime as rt;\n\
         rt::embed_migrations!(\"migrations\");\n\
         rt::embed_migrations! { pub enum Other in \"migrations\" }\n",
    );
    package.write("migrations/001_a-b.rs", TESTED);
    package
        .cargo(&["test", "--lib"])
        .ok()
        .without_warnings("tested")
        .has("test __migration_001_a_b::tests::it_runs ... ok")
        .has("test __other_001_a_b::tests::it_runs ... ok");
}
