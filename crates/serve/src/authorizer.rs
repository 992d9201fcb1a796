//! Finds the token of a request and decides what it may do.

use crate::answer::Refused;
use crate::settings::Settings;
use snapscope_analyze::acl::{
    Access, AccessLevel, AclModel, Basis, DefaultPolicy, Id, Policy, Question, Resolver, Resource,
    Role, RuleKind, Token,
};
use snapscope_decode::{Record, VersionRange};
use std::collections::HashMap;

/// The SecretID of the token for requests that have none, on all servers.
const ANONYMOUS: &str = "anonymous";

/// Since then, errors name the missing permission.
const DENIALS_ARE_EXPLAINED: VersionRange = VersionRange::since(1, 12);

/// An index of SecretIDs that takes little memory.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// For each SecretID, the number of the token's record.
    numbers: HashMap<Id, u64>,
    /// The offset of each of these records, by ascending record number.
    places: Vec<(u64, u64)>,
}

impl Secrets {
    /// Adds the token's SecretID, if the record is a token.
    pub(crate) fn see(&mut self, number: u64, record: &Record<'_>, at: u64) {
        let secret = match record {
            Record::AclToken(token) => token.secret_id,
            Record::LegacyAcl(acl) => acl.as_token().secret_id,
            _ => return,
        };
        self.places.push((number, at));
        self.numbers.insert(Id::new(&String::from_utf8_lossy(secret.0)), number);
    }

    /// The offset of a token's record.
    fn place(&self, token: &Token) -> Option<u64> {
        let at = self.places.binary_search_by_key(&token.number, |(number, _)| *number).ok()?;
        self.places.get(at).map(|(_, place)| *place)
    }
}

/// The identity of a request.
#[derive(Clone)]
pub(crate) enum Who<'v> {
    /// A token, and whether the request carried it.
    Token(&'v Token, bool),
    /// Nobody: ACLs do not exist or are disabled.
    Anybody,
    /// The anonymous token, if the snapshot does not contain it.
    Nobody,
    /// A token for which servers answer every request with an error.
    Refused(Refused),
}

impl Who<'_> {
    /// Whether a token was sent or none is needed.
    pub(crate) const fn sent_a_token(&self) -> bool {
        !matches!(self, Self::Token(_, false) | Self::Nobody)
    }
}

/// Decides what tokens may do.
pub(crate) struct Authorizer<'v> {
    resolver: Resolver<'v>,
    model: &'v AclModel,
    secrets: Secrets,
    policies: HashMap<&'v Id, &'v Policy>,
    roles: HashMap<&'v Id, &'v Role>,
    /// Whether requests are checked.
    is_on: bool,
    key_list_policy: bool,
}

impl<'v> Authorizer<'v> {
    /// Servers without tokens have no ACLs, unless the tokens of the snapshot may have been lost.
    pub(crate) fn new(
        model: &'v AclModel,
        secrets: Secrets,
        settings: &Settings,
        is_whole: bool,
    ) -> Self {
        let resolver = Resolver::new(model, settings.basis.clone());
        let may_have_acls =
            !model.tokens.is_empty() || settings.default_policy_is_given || !is_whole;
        let is_on = may_have_acls && !settings.no_acl;
        Self {
            resolver,
            model,
            secrets,
            policies: model.policies.iter().map(|policy| (&policy.id, policy)).collect(),
            roles: model.roles.iter().map(|role| (&role.id, role)).collect(),
            is_on,
            key_list_policy: settings.key_list_policy,
        }
    }

    /// The assumptions that answers rest on.
    pub(crate) const fn basis(&self) -> &Basis {
        self.resolver.basis()
    }

