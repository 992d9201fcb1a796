//! What the writes in a server's Raft log reveal: which tokens are in it, and how they were used.

use super::acl::GLOBAL_MANAGEMENT;
use super::finding::Finding;
use super::options::AuditOptions;
use super::rule::AuditRule;
use super::rules::{LOG001, LOG002, LOG003, LOG004, LOG005, LOG006, LOG007};
use super::subject::Subject;
use jiff::Timestamp;
use snapscope_decode::records::{ANONYMOUS, AclTokenRef};
use snapscope_decode::{FieldError, GoTime, Kind};
use snapscope_objects::kind::KindId;
use std::collections::BTreeMap;

/// Minimum lifetime of a token in seconds, unless it is created for one task or by a login.
const SHORT_LIFE: i64 = 600;
/// From this number of writes on, a management token is in routine use, not used for a repair.
const ROUTINE: u64 = 10;
/// Number of writes in a minute that make a burst: ten a second, and ten times as many as in most
/// minutes.
const BURST: u64 = 600;
const TIMES_USUAL: u64 = 10;
/// The accessor of the anonymous token.
const ANONYMOUS_ACCESSOR: &str = "00000000-0000-0000-0000-000000000002";

/// A write of the log.
#[derive(Debug, Clone, Copy)]
pub struct LoggedWrite<'w> {
    /// Its index.
    pub index: u64,
    /// When it was written, if the log records it.
    pub time: Option<GoTime>,
    /// The type of its command.
    pub kind: Kind,
    /// The SecretID in its request; `None` if commands of this type have none.
    pub token: Option<&'w [u8]>,
    /// The object of its first operation, as `log` names it.
    pub object: &'w [u8],
}

/// A token, in a snapshot or in the log.
#[derive(Debug, Default)]
struct Token {
    accessor: Vec<u8>,
    is_management: bool,
    is_login: bool,
    expires: Option<i64>,
    created: Option<i64>,
    /// The index of the entry that deleted it.
    deleted: Option<u64>,
    /// The index of the last entry that wrote it.
    written: Option<u64>,
}

/// Some writes of a token.
#[derive(Debug, Default)]
struct Uses {
    count: u64,
    first: (u64, Vec<u8>),
    last: u64,
}

impl Uses {
    fn add(&mut self, write: &LoggedWrite<'_>) {
        if self.count == 0 {
            self.first = (write.index, write.object.to_vec());
        }
        self.count += 1;
        self.last = write.index;
    }

    /// Their number, and examples.
    fn words(&self) -> String {
        let (index, object) = (self.first.0, String::from_utf8_lossy(&self.first.1));
        let object = if object.is_empty() { String::new() } else { format!(" to {object}") };
        match self.count {
            1 => format!("1 write, at index {index}{object}"),
            n => {
                format!("{n} writes, the first at index {index}{object}, the last at {}", self.last)
            }
        }
    }
}

/// Collects the facts for the rules about the log. Tokens of snapshots come first, then the log in
/// order.
#[derive(Debug, Default)]
pub struct LogAudit {
    /// By SecretID.
    tokens: BTreeMap<Vec<u8>, Token>,
    uses: BTreeMap<Vec<u8>, Uses>,
    routine: BTreeMap<Vec<u8>, Uses>,
    expired: BTreeMap<Vec<u8>, Uses>,
    anonymous: Uses,
    short_lives: Vec<(Vec<u8>, i64, u64)>,
    /// Writes by minute since 1970, and how many of them each token made.
    minutes: BTreeMap<i64, (Uses, BTreeMap<Vec<u8>, u64>)>,
}

/// Whether only users and programs write such commands, never the servers themselves.
fn is_by_users(kind: Kind) -> bool {
    matches!(kind, Kind::KVS | Kind::TXN | Kind::PREPARED_QUERY)
}

/// Whether such commands are part of the daily work of programs.
fn is_routine(kind: Kind) -> bool {
    is_by_users(kind) || matches!(kind, Kind::REGISTER | Kind::DEREGISTER | Kind::SESSION)
}

impl LogAudit {
    /// Starts without tokens.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a token of a snapshot, or, with its index, one that the log creates or changes.
    ///
    /// # Errors
    /// If the token's links are malformed.
    pub fn token(&mut self, token: &AclTokenRef<'_>, index: Option<u64>) -> Result<(), FieldError> {
        let mut is_management = token.type_.0 == b"management";
        for policy in token.policies.iter() {
            is_management |= policy?.id.0 == GLOBAL_MANAGEMENT.as_bytes();
        }
        let seconds = |time: GoTime| (!time.is_zero()).then(|| time.unix_seconds());
        let known = self.tokens.entry(token.secret_id.0.to_vec()).or_default();
        // A change may contain fewer fields than the token has.
        if !token.accessor_id.is_empty() || known.accessor.is_empty() {
            known.accessor = token.called();
        }
        known.is_management |= is_management;
        known.is_login |= !token.auth_method.is_empty();
        known.expires = token.expiration_time.and_then(seconds).or(known.expires);
        known.created = seconds(token.create_time).or(known.created);
        known.written = index.or(known.written);
        Ok(())
    }

    /// Takes the deletion of a token, by its accessor, or by its SecretID before 1.4.
    pub fn deletion(&mut self, id: &[u8], index: u64, time: Option<GoTime>) {
        let is_it = |(secret, token): &(&Vec<u8>, &mut Token)| {
            token.accessor.eq_ignore_ascii_case(id) || secret.as_slice() == id
        };
        let Some((secret, token)) = self.tokens.iter_mut().find(is_it) else { return };
        token.deleted = Some(index);
        if let (Some(created), Some(deleted)) = (token.created, time)
            && !token.is_login
        {
            let life = deleted.unix_seconds() - created;
            if (0..=SHORT_LIFE).contains(&life) {
                self.short_lives.push((secret.clone(), life, index));
            }
        }
    }

