use migrate_runtime::embed_migrations;

embed_migrations!("./pragma");

fn main() {}
