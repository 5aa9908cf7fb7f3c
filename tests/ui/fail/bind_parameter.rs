use migrate_runtime::embed_migrations;

embed_migrations!("./bind_parameter");

fn main() {}
