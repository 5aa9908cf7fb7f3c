use migrate_runtime::embed_migrations;

embed_migrations!("./missing_directry");

fn main() {}
