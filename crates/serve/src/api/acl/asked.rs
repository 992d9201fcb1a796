//! Shared parts of all ACL endpoints.

use crate::answer::{Answered, Found, Refused};
use crate::api::call::Call;
use crate::api::rows::find_row;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

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
fn missing(call: &Call<'_>, what: &str, table: &str) -> Answered {
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

/// Objects that requests name by ID or name.
pub(super) struct Named {
    pub(super) kind: KindId,
    /// Their name in errors.
    pub(super) what: &'static str,
    pub(super) table: &'static str,
}

/// Writes an object in the form of the API.
type Write<'w> = &'w dyn Fn(&mut JsonText, &Row);

impl Named {
    /// The object with the ID in the path.
    pub(super) fn by_id(&self, call: &Call<'_>, write: Write<'_>) -> Answered {
        let id = named(call, &format!("Missing {} ID", self.what))?;
        call.check_token()?;
        require_read(call)?;
        check_uuid(&id, self.what)?;
        self.answer(call, "ID", &id, write)
    }

    /// The object with the name in the path; `missing` is the error without one.
    pub(super) fn by_name(&self, call: &Call<'_>, missing: &str, write: Write<'_>) -> Answered {
        let name = named(call, missing)?;
        call.check_token()?;
        require_read(call)?;
        self.answer(call, "Name", &name, write)
    }

    fn answer(&self, call: &Call<'_>, field: &str, value: &str, write: Write<'_>) -> Answered {
        let is_it = |row: &Row| row.text(field).eq_ignore_ascii_case(value.as_bytes());
        let Some(row) = find_row(call.view, self.kind, is_it) else {
            return missing(call, self.what, self.table);
        };
        let mut json = JsonText::new();
        write(&mut json, &row);
        Ok(Found::json(call.view.facts.index(self.table), json.into_bytes()))
    }
}
