//! Where payloads come from and how they are decoded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use linetape::domain::book::Books;
use linetape::domain::feed::{Decoded, Quote, Reject};
use linetape::domain::source::{Source, Stream};
use linetape::domain::team::Teams;
use linetape::sources::{self, DecodeContext, NotAResponse};

/// The captured files of one folder, by name; empty, and said so, where there are none.
pub fn captured(folder: &str) -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/payloads")
        .join(folder);
    let Ok(entries) = std::fs::read_dir(&dir) else {
        println!("skipped: no captured payloads in ../shared/payloads/{folder}");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

/// One of our own small files.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    std::fs::read(path).unwrap()
}

/// As `linetape inspect` does it: recognise, then decode.
pub fn inspect(source: Source, body: &[u8]) -> Result<(Stream, Decoded), NotAResponse> {
    let found = sources::recognise(source, body, None)?;
    let decoded = decode(found.stream, body, found.source_game_id.as_ref())?;
    Ok((found.stream, decoded))
}

/// Decode a body of a known stream.
pub fn decode(
    stream: Stream,
    body: &[u8],
    game: Option<&Arc<str>>,
) -> Result<Decoded, NotAResponse> {
    decode_asked(stream, body, game, None)
}

/// Decode a body of a known request.
pub fn decode_asked(
    stream: Stream,
    body: &[u8],
    game: Option<&Arc<str>>,
    endpoint: Option<&str>,
) -> Result<Decoded, NotAResponse> {
    let (books, teams) = (Books::builtin().unwrap(), Teams::builtin().unwrap());
    sources::decode(
        body,
        &DecodeContext {
            stream,
            source_game_id: game,
            endpoint,
            observed_at: None,
            books: &books,
            teams: &teams,
        },
    )
}

/// `book market period side participant line american status` of a quote, for short expectations.
pub fn line_of(quote: &Quote) -> String {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    format!(
        "{} {} {} {} {} {} {} {}{}{}",
        quote.source_book_id,
        quote.market,
        quote.period,
        quote.side,
        or_dash(quote.participant.as_ref().map(ToString::to_string)),
        or_dash(quote.line.map(|line| line.to_string())),
        or_dash(quote.odds.map(|odds| odds.to_american().to_string())),
        quote.status,
        if quote.main { "" } else { " alternate" },
        if quote.opener { " opener" } else { "" },
    )
}

/// Every quote on a line of its own.
pub fn lines_of(decoded: &Decoded) -> Vec<String> {
    decoded.quotes.iter().map(line_of).collect()
}

/// The places of the rejects.
pub fn paths_of(rejects: &[Reject]) -> Vec<&str> {
    rejects.iter().map(|reject| reject.path.as_str()).collect()
}
