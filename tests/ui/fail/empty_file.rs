use migrate_runtime::embed_migrations;

embed_migrations!("./empty_file");

fn main() {}
