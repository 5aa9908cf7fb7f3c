use migrate_runtime::embed_migrations;

embed_migrations!("./shell_command");

fn main() {}
