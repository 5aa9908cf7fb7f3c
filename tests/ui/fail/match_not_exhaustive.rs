use migrate_runtime::embed_migrations;

embed_migrations!("./good", watch = false);

fn main() {
    match Migration::LATEST {
        Migration::V001Users => {}
    }
}
