//! Where to listen, and what is safe there.

use super::error::ServeError;
use super::tls::TlsFiles;
use std::net::SocketAddr;

/// Where to listen, and for whom.
#[derive(Debug, Clone)]
pub struct Listening {
    /// The address.
    pub address: SocketAddr,
    /// The certificate and key for TLS.
    pub tls: Option<TlsFiles>,
    /// Whether others may send tokens unencrypted.
    pub allow_plain_remote: bool,
    /// Names besides `localhost` under which the server is asked.
    pub hosts: Vec<String>,
}

impl Listening {
    /// On loopback, without TLS.
    #[must_use]
    pub const fn at(address: SocketAddr) -> Self {
        Self { address, tls: None, allow_plain_remote: false, hosts: Vec::new() }
    }

    /// Whether it is safe.
    ///
    /// # Errors
    /// If tokens would cross a network unencrypted, or others could read everything without one.
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
