//! Who a token is of: learned from a snapshot's tokens, and from those that the log creates.

use crate::document::Doc;
use snapscope_decode::{Frame, Kind};
use snapscope_raftlog::Command;
use std::collections::BTreeMap;

/// A token by what may be shown of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Its accessor; empty for one of the system before 1.4 that was given none.
    pub accessor: Vec<u8>,
    /// Its description.
    pub description: Vec<u8>,
    /// The auth method it was logged in with, if it was.
    pub auth_method: Vec<u8>,
}

/// Tokens by their secrets.
#[derive(Debug, Default)]
pub struct Identities {
    by_secret: BTreeMap<Vec<u8>, Identity>,
}

impl Identities {
    /// Nobody is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns from a snapshot's record.
    pub fn see_record(&mut self, frame: &Frame<'_>) {
        if frame.kind == Kind::ACL_TOKEN
            && let Ok(token) = Doc::read(frame.body())
        {
            self.token(&token);
        }
    }

    /// Learns from a command. A token that is deleted later on stays known.
    pub fn see_command(&mut self, command: &Command<'_>) {
        let Ok(request) = Doc::read(command.request) else { return };
        match command.kind.0 {
            4 => {
                if let Ok(acl) = request.doc("ACL") {
                    let identity =
                        Identity { description: acl.text("Name").to_vec(), ..Identity::default() };
                    self.by_secret.entry(acl.text("ID").to_vec()).or_insert(identity);
                }
            }
            11 => {
                if let Ok(token) = request.doc("Token") {
                    self.token(&token);
                }
            }
            17 => {
                for token in request.items("Tokens") {
                    if let Ok(token) = Doc::read(token) {
                        self.token(&token);
                    }
                }
            }
            _ => {}
        }
    }

    fn token(&mut self, token: &Doc<'_>) {
        let identity = Identity {
            accessor: token.text("AccessorID").to_vec(),
            description: token.text("Description").to_vec(),
            auth_method: token.text("AuthMethod").to_vec(),
        };
        self.by_secret.insert(token.text("SecretID").to_vec(), identity);
    }

    /// Whose secret it is.
    #[must_use]
    pub fn of(&self, secret: &[u8]) -> Option<&Identity> {
        self.by_secret.get(secret)
    }
}
