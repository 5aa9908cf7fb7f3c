//! What the versions of SQLite added, from <https://sqlite.org/changes.html>. A number is the
//! minor version of SQLite 3.

/// Something that a version of SQLite added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feature {
    pub(super) since: u32,
    /// What an older version does with it.
    pub(super) before: Before,
    /// What to write instead; empty if that is not simple.
    pub(super) instead: &'static str,
}

/// What an older version does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Refuses,
    /// The function returns NULL.
    ReturnsNull,
    /// The pragma is ignored.
    Ignores,
}

impl Feature {
    const fn new(since: u32, instead: &'static str) -> Feature {
        Feature {
            since,
            before: Before::Refuses,
            instead,
        }
    }

    const fn null(since: u32, instead: &'static str) -> Feature {
        Feature {
            since,
            before: Before::ReturnsNull,
            instead,
        }
    }
}

/// Unquoted words that are always the same clause, with a short name for it. A longer sequence
/// comes before its beginning.
pub(super) const PHRASES: &[(&str, Feature)] = &[
    (
        "ON CONFLICT DO UPDATE",
        Feature::new(35, "the columns of the conflict after `ON CONFLICT`"),
    ),
    ("ON CONFLICT DO", Feature::new(24, "`INSERT OR IGNORE`")),
    ("ON CONFLICT (", Feature::new(24, "")),
    (") OVER (", Feature::new(25, "")),
    ("EXCLUDE CURRENT ROW", Feature::new(28, "")),
    ("EXCLUDE GROUP", Feature::new(28, "")),
    ("EXCLUDE NO OTHERS", Feature::new(28, "")),
    ("EXCLUDE TIES", Feature::new(28, "")),
    ("GROUPS BETWEEN", Feature::new(28, "")),
    (
        ") FILTER ( WHERE",
        Feature::new(30, "a `CASE` as the argument"),
    ),
    (
        "NULLS FIRST",
        Feature::new(30, "`ORDER BY x IS NOT NULL, x`"),
    ),
    ("NULLS LAST", Feature::new(30, "`ORDER BY x IS NULL, x`")),
    ("RETURNING", Feature::new(35, "")),
    ("sqlite_schema", Feature::new(33, "`sqlite_master`")),
    ("AS MATERIALIZED (", Feature::new(35, "`AS`")),
    ("AS NOT MATERIALIZED (", Feature::new(35, "`AS`")),
    (
        "RIGHT JOIN",
        Feature::new(39, "`LEFT JOIN` with the tables exchanged"),
    ),
    (
        "RIGHT OUTER JOIN",
        Feature::new(39, "`LEFT JOIN` with the tables exchanged"),
    ),
    (
        "FULL JOIN",
        Feature::new(39, "a `LEFT JOIN`, and `UNION ALL` for the other rows"),
    ),
    (
        "FULL OUTER JOIN",
        Feature::new(39, "a `LEFT JOIN`, and `UNION ALL` for the other rows"),
    ),
    ("IS DISTINCT FROM", Feature::new(39, "`IS NOT`")),
    ("IS NOT DISTINCT FROM", Feature::new(39, "`IS`")),
    (
        "REINDEX EXPRESSIONS",
        Feature::new(53, "`REINDEX` with the name of the index"),
    ),
];

pub(super) const RENAME_COLUMN: Feature = Feature::new(25, "");
pub(super) const GENERATED: Feature = Feature::new(31, "");
pub(super) const UPDATE_FROM: Feature = Feature::new(33, "a subquery for each value");
pub(super) const DROP_COLUMN: Feature = Feature::new(35, "a rebuild of the table");
pub(super) const STRICT: Feature = Feature::new(37, "checks of `typeof`");
pub(super) const ARROW: Feature = Feature::new(38, "`json_extract`");
pub(super) const BARE_HAVING: Feature = Feature::new(39, "`WHERE` around a subquery");
pub(super) const SECURE_DELETE: Feature = Feature::new(42, "");
pub(super) const JSON5: Feature = Feature::new(42, "names and texts in double quotes");
pub(super) const AGGREGATE_ORDER: Feature = Feature::new(44, "a subquery that sorts the rows");
pub(super) const DIGIT_SEPARATOR: Feature = Feature::new(46, "the number without `_`");
pub(super) const NEGATIVE_INDEX: Feature = Feature::null(47, "`'$[#-1]'`");
pub(super) const RAISE_EXPRESSION: Feature = Feature::new(47, "the message as a literal");
pub(super) const ALTER_CONSTRAINT: Feature = Feature::new(53, "a rebuild of the table");

