//! The scanner against SQLite: both must cut a script at the same places.
//!
//! SQLite's own cut is the tail that `sqlite3_prepare` returns. Nothing here
//! steps a statement, so that the names of one script cannot get in the way of
//! another.

use fastrand::Rng;
use migrate_scan::sqlite::scan;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Batch, Connection};

const SEED: u64 = 0x6d69_6772_6174_6531;
/// See docs/internals/sqlite.md, "Splitting a script".
const SCRIPTS: usize = 100_000;

#[test]
fn scripts_are_cut_where_sqlite_cuts_them() {
    println!("seed {SEED:#x}");
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c BLOB)")
        .unwrap();
    let mut random = Rng::with_seed(SEED);
    let mut counts = Counts::default();
    for _ in 0..SCRIPTS {
        let script = script(&mut random);
        if let Err(difference) = compare(&conn, &script, &mut counts) {
            panic!("{difference}\n\nin this script:\n{script}");
        }
    }
    println!("{counts:?}");
    // A generator that went wrong must not leave a test that compares nothing.
    assert!(counts.statements > 2 * SCRIPTS, "{counts:?}");
    assert!(counts.triggers > SCRIPTS / 4, "{counts:?}");
    assert!(counts.without_semicolon > SCRIPTS / 10, "{counts:?}");
    assert!(counts.empty_scripts > SCRIPTS / 100, "{counts:?}");
}

#[test]
fn characters_that_sqlite_takes_for_space_start_no_statement() {
    let conn = Connection::open_in_memory().unwrap();
    let mut counts = Counts::default();
    for script in [
        "SELECT 1; \u{b}SELECT 2;",
        "SELECT 1;\u{c}\u{b}\u{c} SELECT 2; \u{b}",
        "SELECT 1;\r\nSELECT 2;\r",
        "SELECT 1;\u{feff}SELECT 'a'\u{feff};\u{feff} \u{feff}",
        "SELECT 1 AS a\u{feff}b;\n\u{feff}\u{feff}SELECT 2;\u{feff}--\u{feff}",
    ] {
        compare(&conn, script, &mut counts).unwrap();
    }
    assert_eq!(counts.statements, 10);
}

#[derive(Debug, Default)]
struct Counts {
    statements: usize,
    triggers: usize,
    without_semicolon: usize,
    empty_scripts: usize,
}

/// Compares every statement of a script; says where the two differ.
fn compare(conn: &Connection, script: &str, counts: &mut Counts) -> Result<(), String> {
    let ours = scan(script);
    if let Some(unterminated) = ours.unterminated {
        return Err(format!("the scanner finds {unterminated:?}"));
    }
    counts.empty_scripts += usize::from(ours.statements.is_empty());
    let mut ours = ours.statements.iter();
    let mut batch = Batch::new(conn, script);
    loop {
        let prepared = batch
            .next()
            .map_err(|error| format!("the generator wrote a bad script: {error}"))?;
        // Without parameters, the expanded text is what SQLite consumed.
        let theirs = prepared.and_then(|statement| statement.expanded_sql());
        let (theirs, statement) = match (theirs, ours.next()) {
            (None, None) => return Ok(()),
            (Some(theirs), Some(statement)) => (theirs, statement),
            (theirs, statement) => {
                return Err(format!("SQLite has {theirs:?}, the scanner {statement:?}"));
            }
        };
        let (start, end) = (statement.start as usize, statement.end as usize);
        let text = &script[start..end];
        // Their text begins with the gap before the statement, and with empty
        // statements; it ends with the semicolon or, without one, with the end
        // of the script.
        let rest = skip_gap(&theirs, ";")
            .strip_prefix(text)
            .ok_or_else(|| format!("SQLite has `{theirs}`, the scanner `{text}`"))?;
        let has_right_end = if text.ends_with(';') {
            rest.is_empty()
        } else {
            counts.without_semicolon += 1;
            skip_gap(rest, "").is_empty() && end + rest.len() == script.len()
        };
        if !has_right_end {
            return Err(format!("SQLite goes on behind `{text}` with `{rest}`"));
        }
        if !script[..end + rest.len()].ends_with(&theirs) {
            return Err(format!("`{text}` is found at the wrong place"));
        }
        if statement.line as usize != script[..start].matches('\n').count() + 1 {
            return Err(format!("`{text}` is found on the wrong line"));
        }
        counts.statements += 1;
        counts.triggers += usize::from(text.to_ascii_uppercase().contains("TRIGGER"));
    }
}

/// Skips white space, comments and the characters of `also`: on purpose not
/// with the tokens that are under test.
fn skip_gap<'a>(mut text: &'a str, also: &str) -> &'a str {
    loop {
        let before = text;
        text = text
            .trim_start_matches(|c| " \t\n\r\u{b}\u{c}\u{feff}".contains(c) || also.contains(c));
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.find('\n').map_or("", |end| &comment[end..]);
        }
        if let Some(comment) = text.strip_prefix("/*") {
            text = comment.find("*/").map_or("", |end| &comment[end + 2..]);
        }
        if text.len() == before.len() {
            return text;
        }
    }
}

