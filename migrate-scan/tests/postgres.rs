//! How a PostgreSQL script is split. `tests/scanner_postgres` compares the result with a server.

use migrate_scan::Unterminated;
use migrate_scan::postgres::{Tokens, scan};
use std::time::{Duration, Instant};

fn statements(sql: &str) -> Vec<&str> {
    let scan = scan(sql);
    assert_eq!(scan.unterminated, None, "{sql}");
    let statements = scan.statements.iter();
    statements
        .map(|it| &sql[it.start as usize..it.end as usize])
        .collect()
}

/// Scripts of two statements each, one per line.
#[test]
fn a_semicolon_ends_a_statement_only_where_it_is_one() {
    for first in [
        "SELECT ';', \"a;b\", U&\"a;\", U&';', N';', B'1;', X';'",
        "SELECT 'a\\', ';'",
        "SELECT E'a\\';', e';\\\\', ';'",
        "SELECT E'a'\n'\\';'",
        "SELECT E'a' -- it's\n  -- b\n'\\';'",
        "SELECT E'a' '\\', ';'",
        "SELECT $$;$$, $a$;$b$;$$;$a$, $_ä1$;$_ä1$, $a$;$A$;$a$",
        "SELECT foo$1, foo$$, x$a$, 1 AS a$a$",
        "SELECT 1$$;$$, 1_000$a$;$a$, 0xFF, 1.5e-3",
        "SELECT /* ; /* ; */ ; */ 1 /*/**/;*/ -- ; /*\n",
        "SELECT a @> b, c ->> 'd;', e::text, 1 <@ 2, 3*/**/4, 5--;\n, @-6",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2;)",
        "CREATE FUNCTION f() RETURNS int AS 'SELECT 1;' LANGUAGE sql",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 end; SELECT 2 AS end; SELECT t.end; END",
        "create or replace procedure p(begin int) begin atomic end",
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE FUNCTION f() BEGIN ATOMIC CREATE FUNCTION g() BEGIN ATOMIC SELECT 1; END; SELECT 2; END",
        "CREATE FUNCTION f() BEGIN ATOMIC SELECT begin atomic; SELECT 1; END",
        "CREATE TABLE begin (atomic int, \"end\" int)",
        "SELECT begin atomic",
    ] {
        let script = format!("{first};\nSELECT 2;");
        let expected = [format!("{first};"), "SELECT 2;".to_owned()];
        assert_eq!(statements(&script), expected);
    }
    assert_eq!(statements(";; ; -- a\n/* ; */"), [""; 0]);
}

#[test]
fn what_is_cut_off_is_named() {
    use Unterminated::{Comment, DollarQuote, Parenthesis, Quote, Routine};
    for (sql, what, at) in [
        ("SELECT 'a", Quote, 7),
        ("SELECT E'a\\'", Quote, 7),
        ("SELECT E'a'\n'", Quote, 7),
        ("SELECT \"a", Quote, 7),
        ("/* /* */", Comment, 0),
        ("SELECT $a$ $b$ $A$", DollarQuote, 7),
        ("SELECT $$ $", DollarQuote, 7),
        ("SELECT (1 + (2)", Parenthesis, 7),
        (
            "CREATE TABLE t (a numeric(1, 2, b int); SELECT 1",
            Parenthesis,
            15,
        ),
        (
            "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN 1 THEN 2 END;",
            Routine,
            20,
        ),
        (
            "CREATE FUNCTION f() BEGIN ATOMIC SELECT (1; END;",
            Parenthesis,
            40,
        ),
    ] {
        let found = scan(sql).unterminated.unwrap();
        assert_eq!((found.0, found.1.start), (what, at), "{sql}");
    }
}

#[test]
fn parameters() {
    let found = |sql: &str| {
        let scan = scan(sql);
        let found = scan.parameters.iter().map(|it| sql[it.clone()].to_owned());
        found.collect::<Vec<_>>()
    };
    assert_eq!(
        found("SELECT $1, a$2, $3::text, '$4', $$ $5 $$"),
        ["$1", "$3"]
    );
    assert_eq!(
        found("SELECT :a, :'b', (:\"c\"), d=:e"),
        [":a", ":'b'", ":\"c\"", ":e"]
    );
    for sql in [
        "SELECT a[1:n], a[ :n], b::text, f(c := 1), f(d => 2), a::int[]",
        "SELECT json_object('a':b, 'c' :d)",
        "PREPARE a AS SELECT $1; CREATE FUNCTION f(int) RETURNS int RETURN $1",
        "CREATE FUNCTION f(int) RETURNS int BEGIN ATOMIC SELECT $1; SELECT $1 + 1; END",
    ] {
        assert_eq!(found(sql), [""; 0], "{sql}");
    }
    // The parameters of one statement do not affect the next.
    assert_eq!(found("PREPARE a AS SELECT $1; SELECT $1"), ["$1"]);
    assert_eq!(found("SELECT a[1; SELECT :n"), [":n"]);
}

