//! Everything the screen remembers.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::effect::Effect;
use super::glyph::Glyphs;
use super::keymap::{Chord, Keymap};
use super::overlay::Overlay;
use super::panel::{
    Draw, Panel, backfill, board, chart, extraction, list, logs, opportunities, signals, tape,
};
use super::theme::Theme;
use super::travel::{Known, Travel};
use crate::config::settings::ThemeName;
use crate::domain::game::GameId;
use crate::domain::job::Job;
use crate::domain::series::SeriesKey;
use crate::domain::source::Source;
use crate::engine::alert::Watchman;
use crate::engine::command::{Asked, Command, Generation};
use crate::engine::event::Severity;
use crate::engine::snapshot::{
    ChanceKey, ChanceView, Chronicle, GameView, SignalKey, SignalView, Snapshot,
};

/// A short message in the corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// How grave.
    pub severity: Severity,
    /// The sentence.
    pub text: String,
    /// When it goes, since the screen opened.
    pub until: Duration,
}

/// Keys typed that begin a longer sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// The keys.
    pub keys: Vec<Chord>,
    /// When the last of them was pressed, since the screen opened.
    pub since: Duration,
}

impl Typed {
    /// When what may follow is shown: whoever knows it is not interrupted.
    pub fn shown_at(&self) -> Duration {
        self.since + FOLLOW
    }
}

/// A message kept after its toast went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The engine's clock when it came.
    pub at: DateTime<Utc>,
    /// How grave.
    pub severity: Severity,
    /// The sentence.
    pub text: String,
}

/// How long a toast stays: long enough to read, longer for what went wrong.
const fn stay(severity: Severity) -> Duration {
    match severity {
        Severity::Debug | Severity::Info => Duration::from_secs(3),
        Severity::Warning | Severity::Error => Duration::from_secs(6),
    }
}

/// How long keys that await others stand before what may follow is shown.
const FOLLOW: Duration = Duration::from_millis(300);
/// Toasts at a time; older ones go first.
const TOASTS: usize = 4;
/// Messages kept.
const NOTICES: usize = 300;
/// How long a change shows.
const FLASH: Duration = Duration::from_millis(900);
/// More changes at once than this are a load, not news.
const MOST_FLASHES: usize = 400;

/// Everything the screen remembers.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own; any may be on"
)]
pub struct Ui {
    /// Columns and rows.
    pub size: (u16, u16),
    /// What the engine published last.
    pub live: Arc<Snapshot>,
    /// What is shown instead while frozen, and the clock then.
    pub frozen: Option<(Arc<Snapshot>, DateTime<Utc>)>,
    /// The moment shown instead of now.
    pub travel: Option<Travel>,
    /// What passed in this run, for going back to it.
    pub chronicle: Chronicle,
    /// The engine's clock; moves once a second.
    pub clock: DateTime<Utc>,
    /// Real time since the screen opened.
    pub elapsed: Duration,
    /// Zone of every time.
    pub zone: Tz,
    /// Styles.
    pub theme: Theme,
    /// Whether the terminal may choose between dark and light.
    pub theme_follows_terminal: bool,
    /// What the terminal can show.
    pub glyphs: Glyphs,
    /// Keys.
    pub keymap: Keymap,
    /// The panel that gets the keys.
    pub focus: Panel,
    /// Whether that panel has the whole screen.
    pub zoomed: bool,
    /// The panel shown where several share a place.
    pub shared: Panel,
    /// The panel under the board where there is room for one only.
    pub tab: Panel,
    /// Board, and what every panel takes from it: game, market, side.
    pub board: board::State,
    /// Chart.
    pub chart: chart::State,
    /// Tape.
    pub tape: list::State<u64>,
    /// Extraction log.
    pub extraction: list::State<extraction::Key>,
    /// Sources.
    pub sources: list::State<Source>,
    /// Backfills.
    pub backfill: list::State<u64>,
    /// Signals.
    pub signals: list::State<SignalKey>,
    /// Opportunities.
    pub opportunities: list::State<ChanceKey>,
    /// Jobs.
    pub jobs: list::State<Job>,
    /// Logs.
    pub logs: list::State<logs::Key>,
    /// Words rows must hold, by panel.
    pub filters: BTreeMap<Panel, String>,
    /// What lies over the panels, the topmost last.
    pub overlays: Vec<Overlay>,
    /// Short messages, newest last.
    pub toasts: VecDeque<Toast>,
    /// Every message of this run, newest last.
    pub notices: VecDeque<Notice>,
    /// Who calls for attention.
    pub watchman: Watchman,
    /// Series that changed a moment ago, and until when they show it.
    pub flashes: HashMap<SeriesKey, Duration>,
    /// Whether the mouse is read.
    pub mouse: bool,
    /// The theme of the settings, and a file's changes to it.
    pub theme_name: ThemeName,
    /// What the theme's own file says.
    pub own_theme: Option<String>,
    /// Signals somebody has seen.
    pub seen: HashSet<SignalKey>,
    /// Keys that begin a longer sequence.
    pub typed: Option<Typed>,
    /// The file being written, and since when.
    pub saving: Option<(String, Duration)>,
    /// What was typed into the palette, newest last.
    pub said: Vec<String>,
    /// Number of the last command.
    pub generation: Generation,
    /// Whether something changed since the last frame.
    pub dirty: bool,
}

