//! Where snapshots go: what flags and files say about it, checked.

mod azure;
mod s3;

pub(super) use azure::check as azure;
pub use azure::{AzureCloud, AzureSettings};
pub(super) use s3::check as s3;
pub use s3::{RoleSettings, S3Encryption, S3Settings};

use super::keys::Mistakes;
use super::layer::{AzureLayer, GoogleLayer, Layer, LocalLayer, S3Layer};
use crate::client::Secret;
use std::path::PathBuf;

/// A place snapshots are stored at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DestinationSettings {
    /// A folder.
    Local(PathBuf),
    /// A bucket of S3 or of something that speaks like it.
    S3(Box<S3Settings>),
    /// A container of Azure Blob Storage.
    Azure(Box<AzureSettings>),
    /// A bucket of Google Cloud Storage.
    Google(GoogleSettings),
}

impl DestinationSettings {
    /// What it is called in messages: a path or a URL, without any secret.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Local(path) => path.display().to_string(),
            Self::S3(s3) => url("s3", &s3.bucket, &s3.key_prefix),
            Self::Azure(azure) => url("az", &azure.container, &azure.prefix),
            Self::Google(google) => url("gs", &google.bucket, &google.prefix),
        }
    }

    /// The name all snapshots there have, if they all have the same.
    #[must_use]
    pub fn static_name(&self) -> Option<&str> {
        match self {
            Self::S3(s3) => s3.static_name.as_deref(),
            Self::Local(_) | Self::Azure(_) | Self::Google(_) => None,
        }
    }
}

fn url(scheme: &str, place: &str, prefix: &str) -> String {
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() {
        format!("{scheme}://{place}")
    } else {
        format!("{scheme}://{place}/{prefix}")
    }
}

/// A bucket of Google Cloud Storage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoogleSettings {
    /// The bucket.
    pub bucket: String,
    /// What object names begin with.
    pub prefix: String,
}

/// Lays the flags over the files. Flags speak of one destination of each kind: the files' one, or
/// one of their own if there is none.
pub(crate) fn overlay_flags(layer: &mut Layer, flags: Layer, mistakes: &mut Mistakes) {
    let Layer { local, s3, azure, google, .. } = &mut *layer;
    one(local, flags.local.clone(), "local_storage", LocalLayer::overlay, mistakes);
    one(s3, flags.s3.clone(), "aws_storage", S3Layer::overlay, mistakes);
    one(azure, flags.azure.clone(), "azure_blob_storage", AzureLayer::overlay, mistakes);
    one(google, flags.google.clone(), "google_storage", GoogleLayer::overlay, mistakes);
    layer.overlay(Layer { local: None, s3: None, azure: None, google: None, ..flags });
}

fn one<T: Default>(
    files: &mut Option<Vec<T>>,
    flags: Option<Vec<T>>,
    name: &str,
    overlay: fn(&mut T, T),
    mistakes: &mut Mistakes,
) {
    let Some(flags) = flags else { return };
    let files = files.get_or_insert_default();
    if files.len() > 1 {
        mistakes.add(format!(
            "the files have {} entries of {name}: a flag can't tell which of them it is about",
            files.len()
        ));
        return;
    }
    if files.is_empty() {
        files.push(T::default());
    }
    for flag in flags {
        if let Some(only) = files.first_mut() {
            overlay(only, flag);
        }
    }
}

/// A text that says something.
pub(super) fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A secret that is one.
fn kept(secret: Option<Secret>) -> Option<Secret> {
    secret.filter(|secret| !secret.is_empty())
}

/// Checks one entry of `google_storage`; `None` if it says nothing.
pub(super) fn google(layer: GoogleLayer) -> Option<GoogleSettings> {
    let bucket = said(layer.bucket)?;
    Some(GoogleSettings { bucket, prefix: String::new() })
}
