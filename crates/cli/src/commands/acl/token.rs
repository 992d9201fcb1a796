//! Finding the token somebody means.

use anyhow::{Result, bail};
use snapscope_analyze::acl::{AclModel, Token};

/// A token as it is named on the command line.
pub(super) const NAMING: &str = "A token is named by its accessor, by a beginning of it that no other has, or as \"anonymous\".";

/// The token with that accessor, or with the only accessor that begins so.
pub(super) fn find<'m>(model: &'m AclModel, name: &str) -> Result<&'m Token> {
    let named = |t: &&Token| !t.accessor.is_empty();
    let all = || model.tokens.iter().filter(named).map(|t| (t, t.accessor.to_string()));
    let wanted = name.to_ascii_lowercase();
    if wanted == "anonymous"
        && let Some(token) = model.tokens.iter().filter(named).find(|t| t.anonymous)
    {
        return Ok(token);
    }
    // Of two records with one accessor the later one counts, as it does for servers.
    if let Some((token, _)) = all().rfind(|(_, accessor)| accessor == name) {
        return Ok(token);
    }
    let mut fitting: Vec<(&Token, String)> =
        all().filter(|(_, accessor)| accessor.to_ascii_lowercase().starts_with(&wanted)).collect();
    fitting.dedup_by(|a, b| a.1 == b.1);
    match fitting.as_slice() {
        [(token, _)] if !wanted.is_empty() => Ok(token),
        [] => bail!("no token's accessor is {} or begins so. {NAMING}", hidden(name)),
        several => {
            let count = several.len();
            bail!("the accessors of {count} tokens begin with {name:?}; give more of it")
        }
    }
}

/// What was typed may be a SecretID, so it is not said in full.
fn hidden(name: &str) -> String {
    let shown: String = name.chars().take(4).collect();
    if name.chars().count() > 8 { format!("\"{shown}...\"") } else { format!("{name:?}") }
}
