use migrate_runtime::embed_migrations;

embed_migrations!("./outside_transaction");

fn main() {}
