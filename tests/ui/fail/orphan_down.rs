use migrate_runtime::embed_migrations;

embed_migrations!("./orphan_down");

fn main() {}
