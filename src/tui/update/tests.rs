use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::*;
use crate::config::settings::ThemeName;
use crate::domain::game::GameId;
use crate::domain::job::Job;
use crate::domain::market::Market;
use crate::engine::command::Asked;
use crate::tui::fixture;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Layout;
use crate::tui::msg::Wishes;
use crate::tui::panel::board::SideMode;
use crate::tui::theme::Theme;

fn ui() -> Ui {
    fixture::ui((120, 40), ThemeName::Dark)
}

fn press(ui: &mut Ui, keys: &str) -> Vec<Effect> {
    keys.split(' ')
        .flat_map(|name| {
            let (code, modifiers) = match name {
                "enter" => (KeyCode::Enter, KeyModifiers::NONE),
                "esc" => (KeyCode::Esc, KeyModifiers::NONE),
                "tab" => (KeyCode::Tab, KeyModifiers::NONE),
                "left" => (KeyCode::Left, KeyModifiers::NONE),
                "right" => (KeyCode::Right, KeyModifiers::NONE),
                "down" => (KeyCode::Down, KeyModifiers::NONE),
                "^c" => (KeyCode::Char('c'), KeyModifiers::CONTROL),
                "^u" => (KeyCode::Char('u'), KeyModifiers::CONTROL),
                other => (
                    KeyCode::Char(other.chars().next().unwrap()),
                    KeyModifiers::NONE,
                ),
            };
            update(ui, Msg::Key(KeyEvent::new(code, modifiers)))
        })
        .collect()
}

fn commands(effects: Vec<Effect>) -> Vec<Command> {
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Ask(Asked { command, .. }) => Some(command),
            _ => None,
        })
        .collect()
}

#[test]
fn keys_become_commands() {
    let game = GameId::from_i64(3);
    for (keys, wanted) in [
        ("r", Command::Refresh(game)),
        ("R", Command::RefreshAll),
        ("p", Command::Pause),
        ("x", Command::Cancel(3)),
    ] {
        assert_eq!(commands(press(&mut ui(), keys)), [wanted], "{keys}");
    }
    assert_eq!(press(&mut ui(), "q"), [Effect::Quit]);
    assert_eq!(press(&mut ui(), "^c"), [Effect::Quit]);
    assert_eq!(
        press(&mut ui(), "? ^c"),
        [Effect::Quit],
        "leaving works under an overlay"
    );
    assert_eq!(
        press(&mut ui(), "/ q"),
        [],
        "a letter typed into a filter is a letter"
    );
}

