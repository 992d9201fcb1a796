//! KV values as in real stores: JSON, configuration text, base64 and binary, in a mix that gzip -6 compresses as well as
//! real data.

use crate::random::SplitMix64;

const FIELDS: [&str; 24] = [
    "address",
    "attempts",
    "checksum",
    "cluster",
    "created",
    "cpu",
    "enabled",
    "endpoint",
    "etag",
    "id",
    "image",
    "labels",
    "limit",
    "memory",
    "name",
    "owner",
    "parent",
    "port",
    "region",
    "revision",
    "size",
    "status",
    "timeout_ms",
    "version",
];
const WORDS: [&str; 48] = [
    "about",
    "account",
    "after",
    "alpha",
    "backup",
    "balance",
    "between",
    "block",
    "buffer",
    "canary",
    "channel",
    "client",
    "connection",
    "default",
    "deploy",
    "disabled",
    "east",
    "error",
    "expected",
    "external",
    "fallback",
    "for",
    "from",
    "handler",
    "internal",
    "is",
    "latency",
    "leader",
    "message",
    "not",
    "of",
    "on",
    "pending",
    "primary",
    "production",
    "queue",
    "request",
    "retry",
    "server",
    "session",
    "staging",
    "the",
    "threshold",
    "to",
    "token",
    "upstream",
    "west",
    "with",
];
const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A value's length: mostly below 1 kB, some up to 4 kB, a few up to 64 kB, some empty; about 900 bytes on average.
pub(super) fn length(random: &mut SplitMix64) -> usize {
    let draw = random.below(10_000);
    match draw {
        0..300 => 0,
        300..6000 => 24 + random.index(700),
        6000..8600 => 500 + random.index(1500),
        8600..9990 => 1900 + random.index(2200),
        _ => 4096 + random.index(60_000),
    }
}

/// Appends a value of exactly `len` bytes.
pub(super) fn put(out: &mut Vec<u8>, len: usize, random: &mut SplitMix64) {
    let end = out.len() + len;
    match random.below(100) {
        0..55 => put_json(out, end, random),
        55..80 => put_text(out, end, random),
        80..95 => put_base64(out, end, random),
        _ => put_binary(out, end, random),
    }
    debug_assert_eq!(out.len(), end);
}

/// One JSON object, or only words if it has less than 64 bytes.
fn put_json(out: &mut Vec<u8>, end: usize, random: &mut SplitMix64) {
    const LONGEST_FIELD: usize = 96;
    const TAIL: &[u8] = b"\"note\":\"";
    if end - out.len() < 64 {
        return put_words(out, end, random);
    }
    out.push(b'{');
    while out.len() + LONGEST_FIELD < end {
        let draw = random.next_u64();
        out.push(b'"');
        out.extend_from_slice(FIELDS[(draw % 24) as usize].as_bytes());
        out.extend_from_slice(b"\":");
        match (draw >> 8) % 16 {
            0..3 => put_number(out, (draw >> 16) % 1_000_000),
            3..5 => out.extend_from_slice(if draw >> 16 & 1 == 0 { b"true" } else { b"false" }),
            5..10 => {
                out.push(b'"');
                put_hex(out, 16, random);
                out.push(b'"');
            }
            10 => {
                out.extend_from_slice(b"\"https://");
                out.extend_from_slice(random.pick(&WORDS).as_bytes());
                out.extend_from_slice(b".internal.example.com:");
                put_number(out, 8000 + (draw >> 16) % 2000);
                out.extend_from_slice(b"/v1/");
                out.extend_from_slice(random.pick(&WORDS).as_bytes());
                out.push(b'"');
            }
            11 => {
                out.extend_from_slice(b"{\"min\":");
                put_number(out, (draw >> 16) % 100);
                out.extend_from_slice(b",\"max\":");
                put_number(out, (draw >> 24) % 100_000);
                out.push(b'}');
            }
            _ => {
                out.push(b'"');
                out.extend_from_slice(random.pick(&WORDS).as_bytes());
                out.push(b'-');
                out.extend_from_slice(random.pick(&WORDS).as_bytes());
                out.push(b'"');
            }
        }
        out.push(b',');
    }
    out.extend_from_slice(TAIL);
    put_words(out, end - 2, random);
    out.extend_from_slice(b"\"}");
}

/// Lines of a configuration file with comments.
fn put_text(out: &mut Vec<u8>, end: usize, random: &mut SplitMix64) {
    while out.len() < end {
        let draw = random.next_u64();
        if draw.is_multiple_of(4) {
            out.extend_from_slice(b"# ");
            for _ in 0..4 + (draw >> 8) % 7 {
                out.extend_from_slice(random.pick(&WORDS).as_bytes());
                out.push(b' ');
            }
        } else {
            out.extend_from_slice(random.pick(&FIELDS).as_bytes());
            out.push(b'_');
            out.extend_from_slice(random.pick(&WORDS).as_bytes());
            out.extend_from_slice(b" = ");
            match (draw >> 8) % 4 {
                0 => put_number(out, (draw >> 16) % 100_000),
                1 | 2 => put_hex(out, 16, random),
                _ => {
                    out.push(b'"');
                    out.extend_from_slice(random.pick(&WORDS).as_bytes());
                    out.push(b'"');
                }
            }
        }
        out.push(b'\n');
    }
    out.truncate(end);
}

fn put_words(out: &mut Vec<u8>, end: usize, random: &mut SplitMix64) {
    while out.len() < end {
        out.extend_from_slice(random.pick(&WORDS).as_bytes());
        out.push(b' ');
    }
    out.truncate(end);
}

fn put_base64(out: &mut Vec<u8>, end: usize, random: &mut SplitMix64) {
    while out.len() < end {
        let mut bits = random.next_u64();
        for _ in 0..10 {
            out.push(BASE64[(bits & 63) as usize]);
            bits >>= 6;
        }
    }
    out.truncate(end);
}

fn put_binary(out: &mut Vec<u8>, end: usize, random: &mut SplitMix64) {
    let begin = out.len();
    out.resize(end, 0);
    random.fill(&mut out[begin..]);
}

fn put_hex(out: &mut Vec<u8>, digits: usize, random: &mut SplitMix64) {
    let mut bits = random.next_u64();
    for _ in 0..digits.min(16) {
        out.push(HEX[(bits & 15) as usize]);
        bits >>= 4;
    }
}

fn put_number(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_exact_and_json_is_json() {
        let mut random = SplitMix64::new(5);
        for len in (0..400).chain([4000]) {
            let mut out = Vec::new();
            put(&mut out, len, &mut random);
            assert_eq!(out.len(), len);
            out.clear();
            put_json(&mut out, len, &mut random);
            assert_eq!(out.len(), len);
            if len >= 64 {
                serde_json::from_slice::<serde_json::Value>(&out).unwrap();
            }
        }
    }
}
