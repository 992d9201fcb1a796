//! Where exports stand.

/// Whether a format is one file or a folder of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// One file, written from its start to its end: it can be standard output too.
    Stream,
    /// One file.
    File,
    /// A folder of files.
    Folder,
}

/// Where an export stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    /// In a file or a folder.
    pub(crate) place: Place,
    /// Whether a file or folder of this name can be the export's own, in its folder.
    pub(crate) owns: fn(&str) -> bool,
}
