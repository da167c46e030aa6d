//! The fuzz targets over a corpus of our own fixtures, with a mutator that has a seed, and what a body may cost: bytes
//! allocated are counted, and a body four times as long costs about four times as much.

use linetape::domain::source::Stream;
use serde_json::Value;

use crate::hostile::{FIXTURES, MARKUP};
use crate::payloads::fixture;
use crate::targets;

/// Bytes that `work` asks for.
fn asked(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).bytes_total
}

/// A run of luck from a seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

/// What mutations put in: what parsers trip over.
const MORSELS: [&str; 16] = [
    "",
    "\0",
    "\u{feff}",
    "[[[[[[[[",
    "{\"a\":",
    "\\ud800",
    "1e999",
    "-0",
    "99999999999999999999",
    "null",
    "<![CDATA[",
    "&#x0;",
    "<td><tr><table>",
    "ctrl-alt-ctrl-",
    "\u{202e}\u{301}\u{301}\u{301}",
    "[x]\ny = [[",
];

fn corpus() -> Vec<Vec<u8>> {
    let bodies = FIXTURES.iter().map(|(name, stream)| (*name, *stream));
    let bodies = bodies.chain(MARKUP.iter().map(|(name, stream, _)| (*name, *stream)));
    let mut all: Vec<Vec<u8>> = bodies
        .map(|(name, stream)| {
            let place = Stream::ALL.iter().position(|s| *s == stream).unwrap();
            let mut body = vec![u8::try_from(place).unwrap()];
            body.extend(fixture(name));
            body
        })
        .collect();
    for text in [
        "ctrl-alt-x",
        "f12",
        "backtab",
        "alt-pageup",
        "ctrl-",
        "0 8 * * MON-FRI",
    ] {
        all.push(text.into());
    }
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml");
    all.push(std::fs::read(example).unwrap());
    all
}

fn mutate(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut body = corpus[dice.next(corpus.len())].clone();
    for _ in 0..=dice.next(5) {
        let at = dice.next(body.len());
        let end = (at + dice.next(64)).min(body.len());
        match dice.next(7) {
            0 => drop(body.drain(at..end)),
            1 => {
                let part = body[at..end].to_vec();
                let to = dice.next(body.len());
                body.splice(to..to, part);
            }
            2 if !body.is_empty() => body[at] ^= 1 << dice.next(8),
            3 => drop(body.splice(at..at, MORSELS[dice.next(MORSELS.len())].bytes())),
            4 => body.truncate(at),
            5 => {
                // A part of another.
                let other = &corpus[dice.next(corpus.len())];
                let from = dice.next(other.len());
                let part = other[from..(from + 200).min(other.len())].to_vec();
                body.splice(at..end, part);
            }
            _ => {
                let part = body[at..end].repeat(1 + dice.next(20));
                body.splice(at..end, part);
            }
        }
    }
    body
}

#[test]
fn no_target_panics_or_allocates_without_bound() {
    targets::prepare();
    let corpus = corpus();
    let mut dice = Dice(0x11AE_7A9E);
    for (name, target) in targets::ALL {
        for body in &corpus {
            target(body);
        }
        for round in 0..400 {
            let body = mutate(&corpus, &mut dice);
            let cost = asked(|| target(&body));
            let bound = 4_000_000 + 2_000 * body.len() as u64;
            assert!(
                cost < bound,
                "{name}, round {round}: {cost} bytes for {} of input",
                body.len()
            );
        }
    }
}

/// The document with every list of its outermost lists repeated.
fn repeated(value: &Value, times: usize) -> Value {
    match value {
        Value::Array(items) => {
            let again = items.iter().cycle().take(items.len() * times);
            Value::Array(again.cloned().collect())
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), repeated(value, times));
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

/// A page or XML with what lies between `from` and the end of the last `to` repeated.
fn spread(text: &str, from: &str, to: &str, times: usize) -> String {
    let begin = text.find(from).unwrap();
    let end = text.rfind(to).unwrap() + to.len();
    [
        &text[..begin],
        &text[begin..end].repeat(times),
        &text[end..],
    ]
    .concat()
}

#[test]
fn a_body_four_times_as_long_costs_about_four_times_as_much() {
    targets::prepare();
    let mut bodies: Vec<(&str, Stream, [Vec<u8>; 2])> = Vec::new();
    for (name, stream) in FIXTURES {
        let value: Value = serde_json::from_slice(&fixture(name)).unwrap();
        let of = |times| repeated(&value, times).to_string().into_bytes();
        bodies.push((name, stream, [of(50), of(200)]));
    }
    for (name, stream, _) in MARKUP {
        let text = String::from_utf8(fixture(name)).unwrap();
        let (from, to) = match stream {
            Stream::VsinSplits => ("<tr", "</tr>"),
            _ => ("<category", "</category>"),
        };
        let of = |times| spread(&text, from, to, times).into_bytes();
        bodies.push((name, stream, [of(50), of(200)]));
    }
    for (name, stream, [short, long]) in bodies {
        let cost = [&short, &long].map(|body| asked(|| targets::decode_as(stream, body)));
        assert!(
            cost[0] > short.len() as u64 / 100,
            "{name} was not read: {cost:?}"
        );
        assert!(
            cost[1] < cost[0] * 6 + 200_000,
            "{name}: {cost:?} bytes for {} and {} of input",
            short.len(),
            long.len()
        );
    }
}
