//! The built-in certificate authority. A restored server that cannot find its root's key creates
//! another root, finds that it is not the active one, and never leads. The same happens if it
//! cannot parse its configuration.

use super::report::Example;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use snapscope_decode::Kind;
use snapscope_decode::text::fingerprint;
use snapscope_decode::wire::{Entries, Value};
use x509_parser::pem::parse_x509_pem;

/// The records of the authority in a snapshot.
#[derive(Debug, Default)]
pub(super) struct Ca {
    /// The active root's ID.
    root: Option<(Vec<u8>, Example)>,
    states: Vec<State>,
    config: Option<(Config, Example)>,
}

/// A provider's state, without its key.
#[derive(Debug)]
struct State {
    id: Vec<u8>,
    root: Vec<u8>,
}

#[derive(Debug)]
struct Config {
    provider: Vec<u8>,
    key: Vec<u8>,
    root: Vec<u8>,
    key_type: Vec<u8>,
    key_bits: u64,
    is_valid: bool,
}

/// The configuration that a server creates if there is none.
impl Default for Config {
    fn default() -> Self {
        Self {
            provider: b"consul".to_vec(),
            key: Vec::new(),
            root: Vec::new(),
            key_type: b"ec".to_vec(),
            key_bits: 256,
            is_valid: true,
        }
    }
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

const HOUR: i128 = 3_600_000_000_000;

impl Config {
    fn read(fields: Entries<'_>) -> Self {
        let mut config = Self { provider: text(fields, "Provider"), ..Self::default() };
        let Some(Value::Map(own)) = field(fields, "Config") else { return config };
        config.key = text(own, "PrivateKey");
        config.root = text(own, "RootCert");
        let key_type = text(own, "PrivateKeyType");
        if !key_type.is_empty() {
            config.key_type = key_type;
        }
        if let Some(bits) = field(own, "PrivateKeyBits").and_then(whole) {
            config.key_bits = bits;
        }
        config.is_valid = config.can_be_used(own);
        config
    }

    /// Whether servers accept it, as `ParseConsulCAConfig` decides.
    fn can_be_used(&self, own: Entries<'_>) -> bool {
        let skips = matches!(field(own, "SkipValidate"), Some(Value::Bool(true)));
        let is_number = |name: &str| {
            !matches!(field(own, name), Some(Value::Raw(_) | Value::Array(_) | Value::Map(_)))
        };
        let numbers = ["CSRMaxPerSecond", "CSRMaxConcurrent", "PrivateKeyBits"];
        let leaf = nanoseconds(own, "LeafCertTTL", 72 * HOUR);
        let intermediate = nanoseconds(own, "IntermediateCertTTL", 8760 * HOUR);
        let (Some(leaf), Some(intermediate)) = (leaf, intermediate) else { return false };
        if !numbers.into_iter().all(is_number) || (self.key.is_empty() && !self.root.is_empty()) {
            return false;
        }
        let has_key = match self.key_type.as_slice() {
            b"ec" => matches!(self.key_bits, 224 | 256 | 384 | 521),
            b"rsa" => matches!(self.key_bits, 2048 | 4096),
            _ => false,
        };
        let has_times = (HOUR..=8760 * HOUR).contains(&leaf)
            && intermediate >= 3 * HOUR
            && intermediate >= 3 * leaf;
        skips || (has_key && has_times)
    }

    /// The IDs under which different versions look for the state of this configuration.
    fn ids(&self, is_primary: bool) -> [Vec<u8>; 3] {
        let plain = [&self.key[..], b",", &self.root].concat();
        let primary = if is_primary { ",true" } else { ",false" };
        let short = [&plain[..], primary.as_bytes()].concat();
        let kind = format!(",{},{}", String::from_utf8_lossy(&self.key_type), self.key_bits);
        let long = [&plain[..], kind.as_bytes(), primary.as_bytes()].concat();
        [
            plain,
            fingerprint(&Sha256::digest(short)).into(),
            fingerprint(&Sha256::digest(long)).into(),
        ]
    }
}

/// A whole number in a configuration.
fn whole(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Uint(number) => Some(number),
        Value::F64(number) => format!("{number:.0}").parse().ok(),
        Value::F32(number) => format!("{number:.0}").parse().ok(),
        _ => None,
    }
}

/// A duration in a configuration; `None` for anything else.
fn nanoseconds(own: Entries<'_>, name: &str, default: i128) -> Option<i128> {
    match field(own, name) {
        None | Some(Value::Nil) => Some(default),
        Some(Value::Raw(text)) => go_duration(std::str::from_utf8(text).ok()?),
        Some(value) => whole(value).map(i128::from),
    }
}

/// A duration as Go writes it: `72h`, `1h30m`, `1.5h`.
fn go_duration(text: &str) -> Option<i128> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let size: i128 = match unit {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => HOUR,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let parts = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse().ok() };
        let scale = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let of: (i128, i128) = (parts(whole)?, parts(fraction)?);
        let of_unit = of.0.checked_mul(size)?.checked_add(of.1.checked_mul(size)? / scale)?;
        sum = i128::checked_add(sum, of_unit)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

impl State {
    /// The ID of a root: SHA-1 of its certificate.
    fn root_id(&self) -> Option<Vec<u8>> {
        let (_, pem) = parse_x509_pem(&self.root).ok()?;
        Some(fingerprint(&Sha1::digest(&pem.contents)).into())
    }
}

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
            Kind::CONNECT_CA_CONFIG => self.config = Some((Config::read(fields), example())),
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.root = self.root.take().or(other.root);
        self.states.extend(other.states);
        self.config = self.config.take().or(other.config);
    }

    /// Returns the configuration, if servers refuse it.
    pub(super) fn bad_config(&self) -> Option<Example> {
        let (config, example) = self.config.as_ref()?;
        (config.provider == b"consul" && !config.is_valid).then(|| example.clone())
    }

    /// Returns the active root, if servers cannot find its key.
    pub(super) fn lost_root(self) -> Option<Example> {
        let (root, example) = self.root?;
        let config = self.config.map(|(config, _)| config).unwrap_or_default();
        // Other providers keep the key elsewhere; without any name nothing is restored.
        let config = match config.provider.as_slice() {
            b"consul" => config,
            b"" => Config::default(),
            _ => return None,
        };
        let of = |ids: [Vec<u8>; 3]| self.states.iter().find(|state| ids.contains(&state.id));
        // A secondary datacenter gets its root from the primary one.
        let is_found = of(config.ids(false)).is_some_and(|state| !state.id.contains(&b','))
            || of(config.ids(true)).is_some_and(|state| state.root_id() == Some(root));
        (!is_found).then_some(example)
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, go_duration};

    #[test]
    fn durations_as_go_reads_them() {
        for (text, hours) in [
            ("72h", Some(72 * HOUR)),
            ("71h0m0s", Some(71 * HOUR)),
            ("1.5h", Some(HOUR + HOUR / 2)),
            ("90m", Some(HOUR + HOUR / 2)),
            ("0", Some(0)),
            ("71h0m0sx", None),
            ("no such thing", None),
            ("72", None),
            ("", None),
        ] {
            assert_eq!(go_duration(text), hours, "{text}");
        }
    }
}
