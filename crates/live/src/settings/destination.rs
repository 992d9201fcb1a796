//! Where snapshots go.

use super::azure::AzureSettings;
use super::s3::S3Settings;
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