#[test]
fn every_command_has_its_own_generation() {
    let mut ui = ui();
    let asked: Vec<u64> = press(&mut ui, "R R r")
        .into_iter()
        .filter_map(|e| {
            if let Effect::Ask(asked) = e {
                Some(asked.generation)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(asked, [1, 2, 3]);
}

#[test]
fn a_disabled_action_says_why() {
    let mut ui = ui();
    Arc::make_mut(&mut ui.live).errands = Arc::default();
    assert_eq!(press(&mut ui, "x"), []);
    assert!(
        ui.toasts[0].text.contains("nothing is under way"),
        "{:?}",
        ui.toasts
    );
}

#[test]
fn freezing_keeps_the_old_snapshot_while_new_ones_come() {
    let mut ui = ui();
    press(&mut ui, "f");
    let mut newer = ui.live.as_ref().clone();
    newer.version = 99;
    update(&mut ui, Msg::Snapshot(Arc::new(newer)));
    assert_eq!((ui.snapshot().version, ui.live.version), (1, 99));
    press(&mut ui, "f");
    assert_eq!(ui.snapshot().version, 99);
}

#[test]
fn the_selection_stays_on_its_game_when_games_are_added() {
    let mut ui = ui();
    let before = ui.selected_game().map(|g| g.id);
    let live = Arc::make_mut(&mut ui.live);
    let games = Arc::make_mut(&mut live.games);
    let mut early = games[5].as_ref().clone();
    early.id = GameId::from_i64(77);
    games.insert(0, Arc::new(early));
    assert_eq!(ui.selected_game().map(|g| g.id), before);
}

#[test]
fn the_selection_follows_a_game_that_is_joined_with_another() {
    let mut ui = ui();
    let (gone, now) = (ui.live.games[2].id, ui.live.games[4].id);
    ui.board.game = Some(gone);
    let mut joined = ui.live.as_ref().clone();
    Arc::make_mut(&mut joined.games).retain(|game| game.id != gone);
    joined.redirects = Arc::new([(gone, now)].into());
    update(&mut ui, Msg::Snapshot(Arc::new(joined)));
    assert_eq!(ui.selected_game().map(|g| g.id), Some(now));
}

#[test]
fn a_filter_acts_while_typed_and_esc_undoes_it() {
    let mut ui = ui();
    press(&mut ui, "/ n y y");
    assert_eq!(ui.selected_game().map(|g| g.id), Some(GameId::from_i64(2)));
    press(&mut ui, "esc");
    assert!(ui.filters.is_empty());
    press(&mut ui, "/ n y y enter");
    assert_eq!(ui.filters[&Panel::Board], "nyy");
    press(&mut ui, "0");
    assert!(ui.filters.is_empty());
}

#[test]
fn the_palette_does_what_it_finds() {
    let mut ui = ui();
    press(&mut ui, ": f r e e z enter");
    assert!(ui.frozen.is_some());
    assert!(ui.overlays.is_empty());
}

#[test]
fn a_backfill_is_asked_for_in_a_dialog() {
    let mut ui = ui();
    press(&mut ui, "b ^u");
    for c in "2025-07-01".chars() {
        update(
            &mut ui,
            Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)),
        );
    }
    let asked = commands(press(&mut ui, "enter"));
    let [Command::Backfill(request)] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(
        (request.from.to_string(), request.to.to_string()),
        ("2025-07-01".into(), "2025-07-11".into())
    );
    assert_eq!(ui.focus, Panel::Backfill, "its progress comes into view");
    let mut ui = fixture::ui((120, 40), ThemeName::Dark);
    press(&mut ui, "b ^u x");
    assert!(commands(press(&mut ui, "enter")).is_empty());
    assert_eq!(ui.overlays.len(), 1, "a wrong day keeps the dialog open");
}

#[test]
fn enter_opens_the_chart_and_esc_comes_back() {
    let mut ui = ui();
    press(&mut ui, "enter");
    assert_eq!((ui.focus, ui.zoomed), (Panel::Chart, true));
    press(&mut ui, "left");
    assert!(ui.chart.cursor.is_some());
    press(&mut ui, "esc");
    assert!(ui.chart.cursor.is_none() && ui.zoomed);
    press(&mut ui, "esc");
    assert_eq!((ui.focus, ui.zoomed), (Panel::Board, false));
}

#[test]
fn the_cursor_snaps_to_changes_in_order() {
    let mut ui = ui();
    press(&mut ui, "2");
    let mut seen = Vec::new();
    for _ in 0..6 {
        press(&mut ui, "left");
        seen.extend(ui.chart.cursor);
    }
    assert!(seen.windows(2).all(|pair| pair[1] < pair[0]), "{seen:?}");
    let game = ui.selected_game().unwrap().clone();
    for at in &seen {
        assert!(
            game.series
                .iter()
                .any(|s| s.points.iter().any(|p| p.at == *at)),
            "{at} is no change"
        );
    }
    press(&mut ui, "right");
    assert_eq!(ui.chart.cursor, Some(seen[4]));
    for _ in 0..6 {
        press(&mut ui, "right");
    }
    assert_eq!(
        ui.chart.cursor, None,
        "past the newest change the chart follows now"
    );
}

#[test]
fn a_move_on_the_tape_opens_its_chart() {
    let mut ui = ui();
    press(&mut ui, "3 down");
    let serial = ui.tape.selected.unwrap();
    let entry = ui
        .live
        .tape
        .iter()
        .find(|e| e.serial == serial)
        .unwrap()
        .clone();
    press(&mut ui, "enter");
    assert_eq!(ui.board.game, Some(entry.game_id));
    assert_eq!(ui.chart.cursor, Some(entry.at));
    assert_eq!(ui.focus, Panel::Chart);
}

#[test]
fn market_and_side_cycle() {
    let mut ui = ui();
    press(&mut ui, "m");
    assert_eq!(ui.board.market, Market::Spread);
    press(&mut ui, "M M");
    assert_eq!(ui.board.market, Market::Total);
    press(&mut ui, "s");
    assert_eq!(ui.board.side, SideMode::Both);
}

#[test]
fn every_panel_is_reached_by_number_and_by_tab() {
    for (index, panel) in Panel::ALL.into_iter().enumerate() {
        let mut ui = ui();
        let key = match panel {
            Panel::Signals => "w".to_owned(),
            Panel::Opportunities => "O".to_owned(),
            Panel::Jobs => "J".to_owned(),
            _ => (index + 1).to_string(),
        };
        press(&mut ui, &key);
        assert_eq!(ui.focus, panel);
        assert!(
            Layout::of(&ui).places().iter().any(|(p, _)| *p == panel),
            "{panel:?} is not in view"
        );
    }
    let mut ui = fixture::ui((80, 24), ThemeName::Dark);
    for _ in 0..Panel::ALL.len() {
        press(&mut ui, "tab");
    }
    assert_eq!(ui.focus, Panel::Board);
}

#[test]
fn a_job_is_run_by_its_key_where_it_can_be() {
    let mut ui = ui();
    press(&mut ui, "!");
    assert!(ui.toasts.is_empty(), "the key counts in the panel only");
    press(&mut ui, "J !");
    assert!(ui.toasts[0].text.contains("select"), "{:?}", ui.toasts);
    assert_eq!(
        commands(press(&mut ui, "down !")),
        [Command::RunJob(Job::UpdateGames)]
    );
    // The next one's work comes later, and the one after it is under way.
    for word in ["comes with", "under way"] {
        assert_eq!(commands(press(&mut ui, "down !")), []);
        let told = ui.toasts.back().unwrap();
        assert!(told.text.contains(word), "{}", told.text);
    }
}

#[test]
fn toasts_go_after_their_time_and_replies_make_them() {
    let mut ui = ui();
    update(
        &mut ui,
        Msg::Engine(Event::Reply {
            generation: 1,
            outcome: Err("no \u{1b}[2Jsource".into()),
        }),
    );
    assert_eq!(ui.toasts[0].text, "no [2Jsource");
    ui.dirty = false;
    update(
        &mut ui,
        Msg::Time {
            elapsed: Duration::from_secs(7),
            now: None,
        },
    );
    assert!(ui.toasts.is_empty() && ui.dirty);
}

#[test]
fn the_terminal_chooses_the_theme_only_when_asked() {
    let mut ui = ui();
    update(&mut ui, Msg::Background { light: true });
    assert_eq!(ui.theme, Theme::named(ThemeName::Dark));
    ui.theme_follows_terminal = true;
    update(&mut ui, Msg::Background { light: true });
    assert_eq!(ui.theme, Theme::named(ThemeName::Light));
}

#[test]
fn the_past_is_shown_by_every_panel_and_left_with_one_key() {
    let mut ui = ui();
    press(&mut ui, ",");
    assert_eq!(ui.toasts.len(), 1, "now has no change before it to go to");
    press(&mut ui, "t , ,");
    let at = ui.now();
    assert!(at < ui.clock);
    assert!(ui.snapshot().tape.iter().all(|entry| entry.at <= at));
    assert!(
        ui.snapshot()
            .games
            .iter()
            .all(|game| game.changed_at <= Some(at))
    );
    assert!(ui.draw(Panel::Cache).of_now && !ui.draw(Panel::Board).of_now);
    let live = Arc::clone(&ui.live);
    let early = live.at(at - TimeDelta::minutes(1));
    ui.chronicle.note(&early, std::time::Duration::ZERO);
    assert!(!ui.draw(Panel::Cache).of_now, "once it was noted");
    // The market goes on meanwhile, and nothing of it shows.
    let mut later = ui.live.as_ref().clone();
    later.now += TimeDelta::minutes(5);
    update(&mut ui, Msg::Snapshot(Arc::new(later)));
    assert_eq!(ui.now(), at);
    press(&mut ui, "t");
    assert_eq!(ui.now(), ui.clock);
    assert!(ui.travel.is_none());
}

#[test]
fn new_settings_act_at_once_and_wrong_ones_change_nothing() {
    let mut ui = ui();
    let mut wishes = Wishes {
        screen: crate::config::settings::Screen {
            theme: ThemeName::Light,
            ..Default::default()
        },
        alerts: crate::config::settings::Alerts::default(),
        own_theme: Some("[roles]\nup = { fg = 46 }".into()),
    };
    wishes.screen.keys.insert("refresh_all".into(), "f9".into());
    update(&mut ui, Msg::Settings(Ok(Box::new(wishes.clone()))));
    let f9 = KeyEvent::new(KeyCode::F(9), KeyModifiers::NONE);
    assert_eq!(
        commands(update(&mut ui, Msg::Key(f9))),
        [Command::RefreshAll]
    );
    assert_eq!(ui.theme.up.fg, Some(ratatui::style::Color::Indexed(46)));
    let before = (ui.keymap.clone(), ui.theme.clone());
    wishes.screen.keys.insert("refresh".into(), "q".into());
    update(&mut ui, Msg::Settings(Ok(Box::new(wishes))));
    update(&mut ui, Msg::Settings(Err("line 3 is wrong".into())));
    assert_eq!((ui.keymap.clone(), ui.theme.clone()), before);
    assert!(
        ui.notices
            .iter()
            .any(|n| n.text.contains("both quit and refresh"))
    );
    assert!(
        ui.notices
            .iter()
            .any(|n| n.text.contains("line 3 is wrong"))
    );
}

#[test]
fn the_mouse_selects_what_lies_under_it() {
    let mut ui = ui();
    let click = |ui: &mut Ui, x, y| {
        let event = MouseEvent {
            kind: MouseEventKind::Down(crossterm::event::MouseButton::Left),
            column: x,
            row: y,
            modifiers: KeyModifiers::NONE,
        };
        update(ui, Msg::Mouse(event))
    };
    let place = |ui: &Ui, panel| {
        let places = Layout::of(ui).places();
        places.into_iter().find(|(p, _)| *p == panel).unwrap().1
    };
    let board = place(&ui, Panel::Board);
    for row in 0..4 {
        click(&mut ui, board.x + 3, board.y + 2 + row);
        let games = ui.board.games(&ui.draw(Panel::Board));
        assert_eq!(
            ui.board.game,
            games.get(usize::from(row)).map(|game| game.id)
        );
    }
    let chart = place(&ui, Panel::Chart);
    click(&mut ui, chart.x + chart.width / 3, chart.y + 4);
    assert!(ui.chart.cursor.is_some_and(|at| at <= ui.now()));
    assert_eq!(ui.focus, Panel::Chart);
    let tape = place(&ui, Panel::Tape);
    click(&mut ui, tape.x + 3, tape.y + 3);
    assert_eq!(ui.tape.selected, ui.tape_keys().get(1).copied());
    assert!(matches!(press(&mut ui, "Y")[..], [Effect::Mouse(true)]));
}

#[test]
fn signals_are_marked_as_seen_one_by_one_or_all() {
    let mut ui = ui();
    press(&mut ui, "w a");
    assert_eq!(ui.seen.len(), 1);
    let all = ui.signal_keys();
    assert_eq!(ui.signals.selected.as_ref(), all.get(1), "on to the next");
    press(&mut ui, "D");
    assert_eq!(ui.seen.len(), all.len());
}

#[test]
fn a_change_shows_for_a_moment_and_rests() {
    let mut ui = ui();
    let mut next = ui.live.as_ref().clone();
    let mut games = next.games.as_ref().clone();
    let mut game = games[2].as_ref().clone();
    let mut series = game.series[0].as_ref().clone();
    series.price.odds = crate::domain::odds::Odds::american(-333).ok();
    series.changed_at = next.now;
    let key = series.key.clone();
    game.series[0] = Arc::new(series);
    games[2] = Arc::new(game);
    next.games = Arc::new(games);
    update(&mut ui, Msg::Snapshot(Arc::new(next)));
    assert_eq!(ui.flashes.keys().collect::<Vec<_>>(), [&key]);
    ui.dirty = false;
    update(
        &mut ui,
        Msg::Time {
            elapsed: Duration::from_secs(1),
            now: None,
        },
    );
    assert!(ui.flashes.is_empty() && ui.dirty);
}

#[test]
fn keys_one_after_the_other_wait_show_what_may_follow_and_forget() {
    let mut ui = ui();
    let keys = [("first", "home g-g"), ("refresh_all", "g-r")];
    let keys = keys.map(|(action, keys)| (action.to_owned(), keys.to_owned()));
    ui.keymap = Keymap::new(&keys.into()).unwrap();
    let later = |ui: &mut Ui, ms| {
        let elapsed = std::time::Duration::from_millis(ms);
        ui.dirty = false;
        update(ui, Msg::Time { elapsed, now: None });
        ui.dirty
    };
    let drawn = |ui: &Ui| {
        let area = Rect::new(0, 0, ui.size.0, ui.size.1);
        let mut buffer = ratatui::buffer::Buffer::empty(area);
        crate::tui::draw::draw(ui, &mut buffer);
        let cells = buffer.content.iter();
        cells.map(ratatui::buffer::Cell::symbol).collect::<String>()
    };
    assert_eq!(press(&mut ui, "g"), []);
    assert!(
        !drawn(&ui).contains("g …"),
        "whoever knows it is not interrupted"
    );
    assert!(!later(&mut ui, 200) && later(&mut ui, 301) && !later(&mut ui, 400));
    let shown = drawn(&ui);
    assert!(
        shown.contains("g …") && shown.contains(" g first"),
        "{shown}"
    );
    let asked = press(&mut ui, "r");
    assert!(matches!(&asked[..], [Effect::Ask(asked)] if asked.command == Command::RefreshAll));
    assert!(ui.typed.is_none() && ui.toasts.is_empty());
    // A letter that leads nowhere is told and does nothing; Esc just leaves.
    assert_eq!(press(&mut ui, "g q"), []);
    assert!(
        ui.toasts[0]
            .text
            .contains("q means nothing after g; there may follow: r all, g first"),
        "{:?}",
        ui.toasts
    );
    ui.zoomed = true;
    press(&mut ui, "g");
    press(&mut ui, "esc");
    assert!(ui.zoomed && ui.typed.is_none() && ui.toasts.len() == 1);
}
