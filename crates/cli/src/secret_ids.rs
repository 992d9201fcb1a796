//! SecretIDs in place of an accessor: they are looked up, and never printed.

use crate::reading::ReadArgs;
use anyhow::Result;
use snapscope_analyze::acl::accessor_of_secret_id;
use snapscope_archive::Source;

/// The ID of the token with this SecretID, if there is one and the snapshot can be read once more.
pub(crate) fn token_of(secret: &[u8], source: &Source, read: &ReadArgs) -> Result<Option<String>> {
    if !source.reopenable() {
        return Ok(None);
    }
    Ok(accessor_of_secret_id(read.open_quietly(source)?, read.jobs(), secret)?)
}
