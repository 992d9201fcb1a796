//! A token as the API shows it.

use super::names::{Linked, write_links};
use crate::api::rows::{text_member, write_with};
use crate::state::View;
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;

/// Since then, lists show SecretIDs, too.
pub(super) const SECRETS_IN_LISTS: VersionRange = VersionRange::since(1, 10);
/// Until then, lists marked tokens that have their own rules.
const MARKED_LEGACY: VersionRange = VersionRange::before(1, 11);

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// With its SecretID, or with a placeholder.
    pub(super) secret: bool,
    /// As an item of a list, without its rules.
    pub(super) in_list: bool,
}

/// Writes a token's members into an open object.
pub(super) fn write_token(json: &mut JsonText, view: &View<'_>, token: &Row, shown: Shown) {
    let has_rules = !token.text("Rules").is_empty();
    write_with(json, token.object(), &mut |json, name, value| {
        if let Some(linked) = Linked::of(name) {
            write_links(json, view, linked, value);
            return true;
        }
        match name {
            b"SecretID" if shown.in_list && !view.is(SECRETS_IN_LISTS) => true,
            b"SecretID" if !shown.secret => {
                text_member(json, "SecretID", "<hidden>");
                true
            }
            b"Type" => true,
            b"Rules" => shown.in_list || !view.is(MARKED_LEGACY),
            _ => false,
        }
    });
    if has_rules && shown.in_list && view.is(MARKED_LEGACY) {
        json.key(b"Legacy");
        json.bool(true);
    }
}
