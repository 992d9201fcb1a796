//! Certificates and private keys: each key pair is replaced by one derived from a keyed hash of its
//! public key, so matching ones still match. Certificates are signed by the replacement of their
//! issuer.

use super::der::{self, BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, Tlv};
use super::key::{Purpose, RedactKey};
use super::language::Language;
use super::noise::noise;
use super::pseudonym::{Pseudonyms, address_text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use snapscope_decode::text::fingerprint;
use std::collections::HashMap;

/// 1.2.840.10045.2.1, a key of an elliptic curve.
const EC_KEY: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
/// 1.2.840.10045.3.1.7, the curve P-256.
const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// 1.2.840.10045.4.3.2, ECDSA with SHA-256.
const ECDSA_SHA256: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
/// 1.2.840.113549.1.1.1, an RSA key.
const RSA_KEY: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// 2.5.29.14, 2.5.29.35 and 2.5.29.17: the subject's key, the issuer's key, the subject's other names.
const SUBJECT_KEY: &[u8] = b"\x55\x1d\x0e";
const AUTHORITY_KEY: &[u8] = b"\x55\x1d\x23";
const OTHER_NAMES: &[u8] = b"\x55\x1d\x11";
/// Tags of texts in names.
const TEXTS: [u8; 4] = [0x0c, 0x13, 0x16, 0x14];

/// Characters of a line of PEM.
const LINE: usize = 64;

/// Facts about the certificates of a snapshot.
#[derive(Debug, Clone, Default)]
pub(super) struct Certificates {
    /// Public keys by their IDs in certificates.
    keys: HashMap<Vec<u8>, Vec<u8>>,
    /// Fingerprints and IDs of keys, as text, and those of their replacements.
    fingerprints: HashMap<Vec<u8>, Vec<u8>>,
    /// Whether names in certificates are replaced.
    pub(super) pseudonyms: bool,
}

/// A part of a text in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PemPart<'t> {
    /// Text outside of blocks.
    Text(&'t [u8]),
    /// A block: its label, and what is between its first and last line.
    Block(&'t [u8], &'t [u8]),
}

/// The blocks of PEM in a text; `None` if there are none.
fn parts(text: &[u8]) -> Option<Vec<PemPart<'_>>> {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|w| w == what);
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = find(rest, b"-----BEGIN ") {
        let (before, block) = rest.split_at(start);
        let label = block.get(11..)?;
        let Some(label_end) = find(label, b"-----") else { break };
        let label = label.get(..label_end)?;
        let body = block.get(11 + label_end + 5..)?;
        let last = [b"-----END ", label, b"-----"].concat();
        let Some(end) = find(body, &last) else { break };
        if !before.is_empty() {
            parts.push(PemPart::Text(before));
        }
        parts.push(PemPart::Block(label, body.get(..end)?));
        rest = body.get(end + last.len()..)?;
    }
    let found = parts.iter().any(|part| matches!(part, PemPart::Block(..)));
    if !rest.is_empty() {
        parts.push(PemPart::Text(rest));
    }
    found.then_some(parts)
}

fn decode(body: &[u8]) -> Option<Vec<u8>> {
    let body: Vec<u8> = body.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(body).ok()
}

fn encode(label: &[u8], der: &[u8], out: &mut Vec<u8>) {
    out.extend([b"-----BEGIN ", label, b"-----\n"].concat());
    for line in BASE64.encode(der).as_bytes().chunks(LINE) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend([b"-----END ", label, b"-----"].concat());
}

/// A fingerprint as bytes, which is how texts are replaced.
pub(super) fn colons(bytes: &[u8]) -> Vec<u8> {
    fingerprint(bytes).into_bytes()
}

/// What a certificate consists of.
struct Certificate<'d> {
    version: Option<Tlv<'d>>,
    serial: Tlv<'d>,
    issuer: Tlv<'d>,
    validity: Tlv<'d>,
    subject: Tlv<'d>,
    public_key: Tlv<'d>,
    extensions: Vec<Tlv<'d>>,
}

