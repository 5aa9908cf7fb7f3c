use migrate_runtime::embed_migrations;

embed_migrations!("./frozen_changed");

fn main() {}
