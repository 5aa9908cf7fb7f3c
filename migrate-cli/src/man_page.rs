//! The manual page: the command, followed by each verb.

use crate::command_line::CommandLine;
use clap::CommandFactory;
use clap_mangen::Man;
use std::io::{Result, Write};

pub(crate) fn write(out: &mut dyn Write) -> Result<()> {
    let command = CommandLine::command();
    let page = Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    writeln!(out, ".SH VERBS")?;
    // A command that is not built has only its own options, without the
    // global ones.
    for verb in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        writeln!(out, ".SS {}", verb.get_name())?;
        out.write_all(section(verb)?.as_bytes())?;
    }
    out.write_all(END.as_bytes())?;
    page.render_version_section(out)
}

const END: &str = r#".SH ENVIRONMENT
.TP
DATABASE_URL
The database, unless it is named with \-\-database.
.TP
MIGRATE_ENGINE
The database that the scripts are for, unless it is named with \-\-engine.
.TP
MIGRATE_HISTORY_TABLE
The table of the history, unless it is named with \-\-history\-table.
.TP
GIT_COMMIT
What `up` records as the commit, unless it is named with \-\-git\-commit.
.TP
NO_COLOR
No colors, whatever it is set to.
.SH "EXIT STATUS"
.TP
0
Fine.
.TP
1
Failed: a migration, the directory, the database; or stopped, or answered with no.
.TP
2
Usage: an unknown option or migration, no database named, or nobody to ask.
.TP
3
Something is pending, with \-\-exit\-code.
.TP
4
Drift: modified, renamed, missing, out of order, or another schema.
.TP
5
The database is ahead of the migrations.
.TP
6
The lock was not had in time.
.TP
7
A migration without a transaction has stopped half\-way.
"#;

/// The section of a verb: its description, options and examples, without
/// separate headings.
fn section(verb: &clap::Command) -> Result<String> {
    let page = Man::new(verb.clone());
    let mut text = Vec::new();
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    page.render_extra_section(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let mut section = String::new();
    for line in text.lines() {
        match line {
            ".SH DESCRIPTION" | ".SH OPTIONS" => {}
            // Examples keep their line breaks.
            ".SH EXTRA" => section.push_str(".PP\n.nf\n"),
            line => {
                section.push_str(line);
                section.push('\n');
            }
        }
    }
    if section.contains("\n.nf\n") {
        section.push_str(".fi\n");
    }
    Ok(section)
}
