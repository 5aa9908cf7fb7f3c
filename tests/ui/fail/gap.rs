use migrate_runtime::embed_migrations;

embed_migrations!("./gap");

fn main() {}
