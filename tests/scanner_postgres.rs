//! The scanner against PostgreSQL: each statement that it finds is one for the
//! server. Test 47 of PROTOCOLS.md.
//!
//! The server's own cut is that of its grammar: a message `Parse` that holds two
//! statements is refused, and one that holds half of one has a syntax error.
//! Nothing is executed, so that names and the order of statements do not matter.
//!
//! The second part is about what cannot run in a transaction: each statement is
//! run in one.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use fastrand::Rng;
use migrate_core::postgres::{outside_transaction, scan};
use migrate_servers::{Client, Server};

const SEED: u64 = 0x6d69_6772_6174_6532;
const SCRIPTS: usize = 20_000;

#[test]
fn scripts_are_cut_where_the_server_cuts_them() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    println!("seed {SEED:#x}");
    let mut random = Rng::with_seed(SEED);
    let mut counts = Counts::default();
    for _ in 0..SCRIPTS {
        let script = script(&mut random);
        if let Err(difference) = compare(&mut client, &script, &mut counts) {
            panic!("{difference}\n\nin this script:\n{script}");
        }
    }
    println!("{counts:?}");
    // A generator that went wrong must not leave a test that compares nothing.
    assert!(counts.statements > 2 * SCRIPTS, "{counts:?}");
    assert!(counts.dollars > SCRIPTS / 4, "{counts:?}");
    assert!(counts.bodies > SCRIPTS / 10, "{counts:?}");
    assert!(counts.rules > SCRIPTS / 20, "{counts:?}");
    assert!(counts.empty_scripts > SCRIPTS / 100, "{counts:?}");
}

#[derive(Debug, Default)]
struct Counts {
    statements: usize,
    dollars: usize,
    bodies: usize,
    rules: usize,
    empty_scripts: usize,
}

/// Compares every statement of a script; says where the two differ.
fn compare(client: &mut Client, script: &str, counts: &mut Counts) -> Result<(), String> {
    let found = scan(script);
    if let Some(unterminated) = found.unterminated {
        return Err(format!("the scanner finds {unterminated:?}"));
    }
    counts.empty_scripts += usize::from(found.statements.is_empty());
    let mut end = 0;
    for statement in &found.statements {
        let start = statement.start as usize;
        gap_only(&script[end..start])?;
        end = statement.end as usize;
        let text = &script[start..end];
        if statement.line as usize != script[..start].matches('\n').count() + 1 {
            return Err(format!("`{text}` is found on the wrong line"));
        }
        is_one(client, text)?;
        counts.statements += 1;
        counts.dollars += usize::from(text.contains('$'));
        counts.bodies += usize::from(text.contains("ATOMIC"));
        counts.rules += usize::from(text.contains("RULE"));
    }
    gap_only(&script[end..])
}

/// Whether the server takes a text for one statement; that it knows none of its
/// tables is no matter.
fn is_one(client: &mut Client, text: &str) -> Result<(), String> {
    if skip_gap(text).is_empty() {
        return Err(format!("`{text}` is no statement"));
    }
    let Err(error) = client.prepare(text) else {
        return Ok(());
    };
    // A syntax error; and nothing, if the connection was lost.
    match error.code() {
        "42601" | "" => Err(format!("the server says of `{text}`: {error}")),
        _ => Ok(()),
    }
}

fn gap_only(text: &str) -> Result<(), String> {
    match skip_gap(text) {
        "" => Ok(()),
        rest => Err(format!("`{rest}` belongs to no statement")),
    }
}

/// Skips white space, comments and semicolons: on purpose not with the tokens
/// that are under test.
fn skip_gap(mut text: &str) -> &str {
    loop {
        let before = text;
        text = text.trim_start_matches([' ', '\t', '\n', '\u{c}', ';']);
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.find('\n').map_or("", |end| &comment[end..]);
        }
        if text.starts_with("/*") {
            let mut depth = 0_i32;
            let ends = text.char_indices().zip(text.chars().skip(1));
            let mut skip = 0;
            let mut end = text.len();
            for ((at, first), second) in ends {
                if at < skip {
                    continue;
                }
                match (first, second) {
                    ('/', '*') => depth += 1,
                    ('*', '/') => depth -= 1,
                    _ => continue,
                }
                skip = at + 2;
                if depth == 0 {
                    end = skip;
                    break;
                }
            }
            text = &text[end..];
        }
        if text.len() == before.len() {
            return text;
        }
    }
}

