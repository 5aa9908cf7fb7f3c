use migrate_runtime::embed_migrations;

embed_migrations!("./timestamps_undeclared");

fn main() {}
