//! The one table of formats.

use crate::exceptions::EXCEPTIONS;
use crate::layout::{Layout, TargetSpec};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds::{self, KINDS};

/// An export format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What `consul kv export` prints.
    KvJson,
    /// A file for each config entry, as `consul config read` prints it.
    ConfigEntries,
    /// A file for each policy, role, token, binding rule and auth method, as a request body for the
    /// API.
    Acl,
    /// One JSON line per object.
    Jsonl,
    /// A table for each object kind.
    Csv,
    /// A database.
    Sqlite,
    /// A Parquet file for each object kind.
    #[cfg(feature = "columnar")]
    Parquet,
    /// An Arrow file for each object kind.
    #[cfg(feature = "columnar")]
    Arrow,
}

/// A format's row in the table.
#[derive(Debug)]
pub struct FormatSpec {
    /// The format.
    pub format: Format,
    /// Its name in commands.
    pub name: &'static str,
    /// File or folder.
    pub layout: Layout,
    /// A one-line description.
    pub about: &'static str,
    /// How it marks an export of a damaged snapshot.
    pub incomplete: &'static str,
    /// The kinds it supports; empty means all.
    pub(crate) only: &'static [KindId],
    /// Whether a file or folder of this name in the target folder can come from this format.
    pub(crate) owns: fn(&str) -> bool,
}

impl FormatSpec {
    /// Where exports of the format are written.
    pub(crate) fn target_spec(&self) -> TargetSpec {
        TargetSpec { layout: self.layout, owns: self.owns }
    }
}

/// All formats.
pub static FORMATS: &[FormatSpec] = &[
    FormatSpec {
        format: Format::KvJson,
        name: "kv-json",
        layout: Layout::Stream,
        about: "the format of `consul kv export` and `consul kv import`",
        incomplete: "a file PATH.incomplete beside it",
        only: &[KindId::Kv],
        owns: |_| false,
    },
    FormatSpec {
        format: Format::ConfigEntries,
        name: "config-entries",
        layout: Layout::Folder,
        about: "KIND__NAME.json for each entry, for `consul config write`",
        incomplete: "a file INCOMPLETE in it",
        only: &[KindId::ConfigEntries],
        owns: |name| name == EXCEPTIONS || (name.ends_with(".json") && name.contains("__")),
    },
    FormatSpec {
        format: Format::Acl,
        name: "acl",
        layout: Layout::Folder,
        about: "policies, roles, tokens, binding rules, auth methods as API request bodies",
        incomplete: "a file INCOMPLETE in it",
        only: crate::acl::KINDS,
        owns: |name| {
            crate::acl::folders().any(|folder| folder == name)
                || [crate::acl::IDS, EXCEPTIONS].contains(&name)
        },
    },
    FormatSpec {
        format: Format::Jsonl,
        name: "jsonl",
        layout: Layout::Stream,
        about: "one JSON line per object",
        incomplete: "a last line with \"Incomplete\": true",
        only: &[],
        owns: |_| false,
    },
    FormatSpec {
        format: Format::Csv,
        name: "csv",
        layout: Layout::Folder,
        about: "KIND.csv for each kind, safe to open in a spreadsheet",
        incomplete: "a file INCOMPLETE in it",
        only: &[],
        owns: |name| {
            name.strip_suffix(".csv").is_some_and(|kind| KINDS.iter().any(|k| k.name == kind))
        },
    },
    FormatSpec {
        format: Format::Sqlite,
        name: "sqlite",
        layout: Layout::File,
        about: "a database with one table per kind",
        incomplete: "rows in its table `damage`",
        only: &[],
        owns: |_| false,
    },
    #[cfg(feature = "columnar")]
    FormatSpec {
        format: Format::Parquet,
        name: "parquet",
        layout: Layout::Folder,
        about: "KIND.parquet for each kind, with typed columns; secrets masked",
        incomplete: "a file INCOMPLETE in it",
        only: &[],
        owns: crate::file_name::is_columnar,
    },
    #[cfg(feature = "columnar")]
    FormatSpec {
        format: Format::Arrow,
        name: "arrow",
        layout: Layout::Folder,
        about: "KIND.arrow for each kind, the same columns in Arrow's file format",
        incomplete: "a file INCOMPLETE in it",
        only: &[],
        owns: crate::file_name::is_columnar,
    },
];

impl Format {
    /// Returns the format with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        FORMATS.iter().find(|spec| spec.name == name).map(|spec| spec.format)
    }

    /// Returns its row in the table.
    #[must_use]
    pub fn spec(self) -> &'static FormatSpec {
        FORMATS.iter().find(|spec| spec.format == self).unwrap_or(&FORMATS[0])
    }

    /// Returns the kinds it exports by default: all it supports, except keys without their values,
    /// which `kv` contains.
    #[must_use]
    pub fn kinds(self) -> Vec<&'static ObjectKind> {
        match self.spec().only {
            [] => KINDS.iter().copied().filter(|kind| kind.traits.excerpt_of.is_none()).collect(),
            only => only.iter().map(|id| kinds::of(*id)).collect(),
        }
    }

    /// Its name, which is the ending of its files, too.
    #[cfg(feature = "columnar")]
    pub(crate) fn spec_name(self) -> &'static str {
        self.spec().name
    }

    /// Whether it masks secrets unless they are requested. Other formats are for those who need them.
    #[must_use]
    pub const fn masks_secrets(self) -> bool {
        self.is_columnar()
    }

    /// Whether it has typed columns, and takes many snapshots.
    #[must_use]
    pub const fn is_columnar(self) -> bool {
        #[cfg(feature = "columnar")]
        if matches!(self, Self::Parquet | Self::Arrow) {
            return true;
        }
        false
    }

    /// Whether it supports a kind.
    #[must_use]
    pub fn carries(self, kind: &ObjectKind) -> bool {
        let only = self.spec().only;
        only.is_empty() || only.contains(&kind.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_in_the_table_and_carries_something() {
        for spec in FORMATS {
            assert_eq!(spec.format.spec().name, spec.name);
            assert_eq!(Format::by_name(spec.name), Some(spec.format));
            let kinds = spec.format.kinds();
            assert!(!kinds.is_empty() && kinds.iter().all(|kind| spec.format.carries(kind)));
        }
    }
}
