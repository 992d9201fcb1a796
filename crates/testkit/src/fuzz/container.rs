//! Opens any bytes as a snapshot.

use snapscope_archive::{Blocks, Closing, Limits, OpenOptions, Place, Source, Verdict, open};

/// Low limits, which a few bytes can reach.
fn limits() -> Limits {
    Limits { record: 1 << 20, state: 8 << 20, small_member: 1 << 16, ..Limits::default() }
}

fn read(data: &[u8], threaded: bool) -> (Vec<u8>, u64, Closing) {
    let options = OpenOptions {
        limits: limits(),
        threads: 1 + usize::from(threaded),
        ..OpenOptions::default()
    };
    let mut blocks = open(&Source::Memory(data.into()), &options).expect("memory can be opened");
    let (mut bytes, mut records, mut seq) = (Vec::new(), 0u64, 0);
    for block in blocks.by_ref() {
        assert_eq!(block.seq(), seq, "blocks are numbered without gaps");
        seq += 1;
        let mut offset = block.offset();
        assert!(block.frames().len() > 0, "no block is empty");
        for frame in block.frames() {
            records += 1;
            assert_eq!((frame.number, frame.offset), (records, offset));
            assert_eq!(frame.bytes[0], frame.kind.0);
            offset += frame.size();
            bytes.extend_from_slice(frame.bytes);
        }
    }
    (bytes, records, Blocks::finish(blocks))
}

/// Any file can be opened and read to an end. One thread and several return the same. Reported offsets are inside the
/// file, damage and verdict agree, and no returned byte is made up.
pub fn container(data: &[u8]) {
    let (bytes, records, closing) = read(data, false);
    let threaded = read(data, true);
    assert!(threaded.0 == bytes && threaded.1 == records, "the result depends on threads");
    assert_eq!(threaded.2.integrity.verdict, closing.integrity.verdict);
    assert_eq!(threaded.2.integrity.findings, closing.integrity.findings);
    assert_eq!(closing.records, records);
    let integrity = &closing.integrity;
    assert_eq!(integrity.damage().next().is_some(), integrity.verdict == Verdict::Damaged);
    assert_ne!(integrity.verdict, Verdict::StoppedEarly);
    let size = data.len() as u64;
    let inflated = integrity.gzip.map_or(size, |gzip| {
        assert!(gzip.compressed <= size);
        gzip.inflated
    });
    assert!(integrity.actual_size <= inflated);
    let header = closing.header.as_ref().map_or(0, |h| h.size);
    assert!(bytes.len() as u64 + header <= integrity.actual_size);
    for finding in &integrity.findings {
        assert!(!finding.message.is_empty());
        match finding.place {
            Some(Place::File(at)) => assert!(at <= size, "{finding}"),
            Some(Place::Tar(at)) => assert!(at <= inflated, "{finding}"),
            Some(Place::State(at)) => assert!(at <= integrity.actual_size, "{finding}"),
            None => {}
        }
    }
    if integrity.verdict != Verdict::Damaged {
        assert!(closing.damage.is_none());
        assert_eq!(bytes.len() as u64 + header, integrity.actual_size, "bytes are left over");
    }
    if integrity.verdict == Verdict::Verified {
        assert!(integrity.members.iter().any(|m| m.expected.as_deref() == Some(&m.sha256)));
    }
}
