//! The first pass: collects secrets, so that every other occurrence is found.

use super::certificates::{Certificates, colons};
use super::dictionary::{Dictionary, LEAST};
use super::fields::{Table, Treatment};
use super::key::RedactKey;
use super::replace;
use super::spot::{Replace, Spot};
use super::walker::Walker;
use super::words::{is_server_text, is_word};
use sha2::{Digest as _, Sha256};
use snapscope_analyze::secrets::{Certainty, Hit, Scanner, SecretClass};
use snapscope_analyze::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::records::{CaConfigRef, Record};
use snapscope_decode::text::is_uuid;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};

/// Shorter values of keys may be ordinary words.
const LEAST_VALUE: usize = 8;

/// Shorter texts in the configuration of an auth method are replaced there only.
const LEAST_IN_CONFIG: usize = 16;

/// State shared by workers.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) table: Table,
    pub(super) scanner: Scanner,
    pub(super) dictionary: Dictionary,
}

/// Facts about the mesh CA.
#[derive(Debug, Default)]
pub(super) struct Authority {
    /// Texts with its certificates.
    certificates: Vec<Vec<u8>>,
    /// IDs of states of the built-in provider.
    states: Vec<Vec<u8>>,
    config: ConfiguredKey,
}

/// The data from which the built-in provider derives the ID of its state.
#[derive(Debug, Clone, Default)]
struct ConfiguredKey {
    private_key: Vec<u8>,
    root_cert: Vec<u8>,
    key_type: Vec<u8>,
    key_bits: u64,
}

/// The fold of the first pass.
pub(super) struct Collect<'s> {
    shared: &'s Shared,
    walker: Walker<'s>,
    certificates: Certificates,
    authority: Authority,
    scratch: Vec<u8>,
}

impl<'s> Collect<'s> {
    pub(super) fn new(shared: &'s Shared) -> Self {
        Self {
            shared,
            walker: Walker::new(&shared.table),
            certificates: Certificates::default(),
            authority: Authority::default(),
            scratch: Vec::new(),
        }
    }

    fn authority(&mut self, frame: &Frame<'_>) {
        let authority = &mut self.authority;
        match frame.record() {
            Ok(Record::CaRoot(root)) => {
                authority.certificates.push(root.root_cert.0.to_vec());
                let more = root.intermediate_certs.iter().flatten();
                authority.certificates.extend(more.map(|text| text.0.to_vec()));
            }
            Ok(Record::CaProviderState(state)) => {
                authority.states.push(state.id.0.to_vec());
                for text in [state.root_cert, state.intermediate_cert] {
                    authority.certificates.push(text.0.to_vec());
                }
            }
            Ok(Record::CaConfig(config)) => authority.config = configured(&config),
            _ => {}
        }
    }
}

fn configured(config: &CaConfigRef<'_>) -> ConfiguredKey {
    let value = |name: &str| config.config.get(name).ok().flatten().and_then(|any| any.0);
    let text = |name: &str| match value(name) {
        Some(Value::Raw(text)) => text.to_vec(),
        _ => Vec::new(),
    };
    let bits = match value("PrivateKeyBits") {
        Some(Value::Uint(n)) => n,
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // Sizes of keys are small.
        Some(Value::F64(x)) if x > 0.0 && x < 65536.0 => x as u64,
        _ => 0,
    };
    ConfiguredKey {
        private_key: text("PrivateKey"),
        root_cert: text("RootCert"),
        key_type: text("PrivateKeyType"),
        key_bits: bits,
    }
}

impl ConfiguredKey {
    /// The IDs that servers of different versions assign to the state of a provider with this
    /// configuration.
    fn ids(&self) -> Vec<Vec<u8>> {
        let Self { private_key, root_cert, key_type, key_bits } = self;
        let key_type = if key_type.is_empty() { b"ec" } else { key_type.as_slice() };
        let bits = if *key_bits == 0 { 256 } else { *key_bits }.to_string();
        let mut ids = Vec::new();
        for primary in [&b"true"[..], b"false"] {
            let parts: [&[u8]; 5] = [private_key, root_cert, key_type, bits.as_bytes(), primary];
            let [a, b, .., e] = parts;
            for parts in [&[a, b, e][..], &parts] {
                ids.push(colons(&Sha256::digest(parts.join(&b','))));
            }
        }
        ids.push([private_key.as_slice(), root_cert].join(&b','));
        ids
    }

    /// The configuration after redaction.
    fn redacted(&self, key: &RedactKey, certificates: &Certificates) -> Self {
        let replaced = |text: &[u8]| {
            let mut out = Vec::new();
            replace::secret(key, certificates, text, &mut out);
            out
        };
        let explicit = |is: bool, new: &[u8]| if is { new.to_vec() } else { Vec::new() };
        Self {
            private_key: replaced(&self.private_key),
            root_cert: replaced(&self.root_cert),
            key_type: explicit(!self.key_type.is_empty(), b"ec"),
            key_bits: if self.key_bits == 0 { 0 } else { 256 },
        }
    }
}

