//! The terminal on which the progress bar is drawn.

use console::Term;
use indicatif::{ProgressDrawTarget, TermLike};
use std::io;

/// A terminal that reports a width slightly smaller than the real one.
///
/// The bar is padded with spaces to the full width. The `^C` that a terminal
/// echoes would then start a new line, and the line above could no longer be
/// cleared.
#[derive(Debug)]
struct Screen(Term);

/// Room for two keystrokes.
const MARGIN: u16 = 4;

/// The maximum number of redraws per second.
const RATE: u8 = 20;

/// Draws on standard error. Draws nothing if that is not a terminal, or one
/// that cannot move its cursor.
pub(super) fn stderr() -> ProgressDrawTarget {
    let term = Term::buffered_stderr();
    if term.is_term() && !console::is_dumb() {
        ProgressDrawTarget::term_like_with_hz(Box::new(Screen(term)), RATE)
    } else {
        ProgressDrawTarget::hidden()
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.0.size().1.saturating_sub(MARGIN).max(1)
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}
