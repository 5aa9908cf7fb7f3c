use migrate_runtime::embed_migrations;

embed_migrations!("./not_in_lock");

fn main() {}
