//! Determines the widths of a table's columns on the screen.

use super::table::{Heading, Line};
use crate::render::wrap::width;

/// Wider columns share the space that others leave. A UUID fits.
const WIDE: usize = 36;

/// A column with less space than this is left out, if its content is wider.
const NARROW: usize = 16;

/// Blanks between columns.
const GAP: usize = 2;

/// The widths of the columns that fit, in the order of the table; `None` for those that do not. The
/// first column has the name and always fits; ranked columns come next, then the others in order.
pub(super) fn layout(columns: &[Heading], lines: &[Line], most: usize) -> Vec<Option<usize>> {
    let natural: Vec<usize> = (0..columns.len()).map(|n| natural(n, columns, lines)).collect();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|n| match (n, columns.get(*n).map_or(0, |column| column.rank)) {
        (0, _) => (0, 0),
        (_, 0) => (2, 0),
        (_, rank) => (1, rank),
    });
    let chosen = choose(&order, columns, &natural, most);
    // The number of columns that are left out needs space, too.
    let (chosen, most) = match sign(columns.len() - chosen.len()) {
        None => (chosen, most),
        Some(sign) => {
            let most = most.saturating_sub(GAP + sign.len() + 1);
            (choose(&order, columns, &natural, most), most)
        }
    };
    let mut widths = vec![None; columns.len()];
    let mut left = most.saturating_sub(used(&chosen));
    // What remains goes to narrowed columns, the first ones first, and to very wide ones last.
    for limit in [WIDE, usize::MAX] {
        for (n, least) in &chosen {
            let Some(width) = widths.get_mut(*n) else { continue };
            let before = width.unwrap_or(*least);
            let wanted = natural.get(*n).copied().unwrap_or(0).min(limit);
            let more = wanted.saturating_sub(before).min(left);
            *width = Some(before + more);
            left -= more;
        }
    }
    widths
}

/// The sign that columns are left out; `None` if all are there.
pub(super) fn sign(left_out: usize) -> Option<String> {
    (left_out > 0).then(|| format!("+{left_out}"))
}

/// The width of a column that has all the space it needs.
fn natural(n: usize, columns: &[Heading], lines: &[Line]) -> usize {
    let cells = lines.iter().filter(|line| !line.is_sentence).filter_map(|line| line.cells.get(n));
    let name = columns.get(n).map_or(0, |column| width(&column.name));
    cells.map(|cell| width(&cell.text)).chain([name]).max().unwrap_or(0)
}

/// The columns that fit, each with its least width.
fn choose(
    order: &[usize],
    columns: &[Heading],
    natural: &[usize],
    most: usize,
) -> Vec<(usize, usize)> {
    let wanted = |n: &usize| natural.get(*n).copied().unwrap_or(0);
    let name = order.first().map_or(0, wanted).min(WIDE);
    let mut chosen: Vec<(usize, usize)> = Vec::new();
    for n in order {
        let least = wanted(n).min(NARROW);
        let is_ranked = columns.get(*n).is_some_and(|column| column.rank > 0);
        let Some((_, first)) = chosen.first_mut() else {
            chosen.push((*n, least.min(most)));
            continue;
        };
        // Only ranked columns narrow the name.
        let before = *first;
        if !is_ranked {
            *first = name.max(before);
        }
        if used(&chosen) + GAP + least > most {
            if let Some((_, first)) = chosen.first_mut() {
                *first = before;
            }
            break;
        }
        chosen.push((*n, least));
    }
    chosen
}

/// The space that columns take, with the gaps.
fn used(chosen: &[(usize, usize)]) -> usize {
    chosen.iter().map(|(_, width)| width).sum::<usize>() + GAP * chosen.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::super::table::{Cell, Target};
    use super::*;
    use proptest::prelude::*;

    fn line(widths: &[usize]) -> Line {
        let cell = |width: &usize| Cell::text("x".repeat(*width).as_bytes());
        let cells = widths.iter().map(cell).collect();
        let target = Target::Nothing(String::new());
        Line { cells, target, question: None, is_sentence: false }
    }

    fn names<const N: usize>(ranks: [u8; N]) -> Vec<Heading> {
        ranks.map(|rank| Heading { name: "a".to_owned(), rank }).to_vec()
    }

    fn whole(widths: &[usize]) -> Vec<Option<usize>> {
        widths.iter().copied().map(Some).collect()
    }

    #[test]
    fn what_has_room_is_whole_and_the_first_columns_come_first() {
        assert_eq!(layout(&names([0; 3]), &[line(&[10, 20, 30])], 80), whole(&[10, 20, 30]));
        assert_eq!(layout(&names([0; 2]), &[line(&[10, 200])], 80), whole(&[10, 68]));
        assert_eq!(layout(&names([0; 2]), &[line(&[300, 5])], 80), whole(&[73, 5]));
        let left_out = layout(&names([0; 4]), &[line(&[36, 36, 50, 8])], 80);
        assert_eq!(left_out, [Some(36), Some(19), Some(16), None]);
        let many = layout(&names([0; 9]), &[line(&[36; 9])], 80);
        assert!(many[0] == Some(36) && many[1].is_some() && many[8].is_none());
    }

    #[test]
    fn ranked_columns_come_before_others_and_narrow_the_name() {
        let columns = names([0, 0, 4, 3, 2, 1]);
        let services = [line(&[31, 20, 9, 7, 7, 8])];
        let wide = layout(&columns, &services, 80);
        assert_eq!(wide, [Some(31), None, Some(9), Some(7), Some(7), Some(8)]);
        let narrow = layout(&columns, &services, 40);
        assert_eq!(narrow, [Some(16), None, None, None, Some(7), Some(8)]);
    }

    #[test]
    fn a_sentence_makes_no_column_wide() {
        let sentence = Line { is_sentence: true, ..line(&[300]) };
        assert_eq!(layout(&names([0; 2]), &[sentence, line(&[3, 4])], 80), whole(&[3, 4]));
    }

    proptest! {
        #[test]
        fn no_table_is_wider_than_the_screen(
            columns in prop::collection::vec((0usize..100, 0u8..4), 1..12), most in 20usize..200,
        ) {
            let (widths, ranks): (Vec<usize>, Vec<u8>) = columns.into_iter().unzip();
            let heading = |rank| Heading { name: "a".to_owned(), rank };
            let headings: Vec<Heading> = ranks.into_iter().map(heading).collect();
            let laid = layout(&headings, &[line(&widths)], most);
            prop_assert_eq!(laid.len(), headings.len());
            prop_assert!(laid[0].is_some());
            let fitting: Vec<usize> = laid.iter().copied().flatten().collect();
            let left_out = sign(laid.len() - fitting.len()).map_or(0, |sign| GAP + sign.len());
            prop_assert!(fitting.iter().sum::<usize>() + (fitting.len() - 1) * GAP + left_out <= most);
        }
    }
}
