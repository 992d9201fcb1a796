//! SecretIDs in place of an accessor: they are looked up, and never printed.

use crate::reading::ReadArgs;
use anyhow::Result;
use snapscope_analyze::rows::kept;
use snapscope_archive::Source;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::Projection;
use std::ops::ControlFlow;

/// The shortest SecretID that is looked up. Servers assign UUIDs; people choose shorter ones.
const LEAST: usize = 4;

/// The ID of the token with this SecretID, if there is one and the snapshot can be read once more.
pub(crate) fn token_of(secret: &[u8], source: &Source, read: &ReadArgs) -> Result<Option<String>> {
    if secret.len() < LEAST || !source.reopenable() {
        return Ok(None);
    }
    let tokens = kinds::of(KindId::Tokens);
    let mut projection = Projection::Only(Vec::new());
    projection.add(["AccessorID", "SecretID", "CreateIndex"]);
    let options = RowOptions { projection, ..RowOptions::default() };
    let keep = |row: &Row| (row.text("SecretID") == secret).then(|| row.id_text());
    let mut found = None;
    let blocks = read.open_quietly(source)?;
    kept(
        blocks,
        read.jobs(),
        tokens,
        &options,
        |_| true,
        keep,
        |id| {
            found = Some(id.to_string());
            Ok(ControlFlow::Break(()))
        },
    )?;
    Ok(found)
}
