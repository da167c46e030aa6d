//! What the screen wants done outside itself.

use super::export::Export;
use crate::engine::command::Asked;

/// One wish; the loop carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Hand a command to the engine.
    Ask(Asked),
    /// Ring the terminal's bell.
    Bell,
    /// Tell the desktop, through the terminal (OSC 9). Cleaned text.
    Desktop(String),
    /// Put text on the clipboard, through the terminal (OSC 52).
    Copy(String),
    /// Write a file among the exports.
    Save(Export),
    /// Read the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Leave.
    Quit,
    /// Go to the shell.
    Suspend,
    /// Paint everything again.
    Redraw,
}
