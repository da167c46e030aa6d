use proptest::prelude::*;

use super::*;
use crate::domain::payload::PayloadHash;

fn game(source: Source, id: &str, starts_at: &str) -> FeedGame {
    FeedGame {
        source,
        source_game_id: id.into(),
        league: League::Mlb,
        game_number: 1,
        home: "Baltimore Orioles".into(),
        away: "Miami Marlins".into(),
        home_team: Some(TeamSlug::new("mlb:orioles")),
        away_team: Some(TeamSlug::new("mlb:marlins")),
        starts_at: Some(starts_at.parse().unwrap()),
        slate_date: None,
        status: None,
        home_score: None,
        away_score: None,
    }
}

fn an(id: &str, starts_at: &str) -> FeedGame {
    game(Source::ActionNetwork, id, starts_at)
}

fn oa(id: &str, starts_at: &str) -> FeedGame {
    game(Source::OddsApi, id, starts_at)
}

fn minute(n: i64) -> Moment {
    (
        DateTime::from_timestamp(60 * n, 0).unwrap(),
        PayloadHash([n as u8; 32]),
    )
}

/// Hear one payload of these games at a minute.
fn hear(identity: &mut Identity, at: i64, games: &[FeedGame]) -> Vec<Move> {
    identity.hear(minute(at), games);
    identity.regroup()
}

fn id(identity: &Identity, game: &FeedGame) -> GameId {
    identity.get(game.source, &game.source_game_id).unwrap()
}

const NIGHT: &str = "2025-07-12T23:05:00Z";
const EARLY: &str = "2025-07-12T17:05:00Z";

#[test]
fn joins_feeds_by_teams_and_start() {
    let mut identity = Identity::default();
    let (one, other) = (an("1", NIGHT), oa("abc", "2025-07-12T23:06:00Z"));
    assert_eq!(hear(&mut identity, 0, std::slice::from_ref(&one)), []);
    let moves = hear(&mut identity, 1, std::slice::from_ref(&other));
    assert_eq!(moves.len(), 1);
    assert_eq!(moves[0].from, FeedKey::of(&other).own_id());
    assert_eq!(id(&identity, &one), FeedKey::of(&one).own_id());
    assert_eq!(id(&identity, &other), id(&identity, &one));
}

#[test]
fn keeps_the_games_of_a_doubleheader_apart() {
    let mut identity = Identity::default();
    let (one, two) = (an("1", EARLY), an("2", "2025-07-12T20:35:00Z"));
    let (early, late) = (oa("a", EARLY), oa("b", "2025-07-12T20:40:00Z"));
    hear(&mut identity, 0, &[one.clone(), two.clone()]);
    hear(&mut identity, 1, &[late.clone(), early.clone()]);
    assert_ne!(id(&identity, &one), id(&identity, &two));
    assert_eq!(id(&identity, &early), id(&identity, &one));
    assert_eq!(id(&identity, &late), id(&identity, &two));
}

#[test]
fn never_joins_two_games_of_one_feed() {
    let mut identity = Identity::default();
    let (one, two) = (oa("a", EARLY), oa("b", "2025-07-12T17:35:00Z"));
    hear(&mut identity, 0, &[one.clone(), two.clone()]);
    assert_ne!(id(&identity, &one), id(&identity, &two));
}

#[test]
fn an_unknown_team_stays_alone_until_it_is_known() {
    let mut identity = Identity::default();
    let one = an("1", NIGHT);
    let mut unknown = oa("abc", NIGHT);
    unknown.away_team = None;
    hear(&mut identity, 0, std::slice::from_ref(&one));
    hear(&mut identity, 1, std::slice::from_ref(&unknown));
    assert_ne!(id(&identity, &unknown), id(&identity, &one));
    let moves = hear(&mut identity, 2, &[oa("abc", NIGHT)]);
    assert_eq!((moves.len(), moves[0].to), (1, id(&identity, &one)));
    // A look that does not know the team again tears nothing apart.
    assert_eq!(hear(&mut identity, 3, &[unknown]), []);
}

#[test]
fn a_game_that_fits_two_joins_neither() {
    let mut identity = Identity::default();
    let (one, two) = (an("1", EARLY), an("2", "2025-07-12T18:00:00Z"));
    let between = oa("a", "2025-07-12T17:30:00Z");
    hear(&mut identity, 0, &[one, two.clone()]);
    assert_eq!(hear(&mut identity, 1, std::slice::from_ref(&between)), []);
    // Until one of the two moves out of reach.
    let moves = hear(&mut identity, 2, &[an("1", "2025-07-12T12:00:00Z")]);
    assert_eq!(moves.len(), 1);
    assert_eq!(id(&identity, &between), id(&identity, &two));
}

/// A game of a feed that names the day only.
fn dated(id: &str, day: &str, game_number: u8) -> FeedGame {
    FeedGame {
        starts_at: None,
        slate_date: Some(day.parse().unwrap()),
        game_number,
        ..game(Source::Vsin, id, EARLY)
    }
}

#[test]
fn a_feed_without_starts_joins_by_the_day_where_only_one_game_fits() {
    let mut identity = Identity::default();
    let (theirs, ours) = (an("1", "2025-07-13T02:10:00Z"), dated("x", "2025-07-12", 1));
    hear(&mut identity, 0, std::slice::from_ref(&theirs));
    hear(
        &mut identity,
        1,
        &[ours.clone(), dated("y", "2025-07-13", 1)],
    );
    assert_eq!(id(&identity, &ours), id(&identity, &theirs));
    let next_day = id(&identity, &dated("y", "2025-07-13", 1));
    assert_ne!(next_day, id(&identity, &theirs));
}

