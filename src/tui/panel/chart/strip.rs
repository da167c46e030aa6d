//! Columns that are over, kept from frame to frame: nothing happens in them any more.

use std::ops::Range;

/// A stretch of columns that are over. They are numbered on a grid, so that a window that moved on finds them again.
#[derive(Debug, Clone)]
pub(super) struct Strip<T> {
    first: i64,
    kept: Vec<T>,
}

impl<T> Default for Strip<T> {
    fn default() -> Self {
        Self {
            first: 0,
            kept: Vec::new(),
        }
    }
}

impl<T: Clone> Strip<T> {
    /// The columns `wanted`. Of those kept, the ones before `same` are still true; of all, the ones before `over` are kept
    /// from now on. `work` makes what is missing, at most two stretches of it.
    pub(super) fn columns(
        &mut self,
        wanted: Range<i64>,
        same: i64,
        over: i64,
        mut work: impl FnMut(Range<i64>) -> Vec<T>,
    ) -> Vec<T> {
        let end = self.first.saturating_add_unsigned(self.kept.len() as u64);
        let begin = wanted.start.max(self.first);
        let reach = end.min(same).min(over).min(wanted.end);
        let known = self.piece(begin..reach);
        let mut all = Vec::with_capacity((wanted.end - wanted.start).unsigned_abs() as usize);
        if known.is_empty() {
            all.extend(work(wanted.clone()));
        } else {
            if wanted.start < begin {
                all.extend(work(wanted.start..begin));
            }
            all.extend_from_slice(known);
            if reach < wanted.end {
                all.extend(work(reach..wanted.end));
            }
        }
        let over = usize::try_from(over.saturating_sub(wanted.start)).unwrap_or(0);
        self.first = wanted.start;
        self.kept.clear();
        self.kept.extend(all.iter().take(over).cloned());
        all
    }

    fn piece(&self, numbers: Range<i64>) -> &[T] {
        let index = |number: i64| usize::try_from(number.checked_sub(self.first)?).ok();
        let range = index(numbers.start).zip(index(numbers.end));
        range
            .and_then(|(from, to)| self.kept.get(from..to))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_or_not_over_is_worked_out() {
        let mut strip: Strip<i64> = Strip::default();
        let mut worked = Vec::new();
        let mut ask = |wanted: Range<i64>, same, over| {
            worked.clear();
            let all = strip.columns(wanted.clone(), same, over, |range| {
                worked.push((range.start, range.end));
                range.map(|number| number * 10).collect()
            });
            let expected: Vec<i64> = wanted.map(|number| number * 10).collect();
            assert_eq!(all, expected);
            worked.clone()
        };
        let any = i64::MAX;
        assert_eq!(ask(10..20, any, 19), [(10, 20)]);
        assert_eq!(ask(10..20, any, 19), [(19, 20)], "the last one goes on");
        assert_eq!(ask(12..22, any, 20), [(19, 22)], "the window moved on");
        assert_eq!(ask(9..19, any, 18), [(9, 12), (18, 19)], "and back");
        assert_eq!(ask(9..19, 15, 18), [(15, 19)], "something became otherwise");
        assert_eq!(ask(9..19, 3, 18), [(9, 19)], "everything did");
        assert_eq!(ask(40..50, any, 49), [(40, 50)]);
        assert_eq!(ask(30..40, any, 39), [(30, 40)]);
        assert_eq!(ask(-5..5, any, -9), [(-5, 5)]);
        assert_eq!(ask(-5..5, any, 0), [(-5, 5)], "nothing was over");
    }
}
