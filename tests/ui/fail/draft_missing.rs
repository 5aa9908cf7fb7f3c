use migrate_runtime::embed_migrations;

embed_migrations!("./draft_missing");

fn main() {}
