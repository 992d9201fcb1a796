//! Identifies tokens, by a snapshot's tokens and those that the log creates.

use crate::document::Doc;
use snapscope_decode::{Frame, Kind};
use snapscope_raftlog::{Assembled, Chunks, Command, Entry};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The printable parts of a token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Its accessor; empty for a token of the system before 1.4 without one.
    pub accessor: Vec<u8>,
    /// Its description.
    pub description: Vec<u8>,
    /// The auth method of its login, if any.
    pub auth_method: Vec<u8>,
}

/// Tokens by SecretID.
#[derive(Debug, Default)]
pub struct Identities {
    by_secret: BTreeMap<Vec<u8>, Known>,
}

#[derive(Debug)]
struct Known {
    identity: Identity,
    /// Whether all that is known is from the system before 1.4.
    is_legacy: bool,
}

impl Identities {
    /// Starts without tokens.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a snapshot's record.
    pub fn see_record(&mut self, frame: &Frame<'_>) {
        let Ok(record) = (match frame.kind {
            Kind::ACL_TOKEN | Kind::ACL => Doc::read(frame.body()),
            _ => return,
        }) else {
            return;
        };
        if frame.kind == Kind::ACL_TOKEN { self.token(&record) } else { self.legacy(&record) }
    }

    /// Reads the next entry of a log. Returns the command that it completes, if any.
    pub fn see<'e>(&mut self, entry: &Entry<'e>, chunks: &mut Chunks) -> Option<Cow<'e, [u8]>> {
        let Assembled::Whole(data) = chunks.take(entry) else { return None };
        if let Some(command) = Command::read(&data) {
            self.see_command(&command);
        }
        Some(data)
    }

    /// Reads a command. Deleted tokens stay known.
    pub fn see_command(&mut self, command: &Command<'_>) {
        if !matches!(command.kind.0, 4 | 11 | 17) {
            return;
        }
        let Ok(request) = Doc::read(command.request) else { return };
        match command.kind.0 {
            4 => {
                if let Ok(acl) = request.doc("ACL") {
                    self.legacy(&acl);
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
        let secret = token.text("SecretID").to_vec();
        self.know(secret, Known { identity, is_legacy: false });
    }

    /// A token of the system before 1.4. A newer record of the same token has more fields.
    fn legacy(&mut self, acl: &Doc<'_>) {
        let identity = Identity { description: acl.text("Name").to_vec(), ..Identity::default() };
        self.know(acl.text("ID").to_vec(), Known { identity, is_legacy: true });
    }

    fn know(&mut self, secret: Vec<u8>, known: Known) {
        if known.is_legacy {
            self.by_secret.entry(secret).or_insert(known);
        } else {
            self.by_secret.insert(secret, known);
        }
    }

    /// Adds all tokens of another collection, which was read later.
    pub fn absorb(&mut self, later: Self) {
        for (secret, known) in later.by_secret {
            self.know(secret, known);
        }
    }

    /// All known tokens.
    pub fn iter(&self) -> impl Iterator<Item = &Identity> {
        self.by_secret.values().map(|known| &known.identity)
    }

    /// The token with this SecretID.
    #[must_use]
    pub fn of(&self, secret: &[u8]) -> Option<&Identity> {
        self.by_secret.get(secret).map(|known| &known.identity)
    }
}
