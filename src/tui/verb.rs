//! What the palette understands with words after it: `market total`, `goto 19:42`, `filter team:mia moved>10`.

use super::effect::Effect;
use super::export::Form;
use super::overlay::backfill::Dialog;
use super::panel::Panel;
use super::panel::board::Sort;
use super::panel::chart::Range;
use super::travel;
use super::ui::Ui;
use super::update::{set_filter, show, take, wear};
use crate::config::settings::ThemeName;
use crate::domain::market::Market;
use crate::engine::command::Command;
use crate::engine::event::Severity;

/// A word that takes others.
#[derive(Debug, Clone, Copy)]
pub struct Verb {
    /// The word.
    pub name: &'static str,
    /// What follows it.
    pub takes: &'static str,
    /// What it does.
    pub description: &'static str,
    run: fn(&mut Ui, &str) -> Result<Vec<Effect>, String>,
}

impl PartialEq for Verb {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Verb {}

/// Every such word.
pub static VERBS: [Verb; 9] = [
    Verb {
        name: "game",
        takes: "TEAM",
        description: "Select the first game with these words.",
        run: game,
    },
    Verb {
        name: "market",
        takes: "moneyline|spread|total",
        description: "Show a market.",
        run: market,
    },
    Verb {
        name: "sort",
        takes: "start|move|hour|change|hold|league",
        description: "Put games in another order.",
        run: sort,
    },
    Verb {
        name: "only",
        takes: "team:mia book:dk moved>10",
        description: "Show only games that hold all of this.",
        run: only,
    },
    Verb {
        name: "range",
        takes: "15m|1h|6h|1d|all",
        description: "How far back the chart reaches.",
        run: range,
    },
    Verb {
        name: "goto",
        takes: "19:42 or 2025-07-12 19:42 or -2h",
        description: "Show that moment on every panel.",
        run: goto,
    },
    Verb {
        name: "theme",
        takes: "dark|light|contrast|mono",
        description: "Put on another theme until the screen closes.",
        run: theme,
    },
    Verb {
        name: "take",
        takes: "csv|svg|png|txt|ansi|html",
        description: "Save what is shown.",
        run: save,
    },
    Verb {
        name: "fetch",
        takes: "LEAGUE FROM TO",
        description: "Fetch the history of these days.",
        run: fetch,
    },
];

/// The verb that `words` begin with, where something follows it.
pub fn heard(words: &str) -> Option<(&'static Verb, &str)> {
    let (name, rest) = words.trim_start().split_once(' ')?;
    let verb = VERBS
        .iter()
        .find(|verb| verb.name.eq_ignore_ascii_case(name))?;
    Some((verb, rest.trim()))
}

/// Carry words out, and remember them; what is wrong with them is told.
pub fn say(ui: &mut Ui, words: &str) -> Vec<Effect> {
    let words = words.trim().to_owned();
    ui.said.retain(|said| *said != words);
    ui.said.push(words.clone());
    let Some((verb, rest)) = heard(&words) else {
        ui.toast(
            Severity::Warning,
            format!(
                "{words:?} is nothing the palette knows; type fewer letters to see what it does"
            ),
        );
        return Vec::new();
    };
    match (verb.run)(ui, rest) {
        Ok(effects) => effects,
        Err(why) => {
            ui.toast(
                Severity::Warning,
                format!("{} {}: {why}", verb.name, verb.takes),
            );
            Vec::new()
        }
    }
}

fn game(ui: &mut Ui, words: &str) -> Result<Vec<Effect>, String> {
    let query = crate::engine::query::Query::parse(words);
    let draw = crate::tui::panel::Draw {
        filter: "",
        ..ui.draw(Panel::Board)
    };
    let found = ui.board.games(&draw).into_iter().find(|game| {
        query.keeps(
            format!(
                "{} {} {} {}",
                game.away.abbr, game.home.abbr, game.away.name, game.home.name
            )
            .as_str(),
        )
    });
    let id = found.map(|game| game.id).ok_or("no game has these words")?;
    ui.board.game = Some(id);
    ui.chart.cursor = None;
    ui.filters.remove(&Panel::Board);
    Ok(Vec::new())
}

fn market(ui: &mut Ui, name: &str) -> Result<Vec<Effect>, String> {
    let name = name.to_lowercase();
    let name = match name.as_str() {
        "ml" | "money" => "moneyline",
        "ou" | "totals" => "total",
        "spreads" => "spread",
        other => other,
    };
    if ui.board.follow_market(&Market::from_name(name)) {
        Ok(Vec::new())
    } else {
        Err("the board has no such market".into())
    }
}

fn sort(ui: &mut Ui, name: &str) -> Result<Vec<Effect>, String> {
    ui.board.sort = match name {
        "start" => Sort::Start,
        "move" | "moved" => Sort::Moved,
        "hour" | "lately" => Sort::Lately,
        "change" | "changed" => Sort::Changed,
        "hold" => Sort::Hold,
        "league" => Sort::League,
        _ => return Err("there is no such order".into()),
    };
    Ok(Vec::new())
}

fn only(ui: &mut Ui, words: &str) -> Result<Vec<Effect>, String> {
    if let Some(problem) = crate::engine::query::Query::parse(words).problem() {
        return Err(problem.to_owned());
    }
    set_filter(ui, Panel::Board, words);
    show(ui, Panel::Board);
    Ok(Vec::new())
}

fn range(ui: &mut Ui, name: &str) -> Result<Vec<Effect>, String> {
    ui.chart.range = Range::named(name).ok_or("there is no such range")?;
    Ok(Vec::new())
}

fn goto(ui: &mut Ui, words: &str) -> Result<Vec<Effect>, String> {
    let at = travel::moment(words, ui.clock, ui.zone)?;
    ui.travel_to(at);
    if ui.travel.is_none() {
        return Err("no price has been stored yet".to_owned());
    }
    Ok(Vec::new())
}

fn theme(ui: &mut Ui, name: &str) -> Result<Vec<Effect>, String> {
    let name = match name {
        "dark" => ThemeName::Dark,
        "light" => ThemeName::Light,
        "contrast" => ThemeName::Contrast,
        "mono" => ThemeName::Mono,
        _ => return Err("there is no such theme".into()),
    };
    ui.theme_follows_terminal = false;
    wear(ui, name);
    Ok(Vec::new())
}

fn save(ui: &mut Ui, name: &str) -> Result<Vec<Effect>, String> {
    let form = Form::ALL.into_iter().find(|form| form.name() == name);
    Ok(take(ui, form.ok_or("there is no such form")?, false))
}

fn fetch(ui: &mut Ui, words: &str) -> Result<Vec<Effect>, String> {
    let mut words = words.split_whitespace();
    let league = words.next().unwrap_or_default();
    let league = league
        .parse()
        .map_err(|_| format!("{league:?} is no league"))?;
    let mut dialog = Dialog::new(Some(league), ui.clock);
    let from = words.next().unwrap_or_default();
    dialog.between(from, words.next().unwrap_or(from));
    let request = dialog.request(ui.clock)?;
    if request.league != league {
        return Err(format!("{league} has no history to fetch this way"));
    }
    show(ui, Panel::Backfill);
    Ok(vec![ui.ask(Command::Backfill(request))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::game::GameId;
    use crate::engine::command::Asked;
    use crate::tui::fixture;

    fn ui() -> Ui {
        fixture::ui((120, 40), ThemeName::Dark)
    }

    #[test]
    fn words_are_carried_out_and_remembered() {
        let mut ui = ui();
        for words in [
            "game lad",
            "market total",
            "sort hold",
            "only team:lad",
            "range 1d",
            "theme light",
            "goto -1h",
        ] {
            assert!(say(&mut ui, words).is_empty(), "{words}");
            assert_eq!(ui.said.last().map(String::as_str), Some(words));
        }
        assert!(ui.toasts.is_empty(), "{:?}", ui.toasts);
        assert_eq!(ui.board.game, Some(GameId::from_i64(4)));
        assert_eq!(
            (ui.board.market.clone(), ui.board.sort),
            (Market::Total, Sort::Hold)
        );
        assert_eq!(ui.chart.range, Range::Day);
        assert!(ui.travel.is_some());
        assert!(matches!(say(&mut ui, "take csv")[..], [Effect::Save(_)]));
        let asked = say(&mut ui, "fetch mlb 2025-07-01 2025-07-02");
        assert!(matches!(
            &asked[..],
            [Effect::Ask(Asked { command: Command::Backfill(request), .. })]
                if request.from.to_string() == "2025-07-01" && request.to.to_string() == "2025-07-02"
        ));
        say(&mut ui, "sort hold");
        assert_eq!(
            ui.said.iter().filter(|said| *said == "sort hold").count(),
            1
        );
    }

    #[test]
    fn what_cannot_be_done_is_told() {
        for words in [
            "game zzz",
            "market props",
            "sort up",
            "only moved>much",
            "range 2w",
            "goto noon",
            "theme pink",
            "take pdf",
            "fetch mars 2025-07-01",
            "fetch mlb yesterday",
            "dance now",
        ] {
            let mut ui = ui();
            assert!(say(&mut ui, words).is_empty(), "{words}");
            assert_eq!(ui.toasts.len(), 1, "{words}");
        }
    }
}
