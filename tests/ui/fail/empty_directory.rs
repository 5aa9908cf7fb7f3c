use migrate_runtime::embed_migrations;

embed_migrations!("./empty_directory");

fn main() {}
