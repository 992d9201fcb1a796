//! Decides which addresses are safe to listen on.

use super::error::ServeError;
use super::tls::TlsFiles;
use std::net::SocketAddr;

/// An address to listen on, and its safety settings.
#[derive(Debug, Clone)]
pub struct Listening {
    /// The address.
    pub address: SocketAddr,
    /// The certificate and key for TLS.
    pub tls: Option<TlsFiles>,
    /// Whether remote clients may send tokens unencrypted.
    pub allow_plain_remote: bool,
    /// Accepted names of the server besides `localhost`.
    pub hosts: Vec<String>,
}

impl Listening {
    /// An address on loopback, without TLS.
    #[must_use]
    pub const fn at(address: SocketAddr) -> Self {
        Self { address, tls: None, allow_plain_remote: false, hosts: Vec::new() }
    }

    /// Checks that the address is safe.
    ///
    /// # Errors
    /// If tokens would cross a network unencrypted, or if everyone on a network could read
    /// everything without a token.
    pub(super) fn check(&self, no_acl: bool) -> Result<(), ServeError> {
        let address = self.address;
        if address.ip().is_loopback() {
            return Ok(());
        }
        if no_acl {
            return Err(ServeError::OpenToOthers { address });
        }
        if self.tls.is_none() && !self.allow_plain_remote {
            return Err(ServeError::Plain { address });
        }
        Ok(())
    }
}
