//! Tapes as bytes, for values that do not fit in memory.

use super::tape::{Piece, Tape};

impl Tape {
    /// Serialises it for [`read`](Self::read). Tapes with equal content yield equal bytes,
    /// regardless of the selected fields.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let length = |out: &mut Vec<u8>, len: usize| {
            out.extend_from_slice(&(len as u64).to_le_bytes());
        };
        length(out, self.bytes.len());
        out.extend_from_slice(&self.bytes);
        for piece in &self.pieces {
            match *piece {
                Piece::Null => out.push(b'z'),
                Piece::Bool(b) => out.extend_from_slice(&[b'b', u8::from(b)]),
                Piece::Uint(n) => {
                    out.push(b'u');
                    out.extend_from_slice(&n.to_le_bytes());
                }
                Piece::Int(n) => {
                    out.push(b'i');
                    out.extend_from_slice(&n.to_le_bytes());
                }
                Piece::Float(x) => {
                    out.push(b'f');
                    out.extend_from_slice(&x.to_bits().to_le_bytes());
                }
                Piece::Float32(x) => {
                    out.push(b'g');
                    out.extend_from_slice(&x.to_bits().to_le_bytes());
                }
                // Texts are in the order of the pieces.
                Piece::Text { len, .. } => {
                    out.push(b't');
                    length(out, len);
                }
                Piece::Bytes { len, .. } => {
                    out.push(b'x');
                    length(out, len);
                }
                Piece::Key { len, .. } => {
                    out.push(b'k');
                    length(out, len);
                }
                Piece::List { end } => {
                    out.push(b'l');
                    length(out, end);
                }
                Piece::Object { end } => {
                    out.push(b'o');
                    length(out, end);
                }
            }
        }
    }

    /// Reads the output of [`write`](Self::write); `None` for anything else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (len, rest) = bytes.split_first_chunk()?;
        let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
        let (text, mut rest) = rest.split_at_checked(len)?;
        let mut tape = Self::new();
        tape.bytes.extend_from_slice(text);
        let mut at = 0;
        while let Some((tag, after)) = rest.split_first() {
            rest = after;
            let mut eight = || {
                let (eight, after) = rest.split_first_chunk()?;
                rest = after;
                Some(u64::from_le_bytes(*eight))
            };
            let piece = match tag {
                b'z' => Piece::Null,
                b'u' => Piece::Uint(eight()?),
                b'i' => Piece::Int(eight()?.cast_signed()),
                b'f' => Piece::Float(f64::from_bits(eight()?)),
                b't' | b'x' | b'k' => {
                    let len = usize::try_from(eight()?).ok()?;
                    let start = at;
                    at += len;
                    match tag {
                        b't' => Piece::Text { at: start, len },
                        b'x' => Piece::Bytes { at: start, len },
                        _ => Piece::Key { at: start, len },
                    }
                }
                b'l' => Piece::List { end: usize::try_from(eight()?).ok()? },
                b'o' => Piece::Object { end: usize::try_from(eight()?).ok()? },
                b'b' => {
                    let (b, after) = rest.split_first()?;
                    rest = after;
                    Piece::Bool(*b != 0)
                }
                b'g' => {
                    let (four, after) = rest.split_first_chunk()?;
                    rest = after;
                    Piece::Float32(f32::from_bits(u32::from_le_bytes(*four)))
                }
                _ => return None,
            };
            tape.pieces.push(piece);
        }
        Some(tape)
    }
}
