//! Answers worked out once: while the same is asked, the same is answered.

use std::sync::{Arc, Mutex, PoisonError};

/// The newest answers, at most `MOST`, by what was asked. Copies share them.
#[derive(Debug)]
pub struct Kept<Q, A: ?Sized, const MOST: usize>(Arc<Mutex<Vec<Answer<Q, A>>>>);

#[derive(Debug)]
struct Answer<Q, A: ?Sized> {
    asked: Q,
    answer: Arc<A>,
}

impl<Q: PartialEq, A: ?Sized, const MOST: usize> Kept<Q, A, MOST> {
    /// The answer, worked out where it is not known.
    pub fn answer(&self, asked: Q, work: impl FnOnce() -> Arc<A>) -> Arc<A> {
        // An answer is put in whole or not at all. Nothing is locked while one is worked out.
        let answers = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = answers().iter().find(|known| known.asked == asked) {
            return Arc::clone(&known.answer);
        }
        let answer = work();
        let new = Answer {
            asked,
            answer: Arc::clone(&answer),
        };
        let mut answers = answers();
        answers.insert(0, new);
        answers.truncate(MOST);
        answer
    }
}

impl<Q, A: ?Sized, const MOST: usize> Clone for Kept<Q, A, MOST> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q, A: ?Sized, const MOST: usize> Default for Kept<Q, A, MOST> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_of_late_is_not_worked_out_again() {
        let kept: Kept<u32, u32, 2> = Kept::default();
        let worked = std::cell::Cell::new(0);
        let ask = |kept: &Kept<u32, u32, 2>, asked: u32| {
            let answer = kept.answer(asked, || {
                worked.set(worked.get() + 1);
                Arc::new(asked * 10)
            });
            assert_eq!(*answer, asked * 10);
            worked.get()
        };
        assert_eq!([ask(&kept, 1), ask(&kept, 1), ask(&kept, 2)], [1, 1, 2]);
        assert_eq!(ask(&kept.clone(), 1), 2, "a copy knows it, too");
        assert_eq!([ask(&kept, 3), ask(&kept, 1)], [3, 4], "the oldest went");
    }
}