impl Ui {
    /// A screen before its first key.
    pub fn new(
        size: (u16, u16),
        live: Arc<Snapshot>,
        zone: Tz,
        theme: Theme,
        keymap: Keymap,
        glyphs: Glyphs,
    ) -> Self {
        Self {
            size,
            clock: live.now,
            live,
            frozen: None,
            travel: None,
            chronicle: Chronicle::default(),
            elapsed: Duration::ZERO,
            zone,
            theme,
            theme_follows_terminal: false,
            glyphs,
            keymap,
            focus: Panel::Board,
            zoomed: false,
            shared: Panel::Sources,
            tab: Panel::Chart,
            board: board::State::default(),
            chart: chart::State::default(),
            tape: list::State::default(),
            extraction: list::State::default(),
            sources: list::State::default(),
            backfill: list::State::default(),
            signals: list::State::default(),
            opportunities: list::State::default(),
            jobs: list::State::default(),
            logs: list::State::default(),
            filters: BTreeMap::new(),
            overlays: Vec::new(),
            toasts: VecDeque::new(),
            notices: VecDeque::new(),
            watchman: Watchman::default(),
            flashes: HashMap::new(),
            mouse: false,
            theme_name: ThemeName::Auto,
            own_theme: None,
            seen: HashSet::new(),
            typed: None,
            saving: None,
            said: Vec::new(),
            generation: 0,
            dirty: true,
        }
    }

