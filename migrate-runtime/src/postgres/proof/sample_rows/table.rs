//! The catalog's description of tables that are to be filled.

use crate::Error;
use crate::postgres::tools::Table as History;
use crate::postgres::tools::{literal, rows};
use std::collections::BTreeMap;
use tokio_postgres::Client;

const READING: &str = "reading the tables";

/// The separator in lists: a character that does not occur in names.
const UNIT: char = '\u{1f}';

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) oid: String,
    /// The name in messages.
    pub(super) shown: String,
    /// The name in statements, quoted.
    pub(super) sql: String,
    /// The columns, except generated ones.
    pub(super) columns: Vec<Column>,
    pub(super) constraints: Vec<Constraint>,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type as written in a statement, with its length and the like.
    pub(super) type_name: String,
    /// The base type of a domain, or the type itself.
    pub(super) base: String,
    /// `e` for an enum, `c` for a composite, and so on.
    pub(super) kind: char,
    pub(super) category: char,
    pub(super) is_required: bool,
    pub(super) default: Option<String>,
    /// The labels of an enum.
    pub(super) labels: Vec<String>,
    /// The number of columns of a composite.
    pub(super) width: usize,
    /// The constraints of a domain.
    pub(super) checks: String,
    pub(super) domain: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) name: String,
    /// `c` for a check, `f` for a foreign key; anything else is unique.
    pub(super) kind: char,
    pub(super) columns: Vec<String>,
    pub(super) definition: String,
    pub(super) parent: Option<Parent>,
}

/// The parent of a foreign key.
#[derive(Clone, Debug)]
pub(super) struct Parent {
    pub(super) oid: String,
    pub(super) sql: String,
    pub(super) columns: Vec<String>,
}

/// The tables that can be filled, with a signature of their columns. Partitions are
/// filled through their parent table.
pub(super) async fn signatures(
    client: &Client,
    history: &History,
) -> Result<BTreeMap<u32, String>, Error> {
    let own = [
        history.name().to_owned(),
        format!("{}_lock", history.name()),
    ];
    let (schema, own) = (literal(history.schema()), own.map(|name| literal(&name)));
    let sql = format!(
        "SELECT c.oid, pg_catalog.string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod, \
         ',' ORDER BY a.attnum) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_catalog.pg_attribute a \
         ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.oid >= 16384 \
         AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
         AND n.nspname !~ '^pg_(temp|toast)' \
         AND NOT (n.nspname = {schema} AND c.relname IN ({})) \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e' \
         AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid) \
         GROUP BY c.oid",
        own.join(", ")
    );
    let answer = rows(client.simple_query(&sql).await, READING)?;
    let signatures = answer.iter().filter_map(|row| {
        let oid = row.get(0)?.parse().ok()?;
        Some((oid, row.get(1).unwrap_or_default().to_owned()))
    });
    Ok(signatures.collect())
}

/// Reads some tables in full, in the order of their creation.
pub(super) async fn read(
    client: &Client,
    history: &History,
    oids: &[u32],
) -> Result<Vec<Table>, Error> {
    let list: Vec<String> = oids.iter().map(u32::to_string).collect();
    let (list, home) = (list.join(", "), literal(history.schema()));
    let sql = format!(
        "SELECT c.oid, CASE WHEN n.nspname = {home} THEN '' ELSE n.nspname || '.' END || c.relname, \
         pg_catalog.format('%I.%I', n.nspname, c.relname) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.oid IN ({list}) ORDER BY c.oid"
    );
    let answer = rows(client.simple_query(&sql).await, READING)?;
    let text = |row: &tokio_postgres::SimpleQueryRow, at: usize| {
        row.get(at).unwrap_or_default().to_owned()
    };
    let mut tables: Vec<Table> = answer
        .iter()
        .map(|row| Table {
            oid: text(row, 0),
            shown: text(row, 1),
            sql: text(row, 2),
            columns: Vec::new(),
            constraints: Vec::new(),
        })
        .collect();
    for (oid, column) in columns(client, &list).await? {
        if let Some(table) = tables.iter_mut().find(|table| table.oid == oid) {
            table.columns.push(column);
        }
    }
    for (oid, constraint) in constraints(client, &list).await? {
        if let Some(table) = tables.iter_mut().find(|table| table.oid == oid) {
            table.constraints.push(constraint);
        }
    }
    Ok(tables)
}

