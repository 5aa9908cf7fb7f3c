use migrate_runtime::embed_migrations;

embed_migrations!("./not_a_directory.rs");

fn main() {}