impl<'d> Certificate<'d> {
    fn read(der: &'d [u8]) -> Option<Self> {
        let whole = der::inside(der, SEQUENCE)?;
        let mut fields = der::all(whole.first()?.content)?.into_iter().peekable();
        let version = fields.next_if(|field| field.tag == 0xa0);
        let serial = fields.next().filter(|field| field.tag == INTEGER)?;
        let _algorithm = fields.next()?;
        let issuer = fields.next().filter(|field| field.tag == SEQUENCE)?;
        let validity = fields.next().filter(|field| field.tag == SEQUENCE)?;
        let subject = fields.next().filter(|field| field.tag == SEQUENCE)?;
        let public_key = fields.next().filter(|field| field.tag == SEQUENCE)?;
        let extensions = match fields.find(|field| field.tag == 0xa3) {
            Some(field) => der::inside(field.content, SEQUENCE)?,
            None => Vec::new(),
        };
        Some(Self { version, serial, issuer, validity, subject, public_key, extensions })
    }

    /// The value of an extension.
    fn extension(&self, oid: &[u8]) -> Option<&'d [u8]> {
        self.extensions.iter().find_map(|extension| {
            let parts = der::all(extension.content)?;
            let value = parts.last().filter(|value| value.tag == OCTET_STRING)?;
            (parts.first()?.content == oid).then_some(value.content)
        })
    }

    fn subject_key(&self) -> Option<&'d [u8]> {
        Some(der::read(self.extension(SUBJECT_KEY)?)?.content)
    }

    fn authority_key(&self) -> Option<&'d [u8]> {
        let parts = der::inside(self.extension(AUTHORITY_KEY)?, SEQUENCE)?;
        parts.iter().find(|part| part.tag == 0x80).map(|part| part.content)
    }
}

/// A replacement key pair.
struct Pair(SigningKey);

impl Pair {
    /// Derives the replacement of a public key, or of another identity of a key.
    fn of(key: &RedactKey, old: &[u8]) -> Option<Self> {
        // Nearly every number is a valid key.
        (0..64u8).find_map(|n| {
            let scalar = key.hash(Purpose::PrivateKey, &[&[n], old]);
            SigningKey::from_slice(&scalar).ok().map(Self)
        })
    }

