use migrate_runtime::embed_migrations;

embed_migrations!("./good", watch = false);

fn main() {
    let _ = Migration::migrator().to(Migration::V003Prices);
}
