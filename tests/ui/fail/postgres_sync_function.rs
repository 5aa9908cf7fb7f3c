use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_sync_function", engine = "postgres", watch = false);

fn main() {}
