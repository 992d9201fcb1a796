//! Snapshots that are named by a URL: objects in buckets, read as streams.

use anyhow::{Context as _, Result};
use snapscope_archive::{Source, Stream};
use snapscope_live::config::Environment;
use snapscope_live::store::Location;
use snapscope_live::store::reader::RemoteObject;
use std::path::Path;

/// The object a URL names; `None` if the name is no URL of a bucket.
pub(crate) fn source(name: &Path) -> Result<Option<Source>> {
    let Some(text) = name.to_str() else { return Ok(None) };
    let location = Location::parse(text)?;
    if matches!(location, Location::Local(_)) {
        return Ok(None);
    }
    let found = RemoteObject::find(&location, &Environment::of_process());
    let object = found.with_context(|| text.to_owned())?;
    let stream = Stream::reopening(object.name(), object.size(), move || object.open());
    Ok(Some(Source::Stream(stream)))
}
