//! The manual page: the command, then each verb.

use crate::program::command;
use clap_mangen::Man;
use std::io::{Result, Write};

pub(crate) fn write(out: &mut dyn Write) -> Result<()> {
    let mut command = command();
    command.build();
    let page = Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    writeln!(out, ".SH VERBS")?;
    for verb in command
        .get_subcommands()
        .filter(|verb| verb.get_name() != "help")
    {
        writeln!(out, ".SS {}", verb.get_name())?;
        let page = Man::new(verb.clone());
        page.render_description_section(out)?;
        page.render_options_section(out)?;
        page.render_extra_section(out)?;
    }
    page.render_extra_section(out)?;
    page.render_version_section(out)
}
