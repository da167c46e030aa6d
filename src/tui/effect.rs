//! What the screen wants done outside itself.

use crate::engine::command::Asked;

/// One wish; the loop carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Hand a command to the engine.
    Ask(Asked),
    /// Leave.
    Quit,
    /// Go to the shell.
    Suspend,
    /// Paint everything again.
    Redraw,
}
