//! Answers who may do what.

use super::{Answer, incomplete_of};
use crate::error::{failed, not_opened, refused};
use crate::reading::Opened;
use pyo3::prelude::*;
use snapscope_analyze::acl::{
    AclError, AclModel, DefaultPolicy, Known, Question, Resolver, ResolverOptions,
    accessor_of_secret_id,
};
use snapscope_analyze::fold;
use snapscope_answers::Names;
use snapscope_answers::acl::Can;
use snapscope_archive::open;

/// A question about a token.
pub(crate) struct Asked<'a> {
    pub(crate) token: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) access: &'a str,
    pub(crate) segment: &'a str,
    pub(crate) default_policy: Option<DefaultPolicy>,
}

/// Whether a token can do something, and why, as JSON.
pub(crate) fn can(opened: &Opened, asked: &Asked<'_>) -> PyResult<Vec<u8>> {
    let question = Question::parse(asked.resource, asked.access, asked.segment).map_err(refused)?;
    let snapshot = &opened.snapshot;
    let read = || open(&snapshot.source, &snapshot.options).map_err(|e| not_opened(&e));
    let outcome = fold(read()?, snapshot.jobs, AclModel::default);
    opened.refuse_damage_of(&outcome.closing, &outcome.problems)?;
    let model = &outcome.out;
    let token = match model.token_named(asked.token) {
        Ok(token) => token,
        Err(missing) => {
            let secret = asked.token.as_bytes();
            let accessor = accessor_of_secret_id(read()?, snapshot.jobs, secret).map_err(failed)?;
            match accessor {
                Some(accessor) => model.token_named(&accessor).map_err(failed)?,
                None => return Err(refused(missing)),
            }
        }
    };
    let default_policy = asked.default_policy.unwrap_or(DefaultPolicy::Deny);
    let options = ResolverOptions { default_policy, ..ResolverOptions::default() };
    let resolver = Resolver::new(model, options);
    let decision = resolver.can_token(token, &question);
    if let Err(e @ (AclError::UnknownResource { .. } | AclError::UnknownTemplate { .. })) = decision
    {
        return Err(refused(e));
    }
    let can = Can {
        token,
        question: &question,
        segment: asked.segment,
        answer: &decision,
        basis: resolver.basis(),
        default_known: match asked.default_policy {
            Some(_) => Known::Given,
            None => Known::Assumed,
        },
    };
    let mut answer = Answer::begin();
    answer.members(|json, _| {
        can.members(json);
        Ok(())
    })?;
    answer.incomplete(incomplete_of(&outcome.closing, &outcome.problems).as_ref(), Names::Consul);
    answer.end()
}
