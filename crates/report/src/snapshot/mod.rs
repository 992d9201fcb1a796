//! The page about one snapshot.

mod access;
mod catalog;
mod certificates;
mod findings;
mod keys;
mod mesh;
mod overview;
mod sizes;
mod subject;

pub use subject::{SCANNED, Snapshot};

use crate::html::Page;
use crate::words::shown;
use std::io;

/// Writes the page about a snapshot.
///
/// # Errors
/// If groups in a temporary file cannot be read.
pub fn snapshot(of: &Snapshot<'_>) -> io::Result<String> {
    // These two take longer than all others.
    let (access, findings) = rayon::join(|| access::section(of), || findings::section(of));
    let sections = vec![
        ("overview", "Overview", overview::section(of)),
        ("sizes", "What takes the space", sizes::section(of)?),
        ("keys", "Keys", keys::section(of)?),
        ("catalog", "Catalog and health", catalog::section(of)),
        ("mesh", "Service graph", mesh::section(of)),
        ("access", "Access control", access),
        ("findings", "Findings", findings),
        ("certificates", "Certificates", certificates::section(of)),
    ];
    let datacenter = of.facts.origin.datacenter.as_deref();
    let place =
        datacenter.map_or_else(String::new, |name| format!(" of {}", shown(name.as_bytes())));
    let page = Page {
        title: format!("Consul snapshot{place}"),
        about: shown(of.name.as_bytes()),
        incomplete: of.incomplete,
        sections,
    };
    Ok(page.finish())
}
