//! The colors of the output.

use anstyle::{AnsiColor, Style};
use std::fmt::Display;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const ERROR: Style = RED.bold();
pub(crate) const WARNING: Style = YELLOW.bold();
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// The escape sequences of the styles above, without the escape character.
pub(crate) const CODES: [&str; 7] = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m", "[36m"];

/// Text in a style. The printing code removes the style where colors are off.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
