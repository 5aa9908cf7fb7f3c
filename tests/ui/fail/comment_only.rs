use migrate_runtime::embed_migrations;

embed_migrations!("./comment_only");

fn main() {}
