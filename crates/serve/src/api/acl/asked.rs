//! What all questions about ACLs have in common.

use crate::answer::{Answered, Found, Refused};
use crate::api::call::Call;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;

/// Lists of policies and roles are in the order of names; before, in that of IDs.
const BY_NAME: VersionRange = VersionRange::since(1, 10);

/// Errors said less of what is missing.
pub(super) const SILENT: VersionRange = VersionRange::before(1, 10);

/// The field by which lists are ordered.
pub(super) fn order(call: &Call<'_>) -> &'static str {
    if call.view.is(BY_NAME) { "Name" } else { "ID" }
}

/// The error if the token may not read ACLs, or there are none.
pub(super) fn require_read(call: &Call<'_>) -> Result<(), Refused> {
    if !call.view.authorizer.is_on() && !call.view.settings.no_acl {
        return Err(Refused::early(401, "ACL support disabled"));
    }
    call.require(Resource::Acl, Access::Read, None)
}

/// The error for an ID that is not a UUID.
pub(super) fn check_uuid(id: &str, what: &str) -> Result<(), Refused> {
    if id.len() == 36 {
        return Ok(());
    }
    let text = format!("failed acl {what} lookup: index error: UUID must be 36 characters");
    Err(Refused::new(500, text))
}

/// The answer for an object that is not there.
pub(super) fn missing(call: &Call<'_>, what: &str, table: &str) -> Answered {
    if !call.view.is(SILENT) {
        let text = format!("Requested {what} does not exist: ACL not found");
        return Err(Refused::early(404, text));
    }
    // Those servers say it of policies, after they have looked.
    if what == "policy" {
        return Ok(Found::text(call.view.facts.index(table), 403, "ACL not found"));
    }
    Ok(Found { is_about_state: false, ..Found::nothing(0, 404) })
}

/// The part of the path that names an object.
pub(super) fn named(call: &Call<'_>, missing: &str) -> Result<String, Refused> {
    let prefix = if call.view.is(SILENT) { "Bad request: " } else { "" };
    call.named(&format!("{prefix}{missing}"))
}
