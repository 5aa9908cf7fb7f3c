use migrate_runtime::embed_migrations;

embed_migrations!("./transaction_control");

fn main() {}
