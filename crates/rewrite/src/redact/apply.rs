//! The second pass: replaces values.

use super::counts::Counts;
use super::fields::Treatment;
use super::key::Purpose;
use super::language::Language;
use super::noise;
use super::plan::RedactPlan;
use super::pseudonym::Pseudonyms;
use super::replace;
use super::rules;
use super::spot::{Replace, Spot};
use super::words::{is_server_text, is_word};
use snapscope_analyze::secrets::SecretClass;
use snapscope_decode::text::is_uuid;
use std::ops::Range;

/// A name and its pseudonym.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Renamed {
    /// The replacement.
    pub pseudonym: Vec<u8>,
    /// The original.
    pub original: Vec<u8>,
}

/// Replaces values. Each worker has its own.
pub(super) struct Redactor<'p> {
    plan: &'p RedactPlan,
    pub(super) names: Pseudonyms,
    pub(super) counts: Counts,
    pub(super) renamed: Vec<Renamed>,
}

impl<'p> Redactor<'p> {
    pub(super) fn new(plan: &'p RedactPlan) -> Self {
        Self::with(plan, Pseudonyms::new(plan.options.key.clone()))
    }

    /// The same with pseudonyms that are known already.
    pub(super) fn with(plan: &'p RedactPlan, names: Pseudonyms) -> Self {
        Self { plan, names, counts: Counts::default(), renamed: Vec::new() }
    }

    fn secret(&self, text: &[u8], out: &mut Vec<u8>) {
        replace::secret(&self.plan.options.key, &self.plan.certificates, text, out);
    }

    fn replaced(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        self.secret(text, &mut out);
        out
    }