    fn point(&self) -> Vec<u8> {
        self.0.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    fn public_key(&self) -> Vec<u8> {
        let algorithm =
            der::value(SEQUENCE, &[&der::value(OID, &[EC_KEY]), &der::value(OID, &[P256])]);
        let bits = der::value(BIT_STRING, &[&[0], &self.point()]);
        der::value(SEQUENCE, &[&algorithm, &bits])
    }

    /// The ID of its public key, as Consul computes it, with a maximum length.
    fn id(&self, length: usize) -> Vec<u8> {
        let hash = Sha256::digest(self.public_key());
        hash.get(..length.min(hash.len())).unwrap_or(&hash).to_vec()
    }

    fn private_key(&self) -> Vec<u8> {
        let curve = der::value(0xa0, &[&der::value(OID, &[P256])]);
        let point = der::value(0xa1, &[&der::value(BIT_STRING, &[&[0], &self.point()])]);
        let scalar = der::value(OCTET_STRING, &[&self.0.to_bytes()]);
        der::value(SEQUENCE, &[&[INTEGER, 1, 1], &scalar, &curve, &point])
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(message);
        signature.to_der().as_bytes().to_vec()
    }
}

/// The public key of a private one, as in certificates; `None` if it cannot be derived.
fn public_key_of(label: &[u8], der: &[u8]) -> Option<Vec<u8>> {
    let parts = der::inside(der, SEQUENCE)?;
    match label {
        b"EC PRIVATE KEY" => {
            let curve = parts.iter().find(|part| part.tag == 0xa0);
            elliptic(&parts, curve?.content)
        }
        b"RSA PRIVATE KEY" => rsa(&parts),
        b"PRIVATE KEY" => {
            let algorithm = der::all(parts.get(1)?.content)?;
            let inner = der::inside(parts.get(2)?.content, SEQUENCE)?;
            match algorithm.first()?.content {
                EC_KEY => elliptic(&inner, algorithm.get(1)?.whole),
                RSA_KEY => rsa(&inner),
                _ => None,
            }
        }
        _ => None,
    }
}

fn elliptic(parts: &[Tlv<'_>], curve: &[u8]) -> Option<Vec<u8>> {
    let algorithm = der::value(SEQUENCE, &[&der::value(OID, &[EC_KEY]), curve]);
    if let Some(point) = parts.iter().find(|part| part.tag == 0xa1) {
        return Some(der::value(SEQUENCE, &[&algorithm, point.content]));
    }
    let scalar = parts.iter().find(|part| part.tag == OCTET_STRING)?.content;
    let known = der::read(curve)?.content == P256;
    let key = SigningKey::from_slice(scalar).ok().filter(|_| known)?;
    Some(Pair(key).public_key())
}

fn rsa(parts: &[Tlv<'_>]) -> Option<Vec<u8>> {
    let algorithm = der::value(SEQUENCE, &[&der::value(OID, &[RSA_KEY]), &[5, 0]]);
    let key = der::value(SEQUENCE, &[parts.get(1)?.whole, parts.get(2)?.whole]);
    Some(der::value(SEQUENCE, &[&algorithm, &der::value(BIT_STRING, &[&[0], &key])]))
}

impl Certificates {
    /// Keeps the public keys of the certificates in a text, so that their replacements can sign
    /// what they signed.
    pub(super) fn learn(&mut self, text: &[u8]) {
        for part in parts(text).into_iter().flatten() {
            if let PemPart::Block(b"CERTIFICATE", body) = part
                && let Some(der) = decode(body)
                && let Some(certificate) = Certificate::read(&der)
                && let Some(id) = certificate.subject_key()
            {
                self.keys.insert(id.to_vec(), certificate.public_key.whole.to_vec());
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.keys.extend(other.keys);
    }

    /// Keeps the fingerprints of the certificates in a text, and of their keys.
    pub(super) fn learn_fingerprints(&mut self, key: &RedactKey, text: &[u8]) {
        for part in parts(text).into_iter().flatten() {
            if let PemPart::Block(b"CERTIFICATE", body) = part
                && let Some(old) = decode(body)
                && let Some(new) = self.certificate(key, &old)
                && let (Some(before), Some(after)) =
                    (Certificate::read(&old), Certificate::read(&new))
            {
                self.fingerprints.insert(colons(&Sha1::digest(&old)), colons(&Sha1::digest(&new)));
                if let (Some(before), Some(after)) = (before.subject_key(), after.subject_key()) {
                    self.fingerprints.insert(colons(before), colons(after));
                }
            }
        }
    }

    /// Keeps the replacement of an ID that is derived from replaced data.
    pub(super) fn learn_id(&mut self, old: Vec<u8>, new: Vec<u8>) {
        self.fingerprints.insert(old, new);
    }

    /// The replacement of a fingerprint or ID.
    pub(super) fn fingerprint(&self, key: &RedactKey, old: &[u8]) -> Vec<u8> {
        match self.fingerprints.get(old) {
            Some(new) => new.clone(),
            None => {
                let hash = key.hash(Purpose::Secret, &[b"fingerprint", old]);
                let full = colons(&hash);
                let mut out = full.get(..old.len().min(full.len())).unwrap_or(&full).to_vec();
                out.resize(old.len(), b'0');
                out
            }
        }
    }

    /// Appends a PEM text with replaced certificates and keys; false if it is not PEM.
    pub(super) fn replace(&self, key: &RedactKey, text: &[u8], out: &mut Vec<u8>) -> bool {
        let Some(parts) = parts(text) else { return false };
        for part in parts {
            match part {
                PemPart::Text(text) => {
                    for piece in text.split_inclusive(u8::is_ascii_whitespace) {
                        let (word, space) = match piece.split_last() {
                            Some((last, word)) if last.is_ascii_whitespace() => {
                                (word, &[*last][..])
                            }
                            _ => (piece, &[][..]),
                        };
                        if !word.is_empty() {
                            noise(key, word, out);
                        }
                        out.extend_from_slice(space);
                    }
                }
                PemPart::Block(label, body) => self.block(key, label, body, out),
            }
        }
        true
    }

    fn block(&self, key: &RedactKey, label: &[u8], body: &[u8], out: &mut Vec<u8>) {
        let der = decode(body);
        let der = der.as_deref().unwrap_or(body);
        if label == b"CERTIFICATE"
            && let Some(new) = self.certificate(key, der)
        {
            encode(label, &new, out);
        } else if label.ends_with(b"PRIVATE KEY") {
            let public = public_key_of(label, der);
            match Pair::of(key, public.as_deref().unwrap_or(der)) {
                Some(pair) => encode(b"EC PRIVATE KEY", &pair.private_key(), out),
                None => noise(key, body, out),
            }
        } else {
            let mut other = Vec::new();
            let binary: Vec<u8> = der.iter().map(|b| b | 0x80).collect();
            noise(key, &binary, &mut other);
            encode(label, &other, out);
        }
    }

    /// A certificate for the replacement of its key, signed by the replacement of its issuer's key.
    fn certificate(&self, key: &RedactKey, old: &[u8]) -> Option<Vec<u8>> {
        let old = Certificate::read(old)?;
        let own = Pair::of(key, old.public_key.whole)?;
        let authority = old.authority_key();
        let issuer = match authority {
            _ if old.issuer.whole == old.subject.whole
                && (authority.is_none() || authority == old.subject_key()) =>
            {
                Pair::of(key, old.public_key.whole)?
            }
            Some(id) if self.keys.contains_key(id) => Pair::of(key, self.keys.get(id)?)?,
            // That one has no certificate.
            _ => Pair::of(key, authority.unwrap_or(old.issuer.whole))?,
        };
        let mut extensions = Vec::new();
        for extension in &old.extensions {
            extensions.extend(self.extension(key, extension, &own, &issuer)?);
        }
        let algorithm = der::value(SEQUENCE, &[&der::value(OID, &[ECDSA_SHA256])]);
        let extensions = der::value(0xa3, &[&der::value(SEQUENCE, &[&extensions])]);
        let content = der::value(
            SEQUENCE,
            &[
                old.version.map_or(&[], |version| version.whole),
                old.serial.whole,
                &algorithm,
                &self.names(key, old.issuer),
                old.validity.whole,
                &self.names(key, old.subject),
                &own.public_key(),
                if old.extensions.is_empty() { &[] } else { &extensions },
            ],
        );
        let signature = der::value(BIT_STRING, &[&[0], &issuer.sign(&content)]);
        Some(der::value(SEQUENCE, &[&content, &algorithm, &signature]))
    }

    fn extension(
        &self,
        key: &RedactKey,
        extension: &Tlv<'_>,
        own: &Pair,
        issuer: &Pair,
    ) -> Option<Vec<u8>> {
        let parts = der::all(extension.content)?;
        let (value, before) = parts.split_last()?;
        let new = match parts.first()?.content {
            SUBJECT_KEY => {
                let length = der::read(value.content)?.content.len();
                der::value(OCTET_STRING, &[&own.id(length)])
            }
            AUTHORITY_KEY => {
                let old = der::inside(value.content, SEQUENCE)?;
                let length =
                    old.iter().find(|part| part.tag == 0x80).map_or(20, |p| p.content.len());
                der::value(SEQUENCE, &[&der::value(0x80, &[&issuer.id(length)])])
            }
            OTHER_NAMES if self.pseudonyms => self.names(key, der::read(value.content)?),
            _ => return Some(extension.whole.to_vec()),
        };
        let before: Vec<&[u8]> = before.iter().map(|part| part.whole).collect();
        let before = before.concat();
        Some(der::value(extension.tag, &[&before, &der::value(OCTET_STRING, &[&new])]))
    }

    /// Distinguished names with pseudonyms, if names are replaced.
    fn names(&self, key: &RedactKey, value: Tlv<'_>) -> Vec<u8> {
        if !self.pseudonyms {
            return value.whole.to_vec();
        }
        let text = |text: &[u8]| {
            let mut out = Vec::new();
            Pseudonyms::new(key.clone()).text(text, Language::Plain, &mut out);
            der::value(value.tag, &[&out])
        };
        match value.tag {
            // E-mail address, host name, URI.
            0x81 | 0x82 | 0x86 => text(value.content),
            0x87 => der::value(value.tag, &[&address_bytes(key, value.content)]),
            tag if TEXTS.contains(&tag) => text(value.content),
            tag if tag & 0x20 != 0 => match der::all(value.content) {
                Some(parts) => {
                    let parts: Vec<u8> =
                        parts.into_iter().flat_map(|part| self.names(key, part)).collect();
                    der::value(tag, &[&parts])
                }
                None => value.whole.to_vec(),
            },
            _ => value.whole.to_vec(),
        }
    }
}

/// The bytes of another IP address.
fn address_bytes(key: &RedactKey, bytes: &[u8]) -> Vec<u8> {
    let address = match *bytes {
        [a, b, c, d] => std::net::IpAddr::from([a, b, c, d]),
        _ => match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => std::net::IpAddr::from(bytes),
            Err(_) => return bytes.to_vec(),
        },
    };
    let other = address_text(key, address.to_string().as_bytes());
    let other = other.and_then(|text| String::from_utf8(text).ok()?.parse().ok());
    match other {
        Some(std::net::IpAddr::V4(other)) if bytes.len() == 4 => other.octets().to_vec(),
        Some(std::net::IpAddr::V6(other)) if bytes.len() == 16 => other.octets().to_vec(),
        _ => bytes.to_vec(),
    }
}
