//! Turns candidates into secrets.

use super::assignment::{self, Assignment};
use super::formats::{Body, Check};
use super::hit::{Certainty, Hit, SecretClass};
use super::names::{self, Promise};
use super::prefilter::Prefilter;
use super::runs::Runs;
use super::values::{self, Plausibility};
use super::{entropy, jwk, mask, pem, quiet, url, wrapped};
use std::ops::Range;

/// Finds secrets. Creating one takes a millisecond, so use one for all texts.
#[derive(Debug)]
pub struct Scanner {
    prefilter: Prefilter,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

/// Maximum number of secrets per text; the first ones suffice.
const MOST: usize = 100;

impl Scanner {
    /// A scanner.
    #[must_use]
    pub fn new() -> Self {
        Self { prefilter: Prefilter::new() }
    }

    /// The secrets in a value stored under a name: the path of a key, a field.
    #[must_use]
    pub fn scan(&self, name: &[u8], value: &[u8]) -> Vec<Hit> {
        self.scan_by(name, value, true)
    }

    /// The secrets in a field of an object. A text that only looks generated is an ID there.
    #[must_use]
    pub fn scan_field(&self, name: &[u8], value: &[u8]) -> Vec<Hit> {
        quiet::hits(name, value, || self.scan_by(name, value, false))
    }

    /// The secrets in a value; whether it may be one only because it looks generated.
    fn scan_by(&self, name: &[u8], value: &[u8], may_be_random: bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.known(value, &mut hits);
        if let Some(text) = wrapped::unwrap(value) {
            let mut inside = Vec::new();
            self.known(&text, &mut inside);
            if inside.is_empty()
                && let Some((name, secret)) = colon_pair(name, &text)
            {
                inside.push(named(names::path_promise(name), secret, 0..value.len()));
                inside.retain(|hit| hit.certainty > Certainty::Guess);
            }
            for mut hit in inside {
                hit.range = 0..value.len();
                hit.wrapped = true;
                hits.push(hit);
            }
        }
        if hits.is_empty()
            && let Some(hit) = by_name(name, value, may_be_random)
        {
            hits.push(hit);
        }
        hits
    }

    /// The same where any value may be a credential, as in settings: a value that only looks generated is
    /// a guess.
    #[must_use]
    pub fn scan_setting(&self, name: &[u8], value: &[u8]) -> Vec<Hit> {
        let mut hits = self.scan(name, value);
        // The parts of a structured value have names, and were scanned.
        let has_parts = || {
            matches!(value.first(), Some(b'{' | b'[' | b'<')) || wrapped::unwrap(value).is_some()
        };
        let seems = hits.is_empty() && values::look(value, Promise::Random) == Plausibility::Secret;
        if seems && !has_parts() {
            let excerpt = mask::masked(value.len());
            let (class, certainty) = (SecretClass::Random, Certainty::Guess);
            hits.push(Hit { class, certainty, range: 0..value.len(), wrapped: false, excerpt });
        }
        hits
    }

    /// The secrets in a text without a name: only those that are recognisable on their own.
    #[must_use]
    pub fn scan_text(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.known(text, &mut hits);
        hits
    }

    /// A key with recognisable secrets replaced by a hash.
    #[must_use]
    pub fn masked_key(&self, key: &[u8]) -> Option<Vec<u8>> {
        let mut hits = self.scan_text(key);
        hits.retain(|hit| hit.certainty == Certainty::Sure);
        if hits.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(key.len());
        let mut at = 0;
        for hit in hits {
            if let (Some(before), Some(secret)) =
                (key.get(at..hit.range.start), key.get(hit.range.clone()))
            {
                out.extend_from_slice(before);
                out.extend_from_slice(mask::hashed(secret).as_bytes());
                at = hit.range.end;
            }
        }
        out.extend_from_slice(key.get(at..).unwrap_or(&[]));
        Some(out)
    }

    /// A text with secrets masked.
    #[must_use]
    pub fn masked_text(&self, text: &str) -> Option<String> {
        let hits = self.scan_text(text.as_bytes());
        if hits.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for hit in hits {
            if let Some(before) = text.get(at..hit.range.start) {
                out.push_str(before);
                out.push_str(&mask::masked(hit.range.len()));
                at = hit.range.end;
            }
        }
        out.push_str(text.get(at..).unwrap_or(""));
        Some(out)
    }

