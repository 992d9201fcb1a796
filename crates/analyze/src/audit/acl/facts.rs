//! Facts for the ACL rules that the ACL model leaves out.

use crate::acl::LoginPath;
use crate::audit::finding::{Finding, Findings};
use crate::audit::owner::KeptOwner;
use crate::audit::rules::{ACL050, ACL052};
use foldhash::HashSet;
use sha2::{Digest as _, Sha256};
use snapscope_decode::FieldError;
use snapscope_decode::records::{AclAuthMethodRef, AclTokenRef};
use snapscope_decode::text::is_uuid;
use snapscope_decode::wire::Value;
use snapscope_objects::kind::KindId;
use std::collections::HashMap;

/// The policy that may do everything.
pub(in crate::audit) const GLOBAL_MANAGEMENT: &str = "00000000-0000-0000-0000-000000000001";
/// The policy that may read everything.
pub(super) const GLOBAL_READ_ONLY: &str = "00000000-0000-0000-0000-000000000002";

/// A substitute for a SecretID, so that none is kept.
pub(in crate::audit) type SecretHash = [u8; 16];

pub(in crate::audit) fn secret_hash(secret: &[u8]) -> SecretHash {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(Sha256::digest(secret)) {
        *to = from;
    }
    out
}

/// Facts that the ACL model deliberately leaves out.
#[derive(Debug, Default)]
pub(in crate::audit) struct AclRules {
    /// Each token's secret with its accessor.
    pub(super) secrets: Vec<(SecretHash, KeptOwner)>,
    /// Tokens whose secret is not a UUID.
    pub(super) chosen: Vec<KeptOwner>,
}

impl AclRules {
    pub(in crate::audit) fn token(&mut self, number: u64, token: &AclTokenRef<'_>) {
        let secret = token.secret_id.0;
        if token.is_anonymous() || secret.is_empty() {
            return;
        }
        let kept = KeptOwner { id: token.called(), number, index: token.modify_index };
        if !is_uuid(secret) {
            self.chosen.push(kept.clone());
        }
        self.secrets.push((secret_hash(secret), kept));
    }

    pub(in crate::audit) fn auth_method(
        number: u64,
        method: &AclAuthMethodRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        let make = |rule, message: String| {
            Finding::new(rule, KindId::AuthMethods, method.name.0, message)
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

    pub(in crate::audit) fn merge(&mut self, other: Self) {
        self.secrets.extend(other.secrets);
        self.chosen.extend(other.chosen);
    }

    /// The accessor of each token by its secret.
    pub(in crate::audit) fn by_secret(&self) -> HashMap<SecretHash, &[u8]> {
        // Of tokens with one secret the last one counts.
        let mut secrets: Vec<_> = self.secrets.iter().collect();
        secrets.sort_by_key(|(_, token)| token.number);
        secrets.iter().map(|(hash, token)| (*hash, token.id.as_slice())).collect()
    }
}

/// Tokens that can change ACLs, and so everything.
#[derive(Default)]
pub(super) struct Powerful<'m> {
    /// Tokens, by the numbers of their records.
    pub(super) tokens: HashSet<u64>,
    pub(super) logins: Vec<LoginPath<'m>>,
}
