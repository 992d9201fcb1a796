//! Consecutive gzip members, inflated one after the other.
//!
//! This module reads the framing itself, so errors carry the file's offset and a wrong checksum
//! does not end the reading. flate2 inflates.

use crate::finding::{Code, Finding, Place};
use crate::limits::Limits;
use crate::read_full::read_full;
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, Read};

/// The two bytes every gzip member starts with.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Bytes read from the file at once.
const INPUT: usize = 256 * 1024;

/// What is known at the end of the gzip layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GzipReport {
    /// Number of members that ended correctly.
    pub members: u64,
    /// Bytes of the file that were read.
    pub compressed: u64,
    /// Number of bytes it inflated to.
    pub inflated: u64,
    /// How it was inflated.
    pub path: InflatePath,
}

/// How a gzip stream is inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InflatePath {
    /// By flate2, in one thread.
    #[default]
    Serial,
    /// By snapscope-inflate, with this number of threads.
    Parallel(usize),
}

impl std::fmt::Display for InflatePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Serial => f.write_str("by flate2"),
            Self::Parallel(1) => f.write_str("by one thread"),
            Self::Parallel(threads) => write!(f, "by {threads} threads"),
        }
    }
}

/// The finding for data that inflates to more than a snapshot can hold.
pub(crate) fn over_ratio(inflated: u64, compressed: u64, limits: &Limits) -> Option<Finding> {
    if inflated <= Limits::RATIO_FROM || inflated / compressed.max(1) <= limits.ratio {
        return None;
    }
    let message = format!(
        "each compressed byte inflates to more than {} bytes: this may be a decompression bomb",
        limits.ratio
    );
    Some(Finding::damage(Code::LimitRatio, Some(Place::File(compressed)), message))
}

/// The finding for a truncated file.
pub(crate) fn cut_off(at: u64, place: &str) -> Finding {
    let message = format!("the file is truncated: it ends {place}");
    Finding::damage(Code::Truncated, Some(Place::File(at)), message)
}

/// The finding for bytes after the last member.
pub(crate) fn trailing_bytes(at: u64) -> Finding {
    let message = "other bytes follow the end of the gzip stream; Consul refuses such a file";
    Finding::damage(Code::TrailingBytes, Some(Place::File(at)), message)
}

/// The finding for a member whose data does not match its checksum.
pub(crate) fn wrong_crc(at: u64, computed: u32, stored: u32) -> Finding {
    let message = format!("the data does not match its gzip CRC: {computed:08x}, not {stored:08x}");
    Finding::damage(Code::GzipCrc, Some(Place::File(at)), message)
}

/// The finding for a member whose data does not have the stored length.
pub(crate) fn wrong_length(at: u64, computed: u32, stored: u32) -> Finding {
    let message = format!(
        "the data does not match its gzip length: {computed} bytes, not {stored} (modulo 2^32)"
    );
    Finding::damage(Code::GzipLength, Some(Place::File(at)), message)
}

enum State {
    Header,
    Body,
    Trailer,
    Ended,
}

/// Inflates a file of gzip members.
pub(crate) struct Gunzip<R> {
    inner: R,
    input: Vec<u8>,
    at: usize,
    end: usize,
    /// Number of bytes of the file before `input`.
    before: u64,
    state: State,
    inflate: Decompress,
    crc: crc32fast::Hasher,
    member_size: u64,
    limits: Limits,
    report: GzipReport,
    findings: Vec<Finding>,
}

impl<R: Read> Gunzip<R> {
    pub(crate) fn new(inner: R, limits: Limits) -> Self {
        Self {
            inner,
            input: vec![0; INPUT],
            at: 0,
            end: 0,
            before: 0,
            state: State::Header,
            inflate: Decompress::new(false),
            crc: crc32fast::Hasher::new(),
            member_size: 0,
            limits,
            report: GzipReport::default(),
            findings: Vec::new(),
        }
    }

    /// Returns what is known at the end, and the findings.
    pub(crate) fn into_report(self) -> (GzipReport, Vec<Finding>) {
        (self.so_far().0, self.findings)
    }

    fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    fn refill(&mut self) -> io::Result<bool> {
        debug_assert_eq!(self.at, self.end);
        self.before += self.end as u64;
        self.at = 0;
        self.end = 0;
        // Fills the whole piece, however little a pipe has at the moment: the guard against bombs
        // checks after each piece, and has to check at the same offsets every time.
        self.end = read_full(&mut self.inner, &mut self.input)?;
        Ok(self.end > 0)
    }

