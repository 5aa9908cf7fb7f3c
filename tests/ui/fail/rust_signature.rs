use migrate_runtime::embed_migrations;

embed_migrations!("./rust_signature", watch = false);

fn main() {}
