use migrate_runtime::embed_migrations;

embed_migrations!("./mixed_widths");

fn main() {}
