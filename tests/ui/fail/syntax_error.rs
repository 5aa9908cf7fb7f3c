use migrate_runtime::embed_migrations;

embed_migrations!("./syntax_error");

fn main() {}
