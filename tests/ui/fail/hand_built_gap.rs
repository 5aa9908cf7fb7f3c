use migrate_runtime::{Checksum, Migration, Registry, Script, Version};

const fn migration(version: u64) -> Migration {
    let checksum = Checksum::from_hex([b'0'; 64]);
    let up = Script::single("built by hand", "SELECT 1");
    Migration::new(Version::new(version), "", checksum, up)
}

static GAP: Registry = Registry::new(&[migration(1), migration(2), migration(4)]);

static TWICE: Registry = Registry::new(&[migration(1), migration(1)]);

static DISORDER: Registry = Registry::new(&[migration(1), migration(2), migration(1)]);

static EMPTY: Registry = Registry::new(&[]);

static LATE: Registry = Registry::new(&[migration(10)]);

static ZERO: Registry = Registry::new(&[migration(0)]);

fn main() {}
