//! Scripts that are right by PostgreSQL's grammar, and hard to cut.

use fastrand::Rng;

pub(crate) fn script(random: &mut Rng) -> String {
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
