use migrate_runtime::embed_migrations;

embed_migrations!("./nul");

fn main() {}
