//! When somebody is called to the screen.

use std::time::Duration;

use serde::Deserialize;

use super::duration_text;

/// When somebody is called to the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// Level, what, and the words it must hold: `alarm signal kind:steam strength>60`, `warning move book:circa moved>10`.
    pub rules: Vec<String>,
    /// Whether warnings and alarms ring the terminal's bell.
    pub bell: bool,
    /// Whether alarms are handed to the terminal as a desktop notification (OSC 9).
    pub desktop: bool,
    /// Hours in the screen's zone in which nothing rings: `23:00-08:00`; empty for none.
    pub quiet: String,
    /// How long one rule is silent about one game after it has called.
    #[serde(with = "duration_text")]
    pub cooldown: Duration,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            rules: vec!["info signal kind:steam strength>60".into()],
            bell: true,
            desktop: false,
            quiet: String::new(),
            cooldown: Duration::from_mins(5),
        }
    }
}