    /// Returns what is known so far, and the number of findings.
    pub(crate) fn so_far(&self) -> (GzipReport, usize) {
        let report = GzipReport { compressed: self.position(), ..self.report };
        (report, self.findings.len())
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        if self.at == self.end && !self.refill()? {
            return Ok(None);
        }
        let byte = self.input[self.at];
        self.at += 1;
        Ok(Some(byte))
    }

    /// Fills `out` as far as data goes; 0 is the end. Every error except I/O errors becomes a
    /// finding.
    pub(crate) fn fill(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            match self.state {
                State::Ended => break,
                State::Header => self.read_header()?,
                State::Trailer => self.read_trailer()?,
                State::Body => {
                    if self.at == self.end && !self.refill()? {
                        self.truncated("inside the compressed data");
                        break;
                    }
                    filled += self.inflate_into(&mut out[filled..]);
                }
            }
        }
        Ok(filled)
    }

    fn inflate_into(&mut self, out: &mut [u8]) -> usize {
        let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
        let input = &self.input[self.at..self.end];
        let result = self.inflate.decompress(input, out, FlushDecompress::None);
        let taken = usize::try_from(self.inflate.total_in() - in_before).unwrap_or(usize::MAX);
        let made = usize::try_from(self.inflate.total_out() - out_before).unwrap_or(usize::MAX);
        let made = made.min(out.len());
        self.at = self.at.saturating_add(taken).min(self.end);
        self.crc.update(&out[..made]);
        self.member_size += made as u64;
        self.report.inflated += made as u64;
        match result {
            Ok(Status::StreamEnd) => self.state = State::Trailer,
            Ok(Status::Ok) => {}
            // Without progress despite input and free output, another call cannot help.
            Ok(Status::BufError) if made > 0 || taken > 0 => {}
            Ok(Status::BufError) => self.broken("the compressed data is invalid"),
            Err(e) => {
                let what = e.message().unwrap_or("it can't be inflated").to_owned();
                self.broken(&format!("the compressed data is broken: {what}"));
            }
        }
        if let Some(finding) = over_ratio(self.report.inflated, self.position(), &self.limits) {
            self.findings.push(finding);
            self.state = State::Ended;
        }
        made
    }

    fn broken(&mut self, message: &str) {
        let place = Some(Place::File(self.position()));
        self.findings.push(Finding::damage(Code::GzipData, place, message));
        self.state = State::Ended;
    }

    fn truncated(&mut self, place: &str) {
        self.findings.push(cut_off(self.position(), place));
        self.state = State::Ended;
    }

    fn read_header(&mut self) -> io::Result<()> {
        let start = self.position();
        let mut head = [0u8; 10];
        for i in 0..head.len() {
            match self.byte()? {
                Some(byte) => head[i] = byte,
                None if i == 0 && self.report.members > 0 => {
                    self.state = State::Ended;
                    return Ok(());
                }
                None if self.report.members > 0 && !MAGIC.starts_with(&head[..i.min(2)]) => {
                    self.trailing(start);
                    return Ok(());
                }
                None => {
                    self.truncated("inside a gzip header");
                    return Ok(());
                }
            }
            // The first bytes show whether this is a member at all.
            if i < 2 && head[i] != MAGIC[i] {
                if self.report.members > 0 {
                    self.trailing(start);
                } else {
                    self.broken("this is not gzip");
                }
                return Ok(());
            }
        }
        let flags = head[3];
        if head[2] != 8 || flags & 0xe0 != 0 {
            self.broken("the gzip header is broken");
            return Ok(());
        }
        let mut header_crc = crc32fast::Hasher::new();
        header_crc.update(&head);
        if !self.skip_header_fields(flags, &mut header_crc)? {
            return Ok(());
        }
        self.inflate.reset(false);
        self.crc = crc32fast::Hasher::new();
        self.member_size = 0;
        self.state = State::Body;
        Ok(())
    }

    /// Skips the optional fields: extra field, name, comment, checksum of the header.
    fn skip_header_fields(&mut self, flags: u8, crc: &mut crc32fast::Hasher) -> io::Result<bool> {
        let mut take = |this: &mut Self| -> io::Result<Option<u8>> {
            let byte = this.byte()?;
            if let Some(byte) = byte {
                crc.update(&[byte]);
            } else {
                this.truncated("inside a gzip header");
            }
            Ok(byte)
        };
        if flags & 4 != 0 {
            let (Some(low), Some(high)) = (take(self)?, take(self)?) else { return Ok(false) };
            for _ in 0..u16::from_le_bytes([low, high]) {
                if take(self)?.is_none() {
                    return Ok(false);
                }
            }
        }
        for flag in [8, 16] {
            if flags & flag == 0 {
                continue;
            }
            loop {
                match take(self)? {
                    Some(0) => break,
                    Some(_) => {}
                    None => return Ok(false),
                }
            }
        }
        if flags & 2 != 0 {
            let expected = low_half(crc.clone().finalize());
            let (Some(low), Some(high)) = (self.byte()?, self.byte()?) else {
                self.truncated("inside a gzip header");
                return Ok(false);
            };
            if u16::from_le_bytes([low, high]) != expected {
                let place = Some(Place::File(self.position() - 2));
                let message = "the gzip header does not match its checksum";
                self.findings.push(Finding::damage(Code::GzipHeader, place, message));
            }
        }
        Ok(true)
    }

    fn read_trailer(&mut self) -> io::Result<()> {
        let start = self.position();
        let mut trailer = [0u8; 8];
        for slot in &mut trailer {
            match self.byte()? {
                Some(byte) => *slot = byte,
                None => {
                    self.truncated("inside the gzip checksum");
                    return Ok(());
                }
            }
        }
        let [a, b, c, d, e, f, g, h] = trailer;
        let (crc, size) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        let computed = self.crc.clone().finalize();
        if crc != computed {
            self.findings.push(wrong_crc(start, computed, crc));
        }
        let length = u32::try_from(self.member_size & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        if size != length {
            self.findings.push(wrong_length(start + 4, length, size));
        }
        self.report.members += 1;
        self.state = State::Header;
        Ok(())
    }

    fn trailing(&mut self, start: u64) {
        self.findings.push(trailing_bytes(start));
        self.state = State::Ended;
    }
}

