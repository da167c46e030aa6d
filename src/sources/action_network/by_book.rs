//! The nest that both the slate and a game's history use: book, then period, then type, then outcomes.

use super::outcome::{Keys, Outcome};
use crate::sources::collector::Collector;
use crate::sources::json::{Dict, List, Pointer, Shape};

/// Outcomes by book, period and type.
pub(super) type ByBook<'a> = Dict<'a, Dict<'a, Dict<'a, List<Outcome<'a>>>>>;

/// What the nest is called where something of it is not what it should be.
pub(super) struct Words {
    pub(super) book: &'static str,
    pub(super) period: &'static str,
}

/// Every outcome with where it stands; what is not of this shape is a reject, and the rest goes on.
pub(super) fn each<'a>(
    by_book: &ByBook<'a>,
    words: &Words,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
    mut outcome: impl FnMut(&Outcome<'a>, &Keys<'_>, &Pointer<'_>, &mut Collector<'_>),
) {
    for (book_key, periods) in &by_book.entries {
        let at_book = place.key(book_key);
        if periods.shape != Shape::Right {
            collector.rejects.push(&at_book, words.book);
        }
        let book = collector.book(book_key);
        for (period_key, kinds) in &periods.entries {
            let at_period = at_book.key(period_key);
            if kinds.shape != Shape::Right {
                collector.rejects.push(&at_period, words.period);
            }
            for (kind_key, outcomes) in &kinds.entries {
                let at_kind = at_period.key(kind_key);
                if outcomes.shape != Shape::Right {
                    collector
                        .rejects
                        .push(&at_kind, "a market's outcomes are not a list");
                }
                let keys = Keys {
                    book: &book,
                    period: period_key,
                    kind: kind_key,
                };
                for (index, one) in outcomes.items.iter().enumerate() {
                    outcome(one, &keys, &at_kind.at(index), collector);
                }
            }
        }
    }
}
