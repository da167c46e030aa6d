//! Why lines move: presets of one's own.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Table;

/// Why lines move.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signals {
    /// Presets by name: `rule` and its numbers. `engine::signals` reads them, for it knows the rules.
    pub presets: BTreeMap<String, Table>,
}
