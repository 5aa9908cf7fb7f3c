use migrate_runtime::embed_migrations;

embed_migrations!("./two_downs");

fn main() {}
