//! Finds the token that TOKEN names.

use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::secret_ids::token_of;
use crate::terminal::note;
use anyhow::{Result, bail};
use snapscope_analyze::acl::{AclModel, Token};
use snapscope_objects::nearest;

/// How TOKEN names a token.
pub(super) const NAMING: &str = "TOKEN is an accessor, a prefix that matches only one accessor, a \
                                 SecretID, or \"anonymous\".";

/// Returns the token that a name means: by its accessor, or else by its SecretID, which is reported.
pub(super) fn find<'m>(
    model: &'m AclModel,
    name: &str,
    file: &FileArg,
    read: &ReadArgs,
) -> Result<&'m Token> {
    let missing = match named(model, name) {
        Ok(token) => return Ok(token),
        Err(missing) => missing,
    };
    let Some(accessor) = token_of(name.as_bytes(), &ReadArgs::source(file)?, read)? else {
        return Err(missing);
    };
    let token = named(model, &accessor)?;
    note!("snapscope: note: that is the SecretID of token {}", one_line(accessor.as_bytes()));
    Ok(token)
}

/// The token with that accessor, or with the only accessor that starts with it.
fn named<'m>(model: &'m AclModel, name: &str) -> Result<&'m Token> {
    let named = |t: &&Token| !t.accessor.is_empty();
    let all = || model.tokens.iter().filter(named).map(|t| (t, t.accessor.to_string()));
    let wanted = name.to_ascii_lowercase();
    if wanted == "anonymous"
        && let Some(token) = model.tokens.iter().filter(named).find(|t| t.anonymous)
    {
        return Ok(token);
    }
    // If two records have one accessor, the later one counts, as in servers.
    if let Some((token, _)) = all().rfind(|(_, accessor)| accessor == name) {
        return Ok(token);
    }
    let mut fitting: Vec<(&Token, String)> =
        all().filter(|(_, accessor)| accessor.to_ascii_lowercase().starts_with(&wanted)).collect();
    fitting.dedup_by(|a, b| a.1 == b.1);
    match fitting.as_slice() {
        [(token, _)] if !wanted.is_empty() => Ok(token),
        [] => {
            let accessors: Vec<String> = all().map(|(_, accessor)| accessor).collect();
            match nearest(name, accessors.iter().map(String::as_str)) {
                Some(near) => bail!(
                    "no token has the accessor or SecretID {}; did you mean {near:?}?",
                    hidden(name)
                ),
                None => bail!(
                    "no token has the accessor or SecretID {}, or an accessor that starts with it. \
                     {NAMING}",
                    hidden(name)
                ),
            }
        }
        several => {
            let count = several.len();
            bail!("{name:?} is ambiguous; it matches {count} tokens: give more of the accessor")
        }
    }
}

/// The argument may be a SecretID, so the message does not repeat all of it.
fn hidden(name: &str) -> String {
    let shown: String = name.chars().take(4).collect();
    if name.chars().count() > 8 { format!("\"{shown}...\"") } else { format!("{name:?}") }
}
