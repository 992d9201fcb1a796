//! Finds the endpoint of a path.

use super::AREAS;
use super::endpoint::Endpoint;
use snapscope_decode::ServerVersion;

/// The target of a path.
pub(super) enum Route {
    /// An endpoint, and the rest of the path.
    To(&'static Endpoint, Vec<u8>),
    /// An endpoint, if a slash is added.
    Slash,
    /// Unknown, below `/v1/`.
    Unknown,
    /// Unknown, and not below `/v1/`.
    Outside,
}

/// Finds the endpoint of a decoded path. The longest match wins, as in Go's router.
pub(super) fn route(path: &[u8], version: ServerVersion) -> Route {
    let Some(path) = path.strip_prefix(b"/v1/") else { return Route::Outside };
    let all = AREAS.iter().flat_map(|rows| rows.iter());
    let known = || all.clone().filter(|row| row.versions.contains(version));
    let fits = |row: &&Endpoint| match row.path.ends_with('/') {
        true => path.starts_with(row.path.as_bytes()),
        false => path == row.path.as_bytes(),
    };
    if let Some(found) = known().filter(fits).max_by_key(|row| row.path.len()) {
        let rest = path.get(found.path.len()..).unwrap_or(&[]);
        return Route::To(found, rest.to_vec());
    }
    let needs_slash = |row: &Endpoint| row.path.strip_suffix('/').map(str::as_bytes) == Some(path);
    if known().any(needs_slash) { Route::Slash } else { Route::Unknown }
}
