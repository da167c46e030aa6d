//! A selection that stays on its row while rows come and go.

use ratatui::layout::Rect;

use crate::tui::action::Action;

/// The selected key; none follows the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State<K> {
    /// Key of the selected row.
    pub selected: Option<K>,
}

impl<K> Default for State<K> {
    fn default() -> Self {
        Self { selected: None }
    }
}

impl<K: PartialEq + Clone> State<K> {
    /// Row of the selection among `keys`; none when nothing is selected or the row is gone.
    pub fn row(&self, keys: &[K]) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        keys.iter().position(|key| key == selected)
    }

    /// Select the row under the mouse: rows begin below the frame and the heads of `area`.
    pub fn click(&mut self, keys: &[K], area: Rect, y: u16) {
        let height = usize::from(area.height.saturating_sub(3)).max(1);
        let first = super::first_row(self.row(keys).unwrap_or(0), keys.len(), height);
        let row = usize::from(y.saturating_sub(area.y + 2)) + first;
        if y >= area.y + 2
            && let Some(key) = keys.get(row)
        {
            self.selected = Some(key.clone());
        }
    }

    /// Move by an action; false when the action is no movement. Up from the first row follows the top again.
    pub fn handle(&mut self, action: Action, keys: &[K]) -> bool {
        let row = self.row(keys);
        let last = keys.len().saturating_sub(1);
        let target = match action {
            Action::Down => Some(row.map_or(0, |row| row + 1)),
            Action::PageDown => Some(row.map_or(10, |row| row + 10)),
            Action::Up => row.and_then(|row| row.checked_sub(1)),
            Action::PageUp => row.and_then(|row| row.checked_sub(10)),
            Action::First => None,
            Action::Last => Some(last),
            _ => return false,
        };
        self.selected = target.and_then(|row| keys.get(row.min(last))).cloned();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selection_stays_on_its_row_when_rows_are_added_above() {
        let mut state = State::default();
        state.handle(Action::Down, &[3, 2, 1]);
        state.handle(Action::Down, &[3, 2, 1]);
        assert_eq!(state.selected, Some(2));
        assert_eq!(state.row(&[5, 4, 3, 2, 1]), Some(3));
        state.handle(Action::First, &[5, 4, 3, 2, 1]);
        assert_eq!(state.selected, None, "the top is followed again");
    }

    #[test]
    fn stops_at_the_ends() {
        let mut state = State::default();
        state.handle(Action::PageDown, &[1, 2]);
        assert_eq!(state.selected, Some(2));
        state.handle(Action::Down, &[1, 2]);
        assert_eq!(state.selected, Some(2));
        assert!(!state.handle(Action::Quit, &[1]));
    }
}
