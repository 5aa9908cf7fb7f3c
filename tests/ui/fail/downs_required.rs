use migrate_runtime::embed_migrations;

embed_migrations!("./downs_required", downs = "required");

fn main() {
    let _ = Migration::V003Clean;
}