fn script(random: &mut Rng) -> String {
    let mut script = String::new();
    let count = random.usize(0..6);
    for index in 0..count {
        script += &gap(random, "");
        script += &statement(random);
        if index + 1 < count || random.u8(0..3) > 0 {
            script += ["", "", "", " ", "\n", "/*;*/", "--;\n"][random.usize(0..7)];
            script += [";", ";", ";", ";", ";;", "; ;", ";--\n;"][random.usize(0..7)];
        }
    }
    script += &gap(random, "");
    if random.u8(0..8) == 0 {
        script += ["--", "-- END; '", " -- CREATE TRIGGER"][random.usize(0..3)];
    }
    script
}

/// White space and comments, or `least` where two words must stay apart.
fn gap(random: &mut Rng, least: &str) -> String {
    const COMMENTS: [&str; 14] = [
        "/**/",
        "/***/",
        "/*/ ; */",
        "/* /* ; */",
        "/* ' \" [ ` */",
        "/* END; */",
        "/* ä; 表 */",
        "/* CREATE TRIGGER x BEGIN\n*/",
        "--\n",
        "-- it's ; \n",
        "-- /* \n",
        "--- \" [ ` END;\n",
        "-- migrate: x\n",
        "--;--;\n",
    ];
    let mut gap = least.to_owned();
    while random.u8(0..4) == 0 {
        gap += if random.bool() {
            COMMENTS[random.usize(0..COMMENTS.len())]
        } else {
            ["\n", "\t", "  ", "\n\n", "\u{c}", " \u{b}"][random.usize(0..6)]
        };
    }
    gap
}

fn statement(random: &mut Rng) -> String {
    let explain = ["", "", "", "", "EXPLAIN ", "EXPLAIN QUERY PLAN "][random.usize(0..6)];
    let template = if random.u8(0..3) == 0 {
        trigger(random)
    } else {
        TEMPLATES[random.usize(0..TEMPLATES.len())].to_owned()
    };
    fill(random, &format!("{explain}{template}"))
}

/// Words between spaces; `S` stands for a string, `I` for a new name, `W` for
/// a keyword that SQLite accepts as a name, `B` for a blob, `E` for any value.
const TEMPLATES: [&str; 44] = [
    "CREATE TABLE I ( a INTEGER PRIMARY KEY , b TEXT DEFAULT S , I BLOB DEFAULT B )",
    "CREATE TABLE W ( a INT , I ANY CHECK ( a <> S ) , I TEXT DEFAULT ( E ) ) STRICT",
    "CREATE TABLE IF NOT EXISTS t ( I INT )",
    "CREATE TEMP TABLE I AS SELECT E AS W",
    "CREATE TEMPORARY TABLE W ( a )",
    "CREATE TABLE temp . I ( a )",
    "CREATE TABLE main . W ( a PRIMARY KEY , FOREIGN KEY ( a ) REFERENCES W ( a ) ) WITHOUT ROWID",
    "CREATE INDEX I ON t ( a , b COLLATE NOCASE DESC ) WHERE b <> S",
    "CREATE UNIQUE INDEX IF NOT EXISTS W ON t ( b || S )",
    "CREATE VIEW I AS SELECT E AS I , E AS W FROM t",
    "CREATE TEMP VIEW W ( I , I ) AS SELECT E , E",
    "CREATE VIRTUAL TABLE I USING fts5 ( a , content = S )",
    "CREATE VIRTUAL TABLE temp . W USING fts5 ( trigger , begin , S )",
    "DROP TABLE IF EXISTS I",
    "DROP TRIGGER IF EXISTS W",
    "DROP VIEW IF EXISTS main . I",
    "ALTER TABLE t ADD COLUMN I TEXT DEFAULT S",
    "ALTER TABLE t RENAME COLUMN b TO I",
    "INSERT INTO t VALUES ( 1 , S , B )",
    "INSERT INTO t ( a , b ) VALUES ( E , S ) , ( E , E ) ON CONFLICT ( a ) DO UPDATE SET b = excluded . b || S RETURNING a AS W",
    "INSERT OR REPLACE INTO t DEFAULT VALUES",
    "REPLACE INTO t ( c ) SELECT B FROM t WHERE b = S",
    "UPDATE t SET b = E , c = E WHERE a = E",
    "UPDATE t SET b = S FROM ( SELECT E AS I ) AS I RETURNING *",
    "DELETE FROM t WHERE b IN ( S , S , E )",
    "SELECT S , B , \"a\" , [b] , `c` , E AS I FROM t",
    "SELECT 1 W , 2 AS W",
    "SELECT a FROM t AS W WHERE b LIKE S ESCAPE '\\'",
    "SELECT -1 , 2 -3 , 3 / 4 , 1.5e+3 , .5 , 0xFF , ( 1 ) * ( 2 )",
    "SELECT E UNION ALL SELECT E EXCEPT SELECT E ORDER BY 1",
    "WITH W ( x ) AS ( VALUES ( S ) ) SELECT E FROM t AS I",
    "WITH RECURSIVE I AS ( SELECT 1 AS x UNION ALL SELECT x + 1 FROM t ) SELECT E",
    "VALUES ( S , E ) , ( E , B )",
    "PRAGMA user_version = 3",
    "PRAGMA main . table_info ( S )",
    "PRAGMA foreign_keys = OFF",
    "BEGIN IMMEDIATE",
    "COMMIT TRANSACTION",
    "END",
    "ROLLBACK TO SAVEPOINT I",
    "SAVEPOINT W",
    "RELEASE I",
    "ANALYZE",
    "VACUUM",
];

