//! Checked destinations from flags and files.

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

/// A destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DestinationSettings {
    /// A folder.
    Local(PathBuf),
    /// A bucket of S3 or a compatible store.
    S3(Box<S3Settings>),
    /// A container of Azure Blob Storage.
    Azure(Box<AzureSettings>),
    /// A bucket of Google Cloud Storage.
    Google(GoogleSettings),
}

impl DestinationSettings {
    /// Its name in messages: a path or a URL, without secrets.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Local(path) => path.display().to_string(),
            Self::S3(s3) => {
                url("s3", &s3.bucket, s3.static_name.as_deref().unwrap_or(&s3.key_prefix))
            }
            Self::Azure(azure) => url("az", &azure.container, &azure.prefix),
            Self::Google(google) => url("gs", &google.bucket, &google.prefix),
        }
    }

    /// The fixed name of all snapshots there, if configured; without the part before its last
    /// slash.
    #[must_use]
    pub fn static_file_name(&self) -> Option<&str> {
        let Self::S3(s3) = self else { return None };
        let key = s3.static_name.as_deref()?;
        Some(key.rsplit_once('/').map_or(key, |(_, name)| name))
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
    /// Prefix of object names.
    pub prefix: String,
}

/// Applies flags over files. Flags concern one destination of each kind: the one in the files, or a
/// new one if there is none.
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
            "the files have {} entries of {name}: a flag cannot select one of them",
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

/// A non-empty text.
pub(super) fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Records an impossible name of a bucket or container. The length is checked by the store, because
/// limits differ.
fn bucket_name(
    name: &str,
    key: &str,
    prefix: Option<&str>,
    fits: fn(char) -> bool,
    mistakes: &mut Mistakes,
) {
    if name.contains("://") {
        mistakes.add(format!("{key}: {name:?} is a URL; use only the name, without the scheme"));
    } else if name.contains('/') {
        let where_to = prefix.map_or_else(
            || "; snapshots go to its top level level level level level".to_owned(),
            |prefix| format!("; put the part after the slash into {prefix}"),
        );
        mistakes.add(format!("{key}: {name:?} has a slash, which names cannot have{where_to}"));
    } else if let Some(other) = name.chars().find(|c| !fits(*c)) {
        mistakes
            .add(format!("{key}: {name:?} has the character {other:?}, which names cannot have"));
    }
}

/// A non-empty secret.
fn kept(secret: Option<Secret>) -> Option<Secret> {
    secret.filter(|secret| !secret.is_empty())
}

/// Checks one entry of `google_storage`; `None` if it is empty.
pub(super) fn google(layer: GoogleLayer, mistakes: &mut Mistakes) -> Option<GoogleSettings> {
    let bucket = said(layer.bucket)?;
    let fits =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    bucket_name(&bucket, "google_storage: bucket", None, fits, mistakes);
    Some(GoogleSettings { bucket, prefix: String::new() })
}
