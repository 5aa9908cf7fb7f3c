use migrate_runtime::embed_migrations;

embed_migrations!("./rules");

fn main() {
    let _ = Migration::V002Visits;
}
