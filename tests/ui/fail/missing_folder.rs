use migrate_runtime::embed_migrations;

embed_migrations!("./nowhere/at/all");

fn main() {}
