use migrate_runtime::embed_migrations;

embed_migrations!("./migration_folder");

fn main() {}
