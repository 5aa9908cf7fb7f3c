use migrate_runtime::embed_migrations;

embed_migrations!("./bad_name");

fn main() {}
