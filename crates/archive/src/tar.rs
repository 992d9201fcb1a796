//! The tar layer, read as a stream.
//!
//! A walker over chunks instead of a reader: it passes on the data of a member in place. It
//! understands the name and size in ustar, pax and GNU headers.

use crate::finding::{Code, Finding, Place};
use crate::limits::Limits;
use std::ops::Range;

const BLOCK: usize = 512;
const BLOCK_SIZE: u64 = 512;

/// An event in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A member starts.
    Member {
        /// Its name as it is stored.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// Whether it is a plain file.
        is_file: bool,
    },
    /// Data of the current member, in the chunk.
    Data(Range<usize>),
    /// The current member is complete.
    End,
}

enum State {
    /// In a header block.
    Header,
    /// In a member's data.
    Data { left: u64, padding: u64 },
    /// In the data of an extended header, which describes the next member.
    Extended { kind: u8, left: u64, padding: u64, text: Vec<u8> },
    /// Between the end of a member and the next block.
    Padding { left: u64 },
    /// After the first zero block.
    AfterZero,
    /// After both.
    Ended,
    /// The rest cannot be parsed.
    Broken,
}

/// Walks a tar stream.
pub(crate) struct TarWalker {
    state: State,
    header: Vec<u8>,
    /// Number of bytes seen.
    position: u64,
    /// From extended headers, for the next member.
    next_name: Option<String>,
    next_size: Option<u64>,
    members: u64,
    limits: Limits,
    behind_zero: u64,
    behind_other: Option<u64>,
    findings: Vec<Finding>,
}

