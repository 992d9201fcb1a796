//! Buffers bytes of a file, and reads ahead while they are requested in order.

use crate::error::Error;
use crate::storage::ReadAt;

/// Maximum number of bytes that are read ahead.
const AHEAD: usize = 256 << 10;

/// A part of a file.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// Its offset in the file.
    offset: u64,
    /// Number of bytes that the last read filled; the rest is left from earlier reads.
    filled: usize,
    /// Number of bytes to read ahead. It doubles with every read that continues the previous one.
    ahead: usize,
}

impl Buffer {
    /// Reads bytes from an offset on, unless it has them.
    ///
    /// # Errors
    /// [`DamageKind::Short`](crate::DamageKind::Short) if there are fewer.
    pub(super) fn fill<R: ReadAt>(
        &mut self,
        file: &R,
        offset: u64,
        count: usize,
    ) -> Result<(), Error> {
        if self.place(offset, count).is_some() {
            return Ok(());
        }
        let end = self.offset.saturating_add(self.filled as u64);
        self.ahead = match self.filled > 0 && (self.offset..=end).contains(&offset) {
            true => self.ahead.saturating_mul(2).clamp(count, AHEAD.max(count)),
            false => 0,
        };
        let most = count.saturating_add(self.ahead);
        if self.bytes.len() < most {
            self.bytes.resize(most, 0);
        }
        (self.offset, self.filled) = (offset, 0);
        let into = self.bytes.get_mut(..count).unwrap_or_default();
        file.read_whole(offset, into)?;
        self.filled = count;
        let rest = self.bytes.get_mut(count..most).unwrap_or_default();
        if !rest.is_empty() {
            // A failure here is not an error: reading fails again if these bytes are requested.
            let more = file.read_some(offset.saturating_add(count as u64), rest).unwrap_or(0);
            self.filled = count.saturating_add(more);
        }
        Ok(())
    }

    /// Bytes that were read from an offset on.
    pub(super) fn get(&self, offset: u64, count: usize) -> &[u8] {
        let place = self.place(offset, count);
        place.and_then(|place| self.bytes.get(place)).unwrap_or_default()
    }

    fn place(&self, offset: u64, count: usize) -> Option<std::ops::Range<usize>> {
        let from = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        let end = from.checked_add(count)?;
        (end <= self.filled).then_some(from..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Earlier reads never affect the bytes that are returned.
        #[test]
        fn bytes_are_those_of_the_file(
            file in proptest::collection::vec(any::<u8>(), 0..5000),
            asked in proptest::collection::vec((0..5200usize, 1..700usize, any::<bool>()), 1..60),
        ) {
            let mut buffer = Buffer::default();
            let mut next = 0;
            for (offset, count, goes_on) in asked {
                let from = if goes_on { next } else { offset };
                next = from + count;
                let filled = buffer.fill(&file, from as u64, count);
                let expected = file.get(from..next);
                prop_assert_eq!(filled.is_ok(), expected.is_some());
                if let Some(expected) = expected {
                    prop_assert_eq!(buffer.get(from as u64, count), expected);
                }
            }
        }
    }
}
