//! What all ACL endpoints share.

use crate::answer::{Answered, Found, Refused};
use crate::api::call::Call;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;

/// Since then, lists of policies and roles are sorted by name; before, by ID.
const BY_NAME: VersionRange = VersionRange::since(1, 10);

/// Until then, errors did not say what is missing.
pub(super) const SILENT: VersionRange = VersionRange::before(1, 10);

/// The field that lists are sorted by.
pub(super) fn order(call: &Call<'_>) -> &'static str {
    if call.view.is(BY_NAME) { "Name" } else { "ID" }
}

/// Returns an error if the token may not read ACLs, or if there are none.
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

/// The answer for a missing object.
pub(super) fn missing(call: &Call<'_>, what: &str, table: &str) -> Answered {
    if !call.view.is(SILENT) {
        let text = format!("Requested {what} does not exist: ACL not found");
        return Err(Refused::early(404, text));
    }
    // These servers answered so for policies, after a look at the state.
    if what == "policy" {
        return Ok(Found::text(call.view.facts.index(table), 403, "ACL not found"));
    }
    Ok(Found { is_about_state: false, ..Found::nothing(0, 404) })
}

/// The part of the path that identifies an object.
pub(super) fn named(call: &Call<'_>, missing: &str) -> Result<String, Refused> {
    call.named(&call.bad_request_text(missing))
}