fn trigger(random: &mut Rng) -> String {
    const BODY: [&str; 8] = [
        "UPDATE t SET b = CASE WHEN a THEN S ELSE E END ;",
        "UPDATE t SET c = E WHERE b = S ;",
        "INSERT INTO t ( a , b ) VALUES ( E , E ) ;",
        "INSERT INTO t ( b ) SELECT E AS W FROM t ;",
        "DELETE FROM t WHERE b = S OR E ;",
        "SELECT CASE b WHEN S THEN CASE WHEN a THEN S END END FROM t ;",
        "SELECT RAISE ( ABORT , S ) WHERE E ;",
        "SELECT 1 W , E end ;",
    ];
    let temp = ["", "", "TEMP ", "TEMPORARY "][random.usize(0..4)];
    let exists = ["", "IF NOT EXISTS "][random.usize(0..2)];
    let name = ["I", "W"][random.usize(0..2)];
    let time = ["", "BEFORE ", "AFTER "][random.usize(0..3)];
    let event = ["INSERT", "DELETE", "UPDATE", "UPDATE OF a , b"][random.usize(0..4)];
    let each = ["", " FOR EACH ROW"][random.usize(0..2)];
    let when = ["", " WHEN E", " WHEN CASE WHEN 1 THEN S END"][random.usize(0..3)];
    let mut trigger =
        format!("CREATE {temp}TRIGGER {exists}{name} {time}{event} ON t{each}{when} BEGIN ");
    for _ in 0..random.usize(1..4) {
        trigger += BODY[random.usize(0..BODY.len())];
        trigger += " ";
    }
    trigger + "END"
}

fn fill(random: &mut Rng, template: &str) -> String {
    let mut out = String::new();
    for (index, word) in template.split(' ').enumerate() {
        if index > 0 {
            let least = [" ", " ", "\n", "/**/", "/*;*/", "--;\n"][random.usize(0..6)];
            out += &gap(random, least);
        }
        match word {
            "S" => out += &string(random),
            "I" => out += &name(random),
            "W" => {
                out += [
                    "end", "BEGIN", "trigger", "temp", "plan", "explain", "query", "view",
                ][random.usize(0..8)];
            }
            "B" => out += ["x''", "X'00ff'", "x'3B'"][random.usize(0..3)],
            "E" => out += &value(random, 2),
            word if random.u8(0..4) == 0 => out += &word.to_ascii_lowercase(),
            word => out += word,
        }
    }
    out
}

fn value(random: &mut Rng, depth: u8) -> String {
    match random.u8(0..if depth == 0 { 3 } else { 6 }) {
        0 => string(random),
        1 => random.u16(..).to_string(),
        2 => "x'3b'".to_owned(),
        3 => {
            let template = "CASE WHEN 1 THEN S ELSE 2 END";
            fill(random, template)
        }
        4 => {
            let inner = value(random, depth - 1);
            let glue = gap(random, " ");
            format!("CASE 1 WHEN {inner} THEN{glue}1 WHEN 2 THEN ({inner}) END")
        }
        _ => {
            let inner = value(random, depth - 1);
            format!("({inner} || {inner})")
        }
    }
}

/// Pieces that must mean nothing inside of a quote.
const PIECES: [&str; 16] = [
    ";", "; END;", "END ;", "--", "/*", "*/", "\n", "'", "\"", "[", "`", "é", "表", "?1 :x $y",
    "BEGIN", "\\",
];

fn pieces(random: &mut Rng) -> String {
    (0..random.usize(0..4))
        .map(|_| PIECES[random.usize(0..PIECES.len())])
        .collect()
}

fn string(random: &mut Rng) -> String {
    format!("'{}'", pieces(random).replace('\'', "''"))
}

/// A name that is new, in any of the four ways to write one.
fn name(random: &mut Rng) -> String {
    let number = random.u64(..);
    let inner = format!("{}{number}", pieces(random));
    match random.u8(0..5) {
        0 => format!("\"{}\"", inner.replace('"', "\"\"")),
        1 => format!("`{}`", inner.replace('`', "``")),
        2 => format!("[{}]", inner.replace(']', "")),
        3 => format!("größe{number}$表"),
        _ => format!("end{number}"),
    }
}
