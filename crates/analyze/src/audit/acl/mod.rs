//! Tokens, policies, roles, auth methods, binding rules.

mod facts;
mod logins;
mod policies;
mod tokens;

pub(super) use facts::{AclRules, GLOBAL_MANAGEMENT, SecretHash, secret_hash};

use super::finding::Findings;
use crate::acl::{AclModel, ParsedPolicies, Question, Resolver, ResolverOptions};
use facts::Powerful;

impl AclRules {
    /// Runs the rules after the last record. Returns the policies, parsed.
    pub(in crate::audit) fn finish(
        &mut self,
        model: &AclModel,
        options: ResolverOptions,
        out: &mut Findings,
    ) -> ParsedPolicies {
        let resolver = Resolver::new(model, options);
        resolver.parse_all();
        let all_power = Question::parse("acl", "write", "").ok();
        let mut powerful = Powerful::default();
        if let Some(question) = &all_power
            && let Ok(holders) = resolver.holders(question)
        {
            powerful.tokens = holders.flatten().map(|holder| holder.token.number).collect();
            powerful.logins = resolver.logins(question);
        }
        let mut others = Findings::default();
        rayon::join(
            || tokens::find(self, model, &resolver, &powerful, out),
            || {
                policies::find(model, &resolver, &mut others);
                logins::find(model, &powerful, &mut others);
            },
        );
        out.merge(others);
        resolver.parsed()
    }
}
