use migrate_runtime::embed_migrations;

embed_migrations!("./lock_line");

fn main() {}
