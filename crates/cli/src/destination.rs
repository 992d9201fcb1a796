//! The folder or bucket into which files of many snapshots are written.

use anyhow::Result;
use snapscope_export::fleet::{Folder, Place};
use std::path::Path;

/// The place that a path or URL names.
#[cfg(feature = "live")]
pub(crate) fn place(name: &Path) -> Result<Box<dyn Place>> {
    Ok(match bucket::Bucket::open(name)? {
        Some(bucket) => Box::new(bucket),
        None => Box::new(Folder::new(name)),
    })
}

/// The place that a path names. This build cannot reach buckets.
#[cfg(not(feature = "live"))]
pub(crate) fn place(name: &Path) -> Result<Box<dyn Place>> {
    if is_bucket(name) {
        anyhow::bail!(
            "{}: this snapscope was built without the feature `live`, so it cannot reach buckets; write to a \
             folder, and copy that",
            name.display()
        );
    }
    Ok(Box::new(Folder::new(name)))
}

/// Whether a name is the URL of a bucket.
pub(crate) fn is_bucket(name: &Path) -> bool {
    let text = name.to_string_lossy();
    ["s3://", "az://", "azure://", "gs://"].iter().any(|scheme| text.starts_with(scheme))
}

#[cfg(feature = "live")]
mod bucket {
    use anyhow::Result;
    use snapscope_export::fleet::{Lock, Place, Ready, Replacement};
    use snapscope_live::settings::Environment;
    use snapscope_live::store::{Location, StoreError, Tree};
    use snapscope_staged::StagedFolder;
    use std::fs::File;
    use std::io::{self, Seek as _};
    use std::path::Path;

    /// A location in a bucket.
    pub(super) struct Bucket(Tree);

    /// Where files wait until they take the place of others.
    const WAITING: &str = "_snapscope/waiting";

    fn failed(error: StoreError) -> io::Error {
        io::Error::other(error)
    }

    impl Bucket {
        pub(super) fn open(name: &Path) -> Result<Option<Self>> {
            let Some(text) = name.to_str() else { return Ok(None) };
            let tree = Tree::open(&Location::parse(text)?, &Environment::of_process())?;
            Ok(tree.map(Self))
        }

        fn store(&self, files: Vec<(String, &Path)>) -> io::Result<()> {
            let open = |(path, from): (String, &Path)| File::open(from).map(|file| (path, file));
            let files = files.into_iter().map(open).collect::<io::Result<Vec<_>>>()?;
            self.0.put_files(&files).map_err(failed)
        }
    }

    impl Place for Bucket {
        fn name(&self) -> String {
            self.0.name().to_owned()
        }

        /// Buckets have no locks.
        fn lock(&self) -> io::Result<Lock> {
            Ok(Box::new(()))
        }

        fn staging(&self) -> io::Result<StagedFolder> {
            let target = std::env::temp_dir().join("snapscope-export");
            // The name is never taken; only what is staged for it exists.
            Ok(StagedFolder::begin_in(&std::env::temp_dir(), &target, true, |_| true)?)
        }

        fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
            self.0.read(path).map_err(failed)
        }

        fn open(&self, path: &str) -> io::Result<File> {
            let mut file = tempfile::tempfile()?;
            self.0.copy_to(path, &mut file).map_err(failed)?;
            file.rewind()?;
            Ok(file)
        }

        fn exists(&self, path: &str) -> io::Result<bool> {
            self.0.exists(path).map_err(failed)
        }

        fn gone(&self, _: &[&str]) -> io::Result<Vec<String>> {
            Ok(Vec::new())
        }

        fn list(&self, folder: &str) -> io::Result<Vec<String>> {
            self.0.list(folder).map_err(failed)
        }

        fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
            self.0.write(path, content.to_vec()).map_err(failed)
        }

        fn put(&self, files: &[Ready]) -> io::Result<()> {
            self.store(files.iter().map(|file| (file.path.clone(), &*file.from)).collect())
        }

        fn remove(&self, paths: &[String]) -> io::Result<()> {
            self.0.remove(paths).map_err(failed)
        }

        /// Uploads take their time, copies within the bucket do not.
        fn replace(&self, replacements: &[Replacement]) -> io::Result<()> {
            let waiting = |new: &Ready| format!("{WAITING}/{}", new.path);
            let files = replacements.iter().map(|r| (waiting(&r.new), &*r.new.from));
            self.store(files.collect())?;
            for Replacement { new, .. } in replacements {
                self.0.copy(&waiting(new), &new.path).map_err(failed)?;
            }
            let waiting: Vec<String> = replacements.iter().map(|r| waiting(&r.new)).collect();
            self.remove(&waiting)
        }
    }
}
