//! The page: one table, one row a game, ten cells a row, two values a cell.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::signed;
use crate::domain::league::League;

/// Whose bets a page counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Circa,
    DraftKings,
}

impl View {
    /// The demo's shop.
    pub(super) const fn shop(self) -> &'static str {
        match self {
            Self::Circa => "Circa",
            Self::DraftKings => "draftkings",
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Circa => "circa",
            Self::DraftKings => "dk",
        }
    }

    /// A price: Circa's have no plus.
    pub(super) fn price(self, price: i32) -> String {
        match self {
            Self::Circa => price.to_string(),
            Self::DraftKings => signed(price),
        }
    }
}

/// A market of a game; the visitors or the over first.
#[derive(Debug)]
pub(super) struct Cell {
    /// Empty where the market is not open.
    pub(super) lines: [String; 2],
    pub(super) handle: (u8, u8),
    pub(super) bets: (u8, u8),
    /// Whether the first side won; none before the end.
    pub(super) won: Option<bool>,
}

/// A game.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) code: String,
    pub(super) away: String,
    pub(super) home: String,
    /// The numbers of the teams' pictures.
    pub(super) numbers: (u32, u32),
    pub(super) cells: [Cell; 3],
}

/// The whole page.
pub(super) fn page(view: View, league: League, date: NaiveDate, rows: &[Row]) -> String {
    let titles = if league == League::Mlb {
        ["Money", "Total", "RL"]
    } else {
        ["Spread", "Total", "Money"]
    };
    let name = league.as_str();
    let mut out = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>{} Betting Splits</title></head><body><main><div>\
         <table class=\"freezetable\"><thead><tr><th colspan=\"10\">{} Betting Splits</th></tr><tr><th><span>\
         <a class=\"txt-color-white text-center bold\" href=\"/{name}/games/?gamedate={date}\">{}</a></span></th>",
        name.to_uppercase(),
        name.to_uppercase(),
        date.format("%A,%b %-d"),
    );
    for title in titles {
        let _ = write!(out, "<th>{title}</th><th>Handle</th><th>Bets</th>");
    }
    out += "</tr></thead><tbody>";
    for row in rows {
        write_row(&mut out, view, name, row);
    }
    out += "</tbody></table></div></main></body></html>";
    out
}

fn write_row(out: &mut String, view: View, league: &str, row: &Row) {
    let id = view.id();
    let modal = |what: &str, inside: &str| {
        format!(
            "<a href=\"\" data-bs-toggle=\"modal\" data-bs-target=\"#VSiNModal\" data-param1=\"{what}\" \
             data-param2=\"{}\"{inside}</a>",
            row.code
        )
    };
    let picture = |number: u32| {
        format!("><img src=\"/img/teams/{league}/{number}.png\" height=\"20px\" width=\"15px\">")
    };
    let team = |name: &str| {
        let address = name.to_lowercase().replace(". ", "-").replace(' ', "-");
        // Names are padded to the width of a column of theirs.
        format!("<a class=\"txt-color-vsinred\" href=\"/{league}/teams/{address}\">{name:<20}</a>")
    };
    let games = format!("{id}splitsgame");
    let _ = write!(
        out,
        "<tr class=\"\"><td class=\"div_sep text-left fw-bold font-12\"><span class=\"\">{}</span>&nbsp;{}<hr>\
         <span class=\"\">{}</span>&nbsp;{}<div class=\"collapse\" id=\"{id}results\"><hr><hr>\
         <div class=\"dropdown-divider\"></div><div class=\"font-11 text-center\"><div class=\"row\"><div class=\"col-5\">{}</div>\
         <div class=\"col-7\">{}</div></div></div><hr></div></td>",
        modal(&games, &picture(row.numbers.0)),
        team(&row.away),
        modal("propicks", &picture(row.numbers.1)),
        team(&row.home),
        modal(
            &games,
            " role=\"button\"><i class=\"fa-solid fa-clock-rotate-left\" aria-hidden=\"true\"></i> History"
        ),
        if view == View::DraftKings {
            modal(
                "propicks",
                " role=\"button\"><i class=\"fa fa-star\" aria-hidden=\"true\"></i> 2 VSiN Picks",
            )
        } else {
            String::new()
        },
    );
    for cell in &row.cells {
        write_cell(out, view, cell);
    }
    *out += "</tr>";
}

fn write_cell(out: &mut String, view: View, cell: &Cell) {
    let [first, second] = cell.lines.each_ref().map(|line| match view {
        View::Circa => line.clone(),
        View::DraftKings => format!(
            "<a class=\"txt-color-vsinred\" href=\"https://static.demo.invalid/bet?wpcn=BettingSplits&amp;wpsn=VSIN\" \
             title=\"Bet Now at DraftKings\" target=\"_blank\" rel=\"nofollow\">{line}</a>"
        ),
    });
    let _ = write!(
        out,
        "<td class=\"text-left fw-bold div_sep\"><div class=\"scorebox_highlight text-center game_highlight_dark\">{first}\
         </div><hr><div class=\"scorebox_highlight text-center game_highlight_dark\">{second}</div></td>",
    );
    let agree = cell.handle.0 >= 50;
    for (share, other) in [(cell.handle, cell.bets), (cell.bets, cell.handle)] {
        let percent = |share: u8, other: u8| {
            // The side that has more money than tickets, or the reverse, gets an arrow.
            let arrow = if share >= other.saturating_add(10) {
                "&nbsp;<i class=\"icon-green fa fa-arrow-up\" aria-hidden=\"true\"></i>&nbsp;"
            } else {
                ""
            };
            let style = if share >= 70 {
                "box_highlight_for1"
            } else {
                "box_highlight_even1"
            };
            format!("<div class=\"text-center {style} fw-bold\">{share}%{arrow}</div>")
        };
        let _ = write!(
            out,
            "<td class=\"text-left fw-bold\">{}<hr>{}",
            percent(share.0, other.0),
            percent(share.1, other.1),
        );
        if let Some(won) = cell.won {
            // What the side with more of the handle came to.
            let (style, word) = if won == agree {
                ("for", "Win")
            } else {
                ("agn", "Loss")
            };
            let _ = write!(
                out,
                "<div class=\"collapse\" id=\"{}results\"><div class=\"dropdown-divider\"></div>\
                 <div class=\"text-center font-12 box_highlight_{style} fw-bold\">{word}</div></div>",
                view.id(),
            );
        }
        *out += "</td>";
    }
}
