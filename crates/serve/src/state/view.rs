//! A snapshot as handlers see it.

use super::catalog::Catalog;
use super::facts::Facts;
use crate::authorizer::Authorizer;
use crate::page::PageFacts;
use crate::settings::Settings;
use crate::spool::Spool;
use snapscope_archive::Source;
use snapscope_decode::{ServerVersion, VersionRange};

/// An opened snapshot, with everything that answers need.
pub(crate) struct View<'v> {
    /// Its records.
    pub(crate) spool: &'v Spool,
    /// Decides who may do what.
    pub(crate) authorizer: Authorizer<'v>,
    /// Facts about the servers.
    pub(crate) facts: &'v Facts,
    /// The locations of the catalog's records.
    pub(crate) catalog: &'v Catalog,
    /// Facts that were computed for the page.
    pub(crate) page: &'v PageFacts,
    /// The caller's settings.
    pub(crate) settings: &'v Settings,
    /// Where the snapshot is from.
    pub(crate) source: &'v Source,
}

impl View<'_> {
    /// The version of the servers that wrote the snapshot.
    pub(crate) const fn version(&self) -> ServerVersion {
        self.authorizer.basis().version
    }

    /// Whether those servers' version is in a range.
    pub(crate) const fn is(&self, versions: VersionRange) -> bool {
        versions.contains(self.version())
    }

    /// The servers' datacenter; empty if the snapshot does not record it.
    pub(crate) fn datacenter(&self) -> &str {
        self.authorizer.basis().datacenter.as_deref().unwrap_or("")
    }
}
