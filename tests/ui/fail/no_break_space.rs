use migrate_runtime::embed_migrations;

embed_migrations!("./no_break_space");

fn main() {}