/// Functions that are part of SQLite itself, and those of its default build.
const FUNCTIONS: &[(&str, Feature)] = &[
    ("iif", Feature::new(32, "`CASE WHEN … THEN … ELSE … END`")),
    ("substring", Feature::new(34, "`substr`")),
    (
        "acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log \
         log10 log2 mod pi pow power radians sign sin sinh sqrt tan tanh trunc",
        Feature::new(35, ""),
    ),
    ("format", Feature::new(38, "`printf`")),
    (
        "unixepoch",
        Feature::new(38, "`CAST(strftime('%s', …) AS INTEGER)`"),
    ),
    ("unhex", Feature::new(41, "a blob such as `x'0fff'`")),
    ("json_error_position", Feature::new(42, "`json_valid`")),
    (
        "octet_length",
        Feature::new(43, "`length(CAST(… AS BLOB))`"),
    ),
    ("timediff", Feature::new(43, "a difference of `julianday`")),
    ("concat concat_ws", Feature::new(44, "`||` with `ifnull`")),
    ("string_agg", Feature::new(44, "`group_concat`")),
    (
        "jsonb jsonb_array jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert \
         jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set",
        Feature::new(45, "the function that starts with `json`"),
    ),
    ("json_pretty", Feature::new(46, "`json`")),
    ("fts5_get_locale fts5_locale", Feature::new(47, "")),
    ("if", Feature::new(48, "`CASE WHEN … THEN … ELSE … END`")),
    (
        "unistr unistr_quote",
        Feature::new(50, "the characters themselves"),
    ),
    (
        "jsonb_each jsonb_tree",
        Feature::new(51, "the function that starts with `json`"),
    ),
    (
        "median percentile percentile_cont percentile_disc",
        Feature::new(51, ""),
    ),
    ("json_array_insert jsonb_array_insert", Feature::new(53, "")),
];

/// Numbers of arguments that a function takes only since a version.
const ARGUMENTS: &[(&str, usize, usize, Feature)] = &[
    (
        "json_valid",
        2,
        2,
        Feature::new(45, "`json_valid` with one argument"),
    ),
    (
        "iif",
        2,
        2,
        Feature::new(48, "`NULL` as the third argument"),
    ),
    (
        "if",
        4,
        usize::MAX,
        Feature::new(49, "`CASE WHEN … THEN … ELSE … END`"),
    ),
    (
        "iif",
        4,
        usize::MAX,
        Feature::new(49, "`CASE WHEN … THEN … ELSE … END`"),
    ),
];

/// Modifiers of the date functions.
const MODIFIERS: &[(&str, Feature)] = &[
    ("auto", Feature::null(38, "")),
    ("julianday", Feature::null(38, "")),
    (
        "subsec",
        Feature::null(42, "`strftime('%Y-%m-%d %H:%M:%f', …)`"),
    ),
    (
        "subsecond",
        Feature::null(42, "`strftime('%Y-%m-%d %H:%M:%f', …)`"),
    ),
    ("ceiling", Feature::null(46, "")),
    ("floor", Feature::null(46, "")),
    ("end of day", Feature::null(54, "")),
    (
        "end of month",
        Feature::null(54, "`'start of month', '+1 month', '-1 day'`"),
    ),
    (
        "end of year",
        Feature::null(54, "`'start of year', '+1 year', '-1 day'`"),
    ),
];

/// `+0001-02-03 04:05`.
const TIME_SHIFT: Feature = Feature::null(43, "modifiers such as `'+1 year', '+2 months'`");