impl TarWalker {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            state: State::Header,
            header: Vec::with_capacity(BLOCK),
            position: 0,
            next_name: None,
            next_size: None,
            members: 0,
            limits,
            behind_zero: 0,
            behind_other: None,
            findings: Vec::new(),
        }
    }

    /// Whether the rest cannot be parsed, so that reading on is useless.
    pub(crate) const fn is_broken(&self) -> bool {
        matches!(self.state, State::Broken)
    }

    /// Returns the next event in `chunk[*at..]` and advances `at`; `None` when the chunk is used
    /// up.
    pub(crate) fn next(&mut self, chunk: &[u8], at: &mut usize) -> Option<Event> {
        loop {
            // A member without data ends without its own bytes.
            if let State::Data { left: 0, padding } = self.state {
                self.state = State::Padding { left: padding };
                return Some(Event::End);
            }
            let rest = chunk.get(*at..).filter(|rest| !rest.is_empty())?;
            let step = |left: u64| usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
            match &mut self.state {
                State::Broken => return None,
                State::Data { left, .. } => {
                    let n = step(*left);
                    let start = *at;
                    *left -= n as u64;
                    *at += n;
                    self.position += n as u64;
                    return Some(Event::Data(start..start + n));
                }
                State::Padding { left } => {
                    let n = step(*left);
                    *left -= n as u64;
                    let done = *left == 0;
                    *at += n;
                    self.position += n as u64;
                    if done {
                        self.state = State::Header;
                    }
                }
                State::Extended { kind, left, padding, text } => {
                    let n = step(*left);
                    text.extend_from_slice(&rest[..n]);
                    *left -= n as u64;
                    *at += n;
                    self.position += n as u64;
                    if *left == 0 {
                        let (kind, text, padding) = (*kind, std::mem::take(text), *padding);
                        self.state = State::Padding { left: padding };
                        self.read_extended(kind, &text);
                    }
                }
                State::Header | State::AfterZero => {
                    let n = (BLOCK - self.header.len()).min(rest.len());
                    self.header.extend_from_slice(&rest[..n]);
                    *at += n;
                    self.position += n as u64;
                    if self.header.len() == BLOCK {
                        let event = self.read_header();
                        self.header.clear();
                        if event.is_some() {
                            return event;
                        }
                    }
                }
                State::Ended => {
                    self.behind(rest);
                    *at += rest.len();
                    self.position += rest.len() as u64;
                }
            }
        }
    }

    /// Records what follows the end: zeros, or other bytes.
    fn behind(&mut self, bytes: &[u8]) {
        match bytes.iter().position(|b| *b != 0) {
            None => self.behind_zero += bytes.len() as u64,
            Some(at) => {
                self.behind_other.get_or_insert(self.position + at as u64);
            }
        }
    }

    fn read_header(&mut self) -> Option<Event> {
        let start = self.position - BLOCK_SIZE;
        let header = std::mem::take(&mut self.header);
        let event = self.header_event(&header, start);
        self.header = header;
        event
    }

    fn header_event(&mut self, header: &[u8], start: u64) -> Option<Event> {
        if header.iter().all(|b| *b == 0) {
            self.state = match self.state {
                State::AfterZero => State::Ended,
                _ => State::AfterZero,
            };
            return None;
        }
        if matches!(self.state, State::AfterZero) {
            self.state = State::Ended;
            self.behind_other.get_or_insert(start);
            return None;
        }
        let (size, kind) = match (checked_sum(header), octal(&header[124..136])) {
            (true, Some(size)) => (self.next_size.take().unwrap_or(size), header[156]),
            _ => {
                let message = "a header of the tar archive is broken";
                self.findings.push(Finding::damage(
                    Code::TarHeader,
                    Some(Place::Tar(start)),
                    message,
                ));
                self.state = State::Broken;
                return None;
            }
        };
        let padding = (BLOCK_SIZE - size % BLOCK_SIZE) % BLOCK_SIZE;
        if matches!(kind, b'x' | b'g' | b'L' | b'K') {
            if size > self.limits.small_member {
                return self.give_up(
                    Code::LimitMember,
                    start,
                    "an extended tar header is too long",
                );
            }
            self.state = if size == 0 {
                State::Header
            } else {
                State::Extended { kind, left: size, padding, text: Vec::new() }
            };
            return None;
        }
        self.members += 1;
        if self.members > self.limits.members {
            let message = format!("the archive has more than {} members", self.limits.members);
            return self.give_up(Code::LimitMembers, start, &message);
        }
        let name = self.next_name.take().unwrap_or_else(|| stored_name(header));
        let is_file = matches!(kind, b'0' | 0 | b'7');
        // Only files have data; other entries' sizes mean nothing.
        let size = if is_file { size } else { 0 };
        self.state = State::Data { left: size, padding: if is_file { padding } else { 0 } };
        Some(Event::Member { name, size, is_file })
    }

    fn give_up(&mut self, code: Code, at: u64, message: &str) -> Option<Event> {
        self.findings.push(Finding::damage(code, Some(Place::Tar(at)), message));
        self.state = State::Broken;
        None
    }

    fn read_extended(&mut self, kind: u8, text: &[u8]) {
        match kind {
            b'L' => {
                let name = text.split(|b| *b == 0).next().unwrap_or(&[]);
                self.next_name = Some(String::from_utf8_lossy(name).into_owned());
            }
            b'x' => {
                for (key, value) in pax_records(text) {
                    match key {
                        b"path" => {
                            self.next_name = Some(String::from_utf8_lossy(value).into_owned())
                        }
                        b"size" => {
                            self.next_size =
                                std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Ends the stream and returns all findings.
    pub(crate) fn end(mut self, cut_off: bool) -> Vec<Finding> {
        let at = Some(Place::Tar(self.position));
        let truncated = match self.state {
            State::Header => !self.header.is_empty() || self.members == 0,
            State::AfterZero => {
                let rest = std::mem::take(&mut self.header);
                self.position -= rest.len() as u64;
                self.behind(&rest);
                false
            }
            State::Data { .. } | State::Extended { .. } => true,
            // Consul's reader also requires the padding of the last member.
            State::Padding { left } => left > 0,
            State::Ended | State::Broken => false,
        };
        // A lower layer has already reported the truncation.
        if truncated && !cut_off {
            let message = "the tar archive is truncated";
            self.findings.push(Finding::damage(Code::TarTruncated, at, message));
        }
        if let Some(at) = self.behind_other {
            let message = "bytes follow the end of the tar archive; Consul refuses such a file";
            self.findings.push(Finding::damage(Code::TarTrailing, Some(Place::Tar(at)), message));
        } else if self.behind_zero > 0 {
            let message = format!(
                "{} zero bytes follow the end of the tar archive; Consul refuses such a file",
                self.behind_zero
            );
            self.findings.push(Finding::note(Code::TarPadding, at, message));
        }
        self.findings
    }
}

/// Whether these are the first bytes of a tar archive.
pub(crate) fn looks_like_tar(bytes: &[u8]) -> bool {
    bytes.get(..BLOCK).is_some_and(|header| header[0] != 0 && checked_sum(header))
}

fn checked_sum(header: &[u8]) -> bool {
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(i, b)| if (148..156).contains(&i) { 32 } else { u64::from(*b) })
        .sum();
    octal(&header[148..156]) == Some(sum)
}

/// Parses a number field: octal text, or base 256 if its first bit is set.
fn octal(field: &[u8]) -> Option<u64> {
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        return rest.iter().try_fold(u64::from(first & 0x7f), |n, b| {
            n.checked_mul(256)?.checked_add(u64::from(*b))
        });
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn stored_name(header: &[u8]) -> String {
    let text = |field: &[u8]| {
        String::from_utf8_lossy(field.split(|b| *b == 0).next().unwrap_or(&[])).into_owned()
    };
    let name = text(&header[..100]);
    let is_ustar = &header[257..263] == b"ustar\0";
    let prefix = if is_ustar { text(&header[345..500]) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// Parses the records of a pax header: `LENGTH KEY=VALUE\n`.
fn pax_records(mut text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let space = text.iter().position(|b| *b == b' ')?;
        let length: usize = std::str::from_utf8(&text[..space]).ok()?.parse().ok()?;
        let record = text.get(space + 1..length)?;
        text = &text[length..];
        let record = record.strip_suffix(b"\n")?;
        let equals = record.iter().position(|b| *b == b'=')?;
        Some((&record[..equals], &record[equals + 1..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(stream: &[u8], piece: usize) -> (Vec<(String, Vec<u8>)>, Vec<Code>) {
        let mut walker = TarWalker::new(Limits::default());
        let mut members: Vec<(String, Vec<u8>)> = Vec::new();
        for chunk in stream.chunks(piece) {
            let mut at = 0;
            while let Some(event) = walker.next(chunk, &mut at) {
                match event {
                    Event::Member { name, .. } => members.push((name, Vec::new())),
                    Event::Data(range) => {
                        members.last_mut().unwrap().1.extend_from_slice(&chunk[range]);
                    }
                    Event::End => {}
                }
            }
        }
        (members, walker.end(false).iter().map(|f| f.code).collect())
    }

    fn member(name: &str, data: &[u8]) -> Vec<u8> {
        let mut header = vec![0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000600");
        header[124..135].copy_from_slice(format!("{:011o}", data.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[148..156].fill(b' ');
        let sum: u64 = header.iter().map(|b| u64::from(*b)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        header.extend_from_slice(data);
        header.resize(header.len().next_multiple_of(512), 0);
        header
    }

    #[test]
    fn finds_members_however_the_stream_is_cut() {
        let stream =
            [member("a", b"first"), member("b", b""), member("c", &[7; 1000]), vec![0; 1024]]
                .concat();
        for piece in [1, 7, 511, 512, 513, 100_000] {
            let (members, findings) = walk(&stream, piece);
            assert_eq!(
                members,
                [
                    ("a".into(), b"first".to_vec()),
                    ("b".into(), vec![]),
                    ("c".into(), vec![7; 1000])
                ]
            );
            assert!(findings.is_empty(), "{findings:?}");
        }
        assert!(looks_like_tar(&stream));
    }

    #[test]
    fn the_end_may_be_short_but_not_cut() {
        let one = member("a", b"first");
        assert!(walk(&one, 64).1.is_empty());
        assert!(walk(&[one.clone(), vec![0; 512]].concat(), 64).1.is_empty());
        assert_eq!(walk(&one[..600], 64).1, [Code::TarTruncated]);
        assert_eq!(walk(&one[..100], 64).1, [Code::TarTruncated]);
        assert_eq!(walk(&[one.clone(), vec![0; 10_240]].concat(), 64).1, [Code::TarPadding]);
        assert_eq!(
            walk(&[one.clone(), vec![0; 1024], b"x".to_vec()].concat(), 64).1,
            [Code::TarTrailing]
        );
        assert_eq!(
            walk(&[one.clone(), vec![0; 512], one.clone()].concat(), 64).1,
            [Code::TarTrailing]
        );
    }

    #[test]
    fn a_changed_header_is_found() {
        let stream = [member("a", b"first"), member("b", b"second"), vec![0; 1024]].concat();
        for at in 0..512 {
            let mut broken = stream.clone();
            broken[at] ^= 1;
            assert_eq!(walk(&broken, 4096).1, [Code::TarHeader], "byte {at}");
        }
    }

    #[test]
    fn pax_and_gnu_names_and_sizes_are_read() {
        let mut pax = member("PaxHeaders/x", b"18 path=long/name\n");
        pax[156] = b'x';
        fix_sum(&mut pax);
        let stream = [pax, member("short", b"data"), vec![0; 1024]].concat();
        assert_eq!(walk(&stream, 100).0, [("long/name".to_owned(), b"data".to_vec())]);
        let mut long = member("././@LongLink", b"very/long/name\0");
        long[156] = b'L';
        fix_sum(&mut long);
        let stream = [long, member("short", b"data"), vec![0; 1024]].concat();
        assert_eq!(walk(&stream, 100).0, [("very/long/name".to_owned(), b"data".to_vec())]);
    }

    fn fix_sum(header: &mut [u8]) {
        header[148..156].fill(b' ');
        let sum: u64 = header[..512].iter().map(|b| u64::from(*b)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    }
}