    /// Secrets recognised by their format, or by a name in the text.
    fn known(&self, text: &[u8], hits: &mut Vec<Hit>) {
        // A hit inside a secret is part of it.
        let mut behind = 0;
        let mut runs = Runs::default();
        self.prefilter.each(text, |found, look| {
            if found.start < behind || hits.len() >= MOST {
                return;
            }
            if let Some(hit) = confirm(text, found, look, &mut runs) {
                behind = hit.range.end;
                // A name may match with two of its words.
                if hits.last().is_none_or(|last| last.range != hit.range) {
                    hits.push(hit);
                }
            }
        });
    }
}

fn confirm(text: &[u8], found: Range<usize>, look: Check, runs: &mut Runs) -> Option<Hit> {
    match look {
        Check::Name => assigned(text, found),
        Check::Url => {
            let (whole, secret, seems) = url::password(text, found.start)?;
            let shown = |range: Range<usize>| String::from_utf8_lossy(&text[range]).into_owned();
            let excerpt = format!(
                "{}{}{}",
                shown(whole.start..secret.start),
                mask::MASKED,
                shown(secret.end..whole.end)
            );
            let certainty =
                if seems == Plausibility::Secret { Certainty::Sure } else { Certainty::Likely };
            let class = SecretClass::ConnectionString;
            Some(Hit { class, certainty, range: secret, wrapped: false, excerpt })
        }
        Check::Format(class, body, least, most) => {
            of_format(text, found, class, (body, least, most))
        }
        Check::Pem => {
            let (end, label, protected) = pem::private_key(text, found.start)?;
            let certainty = if protected { Certainty::Likely } else { Certainty::Sure };
            let excerpt = format!("-----BEGIN {label}----- {}", mask::MASKED);
            let range = found.start..end;
            Some(Hit { class: SecretClass::PrivateKey, certainty, range, wrapped: false, excerpt })
        }
        Check::Jwk => {
            let range = jwk::secret(text, found)?;
            let excerpt = format!("JSON web key {}", mask::masked(range.len()));
            let (class, certainty) = (SecretClass::PrivateKey, Certainty::Sure);
            Some(Hit { class, certainty, range, wrapped: false, excerpt })
        }
        Check::Wrapped => in_base64(text, found.start, runs),
        Check::Jwt => jwt(text, found.start, runs),
        Check::GoMySql => {
            let range = url::go_mysql(text, found.start)?;
            let excerpt = format!("{}@tcp(...)", mask::MASKED);
            let class = SecretClass::ConnectionString;
            Some(Hit { class, certainty: Certainty::Sure, range, wrapped: false, excerpt })
        }
        Check::Basic => basic(text, found.end),
        Check::Bearer => bearer(text, found.end),
    }
}

/// A key that was encoded together with its surroundings.
fn in_base64(text: &[u8], start: usize, runs: &mut Runs) -> Option<Hit> {
    let end = runs.base64(text, start);
    let inner = wrapped::decoded(&text[start..start + runs.worth_decoding(text, end - start)])?;
    let mut runs = Runs::default();
    let mut hit = if inner.starts_with(b"-----BEGIN ") {
        confirm(&inner, 0..11, Check::Pem, &mut runs)?
    } else if inner.starts_with(b"{") {
        let quoted = b"\"kty\"";
        let mut types = inner.windows(quoted.len()).enumerate();
        types.find_map(|(at, window)| {
            let found = (window == quoted).then_some(at..at + quoted.len())?;
            confirm(&inner, found, Check::Jwk, &mut runs)
        })?
    } else if inner.starts_with(b"AKIA") {
        let format = Check::Format(SecretClass::CloudKey, Body::UpperDigits, 16, 16);
        confirm(&inner, 0..4, format, &mut runs)?
    } else {
        return None;
    };
    hit.range = start..end;
    hit.wrapped = true;
    Some(hit)
}

/// User and password after `Basic `.
fn basic(text: &[u8], start: usize) -> Option<Hit> {
    let (end, inner) = wrapped::run_at(text, start)?;
    let colon = inner.iter().position(|b| *b == b':')?;
    let printable = inner.iter().all(|b| (0x20..0x7f).contains(b));
    let seems = values::look(inner.get(colon + 1..)?, Promise::Password);
    if !printable || colon == 0 || seems != Plausibility::Secret {
        return None;
    }
    let excerpt = format!("Basic {}", mask::MASKED);
    let class = SecretClass::ConnectionString;
    Some(Hit { class, certainty: Certainty::Sure, range: start..end, wrapped: true, excerpt })
}

/// A token after `Bearer `.
fn bearer(text: &[u8], start: usize) -> Option<Hit> {
    let length =
        text[start..].iter().take_while(|b| Body::Dotted.has(**b) || Body::Base64.has(**b)).count();
    let range = start..start + length;
    let seems = values::look(&text[range.clone()], Promise::Random);
    if length < 16 || seems != Plausibility::Secret {
        return None;
    }
    let excerpt = format!("Bearer {}", mask::masked(length));
    let class = SecretClass::Assigned;
    Some(Hit { class, certainty: Certainty::Likely, range, wrapped: false, excerpt })
}

fn of_format(
    text: &[u8],
    found: Range<usize>,
    class: SecretClass,
    (body, least, most): (Body, usize, usize),
) -> Option<Hit> {
    // In the middle of a longer word it is coincidence.
    let literal = &text[found.clone()];
    let first = literal.first()?;
    if first.is_ascii_alphanumeric()
        && found
            .start
            .checked_sub(1)
            .and_then(|at| text.get(at))
            .is_some_and(|b| b.is_ascii_alphanumeric())
    {
        return None;
    }
    let rest = &text[found.end..];
    let length = rest.iter().take(most + 1).take_while(|b| body.has(**b)).count();
    if !(least..=most).contains(&length) {
        return None;
    }
    if rest.get(length).is_some_and(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let secret = &rest[..length];
    let range = found.start..found.end + length;
    let stand_in =
        values::is_stand_in(secret) || values::is_words(secret) || secret.ends_with(b"EXAMPLE");
    // A word of one letter, 0123456789, or x's.
    let mut kinds = secret.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    if stand_in || kinds.len() < 6 {
        return None;
    }
    let excerpt = mask::beginning(&text[range.clone()], literal.len());
    Some(Hit { class, certainty: Certainty::Sure, range, wrapped: false, excerpt })
}

fn jwt(text: &[u8], at: usize, runs: &mut Runs) -> Option<Hit> {
    if at.checked_sub(1).and_then(|at| text.get(at)).is_some_and(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = &text[at..];
    let header = runs.part(0, text, at) - at;
    let is_claims = |claims: &[u8]| claims.starts_with(b".eyJ");
    if header < 16 || !rest.get(header..).is_some_and(is_claims) {
        return None;
    }
    let dot = runs.part(1, text, at + header + 1) - at;
    if rest.get(dot) != Some(&b'.') {
        return None;
    }
    let signature = runs.part(2, text, at + dot + 1) - at - dot - 1;
    let decoded = wrapped::decoded(&rest[..runs.worth_decoding(text, header)])?;
    if signature < 8 || !decoded.windows(5).any(|w| w == b"\"alg\"") {
        return None;
    }
    let length = dot + 1 + signature;
    let excerpt = mask::beginning(&rest[..length], 3);
    let range = at..at + length;
    Some(Hit {
        class: SecretClass::Jwt,
        certainty: Certainty::Sure,
        range,
        wrapped: false,
        excerpt,
    })
}

fn assigned(text: &[u8], found: Range<usize>) -> Option<Hit> {
    let Assignment { name, value, look } = assignment::around(text, found)?;
    let certainty = if look == Plausibility::Secret { Certainty::Likely } else { Certainty::Guess };
    let excerpt = mask::assigned(&text[name], &text[value.clone()]);
    // The format is more specific than the name.
    if let Some(format) = self_evident(&text[value.clone()]) {
        let range = value.start + format.range.start..value.start + format.range.end;
        return Some(Hit { range, ..format });
    }
    Some(Hit { class: SecretClass::Assigned, certainty, range: value, wrapped: false, excerpt })
}

/// A value that starts with a known format.
fn self_evident(value: &[u8]) -> Option<Hit> {
    use super::formats::LITERALS;
    let formats = LITERALS.iter().filter(|(literal, _)| value.starts_with(literal.as_bytes()));
    formats
        .filter(|(_, look)| {
            matches!(look, Check::Format(..) | Check::Jwt | Check::Pem | Check::Wrapped)
        })
        .find_map(|(literal, look)| confirm(value, 0..literal.len(), *look, &mut Runs::default()))
}

/// What the key or field of a value indicates about it.
fn by_name(name: &[u8], value: &[u8], may_be_random: bool) -> Option<Hit> {
    let value_at = value.len() - value.trim_ascii_start().len();
    let trimmed = value.trim_ascii();
    if trimmed.len() < 4 || trimmed.len() > 4096 {
        return None;
    }
    let quoted = trimmed.len() > 2 && trimmed.starts_with(b"\"") && trimmed.ends_with(b"\"");
    let secret = if quoted { &trimmed[1..trimmed.len() - 1] } else { trimmed };
    let range = value_at..value_at + trimmed.len();
    if let Some(promise) = names::path_promise(name) {
        let hit = named(Some(promise), secret, range);
        return (hit.certainty > Certainty::Guess
            || promise == Promise::Password
                && values::look(secret, promise) == Plausibility::Weak)
            .then_some(hit);
    }
    let is_among_secrets = || names::is_among_secrets(name);
    if !(may_be_random || is_among_secrets()) || !entropy::is_random(secret) {
        return None;
    }
    let likely = is_among_secrets();
    let certainty = if likely { Certainty::Likely } else { Certainty::Guess };
    let class = if likely { SecretClass::Named } else { SecretClass::Random };
    let excerpt = mask::masked(secret.len());
    Some(Hit { class, certainty, range, wrapped: false, excerpt })
}

fn named(promise: Option<Promise>, secret: &[u8], range: Range<usize>) -> Hit {
    let look = promise.map_or(Plausibility::Nothing, |promise| values::look(secret, promise));
    let certainty = if look == Plausibility::Secret { Certainty::Likely } else { Certainty::Guess };
    let excerpt = mask::masked(secret.len());
    Hit { class: SecretClass::Named, certainty, range, wrapped: false, excerpt }
}

/// `user:password` in base64 under a name that indicates a secret.
fn colon_pair<'t>(name: &'t [u8], text: &'t [u8]) -> Option<(&'t [u8], &'t [u8])> {
    let text = text.trim_ascii();
    let one_line = !text.iter().any(u8::is_ascii_whitespace);
    (one_line && names::path_promise(name).is_some()).then_some((name, text))
}
