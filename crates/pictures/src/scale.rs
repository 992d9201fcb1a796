//! Axes.

/// About four round values from 0 to at least `most`. For bytes, `step` is a power of two times a
/// round number.
pub(crate) fn ticks(most: f64, is_bytes: bool) -> Vec<f64> {
    if !(most > 0.0 && most.is_finite()) {
        return vec![0.0, 1.0];
    }
    let rough = most / 4.0;
    let unit = if is_bytes { 1024f64.powf(rough.max(1.0).log(1024.0).floor()) } else { 1.0 };
    let part = rough / unit;
    let power = 10f64.powf(part.log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|r| r * power >= part).unwrap_or(10.0);
    let step = round * power * unit;
    let mut all = vec![0.0];
    // At most five: the step is at least a quarter.
    while let Some(last) = all.last().copied().filter(|last| *last < most && all.len() < 7) {
        all.push(last + step);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_end() {
        assert_eq!(ticks(7.0, false), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(4.0 * 1024.0 * 1024.0, true).last(), Some(&4_194_304.0));
        assert_eq!(ticks(0.0, true), [0.0, 1.0]);
        for most in [1.0, 13.0, 999.0, 1e9, 3.3e12] {
            for is_bytes in [false, true] {
                let all = ticks(most, is_bytes);
                assert!(all.last().is_some_and(|last| *last >= most) && all.len() <= 7, "{most}");
            }
        }
    }
}
