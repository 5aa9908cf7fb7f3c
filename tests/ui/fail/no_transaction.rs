use migrate_runtime::embed_migrations;

embed_migrations!("./no_transaction");

fn main() {}
