//! Names of snapshots: files, folders, patterns, URLs of buckets.

use crate::error::failed;
use pyo3::prelude::*;
use snapscope_analyze::series::{self, Named};
use snapscope_archive::{Source, starts_like_a_snapshot};
#[cfg(feature = "live")]
use snapscope_live::{
    block_on, listing, settings::Environment, store::Location, store::reader::RemoteObject,
};
use std::path::{Path, PathBuf};

/// Returns the names of the snapshots that a place holds: a file, a folder, a pattern, the URL of an object, or a prefix
/// in a bucket.
#[pyfunction]
#[pyo3(signature = (place, /))]
pub(crate) fn find(py: Python<'_>, place: PathBuf) -> PyResult<Vec<String>> {
    py.detach(|| match in_bucket(&place)? {
        Some(names) => Ok(names),
        None => {
            let found = sources(&place)?.into_iter().filter(is_snapshot);
            Ok(found.map(|named| named.source.name()).collect())
        }
    })
}

/// Whether a file in a folder is a snapshot, by its name or its start. A folder may also contain other files.
fn is_snapshot(named: &Named) -> bool {
    match &named.source {
        Source::File(path) if named.in_folder => {
            path.extension().is_some_and(|ending| ending == "snap") || starts_like_a_snapshot(path)
        }
        _ => true,
    }
}

/// The files in a place, which may be snapshots.
pub(crate) fn sources(place: &Path) -> PyResult<Vec<Named>> {
    let Some(names) = in_bucket(place)? else {
        return series::find(&[place.to_owned()]).map_err(failed);
    };
    let in_folder = names.len() > 1;
    let one = |name: &String| {
        let source = remote(Path::new(name))?;
        source.ok_or_else(|| failed(format!("{name}: not the URL of an object")))
    };
    names.iter().map(|name| Ok(Named { source: one(name)?, in_folder })).collect()
}

/// The source that a URL names; `None` if the name is not a URL of a bucket.
#[cfg(feature = "live")]
pub(crate) fn remote(place: &Path) -> PyResult<Option<Source>> {
    let Some(location) = location(place)? else { return Ok(None) };
    let found = RemoteObject::find(&location, &Environment::of_process());
    let object = found.map_err(|e| failed(format!("{}: {e}", place.display())))?;
    Ok(Some(object.source()))
}

/// The place in a bucket that a URL names.
#[cfg(feature = "live")]
fn location(place: &Path) -> PyResult<Option<Location>> {
    let Some(text) = place.to_str() else { return Ok(None) };
    let location = Location::parse(text).map_err(failed)?;
    Ok(matches!(location, Location::Remote { .. }).then_some(location))
}

/// The names of the snapshots in a bucket; `None` if the place is not in a bucket.
#[cfg(feature = "live")]
fn in_bucket(place: &Path) -> PyResult<Option<Vec<String>>> {
    let Some(location) = location(place)? else { return Ok(None) };
    let text = place.display().to_string();
    let environment = Environment::of_process();
    if !text.ends_with('/') && RemoteObject::find(&location, &environment).is_ok() {
        return Ok(Some(vec![text]));
    }
    let refused = |e: &dyn std::fmt::Display| failed(format!("{text}: {e}"));
    let store = location.store(&environment).map_err(|e| refused(&e))?;
    let listed = block_on(listing::snapshots(&store)).map_err(|e| refused(&e))?;
    let listed = listed.map_err(|e| refused(&e))?;
    let folder = text.trim_end_matches('/');
    Ok(Some(listed.into_iter().map(|one| format!("{folder}/{}", one.name)).collect()))
}

/// This build has no network code for buckets.
#[cfg(not(feature = "live"))]
pub(crate) fn remote(place: &Path) -> PyResult<Option<Source>> {
    in_bucket(place).map(|_| None)
}

#[cfg(not(feature = "live"))]
fn in_bucket(place: &Path) -> PyResult<Option<Vec<String>>> {
    let text = place.to_string_lossy();
    if ["s3://", "az://", "azure://", "gs://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Err(failed(format!(
            "{text}: this package was built without the feature `live`, so it cannot reach buckets; download the file first"
        )));
    }
    Ok(None)
}
