//! Snapshots named by a URL: objects in buckets, read as streams.

use anyhow::{Context as _, Result, bail};
use snapscope_archive::Source;
use snapscope_live::settings::Environment;
use snapscope_live::sidecar::Sidecar;
use snapscope_live::store::Location;
use snapscope_live::store::reader::RemoteObject;
use snapscope_live::{block_on, listing};
use std::path::Path;

/// A snapshot in a bucket, and its sidecar.
pub(crate) type Stored = (Source, Option<Sidecar>);

/// Returns the snapshots that a URL names, each with its sidecar: an object, or everything under a
/// prefix. `None` if the name is not the URL of a bucket.
pub(crate) fn snapshots(name: &Path) -> Result<Option<Vec<Stored>>> {
    let Some(text) = name.to_str() else { return Ok(None) };
    let location = Location::parse(text)?;
    let Location::Remote { cloud, bucket, path } = &location else { return Ok(None) };
    let environment = Environment::of_process();
    let object =
        if text.ends_with('/') { None } else { RemoteObject::find(&location, &environment).ok() };
    if let Some(object) = object {
        return Ok(Some(vec![(object.source(), None)]));
    }
    let store = location.store(&environment)?;
    let listed = block_on(listing::snapshots(&store))?.with_context(|| text.to_owned())?;
    if listed.is_empty() {
        bail!("{text}: no snapshot with this name or prefix");
    }
    let found = listed.into_iter().map(|listed| {
        let path = format!("{path}/{}", listed.name).trim_start_matches('/').to_owned();
        let location = Location::Remote { cloud: *cloud, bucket: bucket.clone(), path };
        let object = RemoteObject::find(&location, &environment)?;
        Ok((object.source(), listed.sidecar))
    });
    found.collect::<Result<_>>().map(Some)
}

/// Returns the object that a URL names; `None` if the name is not the URL of a bucket.
pub(crate) fn source(name: &Path) -> Result<Option<Source>> {
    let Some(text) = name.to_str() else { return Ok(None) };
    let location = Location::parse(text)?;
    if matches!(location, Location::Local(_)) {
        return Ok(None);
    }
    let found = RemoteObject::find(&location, &Environment::of_process());
    let object = found.with_context(|| text.to_owned())?;
    Ok(Some(object.source()))
}
