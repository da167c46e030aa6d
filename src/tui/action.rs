//! The one table of actions. Keys, hints, palette and help are made from it.

use super::panel::Panel;
use super::ui::Ui;
use crate::engine::snapshot::Collecting;

/// Where an action's keys count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere.
    Global,
    /// While the board has the keys.
    Board,
    /// While the chart has the keys.
    Chart,
    /// While the signals have the keys.
    Signals,
    /// While the jobs have the keys.
    Jobs,
}

impl Context {
    /// Every place, as help and docs list them.
    pub const ALL: [Self; 5] = [
        Self::Global,
        Self::Board,
        Self::Chart,
        Self::Signals,
        Self::Jobs,
    ];

    /// Heading in the help.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Global => "everywhere",
            Self::Board => "board",
            Self::Chart => "chart",
            Self::Signals => "signals",
            Self::Jobs => "jobs",
        }
    }

    /// The context of a panel.
    pub const fn of(panel: Panel) -> Self {
        match panel {
            Panel::Board => Self::Board,
            Panel::Chart => Self::Chart,
            Panel::Signals => Self::Signals,
            Panel::Jobs => Self::Jobs,
            _ => Self::Global,
        }
    }
}

macro_rules! actions {
    ($($context:ident { $($name:ident $id:literal $title:literal $description:literal [$($key:literal),*]),+ $(,)? })+) => {
        /// Something a key can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action { $($(#[doc = $description] $name),+),+ }

        impl Action {
            /// Every action, in the order shown.
            pub const ALL: &'static [Self] = &[$($(Self::$name),+),+];

            /// Name in the settings: `[screen.keys]`.
            pub const fn id(self) -> &'static str {
                match self { $($(Self::$name => $id),+),+ }
            }

            /// A word or two for hints.
            pub const fn title(self) -> &'static str {
                match self { $($(Self::$name => $title),+),+ }
            }

            /// A sentence for help and palette.
            pub const fn description(self) -> &'static str {
                match self { $($(Self::$name => $description),+),+ }
            }

            /// Keys it has unless settings say otherwise.
            pub const fn default_keys(self) -> &'static [&'static str] {
                match self { $($(Self::$name => &[$($key),*]),+),+ }
            }

            /// Where its keys count.
            pub const fn context(self) -> Context {
                match self { $($(Self::$name => Context::$context),+),+ }
            }
        }
    };
}

actions! {
    Global {
        Quit "quit" "quit" "Leave linetape; what was collected stays." ["q", "ctrl-c"],
        Help "help" "help" "Show every key, searchable." ["?", "f1"],
        Palette "palette" "palette" "Find an action by typing its name." [":", "ctrl-p"],
        Refresh "refresh" "refresh" "Poll the sources of the selected game now." ["r"],
        RefreshAll "refresh_all" "all" "Poll every source now." ["R"],
        Backfill "backfill" "backfill" "Fetch the history of a range of days." ["b"],
        Cancel "cancel" "cancel" "Stop the work under way; what is done of it stays." ["x"],
        Freeze "freeze" "freeze" "Hold the screen still; collection goes on." ["f"],
        Pause "pause" "pause" "Stop polling, or poll again." ["p"],
        Filter "filter" "filter" "Show only rows with the words typed." ["/"],
        Open "open" "open" "Open the chart of the game or move; elsewhere zoom." ["enter"],
        Zoom "zoom" "zoom" "Give the panel the whole screen, or take it back." ["z"],
        Back "back" "back" "Leave zoom, cursor or filter." ["esc", "backspace"],
        Up "up" "up" "One row up." ["up", "k"],
        Down "down" "down" "One row down." ["down", "j"],
        Left "left" "left" "To the left; in the chart to the change before." ["left", "h"],
        Right "right" "right" "To the right; in the chart to the change after." ["right", "l"],
        PageUp "page_up" "page up" "Ten rows up." ["pageup", "ctrl-u"],
        PageDown "page_down" "page down" "Ten rows down." ["pagedown", "ctrl-d"],
        First "first" "first" "To the first row." ["home", "g"],
        Last "last" "last" "To the last row." ["end", "G"],
        NextPanel "next_panel" "next panel" "Give the keys to the next panel." ["tab"],
        PreviousPanel "previous_panel" "previous panel" "Give the keys to the previous panel." ["backtab"],
        Board "board" "board" "Board: games and books." ["1"],
        Chart "chart" "chart" "Chart: the selected game's line by book." ["2"],
        Tape "tape" "tape" "Tape: moves as they happen." ["3"],
        Extraction "extraction" "extraction" "Extraction log: what was read from each game." ["4"],
        Persistence "persistence" "persistence" "Persistence: spool and Postgres." ["5"],
        Cache "cache" "cache" "Cache: hit rates." ["6"],
        Sources "sources" "sources" "Sources: health, cadence and quota." ["7"],
        Backfills "backfills" "backfills" "Backfills: progress and outcome." ["8"],
        Logs "logs" "logs" "Logs: what linetape says about itself." ["9"],
        Signals "signals" "signals" "Signals: why lines move, and who moved first." ["w"],
        Opportunities "opportunities" "chances" "Opportunities: prices better than fair, arbitrages, middles." ["O"],
        Jobs "jobs" "jobs" "Jobs: what is done at set times, and what came of it." ["J"],
        NextMarket "next_market" "market" "Next market: moneyline, spread, total." ["m"],
        PreviousMarket "previous_market" "market back" "Previous market." ["M"],
        NextPeriod "next_period" "period" "Next part of the game that is quoted." ["o"],
        NextPhase "next_phase" "phase" "Prices before the start, in play, or what fits each game." ["v"],
        NextSide "next_side" "side" "Which side rows and chart show: the favourite, both, one of them." ["s"],
        TimeTravel "time_travel" "time travel" "Go back to any stored moment, on every panel; again, back to now." ["t"],
        Play "play" "play" "Let the past run on, or stand." ["space"],
        StepBack "step_back" "change before" "To the change before this moment." [","],
        StepForward "step_forward" "change after" "To the change after this moment." ["."],
        HourBack "hour_back" "hour back" "An hour back." ["<"],
        HourForward "hour_forward" "hour on" "An hour on." [">"],
        Slower "slower" "slower" "Play slower." ["{"],
        Faster "faster" "faster" "Play faster, up to 600 times." ["}"],
        JumpTo "jump_to" "jump to" "Type the moment to go to." ["T"],
        Export "export" "export" "Take away what is shown, to a file or the clipboard." ["e"],
        Notices "notices" "messages" "Every message of this run, alerts too." ["n"],
        Mute "mute" "mute" "Silence the alerts, or hear them again." ["A"],
        Mouse "mouse" "mouse" "Read the mouse, or leave it to the terminal for selecting text." ["Y"],
        Redraw "redraw" "redraw" "Paint the whole screen again." ["ctrl-l"],
        Suspend "suspend" "to shell" "Go to the shell; fg comes back." ["ctrl-z"],
    }
    Board {
        ClearFilter "clear_filter" "show all" "Drop the board's filter." ["0"],
        NextSort "next_sort" "sort" "Next order of games: start, move, hold, league." ["S"],
        Alternates "alternates" "lines" "The game's other lines, book by book, the best price of each marked." ["a"],
        Star "star" "favourite" "Keep the selected game on top, or let it go." ["*"],
    }
    Chart {
        ZoomIn "zoom_in" "zoom in" "A shorter range: all, 1d, 6h, 1h, 15m." ["+", "="],
        ZoomOut "zoom_out" "zoom out" "A longer range." ["-"],
        NextBook "next_book" "focus" "Bring the next book to the front." ["]"],
        PreviousBook "previous_book" "focus back" "Bring the previous book to the front." ["["],
        LineOrPrice "line_or_price" "measure" "Draw the line (points), its price, or the fair probability." ["y"],
        Compare "compare" "compare" "Hold this chart beside the next ones, or let it go." ["c"],
        LoadHistory "load_history" "history" "Read the game's whole stored history." ["H"],
    }
    Signals {
        Acknowledge "acknowledge" "seen" "Mark the selected signal as seen, or take that back." ["a"],
        AcknowledgeAll "acknowledge_all" "all seen" "Mark every signal shown as seen." ["D"],
    }
    Jobs {
        RunJob "run_job" "run job" "Do the selected job now, whatever its time." ["!"],
    }
}

