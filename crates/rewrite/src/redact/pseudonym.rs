//! Pseudonyms for names: with the same length and kinds of characters. A word always gets the same
//! pseudonym, and different words get different ones.
//!
//! A name is a sequence of words separated by signs. Each word goes through a keyed permutation of
//! all words of its shape, so names that share words, such as a service and its keys, still do, and
//! nothing has to be remembered. Addresses go through a permutation that preserves common prefixes.
//!
//! Words with a fixed meaning stay, unless a name consists of nothing else: see [`compound`].

use super::compound::{Compounds, is_counter, is_letter, word_length};
use super::key::{Purpose, RedactKey};
use super::language::Language;
use super::noise;
use super::words::is_reserved;
use snapscope_decode::text::is_uuid;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Rounds of the permutation of words.
const ROUNDS: u8 = 6;
/// Maximum number of cached words.
const REMEMBERED: usize = 1 << 14;

/// Creates pseudonyms. Each worker has its own, because of its cache.
#[derive(Debug)]
pub(super) struct Pseudonyms {
    key: RedactKey,
    known: HashMap<Vec<u8>, Pseudonym>,
}

/// The pseudonym of a word.
#[derive(Debug, Clone)]
struct Pseudonym {
    word: Vec<u8>,
    /// Its image under the permutation, if that is a reserved word, for which `word` is used
    /// instead.
    reserved: Option<Vec<u8>>,
}

impl Pseudonyms {
    pub(super) fn new(key: RedactKey) -> Self {
        Self { key, known: HashMap::new() }
    }

    /// Appends the text with its names replaced.
    pub(super) fn text(&mut self, text: &[u8], language: Language, out: &mut Vec<u8>) {
        let compounds = Compounds::new(text, language);
        let mut at = 0;
        // Where a brace is missing, it is missing for all variables after it.
        let mut may_close = language == Language::Template;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if may_close && rest.starts_with(b"${") {
                if let Some(end) = rest.iter().position(|b| *b == b'}') {
                    out.extend_from_slice(rest.get(..=end).unwrap_or(rest));
                    at += end + 1;
                    continue;
                }
                may_close = false;
            }
            let inside = at.checked_sub(1).and_then(|b| text.get(b)).is_some_and(|b| is_letter(*b));
            if let Some(length) = (!inside).then(|| whole(&self.key, rest, out)).flatten() {
                at += length;
                continue;
            }
            let length = word_length(rest);
            if length == 0 {
                let escape = language.has_escapes() && rest.first() == Some(&b'\\');
                let n = if escape { 2 } else { 1 }.min(rest.len());
                out.extend_from_slice(rest.get(..n).unwrap_or(&[]));
                at += n;
                continue;
            }
            let word = rest.get(..length).unwrap_or(rest);
            let is_fixed = length < language.least() || is_reserved(word);
            if is_counter(word) || is_fixed && !compounds.is_of_fixed_words(at) {
                out.extend_from_slice(word);
            } else {
                self.word(word, || compounds.is_of_fixed_words(at), out);
            }
            at += length;
        }
    }

    /// Appends the pseudonym of a word. In a name of fixed words, these are replaced, too, so what is a fixed word
    /// elsewhere may be the pseudonym of another.
    fn word(&mut self, word: &[u8], in_fixed: impl Fn() -> bool, out: &mut Vec<u8>) {
        if !self.known.contains_key(word) {
            if self.known.len() >= REMEMBERED {
                self.known.clear();
            }
            let pseudonym = self.pseudonym(word);
            self.known.insert(word.to_vec(), pseudonym);
        }
        let Some(known) = self.known.get(word) else { return };
        match &known.reserved {
            Some(reserved) if in_fixed() => out.extend_from_slice(reserved),
            _ => out.extend_from_slice(&known.word),
        }
    }

    fn pseudonym(&self, word: &[u8]) -> Pseudonym {
        let mut first = Vec::with_capacity(word.len());
        permuted(&self.key, word, &mut first);
        let mut other = first.clone();
        // Fixed words must remain unique. A permutation returns to its start.
        while is_reserved(&other) {
            let mut next = Vec::with_capacity(word.len());
            permuted(&self.key, &other, &mut next);
            other = next;
            if other == first {
                break;
            }
        }
        let reserved = (other != first).then_some(first);
        Pseudonym { word: other, reserved }
    }
}

/// Appends the replacement of an address or UUID at the start of a text; returns its length.
fn whole(key: &RedactKey, text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let end = |n: usize| text.get(n).is_none_or(|b| !is_letter(*b));
    if let Some(uuid) = text.get(..36)
        && is_uuid(uuid)
        && end(36)
    {
        noise::uuid(key, uuid, out);
        return Some(36);
    }
    let digits = |b: &&u8| b.is_ascii_hexdigit() || matches!(b, b'.' | b':');
    if !text.first().is_some_and(|b| b.is_ascii_hexdigit() || *b == b':') {
        return None;
    }
    let run = text.iter().take(45).take_while(digits).count();
    // A port may follow, or the end of a sentence.
    let mut ends: Vec<usize> = vec![run];
    let numbers = text.iter().take(15).take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    ends.push(numbers);
    ends.push(numbers.saturating_sub(1));
    for n in ends {
        if let Some(address) = text.get(..n).filter(|_| end(n))
            && let Some(other) = address_text(key, address)
        {
            out.extend_from_slice(&other);
            return Some(n);
        }
    }
    None
}

