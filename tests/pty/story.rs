//! What the cockpit is for, a story each, from the first key to what comes of it.
//!
//! | Story | Shows |
//! |---|---|
//! | `layout` | a screen designed for each size |
//! | `board` | games and books: markets, sides, filters, orders, favourites |
//! | `chart` | one line read down to the bytes it came in |
//! | `time_travel` | any stored moment on every panel, played, replayed, watched |
//! | `keys` | keys, words, remapped keys and the mouse; what cannot be done says why |
//! | `themes` | other clothes while it runs, and none at all |
//! | `work` | work in view, alerts, messages, and the same screen tomorrow |
//! | `export` | what is shown, taken away |
//! | `budgets` | not a byte when nothing happens, and an answer all the same |

#[path = "story/board.rs"]
mod board;
#[path = "story/budgets.rs"]
mod budgets;
#[path = "story/chart.rs"]
mod chart;
#[path = "story/export.rs"]
mod export;
#[path = "story/keys.rs"]
mod keys;
#[path = "story/layout.rs"]
mod layout;
#[path = "story/themes.rs"]
mod themes;
#[path = "story/time_travel.rs"]
mod time_travel;
#[path = "story/work.rs"]
mod work;

use super::cockpit::Cockpit;

/// Say words in the palette.
fn say(cockpit: &mut Cockpit, words: &str) {
    cockpit.keys(":");
    cockpit.wait_for("╭ Palette");
    cockpit.keys(words);
    cockpit.wait_for(&format!(" : {words}"));
    cockpit.keys("\r");
    cockpit.wait_without("╭ Palette");
}
