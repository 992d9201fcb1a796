//! One entry, in both encodings.

use crate::msgpack::{Val, put_raw, put_uint, time};

/// An entry of a Raft log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogEntry {
    /// Its index.
    pub index: u64,
    /// The term of its leader.
    pub term: u64,
    /// 0 for commands, 1 for no-ops, 5 for configurations.
    pub kind: u8,
    /// For commands a type byte and a request.
    pub data: Vec<u8>,
    /// The position in a larger command; usually empty.
    pub extensions: Vec<u8>,
    /// Seconds since 1970 and nanoseconds; older servers write no time.
    pub appended_at: Option<(i64, u32)>,
}

impl LogEntry {
    fn time(&self) -> Option<Vec<u8>> {
        let (seconds, nanos) = self.appended_at?;
        let Val::Raw(bytes) = time(seconds, nanos, -1) else { return None };
        Some(bytes)
    }

    /// As a value of raft.db.
    #[must_use]
    pub fn msgpack(&self) -> Vec<u8> {
        let time = self.time();
        let mut out = vec![0x85 + u8::from(time.is_some())];
        if let Some(time) = time {
            put_raw(&mut out, b"AppendedAt");
            put_raw(&mut out, &time);
        }
        put_raw(&mut out, b"Data");
        put_raw(&mut out, &self.data);
        put_raw(&mut out, b"Extensions");
        if self.extensions.is_empty() {
            out.push(0xc0);
        } else {
            put_raw(&mut out, &self.extensions);
        }
        for (name, number) in
            [("Index", self.index), ("Term", self.term), ("Type", u64::from(self.kind))]
        {
            put_raw(&mut out, name.as_bytes());
            put_uint(&mut out, number);
        }
        out
    }

    /// As the payload of a raft-wal frame.
    #[must_use]
    pub fn wal(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for number in [self.index, self.term, u64::from(self.kind)] {
            put_uvarint(&mut out, number);
        }
        for bytes in [&self.data, &self.extensions] {
            put_uvarint(&mut out, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
        match self.time() {
            Some(time) => out.extend(time),
            // The zero time.
            None => out.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
        }
        out
    }
}

fn put_uvarint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
