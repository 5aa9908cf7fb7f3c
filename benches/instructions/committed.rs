//! The figures that are committed, and what may change.

use crate::case::Case;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

/// Above it a figure has grown: counts of the same program differ by less than a
/// thousandth.
const LIMIT: f64 = 1.05;

pub(crate) const HEADING: &str = "case        migrations          ours         floor  ratio";

/// What was measured, and with what.
pub(crate) struct Committed {
    toolchain: String,
    rows: Vec<Row>,
}

struct Row {
    case: String,
    count: usize,
    ours: u64,
    floor: u64,
}

impl Committed {
    pub(crate) fn new() -> Result<Committed, Box<dyn Error>> {
        Ok(Committed {
            toolchain: toolchain()?,
            rows: Vec::new(),
        })
    }

    /// Adds a row, and returns it as text.
    pub(crate) fn add(&mut self, case: Case, ours: u64, floor: u64) -> String {
        let row = Row {
            case: case.name.to_owned(),
            count: case.count,
            ours,
            floor,
        };
        let text = row.text();
        self.rows.push(row);
        text
    }

    pub(crate) fn read() -> Result<Committed, Box<dyn Error>> {
        let path = path();
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        let parsed = Committed::parse(&text);
        parsed.ok_or_else(|| format!("{}: a line has another form", path.display()).into())
    }

    fn parse(text: &str) -> Option<Committed> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        Some(Committed {
            toolchain: lines.next()?.to_owned(),
            // The heading is between them.
            rows: lines.skip(1).map(Row::parse).collect::<Option<_>>()?,
        })
    }

    pub(crate) fn write(&self) -> Result<(), Box<dyn Error>> {
        Ok(std::fs::write(path(), self.text())?)
    }

    fn text(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(Row::text).collect();
        format!(
            "# Instructions of one call, see docs/cost.md. Written by\n\
             # `cargo run --release -p migrate-benches --bin instructions -- --write`.\n\
             {}\n{HEADING}\n{}\n",
            self.toolchain,
            rows.join("\n")
        )
    }

    /// What has grown since `before`.
    pub(crate) fn problems(&self, before: &Committed) -> Vec<String> {
        let is_same = self.toolchain == before.toolchain;
        if !is_same {
            println!(
                "committed with {}\nmeasured with  {}",
                before.toolchain, self.toolchain
            );
        }
        self.rows
            .iter()
            .filter_map(|row| {
                let (case, count) = (&row.case, row.count);
                let is_row = |other: &&Row| other.case == *case && other.count == count;
                let Some(before) = before.rows.iter().find(is_row) else {
                    return Some(format!("{case} {count} is not committed"));
                };
                let growth = row.growth(before, is_same);
                (growth > LIMIT).then(|| {
                    let percent = (growth - 1.0) * 100.0;
                    format!(
                        "{case} {count} has grown by {percent:.1} %, from {} instructions to {}; if \
                         that is intended, commit the figures of `--write`",
                        before.ours, row.ours
                    )
                })
            })
            .collect()
    }
}

impl Row {
    fn parse(line: &str) -> Option<Row> {
        let mut words = line.split_whitespace();
        Some(Row {
            case: words.next()?.to_owned(),
            count: words.next()?.parse().ok()?,
            ours: words.next()?.parse().ok()?,
            floor: words.next()?.parse().ok()?,
        })
    }

    fn text(&self) -> String {
        let Row {
            case,
            count,
            ours,
            floor,
        } = self;
        let ratio = self.ratio();
        format!("{case:<10}  {count:>10}  {ours:>12}  {floor:>12}  {ratio:>5.2}")
    }

    /// Another compiler or another SQLite makes other instructions of the same code,
    /// and of the floor too: then the ratios are compared. Another C compiler shows
    /// in the floor alone.
    fn growth(&self, before: &Row, is_same: bool) -> f64 {
        let floor = self.floor as f64 / before.floor as f64;
        if is_same && (floor - 1.0).abs() < 0.01 {
            self.ours as f64 / before.ours as f64
        } else {
            self.ratio() / before.ratio()
        }
    }

    fn ratio(&self) -> f64 {
        self.ours as f64 / self.floor as f64
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// The compiler, the machine and SQLite, in one line.
fn toolchain() -> Result<String, Box<dyn Error>> {
    let output = Command::new("rustc").arg("--version").output()?;
    let rustc = String::from_utf8_lossy(&output.stdout);
    let (rustc, machine) = (rustc.trim(), std::env::consts::ARCH);
    Ok(format!(
        "{rustc}, {machine}, SQLite {}",
        rusqlite::version()
    ))
}

#[cfg(test)]
mod tests {
    use super::Committed;

    const BEFORE: &str = "# A comment.\ncompiler 1\nheading\n\
                          apply-each  100  1000000  500000  2.00\n";

    /// What is found with these figures after those of `BEFORE`.
    fn problems(toolchain: &str, row: &str) -> Vec<String> {
        let now = Committed::parse(&format!("{toolchain}\nheading\n{row}\n")).unwrap();
        now.problems(&Committed::parse(BEFORE).unwrap())
    }

    #[test]
    fn growth_above_the_limit_is_found() {
        let row = "apply-each 100 1040000 500000";
        assert_eq!(problems("compiler 1", row), Vec::<String>::new());
        let row = "apply-each 100 1060000 500000";
        let found = "apply-each 100 has grown by 6.0 %, from 1000000 instructions to 1060000; if \
                     that is intended, commit the figures of `--write`";
        assert_eq!(problems("compiler 1", row), [found]);
    }

    #[test]
    fn another_compiler_changes_the_floor_too() {
        let row = "apply-each 100 1100000 550000";
        assert_eq!(problems("compiler 2", row), Vec::<String>::new());
        // Another compiler of C.
        assert_eq!(problems("compiler 1", row), Vec::<String>::new());
        let row = "apply-each 100 1200000 550000";
        assert_eq!(problems("compiler 2", row).len(), 1);
    }

    #[test]
    fn a_new_case_must_be_committed() {
        let row = "apply-each 200 1000000 500000";
        let found = "apply-each 200 is not committed";
        assert_eq!(problems("compiler 1", row), [found]);
    }

    #[test]
    fn what_is_written_is_read() {
        let committed = Committed::parse(BEFORE).unwrap();
        let again = Committed::parse(&committed.text()).unwrap();
        assert_eq!(again.text(), committed.text());
    }
}