/// Another address, if the text is an address that differs between clusters.
pub(super) fn address_text(key: &RedactKey, text: &[u8]) -> Option<Vec<u8>> {
    // The shortest are 0.0.0.0 and ::1, the longest have 45 characters.
    if !(2..=45).contains(&text.len()) || !text.iter().any(|b| matches!(b, b'.' | b':')) {
        return None;
    }
    let address: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
    if address.is_loopback() || address.is_unspecified() {
        return Some(text.to_vec());
    }
    let other = match address {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from(prefix_kept(key, &v4.octets(), kept_v4(v4)))),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => {
                let v4 = Ipv4Addr::from(prefix_kept(key, &v4.octets(), kept_v4(v4)));
                IpAddr::V6(v4.to_ipv6_mapped())
            }
            None => IpAddr::V6(Ipv6Addr::from(prefix_kept(key, &v6.octets(), 1))),
        },
    };
    Some(other.to_string().into_bytes())
}

/// Number of bytes that define the kind of network: private ones stay private.
const fn kept_v4(address: Ipv4Addr) -> usize {
    match address.octets() {
        [192, 168, ..] | [169, 254, ..] => 2,
        [10 | 127 | 172, ..] => 1,
        _ => 0,
    }
}

/// An address whose bits depend only on the bits before them, so addresses that share a prefix
/// still do.
fn prefix_kept<const N: usize>(key: &RedactKey, address: &[u8; N], kept: usize) -> [u8; N] {
    let mut out = *address;
    for at in kept..N {
        let before = address.get(..at).unwrap_or(&[]);
        let hash = key.hash(Purpose::Address, &[&N.to_le_bytes(), before]);
        // A byte is permuted bit by bit: the preceding bits decide whether a bit is flipped.
        let mut turned = 0u8;
        for bit in (0..8).rev() {
            let (byte, high) = (address.get(at).copied().unwrap_or(0), bit + 1);
            let prefix = if high == 8 { 1u8 } else { (byte >> high) | (1 << (8 - high)) };
            let choice = hash.get(usize::from(prefix) >> 3).map_or(0, |b| (b >> (prefix & 7)) & 1);
            turned |= (((byte >> bit) & 1) ^ choice) << bit;
        }
        if let Some(byte) = out.get_mut(at) {
            *byte = turned;
        }
    }
    out
}

/// Appends the image of a word under a keyed permutation of all words of the same shape.
fn permuted(key: &RedactKey, word: &[u8], out: &mut Vec<u8>) {
    let shape: Vec<(u8, u8)> = shape_of(word);
    let mut digits: Vec<u8> = shape.iter().map(|(digit, _)| *digit).collect();
    let radixes: Vec<u8> = shape.iter().map(|(_, radix)| *radix).collect();
    let middle = digits.len().div_ceil(2);
    if let ([digit], [radix]) = (digits.as_mut_slice(), radixes.as_slice())
        && *radix > 1
    {
        // A word of one character would often stay the same.
        let by =
            key.hash(Purpose::Name, &[&[ROUNDS], &radixes]).first().map_or(0, |b| b % (radix - 1));
        *digit =
            u8::try_from((u16::from(*digit) + u16::from(by) + 1) % u16::from(*radix)).unwrap_or(0);
    }
    let rounds = if digits.len() > 1 { ROUNDS } else { 0 };
    for round in 0..rounds {
        let (left, right) = digits.split_at_mut(middle);
        let (turned, by) = if round % 2 == 0 { (left, &*right) } else { (right, &*left) };
        let offset = if round % 2 == 0 { 0 } else { middle };
        let mut block = [0u8; 32];
        for (at, digit) in turned.iter_mut().enumerate() {
            if at % 32 == 0 {
                let number = u32::try_from(at / 32).unwrap_or(u32::MAX).to_le_bytes();
                block = key.hash(Purpose::Name, &[&[round], &number, &radixes, b"|", by]);
            }
            let radix = radixes.get(offset + at).copied().unwrap_or(1).max(1);
            let add = block.get(at % 32).copied().unwrap_or(0) % radix;
            *digit =
                u8::try_from((u16::from(*digit) + u16::from(add)) % u16::from(radix)).unwrap_or(0);
        }
    }
    let base = |byte: u8, radix: u8| match byte {
        b'a'..=b'z' => b'a',
        b'A'..=b'Z' => b'A',
        b'0'..=b'9' => b'0',
        _ if radix == 16 => byte & 0xf0,
        _ => byte & 0xc0,
    };
    for ((byte, digit), radix) in word.iter().zip(digits).zip(radixes) {
        out.push(if radix == 1 { *byte } else { base(*byte, radix) + digit });
    }
}

