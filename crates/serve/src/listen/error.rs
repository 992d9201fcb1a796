//! Errors that keep a server from starting, or end it.

use crate::state::OpenFailed;
use std::io;
use std::net::SocketAddr;

/// Why a server does not start, or ends.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is in use, or does not belong to this machine.
    #[error("cannot listen on {address}: {error}{}", instead(.error))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        error: io::Error,
    },
    /// Tokens would cross a network unencrypted.
    #[error(
        "{address} is not a loopback address: tokens and values would cross the network unencrypted; \
         use --tls-cert and --tls-key, or --allow-plain-remote"
    )]
    Plain {
        /// The address.
        address: SocketAddr,
    },
    /// Everyone on a network could read everything.
    #[error("{address} is not a loopback address: --no-acl would let everybody read everything")]
    OpenToOthers {
        /// The address.
        address: SocketAddr,
    },
    /// A certificate or key cannot be used.
    #[error("{path}: {error}")]
    Tls {
        /// The file.
        path: String,
        /// What is wrong.
        error: String,
    },
    /// A snapshot cannot be opened.
    #[error("{0}")]
    Find(String),
    /// A snapshot cannot be served.
    #[error(transparent)]
    Open(#[from] OpenFailed),
    /// The system refuses something that the server needs.
    #[error("cannot start: {0}")]
    System(io::Error),
}

/// What to do about an address that cannot be used.
fn instead(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; another process, perhaps a Consul agent, uses it: choose another port with --listen, \
             such as --listen 127.0.0.1:9500"
        }
        io::ErrorKind::AddrNotAvailable => "; it is not an address of this machine: see --listen",
        io::ErrorKind::PermissionDenied => "; choose a port above 1023 with --listen",
        _ => "",
    }
}
