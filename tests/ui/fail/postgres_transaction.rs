use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_transaction", engine = "postgres", watch = false);

fn main() {}