    /// The positions of secrets in a text, in order, without nesting.
    fn secrets(&self, spot: Spot<'_>, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while let Some((start, end)) = self.plan.shared.dictionary.find(text, from) {
            found.push(start..end);
            from = end;
        }
        let scanner = &self.plan.shared.scanner;
        let hits = match spot.treatment {
            Treatment::Text | Treatment::Address | Treatment::Syntax => {
                scanner.scan(spot.called, text)
            }
            Treatment::Id | Treatment::Table => Vec::new(),
            _ => scanner.scan_text(text),
        };
        let hits = hits.into_iter().filter(|hit| hit.class != SecretClass::Random);
        let known = found.len();
        found.extend(hits.map(|hit| hit.range));
        if found.len() > known {
            found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
            let mut end = 0;
            found.retain_mut(|range| {
                range.start = range.start.max(end);
                end = end.max(range.end);
                range.start < range.end
            });
        }
        found
    }

    /// A text with its secrets replaced, and its names if names are replaced.
    fn text(&mut self, spot: Spot<'_>, text: &[u8], language: Language) -> Option<Vec<u8>> {
        if is_server_text(text) {
            return None;
        }
        let secrets = self.secrets(spot, text);
        let pseudonymise = self.plan.options.pseudonymise;
        if secrets.is_empty() && !pseudonymise {
            return None;
        }
        if language == Language::Rules && !rules::are_in_strings(text, &secrets) {
            return Some(rules::commented(&self.plan.options.key, text));
        }
        let mut out = Vec::with_capacity(text.len());
        let mut at = self.kept_prefix(text, &secrets);
        out.extend_from_slice(text.get(..at).unwrap_or(&[]));
        for secret in secrets {
            self.plain(text.get(at..secret.start).unwrap_or(&[]), language, &mut out);
            self.secret(text.get(secret.clone()).unwrap_or(&[]), &mut out);
            at = secret.end;
        }
        self.plain(text.get(at..).unwrap_or(&[]), language, &mut out);
        Some(out)
    }

    /// Number of bytes at the start that `--keep-prefix` keeps.
    fn kept_prefix(&self, text: &[u8], secrets: &[Range<usize>]) -> usize {
        let options = &self.plan.options;
        if !options.pseudonymise {
            return 0;
        }
        let prefix = options.keep_prefixes.iter().find(|prefix| text.starts_with(prefix));
        let length = prefix.map_or(0, Vec::len);
        length.min(secrets.first().map_or(length, |secret| secret.start))
    }

    fn plain(&mut self, text: &[u8], language: Language, out: &mut Vec<u8>) {
        if self.plan.options.pseudonymise {
            self.names.text(text, language, out);
        } else {
            out.extend_from_slice(text);
        }
    }

    /// A table's name with its object names replaced: `service.web`, `peer.x:node.y`.
    fn table(&mut self, spot: Spot<'_>, key: &[u8]) -> Option<Vec<u8>> {
        let table_end = |text: &[u8]| {
            [&b"service."[..], b"node."].iter().find(|t| text.starts_with(t)).map(|t| t.len())
        };
        let mut out = Vec::with_capacity(key.len());
        let mut rest = key;
        if let Some(peer) = key.strip_prefix(b"peer.")
            && let Some(colon) = peer.iter().position(|b| *b == b':')
        {
            let (name, after) = peer.split_at(colon);
            out.extend_from_slice(b"peer.");
            let other = self.text(spot.treated(Treatment::Name), name, Language::Plain);
            out.extend_from_slice(other.as_deref().unwrap_or(name));
            out.push(b':');
            rest = after.get(1..).unwrap_or(&[]);
        }
        let end = table_end(rest).unwrap_or(rest.len());
        let (table, name) = rest.split_at(end);
        out.extend_from_slice(table);
        if !name.is_empty() {
            let other = self.text(spot.treated(Treatment::Name), name, Language::Plain);
            out.extend_from_slice(other.as_deref().unwrap_or(name));
        }
        Some(out)
    }

    /// A key that Consul reserves, perhaps with a service's name in it: `consul-virtual:web`.
    fn reserved_label(&mut self, spot: Spot<'_>, label: &[u8]) -> Option<Vec<u8>> {
        let colon = label.iter().position(|b| *b == b':')?;
        let (reserved, name) = label.split_at(colon + 1);
        let other = self.text(spot.treated(Treatment::Name), name, Language::Plain)?;
        Some([reserved, &other].concat())
    }

    fn value(&self, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(value.len());
        let key = &self.plan.options.key;
        if self.plan.options.look_alike {
            replace::look_alike(key, &self.plan.certificates, value, &mut out);
        } else if is_uuid(value) || value.len() <= 45 {
            // The same text elsewhere gets the same replacement.
            self.secret(value, &mut out);
        } else {
            noise::noise(key, value, &mut out);
        }
        out
    }

    fn other(&mut self, spot: Spot<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        match spot.treatment {
            Treatment::Keep => None,
            Treatment::Word if is_word(bytes) => None,
            // Servers refuse unknown metadata keys with this prefix.
            Treatment::Label if bytes.starts_with(b"consul-") => self.reserved_label(spot, bytes),
            Treatment::Word
            | Treatment::Label
            | Treatment::Name
            | Treatment::Key
            | Treatment::Address
            | Treatment::Text
            | Treatment::Id => self.text(spot, bytes, Language::Plain),
            Treatment::Template => self.text(spot, bytes, Language::Template),
            Treatment::Syntax => self.text(spot, bytes, Language::Syntax),
            Treatment::Rules => self.text(spot, bytes, Language::Rules),
            Treatment::Table => self.table(spot, bytes),
            Treatment::Output if is_server_text(bytes) => None,
            Treatment::Output => {
                let mut out = Vec::with_capacity(bytes.len());
                noise::scrambled(&self.plan.options.key, bytes, &mut out);
                Some(out)
            }
            Treatment::Setting if spot.called == b"PrivateKeyType" => Some(b"ec".to_vec()),
            Treatment::Setting if spot.called == b"PrivateKeyBits" => Some(b"256".to_vec()),
            Treatment::Setting if is_word(bytes) => None,
            Treatment::KeyType => Some(b"ec".to_vec()),
            Treatment::Value => Some(self.value(bytes)),
            Treatment::Fingerprint => {
                Some(self.plan.certificates.fingerprint(&self.plan.options.key, bytes))
            }
            Treatment::Digest => {
                let hash = self.plan.options.key.hash(Purpose::Digest, &[bytes]);
                Some(hash.iter().cycle().take(bytes.len()).copied().collect())
            }
            // The anonymous token's SecretID is the same in every cluster.
            Treatment::Secret | Treatment::Hidden if is_server_text(bytes) => None,
            Treatment::Secret
            | Treatment::Hidden
            | Treatment::Setting
            | Treatment::Inside
            | Treatment::Unknown => Some(self.replaced(bytes)),
        }
    }
}

impl Replace for Redactor<'_> {
    fn raw(&mut self, spot: Spot<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        if bytes.is_empty() {
            return None;
        }
        let other = self.other(spot, bytes).filter(|other| other != bytes)?;
        self.counts.add(spot);
        if self.plan.options.pseudonymise
            && self.plan.options.map
            && matches!(
                spot.treatment,
                Treatment::Name | Treatment::Key | Treatment::Address | Treatment::Id
            )
        {
            self.renamed.push(Renamed { pseudonym: other.clone(), original: bytes.to_vec() });
        }
        Some(other)
    }

    fn number(&mut self, spot: Spot<'_>, number: u64) -> Option<u64> {
        let other = match spot.treatment {
            _ if number == 0 => return None,
            Treatment::KeyType => 256,
            Treatment::Setting if spot.called == b"PrivateKeyBits" => 256,
            Treatment::Digest => {
                let hash = self.plan.options.key.hash(Purpose::Digest, &[&number.to_be_bytes()]);
                hash.first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes))
            }
            _ => return None,
        };
        if other == number {
            return None;
        }
        self.counts.add(spot);
        Some(other)
    }

    fn removed(&mut self, spot: Spot<'_>) {
        self.counts.add(spot);
    }
}