impl Authority {
    /// Learns the replacements of its fingerprints and IDs.
    pub(super) fn learn(&self, key: &RedactKey, certificates: &mut Certificates) {
        for text in &self.certificates {
            certificates.learn_fingerprints(key, text);
        }
        let redacted = self.config.redacted(key, certificates);
        for (old, new) in self.config.ids().into_iter().zip(redacted.ids()) {
            if self.states.contains(&old) {
                certificates.learn_id(old, new);
            }
        }
    }
}

/// Reads values without replacing them.
struct Collector<'l> {
    shared: &'l Shared,
    certificates: &'l mut Certificates,
}

impl Collector<'_> {
    /// Adds certain secrets to those that are replaced everywhere.
    fn hits(&self, text: &[u8], hits: &[Hit]) {
        for hit in hits {
            if hit.certainty > Certainty::Guess
                && hit.class != SecretClass::Random
                && let Some(secret) = text.get(hit.range.clone())
            {
                self.secret(secret);
            }
        }
    }

    fn secret(&self, secret: &[u8]) {
        if secret.len() >= LEAST
            && !is_server_text(secret)
            && !is_word(secret)
            && !is_reserved(secret)
        {
            self.shared.dictionary.add(secret);
            let trimmed = secret.trim_ascii();
            if trimmed.len() < secret.len() {
                self.shared.dictionary.add(trimmed);
            }
        }
    }
}

/// IDs that mean the same in every cluster.
fn is_reserved(text: &[u8]) -> bool {
    is_uuid(text) && text.starts_with(b"00000000-0000-0000-0000-0000000000")
}

impl Replace for Collector<'_> {
    fn raw(&mut self, spot: Spot<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        match spot.treatment {
            Treatment::Secret => {
                self.certificates.learn(bytes);
                self.hits(bytes, &self.shared.scanner.scan(spot.called, bytes));
                // A setting among secrets may be an ordinary address or name.
                if spot.owner != "ACLAuthMethod" || bytes.len() >= LEAST_IN_CONFIG {
                    self.secret(bytes);
                }
            }
            Treatment::Setting | Treatment::Hidden => {
                self.certificates.learn(bytes);
                self.hits(bytes, &self.shared.scanner.scan(spot.called, bytes));
            }
            Treatment::Text | Treatment::Address | Treatment::Output | Treatment::Syntax => {
                self.hits(bytes, &self.shared.scanner.scan(spot.called, bytes));
            }
            Treatment::Name
            | Treatment::Label
            | Treatment::Template
            | Treatment::Key
            | Treatment::Rules => {
                self.hits(bytes, &self.shared.scanner.scan_text(bytes));
            }
            _ => {}
        }
        None
    }

    fn number(&mut self, _: Spot<'_>, _: u64) -> Option<u64> {
        None
    }

    fn removed(&mut self, _: Spot<'_>) {}
}

impl Fold for Collect<'_> {
    type Out = (Certificates, Authority);

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        let mut look = Collector { shared: self.shared, certificates: &mut self.certificates };
        match frame.kind {
            // Nearly all bytes of a large snapshot are values of keys.
            Kind::KVS => {
                let field = |name: &[u8]| {
                    let entries = frame.entries()?;
                    entries.find(name).ok()??.as_raw()
                };
                let (key, value) = (field(b"Key").unwrap_or(&[]), field(b"Value").unwrap_or(&[]));
                look.hits(key, &self.shared.scanner.scan_text(key));
                if value.len() >= LEAST_VALUE && !is_server_text(value) && !is_reserved(value) {
                    self.shared.dictionary.add(value);
                    let trimmed = value.trim_ascii();
                    if trimmed.len() < value.len() && trimmed.len() >= LEAST_VALUE {
                        self.shared.dictionary.add(trimmed);
                    }
                }
                look.hits(value, &self.shared.scanner.scan(key, value));
                return;
            }
            Kind::TOMBSTONE | Kind::INDEX => return,
            _ => {}
        }
        self.scratch.clear();
        if let Err(error) = self.walker.record(frame, &mut look, &mut self.scratch) {
            problems.add(frame, error.into());
        }
        if matches!(
            frame.kind,
            Kind::CONNECT_CA | Kind::CONNECT_CA_PROVIDER_STATE | Kind::CONNECT_CA_CONFIG
        ) {
            self.authority(frame);
        }
    }

    fn merge(&mut self, other: Self) {
        self.certificates.merge(other.certificates);
        self.authority.certificates.extend(other.authority.certificates);
        self.authority.states.extend(other.authority.states);
        // There is only one configuration.
        if self.authority.config.ids() == ConfiguredKey::default().ids() {
            self.authority.config = other.authority.config;
        }
    }

    fn finish(self, _: &Closing) -> Self::Out {
        (self.certificates, self.authority)
    }
}