    /// The resolver itself.
    pub(crate) const fn resolver(&self) -> &Resolver<'v> {
        &self.resolver
    }

    /// The ACL objects.
    pub(crate) const fn model(&self) -> &'v AclModel {
        self.model
    }

    /// Whether the cluster had ACLs.
    pub(crate) const fn is_on(&self) -> bool {
        self.is_on
    }

    /// The default policy as servers write it; `None` without ACLs.
    pub(crate) fn default_policy_word(&self) -> Option<&'static str> {
        self.is_on.then(|| self.basis().default_policy.word())
    }

    /// Whether listing keys needs the permission `list`.
    pub(crate) const fn key_list_policy(&self) -> bool {
        self.key_list_policy
    }

    /// The identity of a request.
    pub(crate) fn who(&self, secret: Option<&str>) -> Who<'v> {
        if !self.is_on {
            return Who::Anybody;
        }
        let Some(token) = self.token_of(secret.unwrap_or(ANONYMOUS)) else {
            return match secret {
                None => Who::Nobody,
                Some(_) => Who::Refused(Refused::unknown_token()),
            };
        };
        match self.resolver.ready(&token.accessor.to_string()) {
            Ok(()) => Who::Token(token, secret.is_some()),
            Err(error) => Who::Refused(match error.server_answer() {
                Some((status, text)) => Refused::new(status, text),
                None => Refused::new(500, error.to_string()),
            }),
        }
    }

    /// The token with a SecretID.
    pub(crate) fn token_of(&self, secret: &str) -> Option<&'v Token> {
        let number = self.secrets.numbers.get(&Id::new(secret))?;
        let tokens = &self.model.tokens;
        tokens.get(tokens.binary_search_by_key(number, |token| token.number).ok()?)
    }

    /// The policy with an ID.
    pub(crate) fn policy(&self, id: &str) -> Option<&'v Policy> {
        self.policies.get(&Id::new(id)).copied()
    }

    /// The role with an ID.
    pub(crate) fn role(&self, id: &str) -> Option<&'v Role> {
        self.roles.get(&Id::new(id)).copied()
    }

    /// Whether a token has expired.
    pub(crate) fn has_expired(&self, token: &Token) -> bool {
        token.expires.is_some_and(|time| self.basis().has_passed(time))
    }

    /// The offset of a token's record.
    pub(crate) fn place(&self, token: &Token) -> Option<u64> {
        self.secrets.place(token)
    }

    /// Whether an identity has a permission.
    pub(crate) fn allows(
        &self,
        who: &Who<'_>,
        resource: Resource,
        access: Access,
        segment: &[u8],
    ) -> bool {
        let Ok(question) = Question::new(resource, access, segment) else { return false };
        match who {
            Who::Anybody => true,
            Who::Token(token, _) => {
                self.resolver.check(&token.accessor.to_string(), &question).unwrap_or(false)
            }
            Who::Nobody => {
                self.basis().default_policy == DefaultPolicy::Allow && resource != Resource::Acl
            }
            Who::Refused(_) => false,
        }
    }

    /// Whether an identity may write at least one service.
    pub(crate) fn may_write_some_service(&self, who: &Who<'_>) -> bool {
        let Who::Token(token, _) = who else { return matches!(who, Who::Anybody) };
        let rules = self.resolver.explain(&token.accessor.to_string());
        self.allows(who, Resource::Service, Access::Write, b"")
            || rules.is_ok_and(|explained| {
                explained.rules.iter().any(|rule| {
                    rule.kind == RuleKind::Service && rule.access == Some(AccessLevel::Write)
                })
            })
    }

    /// Returns an error if an identity lacks a permission.
    pub(crate) fn require(
        &self,
        who: &Who<'_>,
        resource: Resource,
        access: Access,
        segment: Option<&[u8]>,
    ) -> Result<(), Refused> {
        if self.allows(who, resource, access, segment.unwrap_or(b"")) {
            return Ok(());
        }
        Err(self.denied(who, resource, access, segment))
    }

    /// The error about a missing permission.
    pub(crate) fn denied(
        &self,
        who: &Who<'_>,
        resource: Resource,
        access: Access,
        segment: Option<&[u8]>,
    ) -> Refused {
        let subject = match who {
            Who::Refused(refused) => return refused.clone(),
            _ if !DENIALS_ARE_EXPLAINED.contains(self.basis().version) => {
                return Refused::new(403, "Permission denied");
            }
            Who::Token(token, _) if !token.anonymous => {
                format!("token with AccessorID '{}'", token.accessor)
            }
            Who::Token(..) | Who::Anybody | Who::Nobody => "anonymous token".to_owned(),
        };
        let text = format!("Permission denied: {subject} lacks permission '{resource}:{access}'");
        let mut text = text.into_bytes();
        if let Some(segment) = segment.filter(|segment| !segment.is_empty()) {
            // Unchanged, even if it is not UTF-8.
            text.extend([b" on \"", segment, b"\""].concat());
        }
        if subject == "anonymous token" {
            let why =
                ". The anonymous token is used implicitly when a request does not specify a token.";
            text.extend_from_slice(why.as_bytes());
        }
        Refused::new(403, text)
    }
}
