//! The presets in force: those that ship, then the settings' own.

mod written;

use std::sync::Arc;

use toml::Table;

use super::SUMMARY;
use crate::analytics::signal::{Preset, presets};
use crate::config::origin::Provenance;
use crate::config::problem::{Problem, Problems};
use crate::config::schema;
use crate::config::settings::Signals;

/// The presets in force.
#[derive(Debug, Clone)]
pub struct Presets {
    all: Arc<[Preset]>,
    /// How many of them ship.
    ships: usize,
}

/// What is wrong with a preset of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its setting: `signals.presets.mine`.
    pub path: String,
    /// What is wrong, and what to write: it follows the path.
    pub why: String,
}

/// Those that ship.
impl Default for Presets {
    fn default() -> Self {
        Self::read(&Signals::default()).0
    }
}

impl Presets {
    /// Those that ship, and of the settings' own those that are in order; and what is wrong with the others.
    pub fn read(settings: &Signals) -> (Self, Vec<Refusal>) {
        let mut all = presets();
        let ships = all.len();
        let mut refused = Vec::new();
        for (name, table) in &settings.presets {
            match own(name, table) {
                Ok(preset) => all.push(preset),
                Err(why) => refused.push(Refusal {
                    path: format!("{}.{name}", schema::PRESETS),
                    why,
                }),
            }
        }
        let all = all.into();
        (Self { all, ships }, refused)
    }

    /// Those that ship and the settings' own. Fails with all that is wrong with them.
    pub fn checked(settings: &Signals, provenance: &Provenance) -> Result<Self, Problems> {
        let (presets, refused) = Self::read(settings);
        if refused.is_empty() {
            return Ok(presets);
        }
        let problems = refused.into_iter().map(|Refusal { path, why }| Problem {
            origin: provenance.of(&path).clone(),
            sentence: format!("{path} {why}"),
        });
        Err(Problems(problems.collect()))
    }

    /// All, those that ship first.
    pub fn all(&self) -> &Arc<[Preset]> {
        &self.all
    }

    /// The preset of this name.
    pub fn named(&self, name: &str) -> Option<&Preset> {
        self.all.iter().find(|preset| &*preset.name == name)
    }

    /// The settings' own.
    pub fn own(&self) -> &[Preset] {
        self.all.get(self.ships..).unwrap_or_default()
    }

    /// Names of those that are shown where nobody names one: the summary's, and the settings' own.
    pub fn shown(&self) -> Vec<String> {
        let own = self.own().iter().map(|preset| &*preset.name);
        SUMMARY.into_iter().chain(own).map(str::to_owned).collect()
    }
}

/// A preset of the settings; the error follows the setting's name.
fn own(name: &str, table: &Table) -> Result<Preset, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
        return Err("is no name; write at most 40 lower-case letters, digits and _".to_owned());
    }
    if presets().iter().any(|preset| &*preset.name == name) {
        return Err("has the name of a preset that ships; give it another name".to_owned());
    }
    Ok(Preset {
        name: name.into(),
        source: "your settings".into(),
        rule: written::rule(table)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::signal::rule::Rule;

    fn read(text: &str) -> (Presets, Vec<Refusal>) {
        Presets::read(&toml::from_str(text).unwrap())
    }

    #[test]
    fn what_is_wrong_with_a_preset_is_told_by_its_name() {
        for (preset, expected) in [
            (
                "a = {}",
                "a has no rule; write rule = one of \"steam\", \"rlm\",",
            ),
            (
                "a = { rule = \"stem\" }",
                "a has rule = \"stem\"; did you mean \"steam\"?",
            ),
            ("a = { rule = 7 }", "a has rule = 7; write rule = one of"),
            (
                "a = { rule = \"steam\", widow = \"2m\" }",
                "a has widow, which steam does not know; did you mean window?",
            ),
            (
                "a = { rule = \"fade\", cents = 4 }",
                "a has cents, which fade does not know; write any of tickets",
            ),
            (
                "a = { rule = \"steam\", window = \"5h\" }",
                "a has window = \"5h\"; write a duration from 1s to 4h",
            ),
            (
                "a = { rule = \"steam\", groups = 0 }",
                "a has groups = 0; write a whole number from 1 to 100",
            ),
            (
                "a = { rule = \"rlm\", public = 101 }",
                "a has public = 101; write a number from 0 to 100",
            ),
            (
                "a = { rule = \"late\", probability = nan }",
                "a has probability = nan; write a number from 0.0001 to 1",
            ),
            (
                "A = { rule = \"fade\" }",
                "A is no name; write at most 40 lower-case letters",
            ),
            (
                "don_best = { rule = \"fade\" }",
                "don_best has the name of a preset that ships; give it another",
            ),
        ] {
            let (presets, refused) =
                read(&format!("[presets]\nok = {{ rule = \"fade\" }}\n{preset}"));
            let [refused] = refused.as_slice() else {
                panic!("{preset}: {refused:?}");
            };
            let said = format!("{} {}", refused.path, refused.why);
            let expected = format!("signals.presets.{expected}");
            assert!(said.starts_with(&expected), "{preset}\nsaid: {said}");
            // The others are in force.
            assert_eq!(presets.own().len(), 1);
        }
    }

    #[test]
    fn what_is_named_is_taken_and_the_rest_stays() {
        let text = "[presets.mine]\nrule = \"steam\"\ngroups = 5\nwindow = \"90s\"\npoints = 1\n";
        let (presets, refused) = read(text);
        assert_eq!(refused, []);
        let Some(Rule::Steam(steam)) = presets.named("mine").map(|p| &p.rule) else {
            panic!("{presets:?}");
        };
        assert_eq!((steam.groups, steam.window.num_seconds()), (5, 90));
        assert!((steam.agree - 0.8).abs() < 1e-12, "{steam:?}");
        // Of the sizes the one that is named alone.
        assert!(steam.size.is_met(0.0, 1.0, 0) && !steam.size.is_met(0.9, 0.5, 900));
        assert_eq!(presets.shown().last().map(String::as_str), Some("mine"));
        assert_eq!(presets.shown().len(), SUMMARY.len() + 1);
    }
}