#[test]
fn commands_of_psql_and_the_rows_that_it_reads() {
    let parts = |sql: &str| {
        let scan = scan(sql);
        let text = |range: &std::ops::Range<usize>| sql[range.clone()].to_owned();
        let shell: Vec<String> = scan.shell_commands.iter().map(text).collect();
        let rows: Vec<String> = scan.copied_rows.iter().map(text).collect();
        let statements: Vec<&str> = scan
            .statements
            .iter()
            .map(|it| &sql[it.start as usize..it.end as usize])
            .collect();
        (shell, rows, statements.join("|"))
    };
    let (shell, _, statements) = parts("\\set a 'b\nSELECT 1; \\d a;\nSELECT 2 \\gset\nSELECT 3;");
    assert_eq!(shell, ["\\set a 'b", "\\d a;", "\\gset"]);
    assert_eq!(statements, "SELECT 1;|SELECT 2|SELECT 3;");

    let sql = "COPY t (a, \"from\") FROM stdin WITH (FORMAT csv);\n1\tit's\n\\.x\n\\N\t$$\n\\.\nSELECT 1;";
    let (shell, rows, statements) = parts(sql);
    assert_eq!(shell, [""; 0]);
    assert_eq!(rows, ["\n1\tit's\n\\.x\n\\N\t$$\n\\."]);
    assert!(statements.ends_with(";|SELECT 1;"), "{statements}");

    let (_, rows, statements) = parts("COPY t FROM STDIN;\nSELECT 1;\nCOPY t FROM '/a';\n\\.\n");
    assert_eq!(rows, ["\nSELECT 1;\nCOPY t FROM '/a';\n\\."]);
    assert_eq!(statements, "COPY t FROM STDIN;");

    let (shell, rows, statements) = parts("\\copy t from stdin\nit's\n\\.\nSELECT 1;");
    assert_eq!((shell.len(), rows.len(), &*statements), (1, 1, "SELECT 1;"));

    // Without the `\.` line, the end of the rows is unknown.
    let (_, rows, statements) = parts("COPY t FROM STDIN;\nSELECT 1;");
    assert!(rows.is_empty());
    assert_eq!(statements, "COPY t FROM STDIN;|SELECT 1;");
    for sql in [
        "COPY (SELECT 1 FROM stdin) TO '/a';\n\\.",
        "SELECT 1 FROM stdin;\n\\.",
    ] {
        assert_eq!(parts(sql).0, ["\\."]);
    }
}

#[test]
fn tokens_cover_the_text() {
    let text = "é$$ $é$ 'ü' $é$ /* /* ä */ */ ->> $1 \u{a0} \\ E'\\é' 0é";
    for (at, _) in text.char_indices() {
        for part in [&text[..at], &text[at..]] {
            let mut end = 0;
            for token in Tokens::new(part) {
                assert_eq!(token.range.start, end);
                assert!(!part[token.range.clone()].is_empty());
                end = token.range.end;
            }
            assert_eq!(end, part.len());
        }
    }
}

/// With quadratic time, these inputs would take hours.
#[test]
fn the_time_is_linear() {
    const COUNT: usize = 200_000;
    for part in [
        "COPY t FROM STDIN;\n",
        "$a",
        "$a$ $b$",
        "/*",
        "(",
        "E'a'\n",
        "BEGIN ATOMIC CREATE FUNCTION ",
        "a[:b ",
        "'a' -- b\n",
        "\\.\n",
        "\\copy t from stdin\n",
        "*/",
    ] {
        let text = format!("CREATE FUNCTION {}", part.repeat(COUNT));
        let start = Instant::now();
        let _ = scan(&text);
        let _ = scan(&text["CREATE FUNCTION ".len()..]);
        assert!(start.elapsed() < Duration::from_secs(5), "{part}");
    }
}
