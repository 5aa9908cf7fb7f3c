use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_rust_signature", engine = "postgres", watch = false);

fn main() {}