    /// What is shown: the past gone to, the frozen snapshot, else the live one.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        match (&self.travel, &self.frozen) {
            (Some(travel), _) => travel.shown(),
            (None, Some((snapshot, _))) => snapshot,
            (None, None) => &self.live,
        }
    }

    /// The clock shown.
    pub fn now(&self) -> DateTime<Utc> {
        match (&self.travel, &self.frozen) {
            (Some(travel), _) => travel.at(),
            (None, Some((_, at))) => *at,
            (None, None) => self.clock,
        }
    }

    /// Go into the past, at a moment; nothing where nothing has happened yet.
    pub fn travel_to(&mut self, at: DateTime<Utc>) {
        let known = Known {
            live: &self.live,
            chronicle: &self.chronicle,
        };
        match &mut self.travel {
            Some(travel) => travel.go(known, at),
            None => self.travel = Travel::begin(known, at),
        }
    }

    /// Move in the past, where the screen is there.
    pub fn travelling<T>(&mut self, go: impl FnOnce(&mut Travel, Known<'_>) -> T) -> Option<T> {
        let known = Known {
            live: &self.live,
            chronicle: &self.chronicle,
        };
        self.travel.as_mut().map(|travel| go(travel, known))
    }

    /// Whether a panel shows now although the screen stands in the past, since nothing was noted of it then.
    fn is_of_now(&self, panel: Panel) -> bool {
        let Some(at) = self.travel.as_ref().map(Travel::at) else {
            return false;
        };
        at < self.live.now
            && match panel {
                Panel::Board | Panel::Chart | Panel::Tape | Panel::Extraction | Panel::Signals => {
                    false
                }
                Panel::Opportunities => !self.chronicle.reaches_fair(at),
                _ => !self.chronicle.reaches(at),
            }
    }

    /// What a panel draws with.
    pub fn draw(&self, panel: Panel) -> Draw<'_> {
        Draw {
            snapshot: self.snapshot(),
            now: self.now(),
            zone: self.zone,
            theme: &self.theme,
            focused: self.focus == panel && self.overlays.is_empty(),
            filter: self.filters.get(&panel).map_or("", String::as_str),
            flashes: (self.travel.is_none() && self.frozen.is_none()).then_some(&self.flashes),
            seen: Some(&self.seen),
            of_now: self.is_of_now(panel),
        }
    }

    /// The game selected on the board.
    pub fn selected_game(&self) -> Option<&Arc<GameView>> {
        self.board.selected(&self.draw(Panel::Board))
    }

    /// Show a short message; an equal one is not shown twice.
    pub fn toast(&mut self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        let notice = Notice {
            at: self.clock,
            severity,
            text: text.clone(),
        };
        self.notices.push_back(notice);
        if self.notices.len() > NOTICES {
            self.notices.pop_front();
        }
        self.toasts.retain(|toast| toast.text != text);
        self.toasts.push_back(Toast {
            severity,
            text,
            until: self.elapsed + stay(severity),
        });
        while self.toasts.len() > TOASTS {
            self.toasts.pop_front();
        }
        self.dirty = true;
    }

    /// Remember what changes with `next`, so that it shows for a moment. A first load, or a great one, is no news.
    pub fn note_changes(&mut self, next: &Snapshot) {
        let before: HashMap<GameId, &Arc<GameView>> =
            self.live.games.iter().map(|game| (game.id, game)).collect();
        let mut changed = Vec::new();
        for game in next.games.iter() {
            let Some(old) = before.get(&game.id).filter(|old| !Arc::ptr_eq(old, game)) else {
                continue;
            };
            let mut old = old.series.iter().peekable();
            for series in &game.series {
                // Both are sorted by key.
                while old.next_if(|o| o.key < series.key).is_some() {}
                let same = old.next_if(|o| o.key == series.key);
                if same.is_some_and(|o| o.price != series.price && o.changed_at < series.changed_at)
                {
                    changed.push(series.key.clone());
                }
            }
        }
        if changed.len() <= MOST_FLASHES {
            let until = self.elapsed + FLASH;
            self.flashes
                .extend(changed.into_iter().map(|key| (key, until)));
        }
    }

    /// Put on the theme of a name, with the changes of its own file. Fails with what is wrong in the file; the named
    /// theme is put on all the same.
    pub fn wear(&mut self, name: ThemeName) -> Result<(), String> {
        let own = self
            .own_theme
            .as_deref()
            .filter(|_| name != ThemeName::Mono);
        let worn = own.map(|own| Theme::with_own(name, own));
        self.dirty = true;
        match worn {
            Some(Ok(theme)) => self.theme = theme,
            Some(Err(why)) => {
                self.theme = Theme::named(name);
                return Err(why);
            }
            None => self.theme = Theme::named(name),
        }
        Ok(())
    }

    /// A command to the engine under the next generation.
    pub fn ask(&mut self, command: Command) -> Effect {
        self.generation += 1;
        Effect::Ask(Asked {
            generation: self.generation,
            command,
        })
    }

    /// Keys of the tape's rows as shown.
    pub fn tape_keys(&self) -> Vec<u64> {
        tape::rows(&self.draw(Panel::Tape))
            .map(|entry| entry.serial)
            .collect()
    }

    /// A selected game that was joined with another is that other game now.
    pub fn follow_joins(&mut self) {
        let redirects = &self.live.redirects;
        let selected = [
            self.board.game.as_mut(),
            self.extraction.selected.as_mut().map(|(game, _)| game),
        ];
        for game in selected.into_iter().flatten() {
            if let Some(now) = redirects.get(game) {
                *game = *now;
            }
        }
    }

    /// Keys of the extraction log's rows as shown.
    pub fn extraction_keys(&self) -> Vec<extraction::Key> {
        extraction::rows(&self.draw(Panel::Extraction))
            .map(extraction::key)
            .collect()
    }

    /// Keys of the backfills.
    pub fn backfill_keys(&self) -> Vec<u64> {
        backfill::rows(&self.draw(Panel::Backfill))
            .map(|row| row.id)
            .collect()
    }

    /// Keys of the signals' rows as shown.
    pub fn signal_keys(&self) -> Vec<SignalKey> {
        signals::rows(&self.draw(Panel::Signals))
            .map(SignalView::key)
            .collect()
    }

    /// Keys of the opportunities' rows as shown.
    pub fn chance_keys(&self) -> Vec<ChanceKey> {
        opportunities::rows(&self.draw(Panel::Opportunities))
            .map(ChanceView::key)
            .collect()
    }

    /// Keys of the log's rows as shown.
    pub fn log_keys(&self) -> Vec<logs::Key> {
        logs::rows(&self.draw(Panel::Logs)).map(logs::key).collect()
    }
}
