//! Targets of exports.

/// Whether a format is one file or a folder of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One file, written sequentially, so it can also be standard output.
    Stream,
    /// One file.
    File,
    /// A folder of files.
    Folder,
}

/// Where an export is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TargetSpec {
    /// A file or a folder.
    pub(crate) layout: Layout,
    /// Whether a file or folder of this name in the target folder can come from such an export.
    pub(crate) owns: fn(&str) -> bool,
}
