//! Files below a location in a bucket, by their paths, for synchronous code.

use super::remote::Bucket;
use super::{Lease, Location, Medium, StoreError};
use crate::settings::Environment;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::fs::File;
use std::io::Write;
use tokio::runtime::{Builder, Runtime};

/// Small files that are stored or removed at once.
const AT_ONCE: usize = 8;
/// Bytes that a request reads of a large file.
const PIECE: u64 = 8 << 20;

/// Files below a location in a bucket. Paths have slashes, and characters that a bucket's names may have.
#[derive(Debug)]
pub struct Tree {
    name: String,
    bucket: Bucket,
    /// Connections live as long as it does.
    runtime: Runtime,
}

impl Tree {
    /// The files below a location; `None` if it is not in a bucket.
    ///
    /// # Errors
    /// If the settings in the environment are invalid.
    pub fn open(
        location: &Location,
        environment: &Environment,
    ) -> Result<Option<Self>, StoreError> {
        let store = location.store(environment)?;
        let Medium::Bucket(bucket) = &store.place else { return Ok(None) };
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| StoreError::Options(e.to_string()))?;
        Ok(Some(Self { name: store.name().to_owned(), bucket: bucket.clone(), runtime }))
    }

    /// Returns its name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The content of a file; `None` if it does not exist.
    ///
    /// # Errors
    /// If the bucket cannot be reached or refuses.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.runtime.block_on(async {
            let key = self.bucket.below(path)?;
            self.bucket.get_whole(&key).await
        })
    }

    /// Writes a file into `to`.
    ///
    /// # Errors
    /// If it does not exist, or the bucket cannot be reached or refuses.
    pub fn copy_to(&self, path: &str, to: &mut File) -> Result<(), StoreError> {
        self.runtime.block_on(async {
            let key = self.bucket.below(path)?;
            let (size, version) = self.bucket.head_of(&key).await?;
            let mut at = 0;
            while at < size {
                let end = size.min(at + PIECE);
                let piece = self.bucket.range_of(&key, at..end, version.clone()).await?;
                let failed = |error| {
                    let (path, doing) = (path.to_owned(), "writing a temporary copy");
                    StoreError::Io { path, doing, error }
                };
                to.write_all(&piece).map_err(failed)?;
                at = end;
            }
            Ok(())
        })
    }

    /// Whether a file exists.
    ///
    /// # Errors
    /// If the bucket cannot be reached or refuses.
    pub fn exists(&self, path: &str) -> Result<bool, StoreError> {
        self.runtime.block_on(async {
            let key = self.bucket.below(path)?;
            self.bucket.is_there(&key).await
        })
    }

    /// The names of the files in a folder, sorted.
    ///
    /// # Errors
    /// If the bucket cannot be reached or refuses.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.runtime.block_on(async {
            let key = self.bucket.below(folder)?;
            let mut names: Vec<String> =
                self.bucket.list_in(Some(&key)).await?.into_iter().map(|s| s.name).collect();
            names.sort();
            Ok(names)
        })
    }

    /// Stores a few bytes.
    ///
    /// # Errors
    /// If the bucket cannot be reached or refuses; then nothing changes.
    pub fn write(&self, path: &str, content: Vec<u8>) -> Result<(), StoreError> {
        self.runtime.block_on(async {
            let key = self.bucket.below(path)?;
            self.bucket.put_at(&key, path, content, &Lease::forever()).await
        })
    }

    /// Stores files, several at once.
    ///
    /// # Errors
    /// If the bucket cannot be reached or refuses.
    pub fn put_files(&self, files: &[(String, File)]) -> Result<(), StoreError> {
        let lease = Lease::forever();
        let put = |(path, file): &'_ (String, File)| {
            let (path, file, lease) = (path.clone(), file.try_clone(), lease.clone());
            async move {
                let failed = |error| {
                    let (path, doing) = (path.clone(), "reading the data to store");
                    StoreError::Io { path, doing, error }
                };
                let file = file.map_err(failed)?;
                let key = self.bucket.below(&path)?;
                self.bucket.put_file_at(&key, &path, &file, &lease).await
            }
        };
        let all = stream::iter(files.iter().map(put)).buffer_unordered(AT_ONCE);
        self.runtime.block_on(all.try_collect::<()>())
    }

    /// Copies a file within the bucket.
    ///
    /// # Errors
    /// If the bucket cannot be reached or refuses.
    pub fn copy(&self, from: &str, to: &str) -> Result<(), StoreError> {
        self.runtime.block_on(async {
            let (from, to) = (self.bucket.below(from)?, self.bucket.below(to)?);
            self.bucket.copy(&from, &to).await
        })
    }

    /// Removes files, several at once; it is not an error if one does not exist.
    ///
    /// # Errors
    /// If the bucket cannot be reached or refuses.
    pub fn remove(&self, paths: &[String]) -> Result<(), StoreError> {
        let lease = Lease::forever();
        let remove = |path: &'_ String| {
            let (path, lease) = (path.clone(), lease.clone());
            async move {
                let key = self.bucket.below(&path)?;
                self.bucket.delete_at(&key, &lease).await
            }
        };
        let all = stream::iter(paths.iter().map(remove)).buffer_unordered(AT_ONCE);
        self.runtime.block_on(all.try_collect::<()>())
    }
}
