use migrate_runtime::embed_migrations;

embed_migrations!("./rust_migration", watch = false);

fn main() {}
