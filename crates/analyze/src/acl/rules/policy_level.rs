//! Access levels in policies, and the errors for invalid ones.

use super::super::version::{LEVELS_IN_ANY_CASE, LIST, ServerVersion};
use super::level::{AccessLevel, Level};
use super::position::{Position, RuleError};

/// Parses a level; `of` names it in an error.
pub(super) fn level(
    text: &[u8],
    list_allowed: bool,
    place: Position,
    version: ServerVersion,
    of: impl Fn() -> String,
) -> Result<Level, RuleError> {
    let any_case = LEVELS_IN_ANY_CASE.contains(version);
    let list_allowed = list_allowed && LIST.contains(version);
    let level = Level::parse(text).filter(|level| any_case || level.lower_case);
    match level {
        Some(level) if list_allowed || level.access != AccessLevel::List => Ok(level),
        _ => {
            let shown: String = String::from_utf8_lossy(text).chars().take(40).collect();
            let words = if list_allowed { "deny, read, list, write" } else { "deny, read, write" };
            Err(RuleError::new(place, format!("{} is {shown:?}; expected one of {words}", of())))
        }
    }
}
