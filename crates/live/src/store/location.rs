//! Locations on the command line: a folder, or the URL of a bucket.

use super::{Store, StoreError};
use crate::settings::{
    AzureSettings, DestinationSettings, Environment, GoogleSettings, S3Settings,
};
use std::path::PathBuf;

/// A location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file or folder.
    Local(PathBuf),
    /// A bucket or container, and a path in it.
    Remote {
        /// The provider.
        cloud: Cloud,
        /// The bucket or container.
        bucket: String,
        /// The path in it, without slashes at either end; may be empty.
        path: String,
    },
}

/// A provider of buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// S3, or a compatible store.
    S3,
    /// Azure Blob Storage.
    Azure,
    /// Google Cloud Storage.
    Google,
}

/// URL schemes, each with its provider.
const SCHEMES: [(&str, Cloud); 4] = [
    ("s3://", Cloud::S3),
    ("az://", Cloud::Azure),
    ("azure://", Cloud::Azure),
    ("gs://", Cloud::Google),
];

impl Location {
    /// Parses a location: `s3://BUCKET/PATH`, `az://CONTAINER/PATH`, `gs://BUCKET/PATH`; anything
    /// else is a path.
    ///
    /// # Errors
    /// If a URL has no bucket.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let Some((scheme, cloud)) = SCHEMES.iter().find(|(scheme, _)| text.starts_with(scheme))
        else {
            return Ok(Self::Local(PathBuf::from(text)));
        };
        let rest = &text[scheme.len()..];
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(StoreError::Options(format!(
                "{text}: the bucket is missing; use {scheme}BUCKET/PREFIX"
            )));
        }
        Ok(Self::Remote {
            cloud: *cloud,
            bucket: bucket.to_owned(),
            path: path.trim_matches('/').to_owned(),
        })
    }

    /// Opens the store of everything under this location. Endpoint, credentials and region come
    /// from the cloud's usual variables and files.
    ///
    /// # Errors
    /// If those are invalid.
    pub fn store(&self, environment: &Environment) -> Result<Store, StoreError> {
        let settings = match self {
            Self::Local(path) => DestinationSettings::Local(path.clone()),
            Self::Remote { cloud, bucket, path } => {
                let (bucket, prefix) = (bucket.clone(), path.clone());
                match cloud {
                    Cloud::S3 => DestinationSettings::S3(Box::new(S3Settings {
                        bucket,
                        key_prefix: prefix,
                        ..S3Settings::default()
                    })),
                    Cloud::Azure => DestinationSettings::Azure(Box::new(AzureSettings {
                        container: bucket,
                        prefix,
                        ..AzureSettings::default()
                    })),
                    Cloud::Google => DestinationSettings::Google(GoogleSettings { bucket, prefix }),
                }
            }
        };
        Store::open(&settings, environment)
    }

    /// Splits it into its parent and its name there; `None` for a whole bucket, and for paths.
    #[must_use]
    pub fn split(&self) -> Option<(Self, String)> {
        let Self::Remote { cloud, bucket, path } = self else { return None };
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let place = Self::Remote { cloud: *cloud, bucket: bucket.clone(), path: above.to_owned() };
        (!name.is_empty()).then(|| (place, name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths() {
        let remote = |cloud, bucket: &str, path: &str| Location::Remote {
            cloud,
            bucket: bucket.to_owned(),
            path: path.to_owned(),
        };
        for (text, expected) in [
            ("s3://b/a/c.snap", remote(Cloud::S3, "b", "a/c.snap")),
            ("s3://b", remote(Cloud::S3, "b", "")),
            ("az://c/", remote(Cloud::Azure, "c", "")),
            ("gs://b/p/", remote(Cloud::Google, "b", "p")),
            ("/var/backups", Location::Local("/var/backups".into())),
            ("s3:/x", Location::Local("s3:/x".into())),
        ] {
            assert_eq!(Location::parse(text).unwrap(), expected, "{text}");
        }
        assert!(Location::parse("s3:///x").is_err());
        let whole = Location::parse("s3://b/a/c.snap").unwrap();
        assert_eq!(whole.split(), Some((remote(Cloud::S3, "b", "a"), "c.snap".to_owned())));
        assert_eq!(Location::parse("s3://b").unwrap().split(), None);
    }
}
