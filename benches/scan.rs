//! The statement scanners on a seed file of 8 MB.

use migrate_scan::Engine;
use std::hint::black_box;

fn main() {
    let mut text = String::new();
    let mut row = 0;
    while text.len() < 8 * 1024 * 1024 {
        text += &format!("INSERT INTO places VALUES ({row}, 'a name; with a semicolon', 1.5);\n");
        row += 1;
    }
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let time = migrate_benches::time(|| {
            assert_eq!(
                black_box(engine.scan(black_box(&text))).statements.len(),
                row
            );
        });
        println!(
            "{engine}, 8 MB, {row} statements: {:.1} ms",
            time.as_secs_f64() * 1000.0
        );
    }
}
