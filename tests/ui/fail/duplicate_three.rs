use migrate_runtime::embed_migrations;

embed_migrations!("./duplicate_three");

fn main() {}
