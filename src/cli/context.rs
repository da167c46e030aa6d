//! What a command works with: settings, environment, paths and where to print.

use std::sync::Arc;

use super::arguments::Global;
use super::error::{CliError, Exit};
use super::output::Output;
use crate::config::environment::Environment;
use crate::config::layer::Entry;
use crate::config::origin::Provenance;
use crate::config::paths::Paths;
use crate::config::secrets::Secrets;
use crate::config::settings::Settings;
use crate::config::{Inputs, Loaded, load};
use crate::engine::alert::Watchman;
use crate::engine::signals::presets::Presets;
use crate::tui::keymap::Keymap;

/// What a command works with.
#[derive(Debug, Clone)]
pub struct Context {
    /// The values in force.
    pub settings: Settings,
    /// Where each came from.
    pub provenance: Provenance,
    /// Environment, `.env` included: `DB_*` and `PG*` are read from it.
    pub environment: Environment,
    /// Where files live.
    pub paths: Paths,
    /// Where to print, and how.
    pub output: Output,
    /// How often `-v` was given.
    pub verbose: u8,
    /// The presets in force.
    pub presets: Presets,
    /// What the settings were made of, to make them again.
    pub inputs: Arc<Inputs>,
    /// What must never be written anywhere.
    pub secrets: Arc<Secrets>,
}

impl Context {
    /// Read every layer of settings, `flags` of the command on top of the global ones. Warnings go to stderr.
    pub fn load(global: &Global, flags: Vec<Entry>, output: &Output) -> Result<Self, CliError> {
        let mut inputs = Inputs {
            file: global.config.clone(),
            environment: Environment::of_process(),
            flags: global.entries(),
        };
        inputs.flags.extend(flags);
        let Loaded {
            settings,
            provenance,
            paths,
            warnings,
        } = load(&inputs)?;
        // The screen knows its actions, so it is asked; a wrong key is told before anything starts.
        Keymap::new(&settings.screen.keys)
            .map_err(|error| CliError::new(Exit::Config, error.to_string()))?;
        Watchman::new(&settings.alerts).map_err(|error| CliError::new(Exit::Config, error))?;
        let presets = Presets::checked(&settings.signals, &provenance)?;
        let secrets = Secrets::of(&settings, &inputs.environment);
        for warning in &warnings {
            output.warn(warning);
        }
        Ok(Self {
            settings,
            provenance,
            presets,
            environment: inputs.environment.clone(),
            paths,
            output: output.clone(),
            verbose: global.verbose,
            secrets: Arc::new(secrets),
            inputs: Arc::new(inputs),
        })
    }
}