/// The commands of psql are none of the server's, wherever they stand.
#[test]
fn a_backslash_is_a_syntax_error_for_the_server() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    for sql in [
        "\\d",
        "SELECT 1 \\gset",
        "SELECT 1 + \\x",
        "SELECT :a",
        "SELECT :'a'",
    ] {
        assert_eq!(client.prepare(sql).unwrap_err().code(), "42601", "{sql}");
    }
}

/// Whether each of these can run in a transaction, by the server and by core.
#[test]
fn what_cannot_run_in_a_transaction() {
    const CANNOT: &str = "25001";
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    client.query(OBJECTS).unwrap();
    let mut cannot = 0;
    for sql in STATEMENTS {
        let sql = sql.replace("THIS", database.name());
        let theirs = client.query(&format!("BEGIN; {sql}")).err();
        client.query("ROLLBACK").unwrap();
        let theirs = theirs.is_some_and(|refused| refused.code() == CANNOT);
        let ours = outside_transaction(&sql, false).is_some();
        assert_eq!(ours, theirs, "{sql}");
        cannot += usize::from(ours);
    }
    assert!(cannot > 30 && cannot + 30 < STATEMENTS.len(), "{cannot}");
    for sql in ONLY_BY_WHAT_IT_NAMES {
        let refused = client.query(&format!("BEGIN; {sql}")).unwrap_err();
        client.query("ROLLBACK").unwrap();
        assert_eq!(refused.code(), CANNOT, "{sql}");
    }
    // A subscription without a slot can be dropped in one.
    let given_up = "BEGIN; ALTER SUBSCRIPTION s DISABLE; ALTER SUBSCRIPTION s \
                    SET (slot_name = NONE); DROP SUBSCRIPTION s; ROLLBACK";
    client.query(given_up).unwrap();
    assert_eq!(outside_transaction("DROP SUBSCRIPTION s", true), None);
    client
        .query("ALTER SUBSCRIPTION s DISABLE; ALTER SUBSCRIPTION s SET (slot_name = NONE)")
        .unwrap();
    client.query("DROP SUBSCRIPTION s").unwrap();
}

