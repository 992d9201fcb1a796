//! The rights of tokens: a row for each rule and its policy.

use super::batch::Batch;
use super::facts::ask;
use super::request::Request;
use super::taker::Taker;
use crate::snapshot::Snapshot;
use snapscope_analyze::acl::{
    AclModel, Decided, Origin, PolicySource, Resolver, ResolverOptions, Scope, Token, Via,
};
use std::io;

pub(super) fn grants(snapshot: &Snapshot, request: &Request, to: &Taker) -> io::Result<()> {
    let model = ask(snapshot, AclModel::default)?.out;
    let resolver = Resolver::new(&model, ResolverOptions::default());
    let mut batch = Batch::default();
    for token in &model.tokens {
        // Servers answer every request with such a token with an error, so it has no rights.
        let Ok(explanation) = resolver.explain(&token.accessor.to_string()) else { continue };
        for decided in resolver.decided(&explanation) {
            for origin in &decided.rule.origins {
                Grant { token, decided, origin }.add(&request.columns, &mut batch);
                to.take_full(&mut batch)?;
            }
        }
    }
    to.take(&mut batch)
}

/// What a rule grants, and where it comes from.
struct Grant<'g> {
    token: &'g Token,
    decided: Decided<'g, 'g>,
    origin: &'g Origin<'g>,
}

impl Grant<'_> {
    fn add(&self, columns: &[usize], batch: &mut Batch) {
        let Self { token, decided: Decided { resource, access, rule }, origin } = self;
        batch.row(columns, |column, cells| match column {
            0 => cells.text(token.accessor.to_string().as_bytes()),
            1 => cells.text(resource.word().as_bytes()),
            2 if !rule.kind.has_names() => cells.null(),
            2 => cells.text(rule.name),
            3 => cells.text(access.word().as_bytes()),
            4 => match origin.source {
                PolicySource::Policy(policy) => cells.text(policy.name.to_string().as_bytes()),
                other => cells.text(other.to_string().as_bytes()),
            },
            5 => cells.int((rule.scope == Scope::Prefix).into()),
            _ => {
                let role = origin.via.iter().find_map(|via| match via {
                    Via::Role(role) => Some(role.name.to_string()),
                    Via::Token => None,
                });
                match role.filter(|_| !origin.via.iter().any(|via| matches!(via, Via::Token))) {
                    Some(role) => cells.text(role.as_bytes()),
                    None => cells.null(),
                }
            }
        });
    }
}
