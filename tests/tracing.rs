//! The feature `tracing`: one span for each run, and what happens inside of it.
//! `cargo test -p migrate-tests --features tracing --test tracing`.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use migrate_runtime::Down;
use migrate_tests::migrator;
use rusqlite::Connection;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down spans and events, indented by the spans that are entered.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Collected>>);

#[derive(Default)]
struct Collected {
    text: String,
    depth: usize,
}

impl Collector {
    fn line(&self, metadata: &Metadata<'_>, fields: &str) {
        let mut collected = self.0.lock().unwrap();
        let indent = "  ".repeat(collected.depth);
        let (level, target) = (metadata.level(), metadata.target());
        writeln!(collected.text, "{indent}{level} {target}{fields}").unwrap();
    }

    fn take(&self) -> String {
        let mut collected = self.0.lock().unwrap();
        assert_eq!(collected.depth, 0);
        std::mem::take(&mut collected.text)
    }
}

/// Fields in order; times differ from run to run.
#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            name if name.ends_with("_ms") => write!(self.0, " {name}=#"),
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        }
        .unwrap();
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("migrate")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let name = span.metadata().name();
        self.line(span.metadata(), &format!(" span {name}{}", fields.0));
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.line(event.metadata(), &fields.0);
    }

    fn enter(&self, _span: &Id) {
        self.0.lock().unwrap().depth += 1;
    }

    fn exit(&self, _span: &Id) {
        self.0.lock().unwrap().depth -= 1;
    }
}

const A: (&str, &str) = (
    "001_a.sql",
    "CREATE TABLE a(x);\n-- migrate:down\nDROP TABLE a;\n",
);

#[test]
fn a_run_is_one_span_with_its_events() {
    let collector = Collector::default();
    tracing::subscriber::with_default(collector.clone(), || {
        let mut conn = Connection::open_in_memory().unwrap();
        let good = migrator(&[A]);
        good.up(&mut conn).unwrap();
        insta::assert_snapshot!(collector.take(), @r#"
        INFO migrate_runtime::trace span migrate direction=up database=""
          DEBUG migrate_runtime::trace run started direction=up count=1
          DEBUG migrate_runtime::trace migration started migration="001_a" direction=up
          TRACE migrate_runtime::trace statement started migration="001_a" number=1 of=1
          TRACE migrate_runtime::trace statement ended migration="001_a" number=1 of=1 duration_ms=#
          INFO migrate_runtime::trace migration ended migration="001_a" direction=up duration_ms=# script_ms=# checks_ms=# commit_ms=#
          INFO migrate_runtime::trace run ended count=1 duration_ms=#
        "#);
        good.up(&mut conn).unwrap();
        assert_eq!(collector.take(), "", "nothing was pending");
        good.down(&mut conn, Down::All).unwrap();
        insta::assert_snapshot!(collector.take(), @r#"
        INFO migrate_runtime::trace span migrate direction=down database=""
          DEBUG migrate_runtime::trace run started direction=down count=1
          DEBUG migrate_runtime::trace migration started migration="001_a" direction=down
          TRACE migrate_runtime::trace statement started migration="001_a" number=1 of=1
          TRACE migrate_runtime::trace statement ended migration="001_a" number=1 of=1 duration_ms=#
          INFO migrate_runtime::trace migration ended migration="001_a" direction=down duration_ms=# script_ms=# checks_ms=# commit_ms=#
          INFO migrate_runtime::trace run ended count=1 duration_ms=#
        "#);
        good.up(&mut conn).unwrap();
        collector.take();
        let bad = migrator(&[A, ("002_b.sql", "SELECT nothing;")]);
        bad.up(&mut conn).unwrap_err();
        insta::assert_snapshot!(collector.take(), @r#"
        INFO migrate_runtime::trace span migrate direction=up database=""
          DEBUG migrate_runtime::trace run started direction=up count=1
          DEBUG migrate_runtime::trace migration started migration="002_b" direction=up
          TRACE migrate_runtime::trace statement started migration="002_b" number=1 of=1
          DEBUG migrate_runtime::trace statement failed migration="002_b" number=1 of=1 error=migration `002_b` failed at 002_b.sql:1:8 and was rolled back: near "nothing": syntax error
          ERROR migrate_runtime::trace migration failed migration="002_b" direction=up error=migration `002_b` failed at 002_b.sql:1:8 and was rolled back: near "nothing": syntax error
          ERROR migrate_runtime::trace run failed count=0 duration_ms=# error=migration `002_b` failed at 002_b.sql:1:8 and was rolled back: near "nothing": syntax error
        "#);
    });
}

#[test]
fn a_copy_and_a_lock_are_told_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let collector = Collector::default();
    tracing::subscriber::with_default(collector.clone(), || {
        let mut conn = Connection::open(&path).unwrap();
        migrator(&[A]).up(&mut conn).unwrap();
        collector.take();
        let more = migrator(&[A, ("002_b.sql", "CREATE TABLE b(y);")]);
        let holder = Connection::open(&path).unwrap();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let patience = std::time::Duration::from_millis(700);
        more.clone()
            .lock_timeout(patience)
            .up(&mut conn)
            .unwrap_err();
        let text = collector.take();
        assert!(
            text.contains("WARN migrate_runtime::trace waiting for the write lock waited_ms=#"),
            "{text}"
        );
        holder.execute_batch("ROLLBACK").unwrap();
        more.backup_to(folder.path().join("copy.db"))
            .up(&mut conn)
            .unwrap();
        let text = collector
            .take()
            .replace(&*folder.path().to_string_lossy(), "FOLDER");
        insta::assert_snapshot!(text, @r#"
        INFO migrate_runtime::trace span migrate direction=up database="FOLDER/app.db"
          DEBUG migrate_runtime::trace run started direction=up count=1
          INFO migrate_runtime::trace database backed up path=FOLDER/copy.db duration_ms=#
          DEBUG migrate_runtime::trace migration started migration="002_b" direction=up
          TRACE migrate_runtime::trace statement started migration="002_b" number=1 of=1
          TRACE migrate_runtime::trace statement ended migration="002_b" number=1 of=1 duration_ms=#
          INFO migrate_runtime::trace migration ended migration="002_b" direction=up duration_ms=# script_ms=# checks_ms=# commit_ms=#
          INFO migrate_runtime::trace run ended count=1 duration_ms=#
        "#);
    });
}
