//! A row of one-character bars that shows how a number changed.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One bar per value, but at most `width`: if there are more, some are left out, but never the
/// first or the last. The smallest value has the lowest bar, the largest the highest; if all are
/// equal, all bars are the lowest.
pub(crate) fn sparkline(values: &[u64], width: usize) -> String {
    let (Some(least), Some(most)) = (values.iter().min(), values.iter().max()) else {
        return String::new();
    };
    let bars = values.len().min(width);
    let bar = |at: usize| {
        let place = if bars > 1 { at * (values.len() - 1) / (bars - 1) } else { 0 };
        let value = values.get(place).copied().unwrap_or_default();
        let top = u128::from(most - least);
        let height = (u128::from(value - least) * 7 + top / 2).checked_div(top).unwrap_or(0);
        usize::try_from(height).ok().and_then(|height| BARS.get(height)).copied()
    };
    (0..bars).filter_map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_between_the_least_and_the_most() {
        for (values, width, bars) in [
            (&[][..], 8, ""),
            (&[5], 8, "▁"),
            (&[5, 5, 5], 8, "▁▁▁"),
            (&[0, 7], 8, "▁█"),
            (&[10, 11, 12, 13, 14, 15, 16, 17], 8, "▁▂▃▄▅▆▇█"),
            (&[17, 10, 17], 8, "█▁█"),
            (&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4, "▁▃▆█"),
            (&[0, u64::MAX], 1, "▁"),
            (&[0, u64::MAX], 2, "▁█"),
            (&[1, 2], 0, ""),
        ] {
            assert_eq!(sparkline(values, width), bars, "{values:?}");
        }
    }
}
