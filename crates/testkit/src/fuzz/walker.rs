//! Splits any bytes into records.

use snapscope_decode::{Buffer, DamageKind, Limits, Splitter, frames_of};

/// Frames are adjacent without gaps, each is a whole value, and an error is inside the bytes and
/// ends the walk.
pub fn walker(data: &[u8]) {
    let mut at = 0;
    let mut frames = frames_of(data);
    let mut number = 0;
    for frame in frames.by_ref() {
        match frame {
            Ok(frame) => {
                number += 1;
                assert_eq!((frame.number, frame.offset), (number, at as u64));
                assert_eq!(frame.bytes, &data[at..at + frame.bytes.len()]);
                frame.value().expect("a frame's value was walked");
                at += frame.bytes.len();
                assert_eq!(frames_of(frame.bytes).count(), 1, "a frame is one record");
            }
            Err(e) => {
                assert!(e.at <= (data.len() - at) as u64, "{e}");
                assert!(at < data.len());
                at = usize::MAX;
                break;
            }
        }
    }
    assert!(frames.next().is_none());
    assert!(at == usize::MAX || at == data.len());
}

/// Splits a state that arrives in pieces of one size.
fn split(state: &[u8], piece: usize, headroom: usize) -> (Vec<Vec<u8>>, Option<(u64, u64)>) {
    let mut splitter = Splitter::new(Limits { record: 1 << 20 }, Some(state.len() as u64));
    let mut records = Vec::new();
    let mut take = |splitter: &mut Splitter| {
        while let Some(block) = splitter.pop() {
            records.extend(block.frames().map(|f| f.bytes.to_vec()));
        }
    };
    for chunk in state.chunks(piece) {
        let mut buffer = vec![0; headroom];
        buffer.extend_from_slice(chunk);
        let end = buffer.len();
        splitter.push(Buffer::unpooled(buffer), headroom..end);
        take(&mut splitter);
    }
    splitter.end();
    take(&mut splitter);
    assert_eq!(splitter.records(), records.len() as u64);
    let damage = splitter.damage().map(|d| {
        assert!(d.offset <= state.len() as u64 && d.record_offset <= d.offset, "{d}");
        if let DamageKind::EndsInside { missing } = d.kind {
            assert!(missing > 0);
        }
        assert!(!d.to_string().is_empty());
        (d.number, d.record_offset)
    });
    if damage.is_none() {
        let header = splitter.header().expect("whole, so it has a header").size as usize;
        assert_eq!(records.iter().map(Vec::len).sum::<usize>() + header, state.len());
    }
    (records, damage)
}

/// The size of the pieces never changes the records, nor where the walk ends.
pub fn splitter(data: &[u8]) {
    let whole = split(data, data.len().max(1), 0);
    for (piece, headroom) in [(1, 0), (1, 8), (7, 3), (64, 64), (1000, 100)] {
        if data.len() / piece > 20_000 {
            continue;
        }
        let pieces = split(data, piece, headroom);
        assert!(pieces.0 == whole.0, "pieces of {piece} give other records");
        assert_eq!(pieces.1, whole.1, "pieces of {piece} end elsewhere");
    }
    // A truncated state gives the first records of the whole.
    let cut = data.len() / 3 * 2;
    let (records, _) = split(&data[..cut], cut.max(1), 0);
    assert!(whole.0.starts_with(&records));
}
