//! New numbers where versions are timestamps.

use super::renumber::{plan, shown};
use insta::assert_snapshot;
use migrate_model::{Numbering, Version};
use migrate_source::lock_file::LockFile;
use migrate_tools::renumber::drafts::Renumber;

fn options(label: Option<&str>) -> Renumber<'_> {
    let mut options = Renumber::default();
    options.numbering = Numbering::Timestamp;
    options.label = label;
    options.now = Some(Version::new(20_260_101_120_000));
    options
}

#[test]
fn only_what_has_no_place_of_its_own_gets_the_present() {
    let lock = LockFile::default().to_string()
        + "<<<<<<< HEAD\n20250101000000_b draft\n20250301000000_c draft\n=======\n\
           20250101000000_d draft\n20250201000000_e draft\n>>>>>>> theirs\n";
    let paths = [
        "20250101000000_b.sql",
        "20250101000000_d.sql",
        "20250201000000_e.sql",
        "20250301000000_c.sql",
    ];
    assert_snapshot!(shown(&plan(&paths, &lock, &options(None)).unwrap()), @"
    20250101000000_d.sql -> 20260101120000_d.sql
    20250101000000_b draft
    20250201000000_e draft
    20250301000000_c draft
    20260101120000_d draft
    ");
    let plain =
        LockFile::default().to_string() + "20250101000000_b draft\n20250301000000_c draft\n";
    let paths = ["20250101000000_b.sql", "20250301000000_c.sql"];
    assert_snapshot!(shown(&plan(&paths, &plain, &options(Some("b"))).unwrap()), @"
    20250101000000_b.sql -> 20260101120000_b.sql
    20250301000000_c draft
    20260101120000_b draft
    ");
    let last = plan(&paths, &plain, &options(Some("c"))).unwrap();
    assert_eq!(last.moves, []);
}
