#![deny(deprecated)]

use migrate_runtime::embed_migrations;

embed_migrations!("migrations");

fn main() {
    let _ = Migration::V001Users;
}