async fn columns(client: &Client, list: &str) -> Result<Vec<(String, Column)>, Error> {
    let sql = format!(
        "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), \
         b.typname, b.typtype, b.typcategory, (a.attnotnull OR t.typnotnull)::int, \
         CASE WHEN a.attidentity = 'd' THEN 'nextval(identity)' \
         ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid) END, \
         (SELECT pg_catalog.string_agg(l.enumlabel, chr(31) ORDER BY l.enumsortorder) \
         FROM pg_catalog.pg_enum l WHERE l.enumtypid = b.oid), \
         (SELECT count(*) FROM pg_catalog.pg_attribute p \
         WHERE p.attrelid = b.typrelid AND p.attnum > 0 AND NOT p.attisdropped), \
         (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ') \
         FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid), \
         CASE WHEN t.typtype = 'd' THEN t.typname END \
         FROM pg_catalog.pg_attribute a \
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_type u ON t.typtype = 'd' AND u.oid = t.typbasetype \
         JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype <> 'd' THEN t.oid \
         WHEN u.typtype <> 'd' THEN u.oid ELSE u.typbasetype END \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attrelid IN ({list}) AND a.attnum > 0 AND NOT a.attisdropped \
         AND a.attgenerated = '' AND a.attidentity <> 'a' \
         ORDER BY a.attrelid, a.attnum"
    );
    let answer = rows(client.simple_query(&sql).await, READING)?;
    let columns = answer.iter().map(|row| {
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let first = |at: usize| row.get(at).and_then(|text| text.chars().next());
        let column = Column {
            name: text(1),
            type_name: text(2),
            base: text(3),
            kind: first(4).unwrap_or('b'),
            category: first(5).unwrap_or('U'),
            is_required: row.get(6) == Some("1"),
            default: row.get(7).map(str::to_owned),
            labels: list_of(row.get(8)),
            width: text(9).parse().unwrap_or(0),
            checks: text(10),
            domain: row.get(11).map(str::to_owned),
        };
        (text(0), column)
    });
    Ok(columns.collect())
}

async fn constraints(client: &Client, list: &str) -> Result<Vec<(String, Constraint)>, Error> {
    let names = |oid: &str, key: &str| {
        format!(
            "(SELECT pg_catalog.string_agg(a.attname, chr(31) ORDER BY k.place) \
             FROM pg_catalog.unnest({key}) WITH ORDINALITY k(number, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = {oid} AND a.attnum = k.number)"
        )
    };
    // Unique indexes without a constraint are reported by name too, and the bounds of
    // partitions suggest values as checks do.
    let sql = format!(
        "SELECT c.conrelid, c.conname, c.contype::text, {}, pg_catalog.pg_get_constraintdef(c.oid), \
         c.confrelid, (SELECT pg_catalog.format('%I.%I', n.nspname, r.relname) \
         FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace \
         WHERE r.oid = c.confrelid), {} \
         FROM pg_catalog.pg_constraint c \
         WHERE c.conrelid IN ({list}) AND c.contype NOT IN ('n', 't') \
         UNION ALL \
         SELECT x.indrelid, i.relname, 'u', {}, '', NULL, NULL, NULL \
         FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid \
         WHERE x.indrelid IN ({list}) AND x.indisunique \
         UNION ALL \
         SELECT p.partrelid, '', 'c', {}, pg_catalog.pg_get_expr(c.relpartbound, c.oid), \
         NULL, NULL, NULL \
         FROM pg_catalog.pg_partitioned_table p \
         JOIN pg_catalog.pg_inherits h ON h.inhparent = p.partrelid \
         JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid WHERE p.partrelid IN ({list})",
        names("c.conrelid", "c.conkey"),
        names("c.confrelid", "c.confkey"),
        names("x.indrelid", "x.indkey::int2[]"),
        names("p.partrelid", "p.partattrs::int2[]"),
    );
    let answer = rows(client.simple_query(&sql).await, READING)?;
    let constraints = answer.iter().map(|row| {
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let constraint = Constraint {
            name: text(1),
            kind: text(2).chars().next().unwrap_or('c'),
            columns: list_of(row.get(3)),
            definition: text(4),
            parent: row.get(6).map(|sql| Parent {
                oid: text(5),
                sql: sql.to_owned(),
                columns: list_of(row.get(7)),
            }),
        };
        (text(0), constraint)
    });
    Ok(constraints.collect())
}

fn list_of(text: Option<&str>) -> Vec<String> {
    let parts = text.into_iter().flat_map(|text| text.split(UNIT));
    parts.map(str::to_owned).collect()
}
