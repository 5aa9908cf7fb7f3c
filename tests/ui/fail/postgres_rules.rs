use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_rules", engine = "postgres", watch = false);

fn main() {}
