//! Finds the ID that was probably meant by one that does not exist.

use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use anyhow::Result;
use snapscope_analyze::rows::kept;
use snapscope_archive::Source;
use snapscope_decode::Frame;
use snapscope_objects::kind::{ObjectKind, PeerSelection};
use snapscope_objects::nearest_name;
use snapscope_objects::row::{Row, RowOptions};
use std::ops::ControlFlow;

/// Maximum number of similar names that are compared.
const COMPARED: usize = 10_000;

/// The ID or name that is most similar to one that does not exist, if any is similar and the
/// snapshot can be read again.
pub(crate) fn near(
    wanted: &[u8],
    kind: &'static ObjectKind,
    peers: &PeerSelection,
    source: &Source,
    read: &ReadArgs,
) -> Result<Option<String>> {
    let Ok(wanted) = std::str::from_utf8(wanted) else { return Ok(None) };
    if wanted.is_empty() || !source.reopenable() {
        return Ok(None);
    }
    let options = RowOptions { peers: peers.clone(), ..RowOptions::default() };
    let is_near = |name: &[u8]| {
        std::str::from_utf8(name).is_ok_and(|name| nearest_name(wanted, [name]).is_some())
    };
    // A key is compared before a row with its value is created.
    let may = |frame: &Frame<'_>| kind.stored_id(frame).is_none_or(is_near);
    let names = |row: &Row| {
        let near = row.names().into_iter().find(|name| is_near(name))?;
        Some(String::from_utf8_lossy(&near).into_owned())
    };
    let mut found: Vec<String> = Vec::new();
    kept(read.open_quietly(source)?, read.jobs(), kind, &options, may, names, |name| {
        found.push(name);
        let is_full = found.len() >= COMPARED;
        Ok(if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(nearest_name(wanted, found.iter().map(String::as_str)).map(str::to_owned))
}

/// The end of a message about something that does not exist.
pub(crate) fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| {
        format!("; did you mean \"{}\"?", one_line(near.as_bytes()))
    })
}
