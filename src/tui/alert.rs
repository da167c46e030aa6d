//! Whoever is called hears of it: a message, the terminal's bell, the desktop.

use super::effect::Effect;
use super::figures;
use super::ui::Ui;
use super::update::TOAST_LENGTH;
use crate::domain::clean::clean;
use crate::engine::alert::{Call, News};

/// Tell what somebody is called for.
pub(super) fn deliver(ui: &mut Ui, calls: &[Call<'_>]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for call in calls {
        let text = clean(&words(call), TOAST_LENGTH);
        if call.rings && !effects.contains(&Effect::Bell) {
            effects.push(Effect::Bell);
        }
        if call.desktop {
            effects.push(Effect::Desktop(text.clone()));
        }
        ui.toast(call.level, text);
    }
    effects
}

fn words(call: &Call<'_>) -> String {
    let said = match call.news {
        News::Signal(signal) => format!("{}: {}", call.game, signal.reason),
        News::Move(entry) => {
            let price = |price| figures::price(price, &entry.market);
            let before = entry.before.as_ref().map(price).unwrap_or_default();
            format!(
                "{} {} {} {}: {before} → {}",
                call.game,
                entry.market,
                entry.selection,
                entry.label,
                price(&entry.after)
            )
        }
    };
    match call.more {
        0 => said,
        more => format!("{said} (and {more} more)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::ThemeName;
    use crate::engine::event::Severity;
    use crate::tui::fixture;

    #[test]
    fn a_call_is_a_message_and_as_loud_as_it_says() {
        let mut ui = fixture::ui((120, 40), ThemeName::Dark);
        let snapshot = ui.live.clone();
        let (signal, entry) = (&snapshot.signals[0], &snapshot.tape[0]);
        let call = |news, more, rings, desktop| Call {
            level: Severity::Warning,
            game: "MIA @ BAL".into(),
            news,
            more,
            rings,
            desktop,
        };
        let calls = [
            call(News::Signal(signal), 0, true, false),
            call(News::Move(entry), 2, true, true),
        ];
        let effects = deliver(&mut ui, &calls);
        let [first, second] = [&ui.toasts[0].text, &ui.toasts[1].text];
        assert_eq!(*first, format!("MIA @ BAL: {}", signal.reason));
        let ends = format!(
            "→ {} (and 2 more)",
            figures::price(&entry.after, &entry.market)
        );
        assert!(
            second.starts_with(&*entry.game) && second.ends_with(&ends),
            "{second}"
        );
        assert_eq!(effects, [Effect::Bell, Effect::Desktop(second.clone())]);
    }
}
