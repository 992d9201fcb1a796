//! Tapes as bytes, for values that wait in memory or on disk. Numbers take as many bytes as they need: in memory a
//! piece takes 16 bytes, here mostly two.

use super::tape::{Piece, Span, Tape};

impl Tape {
    /// Serialises it for [`read`](Self::read). Tapes with equal content yield equal bytes,
    /// regardless of the selected fields.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let length = |out: &mut Vec<u8>, len: usize| number(out, len as u64);
        length(out, self.bytes.len());
        out.extend_from_slice(&self.bytes);
        for piece in &self.pieces {
            match *piece {
                Piece::Null => out.push(b'z'),
                Piece::Bool(b) => out.extend_from_slice(&[b'b', u8::from(b)]),
                Piece::Uint(n) => {
                    out.push(b'u');
                    number(out, n);
                }
                Piece::Int(n) => {
                    out.push(b'i');
                    out.extend_from_slice(&n.to_le_bytes());
                }
                Piece::Float(x) => {
                    out.push(b'f');
                    out.extend_from_slice(&x.to_le_bytes());
                }
                Piece::Float32(x) => {
                    out.push(b'g');
                    out.extend_from_slice(&x.to_le_bytes());
                }
                // Texts are in the order of the pieces.
                Piece::Text(span) => {
                    out.push(b't');
                    length(out, span.len());
                }
                Piece::Bytes(span) => {
                    out.push(b'x');
                    length(out, span.len());
                }
                Piece::Key(span) => {
                    out.push(b'k');
                    length(out, span.len());
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

    /// The same in memory of its own.
    pub(crate) fn packed(&self) -> Box<[u8]> {
        let mut out = Vec::with_capacity(self.bytes.len() + 3 * self.pieces.len());
        self.write(&mut out);
        out.into()
    }

    /// Reads the output of [`write`](Self::write); `None` for anything else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let len = usize::try_from(read_number(&mut rest)?).ok()?;
        let (text, mut rest) = rest.split_at_checked(len)?;
        let mut tape = Self::new();
        tape.bytes.extend_from_slice(text);
        let mut at = 0;
        while let Some((tag, after)) = rest.split_first() {
            rest = after;
            let piece = match tag {
                b'z' => Piece::Null,
                b'u' => Piece::Uint(read_number(&mut rest)?),
                b'i' => Piece::Int(i64::from_le_bytes(chunk(&mut rest)?)),
                b'f' => Piece::Float(f64::from_le_bytes(chunk(&mut rest)?)),
                b't' | b'x' | b'k' => {
                    let len = usize::try_from(read_number(&mut rest)?).ok()?;
                    let span = Span::new(at, len);
                    at += len;
                    match tag {
                        b't' => Piece::Text(span),
                        b'x' => Piece::Bytes(span),
                        _ => Piece::Key(span),
                    }
                }
                b'l' => Piece::List { end: usize::try_from(read_number(&mut rest)?).ok()? },
                b'o' => Piece::Object { end: usize::try_from(read_number(&mut rest)?).ok()? },
                b'b' => {
                    let (b, after) = rest.split_first()?;
                    rest = after;
                    Piece::Bool(*b != 0)
                }
                b'g' => Piece::Float32(f32::from_le_bytes(chunk(&mut rest)?)),
                _ => return None,
            };
            tape.pieces.push(piece);
        }
        Some(tape)
    }
}

/// Seven bits a byte, the lowest first; the highest bit of a byte says that another follows.
fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n.to_le_bytes()[0] | 0x80);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

fn read_number(rest: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(n);
        }
    }
    None
}

fn chunk<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (chunk, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*chunk)
}
