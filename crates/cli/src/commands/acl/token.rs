//! Finds the token that TOKEN names.

use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::secret_ids::token_of;
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::acl::{AclModel, Token};

/// Returns the token that a name means: by its accessor, or else by its SecretID, which is reported.
pub(super) fn find<'m>(
    model: &'m AclModel,
    name: &str,
    file: &FileArg,
    read: &ReadArgs,
) -> Result<&'m Token> {
    let missing = match model.token_named(name) {
        Ok(token) => return Ok(token),
        Err(missing) => missing,
    };
    let Some(accessor) = token_of(name.as_bytes(), &ReadArgs::source(file)?, read)? else {
        return Err(missing.into());
    };
    let token = model.token_named(&accessor)?;
    note!("snapscope: note: that is the SecretID of token {}", one_line(accessor.as_bytes()));
    Ok(token)
}
