//! Percentiles of sizes in little memory.

/// A distribution of sizes, in 8 steps per power of two.
///
/// A percentile is the upper end of its step, so it is never too small and at most an eighth too
/// large; below 16 bytes it is exact, and it never exceeds the largest size.
#[derive(Debug, Clone, Default)]
pub struct SizeSketch {
    /// Number of sizes in each step that occurs; few steps are in use, so they are kept as pairs.
    steps: Vec<(u16, u64)>,
    count: u64,
    largest: u64,
}

/// Steps for each power of two.
const PER_POWER: u32 = 8;
const POWER_BITS: u32 = PER_POWER.trailing_zeros();

fn step_of(size: u64) -> u16 {
    let step = match u8::try_from(size) {
        Ok(small) if small < 16 => u32::from(small),
        _ => {
            let power = size.ilog2();
            let part = (size >> (power - POWER_BITS)) & u64::from(PER_POWER - 1);
            16 + (power - 4) * PER_POWER + u32::try_from(part).unwrap_or(0)
        }
    };
    u16::try_from(step).unwrap_or(u16::MAX)
}

fn upper_end(step: u16) -> u64 {
    if step < 16 {
        return u64::from(step);
    }
    let (power, part) = ((step - 16) / 8 + 4, u64::from((step - 16) % 8));
    let width = 1u64 << (power - 3);
    (1u64 << power).saturating_add((part + 1).saturating_mul(width) - 1)
}

/// The order of steps is irrelevant.
impl PartialEq for SizeSketch {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl Eq for SizeSketch {}

impl SizeSketch {
    fn sorted(&self) -> Vec<(u16, u64)> {
        let mut steps = self.steps.clone();
        steps.sort_unstable();
        steps
    }

    /// Adds a size.
    #[inline]
    pub fn add(&mut self, size: u64) {
        self.add_many(step_of(size), 1);
        self.largest = self.largest.max(size);
    }

    fn add_many(&mut self, step: u16, n: u64) {
        self.count += n;
        match self.steps.iter().position(|(at, _)| *at == step) {
            Some(at) => {
                if let Some((_, count)) = self.steps.get_mut(at) {
                    *count += n;
                }
                // Frequent steps move to the front, where they are found sooner.
                if at > 0 {
                    self.steps.swap(at, at - 1);
                }
            }
            None => self.steps.push((step, n)),
        }
    }

    /// Joins two.
    pub fn merge(&mut self, other: &Self) {
        for (step, n) in &other.steps {
            self.add_many(*step, *n);
        }
        self.largest = self.largest.max(other.largest);
    }

    /// Clears all sizes, but keeps the memory.
    pub fn clear(&mut self) {
        self.steps.clear();
        self.count = 0;
        self.largest = 0;
    }

    /// Returns the number of sizes.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Writes it as bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.largest.to_le_bytes());
        for (step, n) in &self.steps {
            out.extend_from_slice(&step.to_le_bytes());
            out.extend_from_slice(&n.to_le_bytes());
        }
    }

    /// Reads what [`write`](Self::write) wrote.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let (largest, mut rest) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let mut sketch = Self { largest: u64::from_le_bytes(*largest), ..Self::default() };
        while let Some((step, after)) = rest.split_first_chunk()
            && let Some((n, after)) = after.split_first_chunk()
        {
            let n = u64::from_le_bytes(*n);
            sketch.steps.push((u16::from_le_bytes(*step), n));
            sketch.count += n;
            rest = after;
        }
        sketch
    }

    /// Returns the size that `percent` of all sizes do not exceed; 0 if there are none.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> u64 {
        let due = (u128::from(self.count) * u128::from(percent)).div_ceil(100);
        let mut seen = 0u128;
        for (step, count) in self.sorted() {
            seen += u128::from(count);
            if seen >= due {
                return upper_end(step).min(self.largest);
            }
        }
        self.largest
    }

    /// The largest size.
    #[must_use]
    pub const fn largest(&self) -> u64 {
        self.largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_holds_what_falls_into_it_and_is_an_eighth_wide() {
        for size in (0..100_000).chain([u64::MAX, u64::MAX / 3, 1 << 40]) {
            let end = upper_end(step_of(size));
            assert!(end >= size, "{size}");
            assert!(end - size <= size / 8, "{size} {end}");
        }
        for step in 1..step_of(u64::MAX) {
            assert!(upper_end(step) > upper_end(step - 1), "{step}");
        }
    }

    #[test]
    fn percentiles_are_as_near_as_promised() {
        let mut sketch = SizeSketch::default();
        let mut other = SizeSketch::default();
        for size in 1..=1000 {
            if size % 3 == 0 { sketch.add(size) } else { other.add(size) }
        }
        sketch.merge(&other);
        assert_eq!(sketch.largest(), 1000);
        let mut bytes = Vec::new();
        sketch.write(&mut bytes);
        assert_eq!(SizeSketch::read(&bytes), sketch);
        for (percent, exact) in [(50, 500), (99, 990), (1, 10), (100, 1000)] {
            let got = sketch.percentile(percent);
            assert!((exact..=exact + exact / 8).contains(&got), "{percent}: {got}");
        }
        assert_eq!(SizeSketch::default().percentile(50), 0);
    }
}