    /// Takes a write.
    pub fn write(&mut self, write: &LoggedWrite<'_>) {
        let seconds = write.time.map(|time| time.unix_seconds());
        let secret = write.token.unwrap_or_default();
        if let Some(seconds) = seconds {
            let (uses, by_token) = self.minutes.entry(seconds.div_euclid(60)).or_default();
            uses.add(write);
            *by_token.entry(secret.to_vec()).or_default() += 1;
        }
        if secret == ANONYMOUS || (secret.is_empty() && is_by_users(write.kind)) {
            self.anonymous.add(write);
        }
        if secret.is_empty() || secret == ANONYMOUS {
            return;
        }
        self.uses.entry(secret.to_vec()).or_default().add(write);
        let Some(token) = self.tokens.get(secret) else { return };
        if let (Some(expires), Some(seconds)) = (token.expires, seconds)
            && seconds > expires
        {
            self.expired.entry(secret.to_vec()).or_default().add(write);
        }
        if token.is_management && is_routine(write.kind) {
            self.routine.entry(secret.to_vec()).or_default().add(write);
        }
    }

    /// Returns the findings.
    #[must_use]
    pub fn finish(self, options: &AuditOptions) -> Vec<Finding> {
        let mut out = Vec::new();
        self.secrets(&mut out);
        self.uses_of_tokens(&mut out);
        self.bursts(&mut out);
        super::finding::mask(&mut out, options);
        out
    }

    fn of(&self, rule: &'static AuditRule, secret: &[u8], index: u64, message: String) -> Finding {
        let accessor = self.tokens.get(secret).map_or(&b""[..], |token| &token.accessor);
        Finding::new(rule, KindId::Tokens, accessor, message).at(0, index)
    }

    /// SecretIDs that the log contains.
    fn secrets(&self, out: &mut Vec<Finding>) {
        for (secret, token) in &self.tokens {
            let uses = self.uses.get(secret);
            let last = uses.map(|uses| uses.last).max(token.written);
            let (rule, end) = match token.deleted {
                _ if secret.as_slice() == ANONYMOUS => continue,
                Some(index) => (&LOG002, format!(", deleted at index {index}")),
                None if token.is_management => (&LOG001, String::new()),
                None => continue,
            };
            let Some(last) = last else { continue };
            let message = match uses {
                Some(uses) => format!("used for {}{end}", uses.words()),
                None => format!("written at index {last}{end}"),
            };
            out.push(self.of(rule, secret, last, message));
        }
    }

    fn uses_of_tokens(&self, out: &mut Vec<Finding>) {
        // Without any token there are no ACLs, and everyone may write.
        let has_tokens = self.tokens.keys().any(|secret| secret.as_slice() != ANONYMOUS);
        if has_tokens && self.anonymous.count > 0 {
            let message = self.anonymous.words();
            let finding = Finding::new(&LOG003, KindId::Tokens, ANONYMOUS_ACCESSOR, message);
            out.push(finding.at(0, self.anonymous.last));
        }
        for (secret, uses) in &self.expired {
            out.push(self.of(&LOG004, secret, uses.last, uses.words()));
        }
        for (secret, life, index) in &self.short_lives {
            let message = format!("it lived for {life} seconds and was deleted at index {index}");
            out.push(self.of(&LOG005, secret, *index, message));
        }
        for (secret, uses) in self.routine.iter().filter(|(_, uses)| uses.count >= ROUTINE) {
            out.push(self.of(&LOG006, secret, uses.last, uses.words()));
        }
    }

    /// Minutes with many more writes than usual; consecutive ones are one burst.
    fn bursts(&self, out: &mut Vec<Finding>) {
        let (Some(first), Some(last)) =
            (self.minutes.keys().next(), self.minutes.keys().next_back())
        else {
            return;
        };
        let mut counts: Vec<u64> = self.minutes.values().map(|(uses, _)| uses.count).collect();
        counts.sort_unstable();
        // Minutes without writes also count as usual.
        let empty = usize::try_from(last - first + 1).unwrap_or(usize::MAX) - counts.len();
        let middle = (counts.len() + empty) / 2;
        let usual = middle.checked_sub(empty).and_then(|at| counts.get(at)).copied().unwrap_or(0);
        let least = BURST.max(usual.saturating_mul(TIMES_USUAL));
        let mut before = None;
        let bursts = self.minutes.iter().filter(|(_, (uses, _))| uses.count >= least);
        for (minute, (uses, by_token)) in bursts {
            let is_same = before.replace(*minute) == minute.checked_sub(1);
            if is_same {
                continue;
            }
            let most = by_token.iter().max_by_key(|(_, count)| **count);
            let by = most.map_or_else(String::new, |(secret, count)| {
                let accessor = self.tokens.get(secret).map(|token| &token.accessor);
                match accessor.map(|accessor| String::from_utf8_lossy(accessor)) {
                    Some(accessor) => format!("; {count} of them by token {accessor}"),
                    None if secret.is_empty() => format!("; {count} of them without a token"),
                    None => format!("; {count} of them by a token that is not known"),
                }
            });
            let at = minute_text(*minute);
            let message = format!("{}; most minutes have {usual}{by}", uses.words());
            out.push(Finding::new(&LOG007, Subject::Log, at, message).at(0, uses.last));
        }
    }
}

/// A minute in UTC.
fn minute_text(minute: i64) -> String {
    Timestamp::from_second(minute.saturating_mul(60)).map_or_else(
        |_| format!("minute {minute}"),
        |time| time.strftime("%Y-%m-%dT%H:%MZ").to_string(),
    )
}
