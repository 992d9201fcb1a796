//! Where snapshots are stored: folders and buckets, behind one set of operations.
//!
//! A write appears under its final name complete or not at all, and only while its [`Lease`] holds.

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
mod stored;
mod tree;
mod wire;

pub use error::{RemoteKind, StoreError};
pub use lease::{Lease, LeaseHolder};
pub use location::Location;
pub use name::{SnapshotId, sidecar_name};
pub use stored::Stored;
pub use tree::Tree;

use crate::settings::{DestinationSettings, Environment};
use crate::sidecar::Sidecar;
use local::Folder;
use object_store::ObjectStore;
use remote::Bucket;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

/// A store.
#[derive(Debug, Clone)]
pub struct Store {
    name: String,
    static_name: Option<String>,
    place: Medium,
    /// Sidecars that were read.
    described: Arc<Mutex<BTreeMap<SnapshotId, Sidecar>>>,
}

#[derive(Debug, Clone)]
enum Medium {
    Folder(Folder),
    Bucket(Bucket),
}

impl Store {
    /// Creates the store for these settings, without connecting.
    ///
    /// # Errors
    /// If the settings are invalid, such as an endpoint that is not a URL.
    pub fn open(
        settings: &DestinationSettings,
        environment: &Environment,
    ) -> Result<Self, StoreError> {
        let name = settings.name();
        let place = match settings {
            DestinationSettings::Local(path) => Medium::Folder(Folder::new(path.clone())),
            DestinationSettings::S3(settings) => {
                let (checked, plain) = s3::build(settings, environment)?;
                let bucket = Bucket::new(Arc::new(checked), settings.folder(), &name)?;
                Medium::Bucket(bucket.with_fallback(Arc::new(plain)))
            }
            DestinationSettings::Azure(settings) => {
                let store: Arc<dyn ObjectStore> = Arc::new(azure::build(settings, environment)?);
                Medium::Bucket(Bucket::new(store, &settings.prefix, &name)?)
            }
            DestinationSettings::Google(settings) => {
                let store: Arc<dyn ObjectStore> = Arc::new(google::build(settings, environment)?);
                Medium::Bucket(Bucket::new(store, &settings.prefix, &name)?)
            }
        };
        let static_name = settings.static_file_name().map(str::to_owned);
        Ok(Self { name, static_name, place, described: Arc::default() })
    }

    /// The remembered sidecars of snapshots that are there; others are forgotten.
    pub(crate) fn described(&self, there: BTreeSet<SnapshotId>) -> BTreeMap<SnapshotId, Sidecar> {
        let mut described = self.described.lock().unwrap_or_else(PoisonError::into_inner);
        described.retain(|id, _| there.contains(id));
        described.clone()
    }

    /// Remembers a snapshot's sidecar.
    pub(crate) fn describe(&self, id: SnapshotId, sidecar: Sidecar) {
        self.described.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sidecar);
    }

    /// Returns its name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the fixed name of all snapshots there, if configured; the part before it belongs to
    /// the location.
    #[must_use]
    pub fn static_name(&self) -> Option<&str> {
        self.static_name.as_deref()
    }

    /// Lists its objects, unsorted, without subfolders.
    ///
    /// # Errors
    /// If it cannot be reached or refuses.
    pub async fn list(&self) -> Result<Vec<Stored>, StoreError> {
        match &self.place {
            Medium::Folder(folder) => folder.list().await,
            Medium::Bucket(bucket) => bucket.list().await,
        }
    }

    /// Stores a file from its first byte, in bounded memory. Replaces an existing object.
    ///
    /// # Errors
    /// If it cannot be reached, refuses or is full, or the lease ends; then nothing new appears
    /// under the name.
    pub async fn put_file(&self, name: &str, file: &File, lease: &Lease) -> Result<(), StoreError> {
        match &self.place {
            Medium::Folder(folder) => folder.put_file(name, file, lease).await,
            Medium::Bucket(bucket) => bucket.put_file(name, file, lease).await,
        }
    }

    /// Stores a few bytes.
    ///
    /// # Errors
    /// As [`put_file`](Self::put_file).
    pub async fn put(&self, name: &str, bytes: Vec<u8>, lease: &Lease) -> Result<(), StoreError> {
        match &self.place {
            Medium::Folder(folder) => folder.put(name, bytes, lease).await,
            Medium::Bucket(bucket) => bucket.put(name, bytes, lease).await,
        }
    }

    /// Returns the bytes of a small object; `None` if it does not exist.
    ///
    /// # Errors
    /// If it cannot be reached or refuses, or the object is not small.
    pub async fn get_small(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &self.place {
            Medium::Folder(folder) => folder.get_small(name).await,
            Medium::Bucket(bucket) => bucket.get_small(name).await,
        }
    }

    /// Removes an object; it is not an error if it does not exist.
    ///
    /// # Errors
    /// If it cannot be reached or refuses, or the lease ends.
    pub async fn delete(&self, name: &str, lease: &Lease) -> Result<(), StoreError> {
        match &self.place {
            Medium::Folder(folder) => folder.delete(name, lease).await,
            Medium::Bucket(bucket) => bucket.delete(name, lease).await,
        }
    }

    /// Removes leftovers of an interrupted run in a folder. Buckets hide parts of uploads, and
    /// remove them by their own rule.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub async fn remove_leftovers(&self, lease: &Lease) -> Result<usize, StoreError> {
        match &self.place {
            Medium::Folder(folder) => folder.remove_leftovers(lease).await,
            Medium::Bucket(_) => Ok(0),
        }
    }
}
