//! The display of an adoption, for people.

use super::{Adoption, Row, Verified};
use crate::id::called;
use migrate_model::history::short_time;
use std::fmt;

impl fmt::Display for Adoption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = self.tool;
        let what = match self.rows.len() {
            1 => "1 migration".to_owned(),
            count => format!("{count} migrations"),
        };
        match &self.table {
            Some(table) => writeln!(f, "{what} of {tool}, from `{table}`:", tool = tool.called())?,
            None => writeln!(f, "{what} of {tool}:", tool = tool.called())?,
        }
        let shown: Vec<[String; 4]> = self.rows.iter().map(Row::cells).collect();
        let width = |column: usize| {
            let lengths = shown.iter().map(|cells| cells[column].chars().count());
            lengths.max().unwrap_or_default()
        };
        let (old, new, at) = (width(0), width(1), width(2));
        for [from, label, time, verified] in &shown {
            write!(f, "  {from:old$}  ->  {label:new$}  ")?;
            if at > 0 {
                write!(f, "{time:at$}  ")?;
            }
            writeln!(f, "{verified}")?;
        }
        match &self.schema {
            None => writeln!(f, "The schema was not compared.")?,
            Some(differences) if differences.is_empty() => {
                writeln!(f, "The schema is the one that these migrations produce.")?;
            }
            Some(differences) => {
                writeln!(
                    f,
                    "The schema is not the one that these migrations produce:"
                )?;
                for difference in differences {
                    writeln!(f, "  {difference}")?;
                }
            }
        }
        if let (Some(table), Some(name)) = (&self.table, &self.renamed_to) {
            writeln!(f, "The table `{table}` is renamed to `{name}`.")?;
        }
        for note in &self.notes {
            writeln!(f, "Note: {note}.")?;
        }
        match &self.pending[..] {
            [] => f.write_str("Nothing is pending."),
            pending => write!(f, "Pending: {}", pending.join(", ")),
        }
    }
}

impl Row {
    fn cells(&self) -> [String; 4] {
        let old = called(&self.old_id, self.old_name.as_deref());
        let verified = match self.verified {
            Verified::Checksum => "same checksum",
            Verified::Differs => "different text",
            Verified::No => "not compared",
        };
        let time = self
            .applied_at
            .as_deref()
            .map(short_time)
            .unwrap_or_default();
        [old, self.label.clone(), time, verified.to_owned()]
    }
}
