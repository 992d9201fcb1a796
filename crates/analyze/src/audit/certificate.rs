//! Facts about certificates that rules need.

use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

/// Facts about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) subject: String,
    pub(super) issuer: String,
    /// Seconds since 1970.
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    /// `RSA 2048`, if its size is known.
    pub(super) key: Option<(&'static str, usize)>,
    /// The modulus or point, which private keys also contain.
    public: Vec<u8>,
}

/// Parses the certificates of a PEM text, in order; `Err` names what is not a certificate.
pub(super) fn read(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    let mut all = Vec::new();
    for block in Pem::iter_from_buffer(pem) {
        let block = block.map_err(|e| format!("it is not PEM: {e}"))?;
        if block.label != "CERTIFICATE" {
            continue;
        }
        let (_, cert) = X509Certificate::from_der(&block.contents)
            .map_err(|e| format!("it is not an X.509 certificate: {e}"))?;
        all.push(facts(&cert));
    }
    if all.is_empty() { Err("it contains no certificate".to_owned()) } else { Ok(all) }
}

fn facts(cert: &X509Certificate<'_>) -> Certificate {
    let (key, public) = match cert.public_key().parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let modulus = rsa.modulus.iter().copied().skip_while(|b| *b == 0).collect();
            (Some(("RSA", rsa.key_size())), modulus)
        }
        Ok(PublicKey::EC(point)) => (Some(("EC", point.key_size())), point.data().to_vec()),
        _ => (None, cert.public_key().subject_public_key.data.to_vec()),
    };
    let validity = cert.validity();
    Certificate {
        subject: cert.subject().to_string(),
        issuer: cert.issuer().to_string(),
        not_before: validity.not_before.timestamp(),
        not_after: validity.not_after.timestamp(),
        key,
        public,
    }
}

impl Certificate {
    /// A key that is too short by today's measure.
    pub(super) fn weak_key(&self) -> Option<String> {
        match self.key {
            Some(("RSA", bits)) if bits < 2048 => Some(format!("RSA {bits}")),
            Some(("EC", bits)) if bits < 224 => Some(format!("EC {bits}")),
            _ => None,
        }
    }

    /// Whether the private key belongs to this certificate; `None` if it does not show. A private
    /// key always contains the modulus of an RSA key, and usually the point of an EC key.
    pub(super) fn fits(&self, private_key: &[u8]) -> Option<bool> {
        const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
        const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
        let block = Pem::iter_from_buffer(private_key)
            .filter_map(Result::ok)
            .find(|block| block.label.contains("PRIVATE KEY"))?;
        let holds = |part: &[u8]| block.contents.windows(part.len()).any(|w| w == part);
        let is_rsa =
            block.label == "RSA PRIVATE KEY" || (block.label == "PRIVATE KEY" && holds(RSA));
        let is_ec = block.label == "EC PRIVATE KEY" || (block.label == "PRIVATE KEY" && holds(EC));
        if block.label.starts_with("ENCRYPTED") || self.public.is_empty() {
            return None;
        }
        match self.key {
            Some(("RSA", _)) if is_rsa => Some(holds(&self.public)),
            Some(("EC", _)) if is_ec => {
                if holds(&self.public) {
                    return Some(true);
                }
                // [1] BIT STRING 04: the key contains another point.
                let other = block
                    .contents
                    .windows(6)
                    .any(|w| w[0] == 0xa1 && w[2] == 0x03 && w[4] == 0 && w[5] == 4);
                other.then_some(false)
            }
            Some(_) if is_rsa || is_ec => Some(false),
            _ => None,
        }
    }
}
