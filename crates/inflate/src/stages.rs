//! The separate stages, for benches and examples; not part of the interface.

use crate::error::ErrorKind;
use crate::finder;
use crate::gzip::read_header;
use crate::input::Input;
use crate::replay::Replay;
use crate::segment::{Segment, Stop};
use crate::source::ReadAt;
use std::io;

fn other(kind: ErrorKind) -> io::Error {
    io::Error::other(kind.to_string())
}

/// Entropy-decodes the first member, `tokens` bytes of tokens at a time. Drops the tokens or, with
/// an output buffer, replays them into it again and again. Returns the number of bytes replayed.
///
/// # Errors
/// If reading the source fails.
pub fn decode(source: &dyn ReadAt, tokens: usize, mut out: Option<&mut [u8]>) -> io::Result<u64> {
    let size = source.size()?;
    let start = read_header(source, 0).map_err(|(kind, _)| other(kind))?;
    let mut segment = Segment::new(size);
    let mut replay = Replay::new();
    segment.start(start * 8, tokens);
    let (mut at, mut total) = (0, 0u64);
    loop {
        let stop = segment.run(source, u64::MAX, None, &|| false);
        if let Some(out) = &mut out {
            loop {
                let begin = at;
                let before = i64::try_from(total - begin as u64).unwrap_or(0);
                let end = out.len();
                replay.run(&mut segment.tokens, out, &mut at, end, before);
                total += (at - begin) as u64;
                if at < end {
                    break;
                }
                replay.remember(out);
                at = 0;
            }
        }
        segment.tokens.reset(tokens);
        match stop {
            Stop::End => return Ok(total),
            Stop::Bad(kind, _) => return Err(other(kind)),
            Stop::Io(e) => return Err(e),
            Stop::Cut | Stop::Full | Stop::Cancelled => {}
        }
    }
}

/// Finds the first plausible block after each cut; returns the number found.
///
/// # Errors
/// If the source cannot be read.
pub fn find(source: &dyn ReadAt, segment: u64) -> io::Result<u64> {
    let size = source.size()?;
    let mut input = Input::new(size);
    let mut found = 0;
    for k in 1..size.div_ceil(segment) {
        let (from, to) = (k * segment * 8, (k + 1) * segment * 8);
        found += u64::from(finder::find(&mut input, source, from, to, &|| false)?);
    }
    Ok(found)
}
