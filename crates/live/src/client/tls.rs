//! TLS: certificates, keys and the expected server name.

use super::address::Address;
use super::error::ClientError;
use super::options::{ClientOptions, read};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, ClientBuilder, Identity};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Selects the cryptography provider of TLS for all clients in this process. Further calls do
/// nothing.
pub fn use_ring() {
    // An error means that it was already selected.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Applies the TLS options to the builder.
pub(super) fn configure(
    mut builder: ClientBuilder,
    options: &ClientOptions,
) -> Result<ClientBuilder, ClientError> {
    use_ring();
    let certificates = authorities(options)?;
    if !certificates.is_empty() {
        builder = builder.tls_certs_only(certificates);
    }
    match (&options.client_cert, &options.client_key) {
        (Some(cert), Some(key)) => {
            let mut pem = read(key, "the client's key")?;
            pem.push(b'\n');
            pem.extend(read(cert, "the client's certificate")?);
            let identity = Identity::from_pem(&pem).map_err(|e| {
                ClientError::Options(format!(
                    "{} and {} are not a certificate and its private key in PEM form: {}",
                    cert.display(),
                    key.display(),
                    super::error::chain(e)
                ))
            })?;
            builder = builder.identity(identity);
        }
        (None, None) => {}
        (Some(_), None) => {
            return Err(ClientError::Options(
                "a client certificate needs its key: set -client-key".to_owned(),
            ));
        }
        (None, Some(_)) => {
            return Err(ClientError::Options(
                "a client key needs its certificate: set -client-cert".to_owned(),
            ));
        }
    }
    if options.ssl_verify == Some(false) {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    Ok(builder)
}

fn authorities(options: &ClientOptions) -> Result<Vec<Certificate>, ClientError> {
    if let Some(file) = &options.ca_file {
        return bundle(file);
    }
    let Some(folder) = &options.ca_path else { return Ok(Vec::new()) };
    let unreadable = |e: std::io::Error| {
        ClientError::Options(format!("cannot read the folder of CAs {}: {e}", folder.display()))
    };
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(unreadable)?;
    files.retain(|path| path.is_file());
    files.sort();
    let mut all = Vec::new();
    for file in files {
        all.extend(bundle(&file)?);
    }
    if all.is_empty() {
        let message = format!("the folder of CAs {} holds no certificates", folder.display());
        return Err(ClientError::Options(message));
    }
    Ok(all)
}

fn bundle(file: &Path) -> Result<Vec<Certificate>, ClientError> {
    let pem = read(file, "the CA's certificate")?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => {
            let message = format!("{} holds no certificate in PEM form", file.display());
            Err(ClientError::Options(message))
        }
    }
}

/// Connects to one host while TLS expects another server name.
pub(super) fn aliased(
    builder: ClientBuilder,
    address: &mut Address,
    name: &str,
) -> Result<ClientBuilder, ClientError> {
    let host = address.url.host_str().unwrap_or_default().to_owned();
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    address.url.set_host(Some(name)).map_err(|e| {
        ClientError::Options(format!("the TLS server name {name:?} is not a host name: {e}"))
    })?;
    Ok(builder.dns_resolver(Arc::new(Alias { host })))
}

/// Resolves every name to one host's addresses.
#[derive(Debug)]
struct Alias {
    host: String,
}

impl Resolve for Alias {
    fn resolve(&self, _: Name) -> Resolving {
        let host = self.host.clone();
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((host, 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