#[test]
fn a_feed_without_starts_does_not_guess_between_two_games_of_a_day() {
    let mut identity = Identity::default();
    let (one, two) = (
        an("1", EARLY),
        FeedGame {
            game_number: 2,
            ..an("2", NIGHT)
        },
    );
    hear(&mut identity, 0, &[one.clone(), two.clone()]);
    hear(&mut identity, 1, &[dated("x", "2025-07-12", 1)]);
    let alone = id(&identity, &dated("x", "2025-07-12", 1));
    assert_ne!(alone, id(&identity, &one));
    assert_ne!(alone, id(&identity, &two));
    // With both named, the numbers tell.
    hear(
        &mut identity,
        2,
        &[dated("x", "2025-07-12", 1), dated("y", "2025-07-12", 2)],
    );
    assert_eq!(
        id(&identity, &dated("x", "2025-07-12", 1)),
        id(&identity, &one)
    );
    assert_eq!(
        id(&identity, &dated("y", "2025-07-12", 2)),
        id(&identity, &two)
    );
}

#[test]
fn numbers_of_a_doubleheader_must_agree() {
    let mut identity = Identity::default();
    let number = |game: FeedGame, game_number| FeedGame {
        game_number,
        ..game
    };
    let (one, two) = (an("1", EARLY), number(an("2", NIGHT), 2));
    hear(&mut identity, 0, &[one.clone(), two.clone()]);
    // Delayed into the evening, and nobody told the other feed: only the number tells the two apart.
    hear(
        &mut identity,
        1,
        &[an("1", "2025-07-12T22:30:00Z"), two.clone()],
    );
    let (first, second) = (oa("a", EARLY), number(oa("b", NIGHT), 2));
    hear(&mut identity, 2, &[first.clone(), second.clone()]);
    assert_eq!(id(&identity, &second), id(&identity, &two));
    assert_ne!(id(&identity, &first), id(&identity, &one));
}

#[test]
fn a_join_outlives_a_start_that_one_feed_moves_first() {
    let mut identity = Identity::default();
    hear(&mut identity, 0, &[an("1", EARLY)]);
    hear(&mut identity, 1, &[oa("a", EARLY)]);
    assert_eq!(hear(&mut identity, 2, &[an("1", NIGHT)]), []);
    assert_eq!(
        id(&identity, &oa("a", EARLY)),
        FeedKey::new(Source::ActionNetwork, "1").own_id()
    );
    assert_eq!(
        identity.starts_at(id(&identity, &oa("a", EARLY))),
        an("1", NIGHT).starts_at
    );
}

#[test]
fn a_persons_word_stands() {
    let (one, other) = (an("1", NIGHT), oa("a", NIGHT));
    let (key, other_key) = (FeedKey::of(&one), FeedKey::of(&other));
    let mut identity = Identity::default();
    hear(&mut identity, 0, std::slice::from_ref(&one));
    hear(&mut identity, 1, std::slice::from_ref(&other));
    identity.decide(key.clone(), other_key.clone(), Verdict::Different);
    let moves = identity.regroup();
    assert_eq!((moves.len(), moves[0].to), (1, other_key.own_id()));
    assert!(moves[0].by_hand);
    assert_eq!(
        hear(&mut identity, 2, &[oa("a", "2025-07-12T23:10:00Z")]),
        []
    );
    identity.decide(other_key, key.clone(), Verdict::Same);
    assert_eq!(identity.regroup()[0].to, key.own_id());
    // Neither does a start out of reach part them.
    assert_eq!(hear(&mut identity, 3, &[oa("a", EARLY)]), []);
}

proptest! {
    /// Whatever the order in which payloads come, the games end up the same.
    #[test]
    fn the_order_of_payloads_does_not_matter(
        looks in prop::collection::vec((any::<bool>(), 0..3_u8, 0..6_i64), 1..12),
        shuffle in prop::collection::vec(any::<u32>(), 12),
    ) {
        // A look is of one game of one feed, and each changes what was said: no repetition is left out.
        let mut count = HashMap::new();
        let looks: Vec<(i64, FeedGame)> = looks
            .into_iter()
            .enumerate()
            .map(|(n, (action, which, hour))| {
                let seen: &mut i64 = count.entry((action, which)).or_insert(0);
                *seen += 1;
                let start = DateTime::from_timestamp(1_752_000_000 + 3600 * hour + *seen, 0).unwrap();
                let mut look = if action { an(&which.to_string(), NIGHT) } else { oa(&which.to_string(), NIGHT) };
                look.starts_at = Some(start);
                (n as i64, look)
            })
            .collect();
        let mut order: Vec<usize> = (0..looks.len()).collect();
        order.sort_by_key(|n| shuffle[*n]);
        let mut straight = Identity::default();
        for (at, look) in &looks {
            hear(&mut straight, *at, std::slice::from_ref(look));
        }
        let mut shuffled = Identity::default();
        for n in order {
            hear(&mut shuffled, looks[n].0, std::slice::from_ref(&looks[n].1));
        }
        for (_, look) in &looks {
            prop_assert_eq!(id(&straight, look), id(&shuffled, look));
            let game = id(&straight, look);
            prop_assert_eq!(straight.starts_at(game), shuffled.starts_at(game));
            // Two games of one feed are never one.
            let sources: Vec<Source> = straight.members(game).map(|k| k.source).collect();
            prop_assert!(sources.windows(2).all(|w| w[0] != w[1]));
        }
    }
}
