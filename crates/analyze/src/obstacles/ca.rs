//! The built-in certificate authority: a restored server that can't find its root's key makes another root,
//! finds that it is not the active one, and never leads.

use super::report::Example;
use sha1::{Digest as _, Sha1};
use snapscope_decode::Kind;
use snapscope_decode::wire::{Entries, Value};
use x509_parser::pem::parse_x509_pem;

/// What is in a snapshot of the authority.
#[derive(Debug, Default)]
pub(super) struct Ca {
    /// The active root's ID.
    root: Option<(Vec<u8>, Example)>,
    states: Vec<State>,
    provider: Option<Vec<u8>>,
}

/// The key that a provider keeps, without the key.
#[derive(Debug)]
struct State {
    id: Vec<u8>,
    root: Vec<u8>,
}

fn field<'a>(fields: Entries<'a>, name: &str) -> Option<Value<'a>> {
    fields.find(name.as_bytes()).ok().flatten()
}

fn text(fields: Entries<'_>, name: &str) -> Vec<u8> {
    match field(fields, name) {
        Some(Value::Raw(text)) => text.to_vec(),
        _ => Vec::new(),
    }
}

impl State {
    /// The ID a root has: SHA-1 of its certificate.
    fn root_id(&self) -> Option<Vec<u8>> {
        let (_, pem) = parse_x509_pem(&self.root).ok()?;
        let pairs: Vec<String> =
            Sha1::digest(&pem.contents).iter().map(|byte| format!("{byte:02x}")).collect();
        Some(pairs.join(":").into_bytes())
    }

    /// Whether its ID is one that servers look for: SHA-256 of the configured key and root as a fingerprint
    /// (which of it depends on the version), or, in old ones, key and root themselves.
    fn has_known_id(&self) -> bool {
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let mut pairs = self.id.split(|byte| *byte == b':');
        self.id.contains(&b',')
            || (self.id.len() == FINGERPRINT
                && pairs.all(|pair| pair.len() == 2 && pair.iter().all(is_hex)))
    }
}

/// Length of a SHA-256 as servers write fingerprints.
const FINGERPRINT: usize = 32 * 3 - 1;

impl Ca {
    /// Takes a record of the authority.
    pub(super) fn take(
        &mut self,
        fields: Entries<'_>,
        example: impl FnOnce() -> Example,
        kind: Kind,
    ) {
        match kind {
            Kind::CONNECT_CA if matches!(field(fields, "Active"), Some(Value::Bool(true))) => {
                self.root = Some((text(fields, "ID"), example()));
            }
            Kind::CONNECT_CA_PROVIDER_STATE => {
                self.states.push(State { id: text(fields, "ID"), root: text(fields, "RootCert") });
            }
            Kind::CONNECT_CA_CONFIG => self.provider = Some(text(fields, "Provider")),
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.root = self.root.take().or(other.root);
        self.states.extend(other.states);
        self.provider = self.provider.take().or(other.provider);
    }

    /// The active root, if servers won't find its key.
    pub(super) fn lost_root(self) -> Option<Example> {
        let (root, example) = self.root?;
        // Other providers keep the key elsewhere. Without a configuration it is the built-in one.
        if !matches!(self.provider.as_deref(), None | Some(b"" | b"consul")) {
            return None;
        }
        let is_found = self
            .states
            .iter()
            .any(|state| state.has_known_id() && state.root_id() == Some(root.clone()));
        (!is_found).then_some(example)
    }
}
