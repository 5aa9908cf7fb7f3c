use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_psql", engine = "postgres", watch = false);

fn main() {}
