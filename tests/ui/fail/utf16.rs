use migrate_runtime::embed_migrations;

embed_migrations!("./utf16");

fn main() {}
