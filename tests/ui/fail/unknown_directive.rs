use migrate_runtime::embed_migrations;

embed_migrations!("./unknown_directive");

fn main() {}
