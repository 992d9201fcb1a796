//! What all answers depend on: the reader's permission to ask, and the assumptions.

use super::super::super::ask::Ask;
use super::super::super::reply::Reply;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_report::words;

/// Whether the reader may see ACLs.
pub(super) fn readable(ask: &Ask<'_>) -> Result<(), Reply> {
    match ask.may(Resource::Acl, Access::Read, b"") {
        true => Ok(()),
        false => Err(Reply::denied("acl:read")),
    }
}

/// The assumptions of an answer.
pub(super) fn basis(ask: &Ask<'_>) -> String {
    let basis = ask.view.authorizer.basis();
    let time = |at: snapscope_decode::GoTime| words::time(at.unix_seconds());
    words::message(&basis.words(ask.view.settings.default_policy_is_given, time))
}
