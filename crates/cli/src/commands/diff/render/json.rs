//! A difference as JSON.

use crate::render::field_change;
use crate::render::json::Members as _;
use snapscope_analyze::compare::Difference;
use snapscope_objects::json::JsonText;

/// Writes a difference as members of an open object; `stored` is the stored ID of its object.
pub(super) fn members(difference: &Difference, stored: &[u8], json: &mut JsonText) {
    let Difference { kind, id, class, fields, before, after } = difference;
    json.member("type", kind.object_name());
    if id == stored {
        field_change::id_members(id, json);
    } else {
        json.member("id", id);
    }
    json.member("change", class.change.word());
    json.member_if("recreated", class.recreated.then_some(true));
    field_change::states_members(before.as_ref(), after.as_ref(), json);
    field_change::fields_member(fields, json);
}
