use migrate_runtime::embed_migrations;

embed_migrations!("./wrong_first");

fn main() {}