/// The digit of each byte of a word, with its radix: letters in any case, digits, the last byte of
/// other characters. Radix 1 stays unchanged.
fn shape_of(word: &[u8]) -> Vec<(u8, u8)> {
    let mut shape: Vec<(u8, u8)> = Vec::with_capacity(word.len());
    for chunk in word.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                'a'..='z' | 'A'..='Z' => shape.push(((c.to_ascii_lowercase() as u8) - b'a', 26)),
                '0'..='9' => shape.push((c as u8 - b'0', 10)),
                _ => {
                    let mut bytes = [0; 4];
                    let bytes = c.encode_utf8(&mut bytes).as_bytes();
                    let (last, first) = bytes.split_last().unwrap_or((&0, &[]));
                    shape.extend(first.iter().map(|_| (0, 1)));
                    shape.push((last & 0x3f, 64));
                }
            }
        }
        // They change only within bytes that are not characters.
        shape.extend(chunk.invalid().iter().map(|b| match b {
            0x80..=0xbf => (b & 0x0f, 16),
            _ => (0, 1),
        }));
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn other(text: &str) -> String {
        let mut out = Vec::new();
        let mut names = Pseudonyms::new(RedactKey::from_bytes(b"a key"));
        names.text(text.as_bytes(), Language::Plain, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_keep_their_shape_and_what_they_share() {
        let (a, b) = (other("web-frontend"), other("web-frontend-sidecar-proxy"));
        assert!(b.starts_with(&a) && b.ends_with("-sidecar-proxy"), "{a} {b}");
        assert_eq!(other("Web-Frontend").to_lowercase(), a);
        assert!(other("Web-Frontend").starts_with(|c: char| c.is_uppercase()));
        assert_ne!(other("web"), "web");
        assert_eq!(other("consul"), "consul");
        for name in ["node-14", "service_1", "health-checks"] {
            assert_eq!(other(name).len(), name.len());
            assert!(!other(name).contains(name.split(['-', '_']).next().unwrap()), "{name}");
        }
        assert!(other("node-14").ends_with("-14") && other("node-14").starts_with(&other("node-")));
        let german = other("größe");
        assert_eq!((german.chars().count(), german.len()), (5, 7));
    }

    #[test]
    fn addresses_stay_addresses_and_keep_common_prefixes() {
        let (a, b) = (other("10.1.2.3"), other("10.1.2.4"));
        let (a, b): (Ipv4Addr, Ipv4Addr) = (a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(a.octets()[..3], b.octets()[..3]);
        assert_ne!(a.octets()[3], b.octets()[3]);
        assert_eq!(other("http://10.1.2.3:8080/x/"), format!("http://{a}:8080/{}/", other("x")));
        assert_eq!(other("at 10.1.2.3."), format!("{} {a}.", other("at")));
        assert_eq!(other("127.0.0.1:53"), "127.0.0.1:53");
        let v6: Ipv6Addr = other("2001:db8::1").parse().unwrap();
        assert_ne!(v6.to_string(), "2001:db8::1");
        let all: HashSet<String> = (0..=255).map(|n| other(&format!("10.9.8.{n}"))).collect();
        assert_eq!(all.len(), 256);
    }

    #[test]
    fn short_words_never_become_the_same() {
        let letters: Vec<String> = (b'a'..=b'z').map(|c| char::from(c).to_string()).collect();
        let ones: HashSet<String> = letters.iter().map(|a| other(a)).collect();
        assert_eq!(ones.len(), 26);
        assert!(letters.iter().all(|a| other(a) != *a));
        let pairs: HashSet<String> = letters
            .iter()
            .flat_map(|a| letters.iter().map(move |b| other(&format!("{a}{b}"))))
            .collect();
        // Some of them are reserved, and stay.
        assert_eq!(pairs.len(), 26 * 26);
    }

    proptest! {
        #[test]
        fn different_words_have_different_pseudonyms(
            a in "[a-c0-1]{1,4}",
            b in "[a-c0-1]{1,4}",
        ) {
            prop_assert_eq!(a == b, other(&a) == other(&b));
        }

        #[test]
        fn any_bytes_keep_their_length_or_are_addresses(text in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut out = Vec::new();
            let mut names = Pseudonyms::new(RedactKey::from_bytes(b"a key"));
            names.text(&text, Language::Plain, &mut out);
            if !text.iter().any(|b| matches!(b, b'.' | b':')) {
                prop_assert_eq!(out.len(), text.len());
            }
            prop_assert_eq!(std::str::from_utf8(&text).is_ok(), std::str::from_utf8(&out).is_ok());
        }
    }
}
