//! `linetape inspect FILE --source S`: decode a captured payload and print what is in it.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, Utc};
use flate2::read::MultiGzDecoder;

use super::arguments;
use super::context::Context;
use super::error::{CliError, Exit};
use super::summary;
use crate::domain::book::Books;
use crate::domain::feed::{Record, Reject};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::team::Teams;
use crate::sources::{DecodeContext, NotAResponse, decode, recognise};

/// How a file compressed with gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The captured body, plain or .gz; - reads standard input
    pub file: PathBuf,
    /// The feed it came from: `action_network` (an), `odds_api` (oddsapi)
    #[arg(long, value_parser = arguments::source)]
    pub source: Source,
    /// The endpoint it came from; told by its shape when left out
    #[arg(long)]
    pub endpoint: Option<String>,
    /// When it was received: RFC 3339 or epoch seconds
    #[arg(long, value_parser = arguments::instant)]
    pub at: Option<DateTime<Utc>>,
    /// What an archive without years or league is of
    #[command(flatten)]
    pub archive: Archive,
}

/// What a season's archive does not tell of itself.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Archive {
    /// The year in which an archive's season began, where the file's name does not tell
    #[arg(long, value_parser = clap::value_parser!(i32).range(1990..=2100))]
    pub season: Option<i32>,
}

/// A file as what was asked for: `file:name`, with what was told of it. Directories tell about a machine, not about a
/// payload.
pub fn asked_file(
    file: &Path,
    season: Option<i32>,
    league: Option<League>,
    at: Option<DateTime<Utc>>,
) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    let mut asked = format!("file:{}", name.to_string_lossy().replace(['?', '#'], "_"));
    let told = [
        season.map(|season| format!("season={season}")),
        league.map(|league| format!("league={league}")),
        // Only where neither the name nor a person tells the season.
        at.map(|at| format!("year={}", at.year())),
    ];
    for (index, told) in told.into_iter().flatten().enumerate() {
        asked.push(if index == 0 { '?' } else { '&' });
        asked.push_str(&told);
    }
    asked
}

/// Decode and print. A file that is no response of the feed is refused in a sentence, with exit 1.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let limit = context.settings.http.max_body_bytes;
    let body = read(&args.file, limit).await?;
    let books = Books::builtin().map_err(|error| builtin("books", &error))?;
    let teams = Teams::builtin().map_err(|error| builtin("teams", &error))?;
    let mut data = context.output.data();
    let asked = args
        .endpoint
        .clone()
        .unwrap_or_else(|| asked_file(&args.file, args.archive.season, None, args.at));
    let found = recognise(args.source, &body, args.endpoint.as_deref()).and_then(|recognised| {
        let decoded = decode(
            &body,
            &DecodeContext {
                endpoint: Some(&asked),
                stream: recognised.stream,
                source_game_id: recognised.source_game_id.as_ref(),
                observed_at: args.at,
                books: &books,
                teams: &teams,
            },
        )?;
        Ok((recognised.stream, decoded))
    });
    let (stream, decoded) = match found {
        Ok(found) => found,
        Err(NotAResponse(reason)) => {
            if context.output.json {
                // Whoever counts the lines learns of the refusal too: the whole body is what was not understood.
                data.json(&Record::Reject(Reject {
                    path: String::new(),
                    reason: reason.clone(),
                    value: beginning(&body),
                    game: None,
                }))?;
            }
            data.finish()?;
            let message = format!("{}: {reason}", args.file.display());
            return Err(CliError::new(Exit::Failure, message));
        }
    };
    if context.output.json {
        for record in decoded.into_records() {
            data.json(&record)?;
        }
        return data.finish();
    }
    let text = summary::of(stream, &decoded);
    data.styled(&context.output.heading(&text.heading))?;
    for line in &text.lines {
        data.line(line)?;
    }
    data.finish()
}

/// The whole file, unpacked where it is compressed with gzip, at most `limit` bytes; `-` is standard input.
pub async fn read(file: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    let path = file.to_owned();
    // Reading blocks, and standard input for as long as somebody types.
    let body = tokio::task::spawn_blocking(move || read_now(&path, limit))
        .await
        .map_err(|error| {
            let message = format!("{} could not be read: {error}", file.display());
            CliError::new(Exit::Failure, message)
        })?
        .map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                CliError::new(Exit::Failure, format!("{}: {error}", file.display()))
            }
            _ => CliError::file(file, "read", &error),
        })?;
    if body.len() as u64 > limit {
        let message = format!(
            "{} is larger than {limit} bytes; raise http.max_body_bytes if that is right",
            file.display()
        );
        return Err(CliError::new(Exit::Failure, message));
    }
    Ok(body)
}

fn read_now(file: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    // One byte more than allowed tells a file at the limit from one beyond it.
    let most = limit.saturating_add(1);
    if file == Path::new("-") {
        io::stdin().lock().take(most).read_to_end(&mut body)?;
    } else {
        std::fs::File::open(file)?
            .take(most)
            .read_to_end(&mut body)?;
    }
    if !body.starts_with(&GZIP) || body.len() as u64 == most {
        return Ok(body);
    }
    // The bound holds for what comes out: a small file may unpack into a large one.
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(body.as_slice())
        .take(most)
        .read_to_end(&mut unpacked)
        .map_err(|error| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("this begins as gzip and cannot be unpacked ({error}); capture it again"),
            )
        })?;
    Ok(unpacked)
}

fn beginning(body: &[u8]) -> String {
    let start = body.get(..800).unwrap_or(body);
    crate::domain::clean::clean(&String::from_utf8_lossy(start), 200)
}

fn builtin(what: &str, error: &dyn std::fmt::Display) -> CliError {
    let message = format!(
        "the built-in {what} cannot be read ({error}); this program is broken, install it again"
    );
    CliError::new(Exit::Failure, message)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(body).unwrap();
        packed.finish().unwrap()
    }

    #[tokio::test]
    async fn what_begins_as_gzip_is_unpacked_within_the_bound() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("capture.json.gz");
        let read_with = async |body: &[u8], limit| {
            std::fs::write(&file, body).unwrap();
            read(&file, limit).await
        };
        assert_eq!(read_with(b"{}", 2).await.unwrap(), b"{}");
        assert_eq!(
            read_with(&gzip(b"{\"a\":1}"), 100).await.unwrap(),
            b"{\"a\":1}"
        );
        let bomb = gzip(&vec![b' '; 1_000_000]);
        assert!(bomb.len() < 50_000);
        let refused = read_with(&bomb, 50_000).await.unwrap_err();
        assert!(
            refused.message.contains("http.max_body_bytes"),
            "{}",
            refused.message
        );
        let cut = gzip(b"{\"a\":1}");
        let broken = read_with(&cut[..cut.len() - 6], 100).await.unwrap_err();
        assert!(
            broken.message.contains("cannot be unpacked"),
            "{}",
            broken.message
        );
        assert!(matches!(broken.exit, Exit::Failure));
    }
}
