//! What the screen remembers between two runs: layout, filters, favourites. Never data.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::panel::Panel;
use super::panel::board::{PhaseMode, SideMode, Sort};
use super::panel::chart::{Range, Unit};
use super::ui::Ui;
use crate::domain::game::GameId;
use crate::domain::market::{Market, Period};

/// Favourites kept: games of past seasons are nobody's.
const FAVOURITES: usize = 200;
/// Words kept for the palette.
const SAID: usize = 50;

/// What is remembered, as the file has it. What a newer linetape wrote and this one does not know is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    focus: String,
    zoomed: bool,
    tab: String,
    shared: String,
    market: String,
    period: String,
    phase: String,
    side: String,
    sort: String,
    favourites: Vec<i64>,
    range: String,
    unit: String,
    muted: bool,
    said: Vec<String>,
    filters: BTreeMap<String, String>,
}

const PHASES: [(&str, PhaseMode); 3] = [
    ("fitting", PhaseMode::Fitting),
    ("pregame", PhaseMode::Pregame),
    ("live", PhaseMode::Live),
];
const SIDES: [(&str, SideMode); 4] = [
    ("favourite", SideMode::Favourite),
    ("both", SideMode::Both),
    ("first", SideMode::First),
    ("second", SideMode::Second),
];
const UNITS: [(&str, Unit); 4] = [
    ("fitting", Unit::Fitting),
    ("line", Unit::Line),
    ("price", Unit::Price),
    ("fair", Unit::Fair),
];

fn name<T: PartialEq + Copy>(names: &[(&str, T)], value: T) -> String {
    let found = names.iter().find(|(_, known)| *known == value);
    found.map_or_else(String::new, |(name, _)| (*name).to_owned())
}

fn value<T: Copy>(names: &[(&str, T)], name: &str) -> Option<T> {
    let found = names.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value)
}

fn panel(title: &str) -> Option<Panel> {
    Panel::ALL.into_iter().find(|panel| panel.title() == title)
}

impl Memory {
    /// What is worth remembering of a screen.
    pub fn of(ui: &Ui) -> Self {
        Self {
            focus: ui.focus.title().into(),
            zoomed: ui.zoomed,
            tab: ui.tab.title().into(),
            shared: ui.shared.title().into(),
            market: ui.board.market.to_string(),
            period: ui.board.period.to_string(),
            phase: name(&PHASES, ui.board.phase),
            side: name(&SIDES, ui.board.side),
            sort: ui.board.sort.name().into(),
            favourites: ui
                .board
                .favourites
                .iter()
                .rev()
                .take(FAVOURITES)
                .map(|id| id.as_i64())
                .collect(),
            range: ui.chart.range.name().into(),
            unit: name(&UNITS, ui.chart.unit),
            muted: ui.watchman.muted,
            said: ui.said.iter().rev().take(SAID).rev().cloned().collect(),
            filters: ui
                .filters
                .iter()
                .map(|(panel, words)| (panel.title().to_owned(), words.clone()))
                .collect(),
        }
    }

    /// Bring it back.
    pub fn apply(self, ui: &mut Ui) {
        if let Some(found) = panel(&self.focus) {
            ui.focus = found;
            ui.zoomed = self.zoomed;
        }
        ui.tab = panel(&self.tab)
            .filter(|p| *p != Panel::Board)
            .unwrap_or(ui.tab);
        ui.shared = panel(&self.shared)
            .filter(|p| super::layout::SHARED.contains(p))
            .unwrap_or(ui.shared);
        let board = &mut ui.board;
        if !self.market.is_empty() {
            board.follow_market(&Market::from_name(&self.market));
        }
        board.period = self.period.parse::<Period>().unwrap_or(board.period);
        board.phase = value(&PHASES, &self.phase).unwrap_or(board.phase);
        board.side = value(&SIDES, &self.side).unwrap_or(board.side);
        board.sort = Sort::named(&self.sort).unwrap_or(board.sort);
        board.favourites = self.favourites.into_iter().map(GameId::from_i64).collect();
        ui.chart.range = Range::named(&self.range).unwrap_or(ui.chart.range);
        ui.chart.unit = value(&UNITS, &self.unit).unwrap_or(ui.chart.unit);
        ui.watchman.muted = self.muted;
        ui.said = self.said;
        for (title, words) in self.filters {
            if let Some(panel) = panel(&title).filter(|panel| panel.has_filter()) {
                ui.filters.insert(panel, words);
            }
        }
        ui.dirty = true;
    }

    /// From its file; nothing remembered where there is none, or it is of no use.
    pub fn read(file: &Path) -> Self {
        std::fs::read_to_string(file)
            .ok()
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// To its file, whole or not at all.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut beside = PathBuf::from(file);
        beside.set_extension("new");
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::ThemeName;
    use crate::tui::fixture;

    #[test]
    fn a_screen_comes_back_as_it_was_left() {
        let mut left = fixture::ui((160, 45), ThemeName::Dark);
        left.focus = Panel::Chart;
        left.zoomed = true;
        left.tab = Panel::Tape;
        left.board.market = Market::Total;
        left.board.phase = PhaseMode::Pregame;
        left.board.side = SideMode::Both;
        left.board.sort = Sort::Hold;
        left.board.favourites.insert(GameId::from_i64(3));
        left.chart.range = Range::Day;
        left.filters.insert(Panel::Board, "team:mia \"x\"".into());
        left.said.push("market total".into());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep").join("screen.toml");
        Memory::of(&left).write(&file).unwrap();
        let mut back = fixture::ui((160, 45), ThemeName::Dark);
        Memory::read(&file).apply(&mut back);
        assert_eq!(Memory::of(&back), Memory::of(&left));
        assert_eq!(back.board.market, Market::Total);
    }

    #[test]
    fn what_cannot_be_read_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screen.toml");
        for text in [
            "",
            "not toml [",
            "focus = 3",
            "focus = \"Nonsense\"\nsort = \"x\"\nnew = 1",
        ] {
            std::fs::write(&file, text).unwrap();
            let mut ui = fixture::ui((80, 24), ThemeName::Dark);
            let before = Memory::of(&ui);
            Memory::read(&file).apply(&mut ui);
            assert_eq!(Memory::of(&ui), before, "{text}");
        }
    }
}
