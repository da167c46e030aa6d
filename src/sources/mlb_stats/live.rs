//! The live feed of one game, of which the game, its score and its innings are read.

use super::game::{self, Team, Told};
use super::linescore::Linescore;
use super::not_a_response;
use super::status::{self, Status};
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, Pointer, Scalar, Shape, record};

record! {
    /// The whole feed.
    Whole<'a> {
        id: Scalar<'a> = "gamePk",
        game: GameData<'a> = "gameData",
        live: LiveData<'a> = "liveData",
    }
}
record! {
    GameData<'a> {
        game: Numbers<'a> = "game",
        datetime: Datetime<'a> = "datetime",
        status: Status<'a> = "status",
        teams: Teams<'a> = "teams",
    }
}
record! {
    Numbers<'a> {
        id: Scalar<'a> = "pk",
        double_header: Scalar<'a> = "doubleHeader",
        game_number: Scalar<'a> = "gameNumber",
    }
}
record! {
    Datetime<'a> { starts_at: Scalar<'a> = "dateTime" }
}
record! {
    Teams<'a> { away: Team<'a> = "away", home: Team<'a> = "home" }
}
record! {
    LiveData<'a> { linescore: Linescore<'a> = "linescore" }
}

/// Decode the feed.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let feed: Whole<'_> = document.read()?;
    if feed.game.shape != Shape::Right {
        return Err(not_a_response(document, "a live feed").into());
    }
    let root = Pointer::Root;
    let data = root.key("gameData");
    let id = feed.id.id().or_else(|| feed.game.game.id.id());
    collector.reading(id.as_deref());
    let Some(id) = id else {
        collector.rejects.push(
            &root.key("gamePk"),
            "a game without its gamePk cannot be placed",
        );
        return Ok(collector);
    };
    let named = feed.game.teams.home.name.text();
    let Some((home, away)) = named.zip(feed.game.teams.away.name.text()) else {
        collector
            .rejects
            .push(&data.key("teams"), "a game needs two teams with names");
        return Ok(collector);
    };
    let status = status::status(&feed.game.status, &data.key("status"), &mut collector);
    let datetime = data.key("datetime");
    let starts_at =
        collector.optional_time(&feed.game.datetime.starts_at, &datetime.key("dateTime"));
    let told = Told {
        id: &id,
        home,
        away,
        starts_at,
        status,
        double_header: &feed.game.game.double_header,
        game_number: &feed.game.game.game_number,
        home_score: None,
        away_score: None,
    };
    let live = root.key("liveData");
    let linescore = (&feed.live.linescore, &live.key("linescore"));
    let (game, result) = game::game(&told, linescore, &mut collector);
    if collector.game(game, &root)
        && let Some(result) = result
    {
        collector.result(result);
    }
    Ok(collector)
}
