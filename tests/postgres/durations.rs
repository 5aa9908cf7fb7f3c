//! What the duration of a migration covers.

use crate::lab::{block, client};
use migrate_runtime::Event;
use migrate_servers::Server;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SLOW: Duration = Duration::from_millis(300);

/// The statements are fast, and a deferred constraint is slow: it is checked
/// when the script has ended.
const TEXT: &str = "CREATE TABLE a (id bigint);\n\
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;\n\
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED \
    FOR EACH ROW EXECUTE FUNCTION slow();\nINSERT INTO a VALUES (1);\n";

#[test]
fn the_checks_are_a_part_of_it() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let migrator = migrate_tests::postgres::migrator(&[("001_a.sql", TEXT)]).observer(
        move |event: &Event<'_>| {
            if let Event::MigrationEnded { timings, .. } = event {
                heard.lock().unwrap().push(*timings);
            }
        },
    );
    let report = block(async {
        let mut client = client(database.url()).await;
        migrator.up(&mut client).await.unwrap()
    });
    let applied = &report.applied()[0];
    let timings = applied.timings;
    assert!(timings.checks >= SLOW, "{timings:?}");
    assert!(timings.script < SLOW, "{timings:?}");
    assert!(!timings.commit.is_zero(), "{timings:?}");
    assert_eq!(timings.total(), applied.duration);
    assert_eq!(*told.lock().unwrap(), [timings]);
    let recorded = "SELECT execution_ms >= 300 FROM _migrations";
    assert_eq!(database.psql(recorded), "t");
}
