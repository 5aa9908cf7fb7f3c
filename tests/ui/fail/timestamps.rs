use migrate_runtime::embed_migrations;

embed_migrations!("./timestamps", numbering = "timestamp");

fn main() {}