const OBJECTS: &str = "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE INDEX i ON t (b);
CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE UNIQUE INDEX ON m (a);
CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE INDEX pi ON p (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE SCHEMA n;
CREATE TYPE e AS ENUM ('a'); CLUSTER t USING i; CREATE PUBLICATION b FOR TABLE t;
CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION b WITH (connect = false);
ALTER SUBSCRIPTION s ENABLE;";

/// They look as if they could, and are not known by their words.
const ONLY_BY_WHAT_IT_NAMES: [&str; 3] =
    ["REINDEX TABLE p", "REINDEX INDEX pi", "CLUSTER p USING pi"];

const STATEMENTS: &[&str] = &[
    "VACUUM",
    "VACUUM FULL t",
    "VACUUM (ANALYZE) t",
    "ANALYZE t",
    "CREATE DATABASE x",
    "DROP DATABASE x",
    "DROP DATABASE IF EXISTS x WITH (FORCE)",
    "ALTER DATABASE THIS SET TABLESPACE pg_default",
    "ALTER DATABASE THIS TABLESPACE pg_default",
    "ALTER DATABASE THIS WITH TABLESPACE pg_default",
    "ALTER DATABASE THIS SET work_mem = '4MB'",
    "ALTER DATABASE THIS OWNER TO postgres",
    "ALTER DATABASE THIS CONNECTION LIMIT 5",
    "ALTER DATABASE x RENAME TO tablespace",
    "ALTER SYSTEM SET work_mem = '5MB'",
    "ALTER SYSTEM RESET work_mem",
    "CREATE INDEX CONCURRENTLY x ON t (b)",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS x ON t (a)",
    "CREATE INDEX concurrently ON t (b)",
    "CREATE INDEX \"CONCURRENTLY\" ON t (b)",
    "CREATE INDEX ON t (b)",
    "DROP INDEX CONCURRENTLY i",
    "DROP INDEX CONCURRENTLY IF EXISTS x",
    "DROP INDEX \"concurrently\"",
    "DROP INDEX i",
    "REINDEX INDEX CONCURRENTLY i",
    "REINDEX TABLE CONCURRENTLY t",
    "REINDEX (CONCURRENTLY) TABLE t",
    "REINDEX (VERBOSE, CONCURRENTLY) TABLE t",
    "REINDEX (CONCURRENTLY true) TABLE t",
    "REINDEX (CONCURRENTLY 'on') TABLE t",
    "REINDEX (CONCURRENTLY false) TABLE t",
    "REINDEX (CONCURRENTLY off, VERBOSE) TABLE t",
    "REINDEX (CONCURRENTLY 0) TABLE t",
    "REINDEX (VERBOSE) TABLE t",
    "REINDEX TABLE t",
    "REINDEX INDEX i",
    "REINDEX SCHEMA n",
    "REINDEX SCHEMA CONCURRENTLY n",
    "REINDEX DATABASE THIS",
    "REINDEX SYSTEM THIS",
    "CREATE TABLESPACE x LOCATION '/x'",
    "DROP TABLESPACE x",
    "DROP TABLESPACE IF EXISTS x",
    "ALTER TABLESPACE pg_default OWNER TO postgres",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b WITH (enabled = false)",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b WITH (connect = false)",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b, c WITH (enabled = false, \"connect\" = 'off')",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b WITH (CONNECT = 0)",
    "CREATE SUBSCRIPTION x CONNECTION 'port=1' PUBLICATION b WITH (create_slot = false)",
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION WITH (copy_data = false)",
    "ALTER SUBSCRIPTION s SET PUBLICATION c",
    "ALTER SUBSCRIPTION s SET PUBLICATION c WITH (refresh = false)",
    "ALTER SUBSCRIPTION s ADD PUBLICATION c WITH (copy_data = false)",
    "ALTER SUBSCRIPTION s ADD PUBLICATION c WITH (refresh = off)",
    "ALTER SUBSCRIPTION s DISABLE",
    "ALTER SUBSCRIPTION s SET (binary = true)",
    "DROP SUBSCRIPTION s",
    "CLUSTER",
    "CLUSTER VERBOSE",
    "CLUSTER t",
    "CLUSTER VERBOSE t",
    "CLUSTER (VERBOSE) t USING i",
    "DISCARD ALL",
    "DISCARD TEMP",
    "DISCARD PLANS",
    "DISCARD SEQUENCES",
    "ALTER TABLE p DETACH PARTITION p1",
    "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
    "ALTER TABLE IF EXISTS ONLY public.p DETACH PARTITION public.p1 CONCURRENTLY",
    "ALTER TABLE p DETACH PARTITION p1 FINALIZE",
    "REFRESH MATERIALIZED VIEW m",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
    "ALTER TYPE e ADD VALUE 'b'",
    "CREATE EXTENSION IF NOT EXISTS plpgsql",
    "LOCK TABLE t",
    "CHECKPOINT",
    "LISTEN x",
    "NOTIFY x",
    "LOAD 'plpgsql'",
    "ALTER TABLE t SET UNLOGGED",
    "SET LOCAL work_mem = '1MB'",
];

fn script(random: &mut Rng) -> String {
    let mut script = String::new();
    let count = random.usize(0..6);
    for index in 0..count {
        script += &gap(random, "");
        script += &statement(random);
        if index + 1 < count || random.u8(0..3) > 0 {
            script += ["", "", "", " ", "\n", "/*;/*;*/*/", "--;\n"][random.usize(0..7)];
            script += [";", ";", ";", ";", ";;", "; ;", ";--\n;"][random.usize(0..7)];
        }
    }
    script += &gap(random, "");
    if random.u8(0..8) == 0 {
        script += ["--", "-- END; '", " -- $$ /*"][random.usize(0..3)];
    }
    script
}

/// White space and comments, or `least` where two words must stay apart.
fn gap(random: &mut Rng, least: &str) -> String {
    const COMMENTS: [&str; 16] = [
        "/**/",
        "/***/",
        "/*/ ; */",
        "/*/**/;*/",
        "/* /* ; */ ' /*\n*//**/ */",
        "/*/*/**/*/*/",
        "/*****/",
        "/* ' \" $$ $a$ E' */",
        "/* END; */",
        "/* ä; 表 */",
        "/* BEGIN ATOMIC\n*/",
        "--\n",
        "-- it's ; $$ \n",
        "-- /* \n",
        "--- \" ( END;\n",
        "--;--;\n",
    ];
    let mut gap = least.to_owned();
    while random.u8(0..4) == 0 {
        gap += if random.bool() {
            COMMENTS[random.usize(0..COMMENTS.len())]
        } else {
            ["\n", "\t", "  ", "\n\n", "\u{c}", " "][random.usize(0..6)]
        };
    }
    gap
}

/// Words between spaces; `S` stands for a string, `I` for a name, `W` for a
/// keyword that PostgreSQL accepts as a name, `E` for any value, `L` for a label
/// behind `AS`.
const TEMPLATES: [&str; 40] = [
    "CREATE TABLE I ( a int PRIMARY KEY , b text DEFAULT S , I bytea , CHECK ( b <> S ) )",
    "CREATE TABLE W ( I int , W text [ ] , c int [ 3 ] ) PARTITION BY RANGE ( I )",
    "CREATE TEMP TABLE I AS SELECT E AS L",
    "CREATE VIEW I AS SELECT E AS I , E AS L FROM t",
    "CREATE UNIQUE INDEX ON t ( ( a || S ) ) WHERE b = E",
    "CREATE FUNCTION I ( a int DEFAULT 1 , W text ) RETURNS int LANGUAGE sql AS S",
    "CREATE OR REPLACE FUNCTION I ( int ) RETURNS int LANGUAGE sql RETURN E + $1",
    "CREATE PROCEDURE W ( ) LANGUAGE plpgsql AS S",
    "CREATE TRIGGER I BEFORE INSERT ON t FOR EACH ROW WHEN ( E IS NULL ) EXECUTE FUNCTION f ( S )",
    "CREATE RULE I AS ON INSERT TO t DO ALSO ( SELECT E ; INSERT INTO t VALUES ( S ) ; )",
    "CREATE OR REPLACE RULE W AS ON UPDATE TO t WHERE E IS NULL DO INSTEAD ( DELETE FROM t ; ; SELECT S )",
    "CREATE RULE I AS ON DELETE TO t DO INSTEAD NOTHING",
    "CREATE TYPE I AS ENUM ( S2 , S2 )",
    "CREATE DOMAIN I AS text CHECK ( VALUE ~ S )",
    "CREATE POLICY I ON t USING ( a @> S ) WITH CHECK ( b ->> S IS NOT NULL )",
    "DO S2",
    "DO LANGUAGE plpgsql S2",
    "COMMENT ON TABLE t IS S2",
    "DROP TABLE IF EXISTS I , W CASCADE",
    "ALTER TABLE t ADD COLUMN I text DEFAULT S , DROP COLUMN W",
    "INSERT INTO t VALUES ( 1 , S , E ) , ( E , E , S )",
    "INSERT INTO t ( a , W ) SELECT E , S ON CONFLICT ( a ) DO UPDATE SET a = excluded . a || S RETURNING a AS L",
    "UPDATE t SET b = E , W = E WHERE a = E",
    "DELETE FROM t USING u WHERE t . a = ANY ( ARRAY [ E , E ] )",
    "SELECT S , E , a [ 1 : 2 ] , ( b ) [ 1 ] FROM t AS W",
    "SELECT 1 I , 2 end , 3 case , 4 AS L",
    "SELECT CASE WHEN a THEN S ELSE E END end FROM W",
    "SELECT a -> S , a ->> S , a #> S , a @> S , a <@ S , a ? S , a ?| S , a && S",
    "SELECT E UNION ALL SELECT E EXCEPT SELECT E ORDER BY 1",
    "SELECT 1. , .5 , 1.5e+3 , 1e5 , $1 :: int , 7 + $2",
    "SELECT a::text , E :: I , CAST ( S AS text ) , f ( x := E , y => S )",
    "WITH I AS ( INSERT INTO t VALUES ( E ) RETURNING * ) SELECT S FROM I",
    "VALUES ( S , E ) , ( E , S )",
    "SET I TO W , S2",
    "GRANT SELECT ON t TO W",
    "PREPARE I AS SELECT $1 || S",
    "COPY t FROM STDIN",
    "LISTEN W",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "SELECT json_agg ( a ORDER BY S ) FILTER ( WHERE E IS NULL ) OVER W FROM t WINDOW W AS ( )",
];

fn statement(random: &mut Rng) -> String {
    let template = match random.u8(0..4) {
        0 => body(random, 1),
        _ => TEMPLATES[random.usize(0..TEMPLATES.len())].to_owned(),
    };
    fill(random, &template)
}

/// A routine with a body in SQL.
fn body(random: &mut Rng, depth: u8) -> String {
    const BODY: [&str; 11] = [
        "UPDATE t SET b = CASE WHEN a THEN S ELSE E END ;",
        "INSERT INTO t VALUES ( E , E ) ;",
        "DELETE FROM t WHERE b = S OR E ;",
        "SELECT CASE b WHEN S THEN CASE WHEN a THEN S END END FROM t ;",
        "SELECT 1 W , E end ;",
        "SELECT t . end , 2 AS end , 3 case ;",
        "SELECT begin atomic , E FROM W ;",
        "SELECT $1 + 1 ;",
        "( SELECT 1 ) ;",
        "CREATE RULE I AS ON INSERT TO t DO ( SELECT E ; SELECT S end ; ) ;",
        ";",
    ];
    let replace = ["", "OR REPLACE "][random.usize(0..2)];
    let (kind, returns) = [("FUNCTION", "RETURNS int "), ("PROCEDURE", "")][random.usize(0..2)];
    let name = ["I", "W", "begin", "s . atomic"][random.usize(0..4)];
    let options = ["", "LANGUAGE sql ", "SET search_path TO W "][random.usize(0..3)];
    let arguments = ["", "begin int ", "a int DEFAULT E , end_ text "][random.usize(0..3)];
    let mut routine =
        format!("CREATE {replace}{kind} {name} ( {arguments}) {returns}{options}BEGIN ATOMIC ");
    for _ in 0..random.usize(0..4) {
        if depth > 0 && random.u8(0..8) == 0 {
            routine += &body(random, depth - 1);
            routine += " ; ";
            continue;
        }
        routine += BODY[random.usize(0..BODY.len())];
        routine += " ";
    }
    routine + "END"
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
            "S2" => out += &plain_string(random),
            "I" => out += &name(random),
            "L" => out += ["end", "case", "END", "\"end\"", "from", "atomic"][random.usize(0..6)],
            "W" => {
                out += [
                    "begin",
                    "BEGIN",
                    "atomic",
                    "function",
                    "procedure",
                    "replace",
                    "stdin",
                    "copy",
                    "rule",
                    "prepare",
                ][random.usize(0..10)];
            }
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
        2 => ["B'01'", "x'0F'", "N';'", "1.5", "now()"][random.usize(0..5)].to_owned(),
        3 => fill(random, "CASE WHEN true THEN S ELSE 2 END"),
        4 => {
            let inner = value(random, depth - 1);
            let glue = gap(random, " ");
            format!("CASE 1 WHEN {inner} THEN{glue}1 WHEN 2 THEN ({inner}) END")
        }
        _ => {
            let inner = value(random, depth - 1);
            let operator = ["||", "@>", "->>", "<@", "*", "/", "-", "#-", "@-@"];
            let operator = operator[random.usize(0..operator.len())];
            format!("({inner}{}{operator} {inner})", gap(random, " "))
        }
    }
}

/// Pieces that must mean nothing inside of a quote.
const PIECES: [&str; 20] = [
    ";",
    "; END;",
    "END ;",
    "--",
    "/*",
    "*/",
    "\n",
    "'",
    "\"",
    "$",
    "$a",
    "$$",
    "$a$",
    "é",
    "表",
    ":x $1",
    "BEGIN ATOMIC",
    "(",
    ")",
    "\\",
];

fn pieces(random: &mut Rng) -> String {
    (0..random.usize(0..4))
        .map(|_| PIECES[random.usize(0..PIECES.len())])
        .collect()
}

/// A text, in any of the ways to write one.
fn string(random: &mut Rng) -> String {
    if random.u8(0..6) > 0 {
        return plain_string(random);
    }
    let inner = pieces(random).replace(['\'', '\\'], "");
    format!("{}'{inner}'", ["U&", "u&"][random.usize(0..2)])
}

fn plain_string(random: &mut Rng) -> String {
    let inner = pieces(random);
    match random.u8(0..6) {
        0 => format!("'{}'", inner.replace('\'', "''")),
        1 => escaped(random, &inner),
        // One text in two parts.
        2 => format!("'{}' \n -- '\n '{}'", inner.replace('\'', "''"), "\\"),
        3 => {
            let second = pieces(random);
            let second = escaped(random, &second);
            let first = escaped(random, &inner);
            format!("{first} --\n\t{}", &second[1..])
        }
        _ => {
            let tag = ["$$", "$a$", "$é_1$", "$END$"][random.usize(0..4)];
            let inner = inner.trim_end_matches('$').replace(tag, "");
            // What is left at the end must not begin the tag, nor what is put
            // together by the removal be one.
            let inner = if inner.contains(tag) {
                String::new()
            } else {
                inner
            };
            format!("{tag}{inner} {tag}")
        }
    }
}

fn escaped(random: &mut Rng, inner: &str) -> String {
    let quote = ["''", "\\'"][random.usize(0..2)];
    let inner = inner.replace('\\', "\\\\").replace('\'', quote);
    format!("{}'{inner}'", ["E", "e"][random.usize(0..2)])
}

fn name(random: &mut Rng) -> String {
    let number = random.u16(..);
    match random.u8(0..5) {
        0 => format!("\"{}{number}\"", pieces(random).replace('"', "\"\"")),
        1 => format!("U&\"{}{number}\"", pieces(random).replace(['"', '\\'], "")),
        2 => format!("größe{number}$表"),
        3 => format!("a{number}$$"),
        _ => format!("end{number}$1"),
    }
}
