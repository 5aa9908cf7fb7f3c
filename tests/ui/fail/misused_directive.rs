use migrate_runtime::embed_migrations;

embed_migrations!("./misused_directive");

fn main() {}
