//! Where snapshots are stored: folders and buckets, behind one set of operations.
//!
//! Whatever is written appears under its final name whole or not at all, and only while the
//! [`Lease`] it is written under holds.

mod azure;
mod error;
mod google;
mod lease;
mod local;
pub mod location;
mod name;
mod patience;
pub mod reader;
mod remote;
pub(crate) mod s3;
pub(crate) mod s3_profile;
mod wire;

pub use error::{RemoteKind, StoreError};
pub use lease::{Lease, LeaseHolder};
pub use location::Location;
pub use name::{SnapshotId, sidecar_name};

use crate::settings::{DestinationSettings, Environment};
use local::Folder;
use object_store::ObjectStore;
use remote::Bucket;
use std::fs::File;
use std::sync::Arc;
use std::time::SystemTime;

/// A place snapshots are stored at.
#[derive(Debug, Clone)]
pub struct Store {
    name: String,
    static_name: Option<String>,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

/// A file or object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name, without folder or prefix.
    pub name: String,
    /// Bytes it has.
    pub size: u64,
    /// When it was written, by the clock of whoever keeps it.
    pub modified: SystemTime,
}

impl Store {
    /// The store that settings describe; nothing is asked of it yet.
    ///
    /// # Errors
    /// When the settings can't be used, such as an endpoint that is no URL.
    pub fn open(
        settings: &DestinationSettings,
        environment: &Environment,
    ) -> Result<Self, StoreError> {
        let name = settings.name();
        let place = match settings {
            DestinationSettings::Local(path) => Place::Folder(Folder::new(path.clone())),
            DestinationSettings::S3(settings) => {
                let (checked, plain) = s3::build(settings, environment)?;
                let bucket = Bucket::new(Arc::new(checked), settings.folder(), &name)?;
                Place::Bucket(bucket.with_fallback(Arc::new(plain)))
            }
            DestinationSettings::Azure(settings) => {
                let store: Arc<dyn ObjectStore> = Arc::new(azure::build(settings, environment)?);
                Place::Bucket(Bucket::new(store, &settings.prefix, &name)?)
            }
            DestinationSettings::Google(settings) => {
                let store: Arc<dyn ObjectStore> = Arc::new(google::build(settings, environment)?);
                Place::Bucket(Bucket::new(store, &settings.prefix, &name)?)
            }
        };
        Ok(Self { name, static_name: settings.static_file_name().map(str::to_owned), place })
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name all snapshots there have, if they all have the same; what stands before it is part of
    /// the place.
    #[must_use]
    pub fn static_name(&self) -> Option<&str> {
        self.static_name.as_deref()
    }

    /// What is there, in no order; not what is below in folders of its own.
    ///
    /// # Errors
    /// When it can't be reached or refuses.
    pub async fn list(&self) -> Result<Vec<Stored>, StoreError> {
        match &self.place {
            Place::Folder(folder) => folder.list().await,
            Place::Bucket(bucket) => bucket.list().await,
        }
    }

    /// Stores a file's bytes from its first on, in bounded memory. What stood under the name is replaced.
    ///
    /// # Errors
    /// When it can't be reached or refuses, there is no room, or the lease ends; then nothing new
    /// stands under the name.
    pub async fn put_file(&self, name: &str, file: &File, lease: &Lease) -> Result<(), StoreError> {
        match &self.place {
            Place::Folder(folder) => folder.put_file(name, file, lease).await,
            Place::Bucket(bucket) => bucket.put_file(name, file, lease).await,
        }
    }

    /// Stores a few bytes.
    ///
    /// # Errors
    /// As [`put_file`](Self::put_file).
    pub async fn put(&self, name: &str, bytes: Vec<u8>, lease: &Lease) -> Result<(), StoreError> {
        match &self.place {
            Place::Folder(folder) => folder.put(name, bytes, lease).await,
            Place::Bucket(bucket) => bucket.put(name, bytes, lease).await,
        }
    }

    /// The bytes of something small; `None` if there is nothing of that name.
    ///
    /// # Errors
    /// When it can't be reached or refuses, or it isn't small.
    pub async fn get_small(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.place {
            Place::Folder(folder) => folder.get_small(name).await,
            Place::Bucket(bucket) => bucket.get_small(name).await,
        }
    }

    /// Removes something; it is fine if it is gone already.
    ///
    /// # Errors
    /// When it can't be reached or refuses, or the lease ends.
    pub async fn delete(&self, name: &str, lease: &Lease) -> Result<(), StoreError> {
        match &self.place {
            Place::Folder(folder) => folder.delete(name, lease).await,
            Place::Bucket(bucket) => bucket.delete(name, lease).await,
        }
    }

    /// Removes what an interrupted run left half-written in a folder. Buckets keep parts of
    /// uploads out of sight, and remove them by a rule of theirs.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn remove_leftovers(&self, lease: &Lease) -> Result<usize, StoreError> {
        match &self.place {
            Place::Folder(folder) => folder.remove_leftovers(lease).await,
            Place::Bucket(_) => Ok(0),
        }
    }
}

/// Bytes of a sidecar that are read at most; real ones have some hundred.
const SMALL: u64 = 1 << 20;
