//! The selected line, and the visible lines.

/// A place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Cursor {
    /// The chosen line.
    pub(in super::super) at: usize,
    /// The first visible line.
    pub(in super::super) top: usize,
}

impl Cursor {
    /// Selects a line, or the last one if there are fewer; the screen follows.
    pub(in super::super) fn go_to(&mut self, at: usize, count: usize, height: usize) {
        self.at = at.min(count.saturating_sub(1));
        self.fit(count, height);
    }

    /// Moves by some lines.
    pub(in super::super) fn move_by(&mut self, by: isize, count: usize, height: usize) {
        self.go_to(self.at.saturating_add_signed(by), count, height);
    }

    /// Scrolls as little as possible, so that the selected line is visible and no space is wasted
    /// at the end.
    pub(in super::super) fn fit(&mut self, count: usize, height: usize) {
        let height = height.max(1);
        self.at = self.at.min(count.saturating_sub(1));
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(height));
        self.top = self.top.min(count.saturating_sub(height));
    }

    /// Scrolls a text, which has no selected line.
    pub(in super::super) fn scroll_by(&mut self, by: isize, count: usize, height: usize) {
        let last = count.saturating_sub(height.max(1));
        self.top = self.top.saturating_add_signed(by).min(last);
        self.at = self.top;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_chosen_line_is_on_the_screen(
            moves in prop::collection::vec((-50isize..50, 0usize..60, 0usize..30), 1..40),
        ) {
            let mut cursor = Cursor::default();
            for (by, count, height) in moves {
                cursor.move_by(by, count, height);
                prop_assert!(cursor.at < count.max(1));
                prop_assert!(cursor.top <= cursor.at);
                prop_assert!(cursor.at < cursor.top + height.max(1));
                prop_assert!(cursor.top <= count.saturating_sub(height.max(1)));
            }
        }
    }
}
