use migrate_runtime::embed_migrations;

mod without_directory {
    super::embed_migrations!();
}

mod without_quotes {
    super::embed_migrations!(migrations);
}

mod structure {
    super::embed_migrations! { pub struct Schema in "./good" }
}

mod without_in {
    super::embed_migrations! { pub enum Schema "./good" }
}

mod semicolon {
    super::embed_migrations!("./good"; first = 1);
}

fn main() {}