impl Action {
    /// The panel an action opens.
    pub const fn panel(self) -> Option<Panel> {
        Some(match self {
            Self::Board => Panel::Board,
            Self::Chart => Panel::Chart,
            Self::Tape => Panel::Tape,
            Self::Extraction => Panel::Extraction,
            Self::Persistence => Panel::Persistence,
            Self::Cache => Panel::Cache,
            Self::Sources => Panel::Sources,
            Self::Backfills => Panel::Backfill,
            Self::Logs => Panel::Logs,
            Self::Signals => Panel::Signals,
            Self::Opportunities => Panel::Opportunities,
            Self::Jobs => Panel::Jobs,
            _ => return None,
        })
    }

    /// Why it cannot be done now; none when it can.
    pub fn disabled(self, ui: &Ui) -> Option<&'static str> {
        // Asked for many actions a frame, so that only those look at the games that must.
        let no_game = || ui.selected_game().is_none();
        let snapshot = ui.snapshot();
        match self {
            Self::Refresh | Self::LoadHistory | Self::Star | Self::Compare if no_game() => {
                Some("no game is selected; the board fills once a source has answered")
            }
            Self::LoadHistory if ui.selected_game().is_some_and(|g| g.history_loaded) => {
                Some("the whole stored history of this game is already here")
            }
            Self::Alternates => super::overlay::lines::hindrance(ui),
            Self::RunJob => super::panel::jobs::hindrance(ui.jobs.selected, snapshot),
            Self::Cancel => super::work::to_stop(ui).err(),
            Self::Pause if matches!(snapshot.collecting, Collecting::Stopped(_)) => {
                Some("collection stopped by itself; the banner says why")
            }
            Self::TimeTravel | Self::JumpTo if ui.travel.is_none() && !ui.live.has_past() => {
                Some("no price has been stored yet; the past begins with the first one")
            }
            Self::Play
            | Self::StepBack
            | Self::StepForward
            | Self::HourBack
            | Self::HourForward
            | Self::Slower
            | Self::Faster
                if ui.travel.is_none() =>
            {
                Some("the screen shows now; press t to go back in time")
            }
            Self::Acknowledge | Self::AcknowledgeAll if ui.signal_keys().is_empty() => {
                Some("there is no signal to mark")
            }
            Self::Filter if !ui.focus.has_filter() => Some(
                "this panel has nothing to filter; board, tape, extraction log, logs, signals and opportunities have",
            ),
            _ => None,
        }
    }
}
