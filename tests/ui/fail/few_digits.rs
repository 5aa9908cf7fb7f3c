use migrate_runtime::embed_migrations;

embed_migrations!("./few_digits");

fn main() {}
