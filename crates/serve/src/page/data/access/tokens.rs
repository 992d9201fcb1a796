//! Finds and names tokens.

use super::super::super::ask::{Ask, shown};
use super::super::super::reply::Reply;
use snapscope_analyze::acl::Token;

/// The token that a request names by its accessor, by a prefix that matches only one accessor, or as
/// "anonymous". The SecretID is not accepted: it would remain in the browser's history.
pub(super) fn named_in<'a>(ask: &Ask<'a>) -> Result<&'a Token, Reply> {
    let given = ask.text("token").trim().to_ascii_lowercase();
    let all =
        || ask.view.authorizer.model().tokens.iter().filter(|token| !token.accessor.is_empty());
    if given == "anonymous"
        && let Some(token) = all().find(|token| token.anonymous)
    {
        return Ok(token);
    }
    // If two records have one accessor, the later one counts, as in servers.
    let exact = all().rfind(|token| token.accessor.to_string().eq_ignore_ascii_case(&given));
    if let Some(token) = exact {
        return Ok(token);
    }
    let is_start = |token: &&Token| {
        !given.is_empty() && token.accessor.to_string().to_ascii_lowercase().starts_with(&given)
    };
    let mut fitting = all().filter(is_start);
    let Some(first) = fitting.next() else {
        return Err(Reply::error(
            404,
            "No token has this accessor, or an accessor that starts with it. Enter the accessor, not \
             the SecretID.",
        ));
    };
    match fitting.any(|token| token.accessor != first.accessor) {
        true => {
            Err(Reply::error(400, "Several accessors start with this; enter more of the accessor."))
        }
        false => Ok(first),
    }
}

/// A token's description and accessor.
pub(super) fn name_of(ask: &Ask<'_>, token: &Token) -> String {
    if token.anonymous {
        return "the anonymous token".to_owned();
    }
    match description(ask, token).as_str() {
        "" => token.accessor.to_string(),
        text => format!("{text} ({})", token.accessor),
    }
}

/// A token's description without secrets: people write them there, too.
pub(super) fn description(ask: &Ask<'_>, token: &Token) -> String {
    let masked = ask.view.page.scanner.masked_text(&token.description);
    shown(masked.as_deref().unwrap_or(&token.description).as_bytes())
}
