use migrate_runtime::embed_migrations;

embed_migrations!("./not_utf8");

fn main() {}
