use migrate_runtime::embed_migrations;

embed_migrations! {
    enum Schema in "./good",
    numberin = "timestamp",
    first = "one",
    watch = "always",
    downs = "maybe",
    syntax = 1,
    crate = 7,
    colour = "blue",
    first = 2,
    lone,
}

embed_migrations!("./good", numbering = "timestmp", watch = false);

fn main() {
    let _ = (Schema::V001Users, Migration::V002Orders);
}
