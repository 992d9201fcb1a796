//! What to export, and where to.

use crate::error::ExportError;
use crate::formats::Format;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::ObjectKind;
use std::path::PathBuf;

/// What to export, and where to.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// The format.
    pub format: Format,
    /// The file or folder; `-` is standard output, to which `kv-json` and `jsonl` can be written.
    pub out: PathBuf,
    /// The object kinds; empty for the format's default.
    pub kinds: Vec<&'static ObjectKind>,
    /// Only objects whose key starts with this. Without [`kinds`](Self::kinds), only kinds with
    /// keys are exported then.
    pub prefix: Option<Vec<u8>>,
    /// Only objects that match this expression, which has to be valid for every exported kind.
    pub filter: Option<String>,
    /// Whether to replace an existing export.
    pub force: bool,
    /// Whether `kv-json` leaves out keys that `consul kv import` does not import unchanged.
    pub skip_unimportable: bool,
    /// Whether `parquet` and `arrow` have secrets; all other formats do.
    pub show_secrets: bool,
}

/// The selection of objects of one kind.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) kind: &'static ObjectKind,
    pub(crate) prefix: Option<Vec<u8>>,
    pub(crate) filter: Option<Filter>,
}

impl ExportOptions {
    /// Exports the format's default kinds, and replaces nothing.
    #[must_use]
    pub fn new(format: Format, out: impl Into<PathBuf>) -> Self {
        let out = out.into();
        let (kinds, prefix, filter) = (Vec::new(), None, None);
        Self {
            format,
            out,
            kinds,
            prefix,
            filter,
            force: false,
            skip_unimportable: false,
            show_secrets: false,
        }
    }

    /// Returns the selection for each kind.
    pub(crate) fn selections(&self) -> Result<Vec<Selection>, ExportError> {
        let mut kinds = self.kinds.clone();
        if let Some(kind) = kinds.iter().find(|kind| !self.format.carries(kind)) {
            let takes = self.format.kinds().iter().map(|kind| kind.name).collect();
            let format = self.format.spec().name;
            return Err(ExportError::Kind { format, kind: kind.name, takes });
        }
        if kinds.is_empty() {
            kinds = self.format.kinds();
            if self.prefix.is_some() && kinds.iter().any(|kind| kind.traits.keyed) {
                kinds.retain(|kind| kind.traits.keyed);
            }
        }
        kinds.sort_by_key(|kind| kind.id);
        kinds.dedup();
        let selection = |kind: &'static ObjectKind| {
            if self.prefix.is_some() && !kind.traits.keyed {
                return Err(ExportError::Prefix(kind.name));
            }
            let compile = |text: &String| Filter::compile(text, &kind.shape());
            let filter = self.filter.as_ref().map(compile).transpose();
            let filter = filter.map_err(|error| ExportError::Filter { kind: kind.name, error })?;
            Ok(Selection { kind, prefix: self.prefix.clone(), filter })
        };
        kinds.into_iter().map(selection).collect()
    }
}