/// Letters after `%` in a format of `strftime`.
const FORMATS: &[(&str, Feature)] = &[
    ("F", Feature::null(44, "`%Y-%m-%d`")),
    ("R", Feature::null(44, "`%H:%M`")),
    ("T", Feature::null(44, "`%H:%M:%S`")),
    ("e I k l p P u", Feature::null(44, "")),
    ("G g U V", Feature::null(46, "")),
];

/// Options of an FTS5 table.
const FTS5: &[(&str, Feature)] = &[
    ("contentless_delete", Feature::new(43, "")),
    ("tokendata", Feature::new(45, "")),
    ("contentless_unindexed locale", Feature::new(47, "")),
];

/// The tokenizer for substrings.
pub(super) const TRIGRAM: Feature = Feature::new(34, "");

const PRAGMAS: &[(&str, u32)] = &[
    ("legacy_alter_table table_xinfo", 26),
    ("function_list module_list pragma_list", 30),
    ("hard_heap_limit trusted_schema", 31),
    ("analysis_limit", 32),
    ("table_list", 37),
];

fn named(table: &[(&str, Feature)], name: &str) -> Option<Feature> {
    let mut rows = table.iter();
    let row = rows.find(|(names, _)| names.split(' ').any(|it| it == name))?;
    Some(row.1)
}

/// The feature of a function that is called with a number of arguments.
pub(super) fn function(name: &str, arguments: usize) -> Option<Feature> {
    let mut rows = ARGUMENTS.iter();
    let row = rows
        .find(|(function, from, to, _)| *function == name && (*from..=*to).contains(&arguments));
    match row {
        Some((.., feature)) => Some(*feature),
        None => named(FUNCTIONS, name),
    }
}

/// The feature of a modifier, in lower case.
pub(super) fn modifier(text: &str) -> Option<Feature> {
    let row = MODIFIERS.iter().find(|(modifier, _)| *modifier == text);
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let is_shift = text.starts_with(['+', '-'])
        && text.as_bytes().get(5) == Some(&b'-')
        && (1..5).all(is_digit);
    row.map(|(_, feature)| *feature)
        .or_else(|| is_shift.then_some(TIME_SHIFT))
}

/// The newest feature in a format of `strftime`, with its letter.
pub(super) fn format(text: &str) -> Option<(char, Feature)> {
    let mut newest = None::<(char, Feature)>;
    let mut letters = text.chars();
    while letters.by_ref().any(|it| it == '%') {
        let Some(letter) = letters.next() else { break };
        if let Some(feature) = named(FORMATS, letter.encode_utf8(&mut [0; 4]))
            && newest.is_none_or(|(_, it)| feature.since > it.since)
        {
            newest = Some((letter, feature));
        }
    }
    newest
}

/// The feature of an option of FTS5.
pub(super) fn fts5_option(name: &str) -> Option<Feature> {
    named(FTS5, name)
}

/// The feature of a pragma.
pub(super) fn pragma(name: &str) -> Option<Feature> {
    let mut rows = PRAGMAS.iter();
    let row = rows.find(|(names, _)| names.split(' ').any(|it| it == name))?;
    Some(Feature {
        since: row.1,
        before: Before::Ignores,
        instead: "",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_letter_of_a_format_counts() {
        let found = |text: &str| format(text).map(|(letter, it)| (letter, it.since));
        assert_eq!(found("%Y-%m-%d %H:%M:%f %s %w %W %j %J"), None);
        assert_eq!(found("%Y %F"), Some(('F', 44)));
        assert_eq!(found("%F %V %T"), Some(('V', 46)));
        assert_eq!(found("%%F 100%"), None);
    }

    #[test]
    fn a_shift_has_four_digits_and_a_sign() {
        for text in ["+0001-02-03", "-0000-00-01 12:00"] {
            assert_eq!(modifier(text).map(|it| it.since), Some(43), "{text}");
        }
        for text in ["+1 day", "-1 month", "2020-01-02", "+12:30", "start of day"] {
            assert!(modifier(text).is_none(), "{text}");
        }
    }
}
