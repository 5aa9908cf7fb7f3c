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
The database, unless \-\-database is given.
.TP
MIGRATE_ENGINE
The engine of the scripts, unless \-\-engine is given.
.TP
MIGRATE_HISTORY_TABLE
The history table, unless \-\-history\-table is given.
.TP
GIT_COMMIT
The commit that `up` records, unless \-\-git\-commit is given.
.TP
NO_COLOR
Disables colors, whatever its value.
.SH "EXIT STATUS"
.TP
0
Success.
.TP
1
Failure: of a migration, the directory or the database; stopped by a signal; or not confirmed.
.TP
2
Usage error: an unknown option or migration, no database, or no terminal to ask for confirmation.
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
The lock was not acquired in time.
.TP
7
A migration without a transaction stopped half\-way.
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
