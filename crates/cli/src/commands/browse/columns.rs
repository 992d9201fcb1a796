//! Determines the widths of a table's columns on the screen.

use super::table::Line;
use crate::render::wrap::width;

/// Wider columns share the space that others leave. A UUID fits.
const WIDE: usize = 36;

/// A column with less space than this is left out, if its content is wider.
const NARROW: usize = 16;

/// Blanks between columns.
const GAP: usize = 2;

/// The widths of the columns that fit; the first ones are the most important.
pub(super) fn layout(columns: &[String], lines: &[Line], most: usize) -> Vec<usize> {
    let natural = |n: usize, name: &String| {
        let cells = lines.iter().filter_map(|line| line.cells.get(n));
        cells.map(|cell| width(&cell.text)).chain([width(name)]).max().unwrap_or(0)
    };
    let natural: Vec<usize> =
        columns.iter().enumerate().map(|(n, name)| natural(n, name)).collect();
    let mut widths: Vec<usize> = Vec::new();
    let mut used = 0;
    for wanted in &natural {
        let gap = if widths.is_empty() { 0 } else { GAP };
        let least = (*wanted).min(NARROW);
        let missing = (used + gap + least).saturating_sub(most);
        if missing > 0 && !widths.is_empty() {
            // To fit another column, the widest one is narrowed, except for the first, which has
            // the name.
            let widest = widths.iter_mut().skip(1).max_by_key(|width| **width);
            match widest.filter(|width| **width >= NARROW + missing) {
                Some(widest) => *widest -= missing,
                None => break,
            }
            used -= missing;
        }
        let taken = (*wanted).min(WIDE).min(most.saturating_sub(used + gap));
        widths.push(taken);
        used += gap + taken;
    }
    // The remaining space goes to the narrowed columns, the first ones first.
    let mut left = most.saturating_sub(used);
    for (width, wanted) in widths.iter_mut().zip(&natural) {
        let more = wanted.saturating_sub(*width).min(left);
        *width += more;
        left -= more;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::super::table::{Cell, Target};
    use super::*;
    use proptest::prelude::*;

    fn line(widths: &[usize]) -> Line {
        let cell = |width: &usize| Cell::text("x".repeat(*width).as_bytes());
        let cells = widths.iter().map(cell).collect();
        Line { cells, target: Target::Nothing, question: None }
    }

    fn names(count: usize) -> Vec<String> {
        vec!["a".to_owned(); count]
    }

    #[test]
    fn what_has_room_is_whole_and_the_first_columns_come_first() {
        assert_eq!(layout(&names(3), &[line(&[10, 20, 30])], 80), [10, 20, 30]);
        assert_eq!(layout(&names(2), &[line(&[10, 200])], 80), [10, 68]);
        assert_eq!(layout(&names(2), &[line(&[300, 5])], 80), [73, 5]);
        assert_eq!(layout(&names(4), &[line(&[36, 36, 50, 8])], 80), [36, 24, 16]);
        let many = layout(&names(9), &[line(&[36; 9])], 80);
        assert!(many.len() >= 2 && many[0] == 36);
    }

    proptest! {
        #[test]
        fn no_table_is_wider_than_the_screen(
            widths in prop::collection::vec(0usize..100, 1..12), most in 20usize..200,
        ) {
            let laid = layout(&names(widths.len()), &[line(&widths)], most);
            prop_assert!(!laid.is_empty());
            prop_assert!(laid.iter().sum::<usize>() + (laid.len() - 1) * GAP <= most);
        }
    }
}