/// The lower half of a CRC-32, which protects a gzip header.
fn low_half(crc: u32) -> u16 {
    let [a, b, ..] = crc.to_le_bytes();
    u16::from_le_bytes([a, b])
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(file: &[u8]) -> (Vec<u8>, GzipReport, Vec<Code>) {
        let mut gunzip = Gunzip::new(file, Limits::default());
        let mut out = vec![0; 64];
        let mut all = Vec::new();
        loop {
            let n = gunzip.fill(&mut out).unwrap();
            if n == 0 {
                break;
            }
            all.extend_from_slice(&out[..n]);
        }
        let (report, findings) = gunzip.into_report();
        (all, report, findings.iter().map(|f| f.code).collect())
    }

    #[test]
    fn several_members_are_one_stream() {
        let file = [gzip(b"one "), gzip(b""), gzip(b"two"), gzip(b"")].concat();
        let (out, report, findings) = inflate(&file);
        assert_eq!((out.as_slice(), report.members), (&b"one two"[..], 4));
        assert!(findings.is_empty());
        assert_eq!((report.compressed, report.inflated), (file.len() as u64, 7));
    }

    #[test]
    fn what_is_wrong_is_said_and_data_before_it_comes_out() {
        let good = gzip(&b"something to read ".repeat(20));
        let text = inflate(&good).0;
        let mut wrong_crc = good.clone();
        let n = wrong_crc.len();
        wrong_crc[n - 8] ^= 1;
        assert_eq!(inflate(&wrong_crc).2, [Code::GzipCrc]);
        assert_eq!(inflate(&wrong_crc).0, text);
        let mut wrong_length = good.clone();
        wrong_length[n - 1] ^= 1;
        assert_eq!(inflate(&wrong_length).2, [Code::GzipLength]);
        assert_eq!(inflate(&[good.as_slice(), b"garbage"].concat()).2, [Code::TrailingBytes]);
        assert_eq!(inflate(&[good.as_slice(), b"\x1f"].concat()).2, [Code::Truncated]);
        assert_eq!(inflate(&[good.as_slice(), &[0; 20]].concat()).2, [Code::TrailingBytes]);
        for cut in 0..n {
            assert_eq!(inflate(&good[..cut]).2, [Code::Truncated], "cut at {cut}");
        }
        assert_eq!(inflate(b"no gzip").2, [Code::GzipData]);
    }

    #[test]
    fn header_fields_are_skipped_and_checked() {
        let plain = gzip(b"x");
        let mut head = vec![0x1f, 0x8b, 8, 0b1_1110, 0, 0, 0, 0, 0, 255, 3, 0, b'a', b'b', b'c'];
        head.extend_from_slice(b"name\0comment\0");
        let crc = low_half(crc32fast::hash(&head));
        head.extend_from_slice(&crc.to_le_bytes());
        let file = [head.as_slice(), &plain[10..]].concat();
        let (out, _, findings) = inflate(&file);
        assert_eq!((out.as_slice(), findings.len()), (&b"x"[..], 0));
        let mut broken = file.clone();
        broken[13] ^= 1;
        assert_eq!(inflate(&broken).2, [Code::GzipHeader]);
    }
}
