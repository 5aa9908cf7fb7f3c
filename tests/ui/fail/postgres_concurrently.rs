use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_concurrently", engine = "postgres", watch = false);

fn main() {}
