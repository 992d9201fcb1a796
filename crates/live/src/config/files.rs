//! Reads config files, named directly or in folders.

use super::keys::{Keys, Mistakes};
use super::layer::Layer;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Merges all files; later ones override earlier ones. Files without a `snapshot_agent` object are
/// skipped, so a folder shared with Consul's own configuration works; but at least one file must
/// have it.
pub(crate) fn read(paths: &[ConfigPath], mistakes: &mut Mistakes) -> Layer {
    let mut layer = Layer::default();
    let mut found = paths.is_empty();
    for path in paths {
        for file in path.files(mistakes) {
            if let Some(more) = read_file(&file, mistakes) {
                found = true;
                layer.overlay(more);
            }
        }
    }
    if !found && mistakes.0.is_empty() {
        mistakes.add("none of the config files has a \"snapshot_agent\" object");
    }
    layer
}

/// A name given with `-config-file` or `-config-dir`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigPath {
    /// One file.
    File(PathBuf),
    /// A folder whose `.json` files are read in order of their names, without subfolders.
    Folder(PathBuf),
}

impl ConfigPath {
    fn files(&self, mistakes: &mut Mistakes) -> Vec<PathBuf> {
        let folder = match self {
            Self::File(path) => return vec![path.clone()],
            Self::Folder(folder) => folder,
        };
        match json_files(folder) {
            Ok(files) => files,
            Err(e) => {
                mistakes.add(format!("{}: cannot read the folder: {e}", folder.display()));
                Vec::new()
            }
        }
    }
}

fn json_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A warning for each file that contains a secret and is readable by others than its owner and
/// group.
pub(crate) fn open_to_others(paths: &[ConfigPath]) -> Vec<String> {
    let files = paths.iter().flat_map(|path| path.files(&mut Mistakes::default()));
    let open = files.filter(|file| may_be_read_by_others(file) && has_secret(file));
    let said = |file: PathBuf| {
        format!(
            "{}: the file contains secrets, and everyone may read it; run chmod o-r",
            file.display()
        )
    };
    open.map(said).collect()
}

#[cfg(unix)]
fn may_be_read_by_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn may_be_read_by_others(_: &Path) -> bool {
    false
}

fn has_secret(file: &Path) -> bool {
    read_file(file, &mut Mistakes::default()).is_some_and(|layer| layer.has_secret())
}

/// The content of a file; `None` if it is not for the agent, or unreadable, which is recorded.
fn read_file(path: &Path, mistakes: &mut Mistakes) -> Option<Layer> {
    let name = path.display();
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(e) => {
            mistakes.add(format!("{name}: cannot read the file: {e}"));
            return None;
        }
    };
    let value: Value = match serde_json::from_slice(&text) {
        Ok(value) => value,
        Err(e) => {
            mistakes.add(format!("{name}: not JSON: {e}"));
            return None;
        }
    };
    let Value::Object(mut object) = value else {
        mistakes.add(format!("{name}: the file must hold a JSON object"));
        return None;
    };
    let agent = object.remove("snapshot_agent")?;
    Some(Layer::read(Keys::of(format!("{name}: snapshot_agent"), agent, mistakes)))
}
