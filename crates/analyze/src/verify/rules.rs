//! The only table of findings of `verify`.

use std::fmt;

/// The level of a finding. If several apply, the later one in this list decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not as servers write it, but they restore it unchanged and work with it.
    Odd,
    /// Consul would restore it, and lose or change something.
    Lost,
    /// Consul would not restore it.
    Refused,
    /// Bytes are missing, changed, or cannot be trusted.
    Damaged,
}

impl Level {
    /// All of them, the mildest first.
    pub const ALL: [Self; 4] = [Self::Odd, Self::Lost, Self::Refused, Self::Damaged];

    /// Its name, for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Odd => "odd",
            Self::Lost => "lost",
            Self::Refused => "refused",
            Self::Damaged => "damaged",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A stable code, for programs.
    pub code: &'static str,
    /// Its level.
    pub level: Level,
    /// A one-line description.
    pub about: &'static str,
}

macro_rules! rules {
    ($($constant:ident $level:ident $code:literal $about:literal;)*) => {
        $(pub(super) static $constant: Rule =
            Rule { code: $code, level: Level::$level, about: $about };)*

        /// All kinds of findings.
        pub static RULES: &[&Rule] = &[$(&$constant,)*];
    };
}

rules! {
    DAMAGE Damaged "damage" "The file is truncated, changed, or does not match its checksums";
    SIDECAR Damaged "sidecar" "The file's SHA-256 is not the one the agent wrote beside it";
    RECORD Damaged "record" "A record does not have the fields of its type";
    REFUSED_FORM Refused "container-refused" "The archive is packed in a form that Consul refuses";
    ODD_FORM Odd "container" "The archive is not packed as servers pack it; Consul accepts it";
    META Odd "meta" "meta.json contradicts itself";
    META_VERSION Refused "meta-version" "meta.json has an unknown Version";
    OBSTACLE Refused "obstacle" "Servers of that version refuse the record, or stop on it";
    DROPPED_FIELD Lost "dropped-field" "Servers of that version do not know a field, and drop it";
    REPEATED Lost "repeated-object" "Two records describe the same object; only the last one is \
                                     kept";
    REPEATED_NAME Lost "repeated-name" "Two objects share a name or ID that only one can have; servers \
                                        find the last one by it";
    NODE_ID Lost "node-id" "Two nodes have one ID: servers take them for one that was renamed, and delete what \
                            the first one had";
    SECTION_ORDER Odd "section-order" "A section of records is not where servers write it";
    RECORD_ORDER Odd "record-order" "Records of one type are not in the order in which servers write them";
    INDEX_ABOVE_META Odd "index-above-meta" "An object was changed after the index of the snapshot";
    INDEX_ABOVE_HEADER Odd "index-above-header" "An object was changed after the last index in the header of state.bin";
    INDEX_ABOVE_TABLE Odd "index-above-table" "An object was changed after the index of its table";
    CREATED_LATER Odd "created-after-changed" "An object's CreateIndex is above its ModifyIndex";
    HEADER_INDEX Odd "header-index" "The index in the header of state.bin is not the highest of the tables' indexes";
    TOKEN_POLICY Odd "token-policy" "A token links a policy that does not exist";
    TOKEN_ROLE Odd "token-role" "A token links a role that does not exist";
    TOKEN_METHOD Odd "token-auth-method" "A token comes from an auth method that does not exist";
    TOKEN_ACCESSOR Odd "token-accessor" "A token has no accessor; some versions fail on it";
    ROLE_POLICY Odd "role-policy" "A role links a policy that does not exist";
    RULE_METHOD Odd "binding-rule-auth-method" "A binding rule is for an auth method that does not exist";
    RULE_TARGET Odd "binding-rule-target" "A binding rule grants a role or policy that does not exist";
    LOCK_SESSION Odd "lock-session" "A key is locked by a session that does not exist";
    QUERY_SESSION Odd "query-session" "A prepared query is bound to a session that does not exist";
    SESSION_NODE Odd "session-node" "A session is on a node that does not exist";
    SESSION_CHECK Odd "session-check" "A session depends on a check that does not exist";
    COORDINATE_NODE Odd "coordinate-node" "A coordinate belongs to a node that does not exist";
    NODE_PEER Odd "node-peer" "A node was imported from a peer that does not exist";
    CHECK_SPELLING Odd "check-node-spelling" "A check spells its node in another case than the node's \
                                              registration; versions before 1.12 refuse it";
    PEERING_PEER Odd "peering-peer" "A trust bundle or secret belongs to a peering that does not exist";
    ENTRY_SAMENESS Odd "config-entry-sameness-group" "A config entry names a sameness group that does not exist";
    ENTRY_PEER Odd "config-entry-peer" "A config entry names a peer that does not exist";
    ENTRY_PROVIDER Odd "config-entry-jwt-provider" "An intention names a JWT provider that does not exist";
    ENTRY_GATEWAY Odd "config-entry-gateway" "A route is for an API gateway that does not exist";
    ENTRY_CERTIFICATE Odd "config-entry-certificate" "An API gateway uses a certificate that does not exist";
    ENTRY_SUBSET Odd "config-entry-subset" "A config entry routes to a subset that no resolver defines";
    CA_NONE_ACTIVE Lost "ca-root-none-active" "No CA root is active: servers create a new one, and \
                                               existing certificates become invalid";
    CA_MANY_ACTIVE Lost "ca-root-several-active" "Several CA roots are active: servers use the \
                                                  first one they find";
    TEXT Odd "text" "A text field holds bytes that are not UTF-8";
    RULES_TEXT Odd "policy-rules" "The rules of a policy cannot be parsed; servers ignore or \
                                   refuse them";
    CERTIFICATE Odd "certificate" "A CA root holds a certificate that cannot be parsed";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_words_and_every_level_occurs() {
        let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), RULES.len());
        for rule in RULES {
            let is_word = rule.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(is_word && rule.about.len() > 10, "{rule:?}");
        }
        for level in Level::ALL {
            assert!(RULES.iter().any(|rule| rule.level == level), "{level}");
        }
    }
}
