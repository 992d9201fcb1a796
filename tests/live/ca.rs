//! Certificates for the duration of a test.

use crate::support::write;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::path::{Path, PathBuf};

/// A CA for the duration of a test.
pub(crate) struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) file: PathBuf,
}

impl Ca {
    pub(crate) fn new(dir: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // A certificate with the name of its issuer counts as self-signed.
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let file = write(dir, &format!("{name}.pem"), pem.as_bytes());
        Self { issuer: Issuer::new(params, key), file }
    }

    /// A certificate for these names, for servers and clients; returns its file and its key's.
    pub(crate) fn issue(&self, dir: &Path, name: &str, names: &[&str]) -> (PathBuf, PathBuf) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, format!("{name} by a CA"));
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        let cert = write(dir, &format!("{name}-cert.pem"), pem.as_bytes());
        (cert, write(dir, &format!("{name}-key.pem"), key.serialize_pem().as_bytes()))
    }
}
