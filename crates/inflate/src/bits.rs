//! A bit cursor over a slice, least significant bit first, that never reads past the end.
//!
//! For headers, the finder and the last bytes of the input; the inner loop has its own registers.

/// Past the end of the slice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OutOfBits;

#[derive(Clone, Copy)]
pub(crate) struct Bits<'a> {
    data: &'a [u8],
    /// Bits from the start of the slice.
    pub(crate) pos: usize,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(data: &'a [u8], pos: usize) -> Self {
        Self { data, pos }
    }

    /// At least 57 bits from the current one on, zeros past the end.
    #[inline]
    pub(crate) fn peek(&self) -> u64 {
        let byte = self.pos >> 3;
        let word = match self.data.get(byte..byte + 8).and_then(|b| b.first_chunk::<8>()) {
            Some(b) => u64::from_le_bytes(*b),
            None => {
                let mut b = [0; 8];
                let rest = self.data.get(byte..).unwrap_or(&[]);
                b[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(b)
            }
        };
        word >> (self.pos & 7)
    }

    #[inline]
    pub(crate) fn left(&self) -> usize {
        (self.data.len() * 8).saturating_sub(self.pos)
    }

    /// Consumes bits.
    #[inline]
    pub(crate) fn skip(&mut self, n: usize) -> Result<(), OutOfBits> {
        if n > self.left() {
            return Err(OutOfBits);
        }
        self.pos += n;
        Ok(())
    }

    /// The next `n` bits, at most 32.
    #[inline]
    pub(crate) fn take(&mut self, n: u32) -> Result<u32, OutOfBits> {
        let v = self.peek() & ((1u64 << n) - 1);
        self.skip(n as usize)?;
        #[allow(clippy::cast_possible_truncation)] // masked to n <= 32 bits
        Ok(v as u32)
    }
}
