//! The runtime crate under another name, or exported by another crate.

extern crate migrate_runtime as renamed;

pub mod toolbox {
    pub mod database {
        pub use migrate_runtime::*;
    }
}

pub mod by_name {
    use renamed::embed_migrations;

    embed_migrations!("./pairs", crate = renamed, watch = false);
}

pub mod absolute {
    renamed::embed_migrations! {
        pub enum Schema in "./pairs", crate = crate::toolbox::database, watch = false
    }
}

pub mod relative {
    use crate::toolbox::database as rt;

    rt::embed_migrations! { pub enum Near in "./pairs", crate = self::rt, watch = false }

    pub mod below {
        super::rt::embed_migrations! {
            pub enum Far in "./pairs", crate = super::rt, watch = false
        }
    }
}

// Neither the prelude nor this crate's own names are in the way.
pub mod shadowed {
    #![allow(non_camel_case_types, dead_code)]
    pub mod std {}
    pub mod core {}
    pub mod migrate_runtime {}
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Registry;
    pub struct Version;

    ::migrate_runtime::embed_migrations!("./pairs", watch = false);
}

fn main() {
    let mut db = renamed::rusqlite::Connection::open_in_memory().unwrap();
    assert_eq!(
        by_name::Migration::migrator()
            .up(&mut db)
            .unwrap()
            .applied()
            .len(),
        2
    );
    assert!(absolute::Schema::migrator().up(&mut db).unwrap().is_empty());
    assert!(relative::Near::migrator().up(&mut db).unwrap().is_empty());
    assert!(
        relative::below::Far::migrator()
            .up(&mut db)
            .unwrap()
            .is_empty()
    );
    assert!(
        shadowed::Migration::migrator()
            .up(&mut db)
            .unwrap()
            .is_empty()
    );
}
