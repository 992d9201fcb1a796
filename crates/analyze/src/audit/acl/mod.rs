//! Tokens, policies, roles, auth methods, binding rules.

mod logins;
mod policies;
mod tokens;

use super::finding::{Finding, Findings};
use super::rules::{ACL050, ACL052};
use crate::acl::{AclModel, LoginPath, Question, Resolver, ResolverOptions};
use sha2::{Digest as _, Sha256};
use snapscope_decode::FieldError;
use snapscope_decode::records::{AclAuthMethodRef, AclTokenRef};
use snapscope_decode::text::is_uuid;
use snapscope_decode::wire::Value;
use std::collections::{HashMap, HashSet};

/// The policy that may do everything.
const GLOBAL_MANAGEMENT: &str = "00000000-0000-0000-0000-000000000001";
/// The policy that may read everything.
const GLOBAL_READ_ONLY: &str = "00000000-0000-0000-0000-000000000002";

/// A substitute for a SecretID, so that none is kept.
pub(super) type SecretHash = [u8; 16];

pub(super) fn secret_hash(secret: &[u8]) -> SecretHash {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(Sha256::digest(secret)) {
        *to = from;
    }
    out
}

/// Facts that the ACL model deliberately leaves out.
#[derive(Debug, Default)]
pub(super) struct AclRules {
    /// Each token's secret with its accessor, and number and index of its record.
    secrets: Vec<(SecretHash, Vec<u8>, u64, u64)>,
    /// Tokens whose secret is not a UUID.
    chosen: Vec<(Vec<u8>, u64, u64)>,
}

impl AclRules {
    pub(super) fn token(&mut self, number: u64, token: &AclTokenRef<'_>) {
        let secret = token.secret_id.0;
        if token.is_anonymous() || secret.is_empty() {
            return;
        }
        let accessor = token.called();
        if !is_uuid(secret) {
            self.chosen.push((accessor.clone(), number, token.modify_index));
        }
        self.secrets.push((secret_hash(secret), accessor, number, token.modify_index));
    }

    pub(super) fn auth_method(
        number: u64,
        method: &AclAuthMethodRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        let make = |rule, message: String| {
            Finding::new(rule, "auth-method", method.name.0, message)
                .at(number, method.modify_index)
        };
        let config =
            |field: &str| Ok::<_, FieldError>(method.config.get(field)?.and_then(|any| any.0));
        for field in ["ServiceAccountJWT", "OIDCClientSecret"] {
            if let Some(Value::Raw(text)) = config(field)?
                && !text.is_empty()
            {
                let message = format!("its configuration holds {field}");
                out.add(make(&ACL052, message).in_field(format!("Config.{field}")));
            }
        }
        if method.type_.0 == b"jwt" {
            let mut audiences = 0;
            if let Some(Value::Array(items)) = config("BoundAudiences")? {
                audiences = items.count();
            }
            let issuer =
                matches!(config("BoundIssuer")?, Some(Value::Raw(text)) if !text.is_empty());
            if audiences == 0 {
                let also = if issuer { "" } else { ", nor BoundIssuer" };
                out.add(make(&ACL050, format!("it has no BoundAudiences{also}")));
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.secrets.extend(other.secrets);
        self.chosen.extend(other.chosen);
    }

    /// The accessor of each token by its secret.
    pub(super) fn by_secret(&self) -> HashMap<SecretHash, &[u8]> {
        // Of tokens with one secret the last one counts.
        let mut secrets: Vec<_> = self.secrets.iter().collect();
        secrets.sort_by_key(|(.., number, _)| *number);
        secrets.iter().map(|(hash, accessor, ..)| (*hash, accessor.as_slice())).collect()
    }

    pub(super) fn finish(
        &mut self,
        model: &AclModel,
        options: ResolverOptions,
        out: &mut Findings,
    ) {
        let resolver = Resolver::new(model, options);
        let all_power = Question::parse("acl", "write", "").ok();
        let mut powerful = Powerful::default();
        if let Some(question) = &all_power
            && let Ok(holders) = resolver.holders(question)
        {
            powerful.tokens = holders.flatten().map(|holder| holder.token.number).collect();
            powerful.logins = resolver.logins(question);
        }
        tokens::find(self, model, &resolver, &powerful, out);
        policies::find(model, &resolver, out);
        logins::find(model, &powerful, out);
    }
}

/// Tokens that can change ACLs, and so everything.
#[derive(Default)]
struct Powerful<'m> {
    /// Tokens, by the numbers of their records.
    tokens: HashSet<u64>,
    logins: Vec<LoginPath<'m>>,
}
