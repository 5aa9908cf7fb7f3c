use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_syntax", engine = "postgres", watch = false);

fn main() {}
