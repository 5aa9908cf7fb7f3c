use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_copy", engine = "postgres", watch = false);

fn main() {}
