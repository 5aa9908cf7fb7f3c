//! Rebuilds the examples when a migration is added, renamed or removed.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
    println!("cargo::rerun-if-changed=../migrations-postgres");
    println!("cargo::rustc-env=MIGRATIONS_WATCHED=../migrations;../migrations-postgres");
}
