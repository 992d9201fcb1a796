//! Checked destinations from flags and files.

mod azure;
mod s3;

pub(super) use azure::check as azure;
pub(super) use s3::check as s3;

use super::keys::Mistakes;
use super::layer::{AzureLayer, GoogleLayer, Layer, LocalLayer, S3Layer};
use crate::settings::GoogleSettings;

/// Applies flags over files. Flags concern one destination of each kind: the one in the files, or a
/// new one if there is none.
pub(crate) fn overlay_flags(layer: &mut Layer, flags: Layer, mistakes: &mut Mistakes) {
    for (flag, place) in places(&flags) {
        // Typically from a variable that is not set.
        if place.is_some_and(str::is_empty) {
            mistakes.add(format!("-{flag} is empty; give it a value or leave it out"));
        }
    }
    let Layer { local, s3, azure, google, .. } = &mut *layer;
    one(local, flags.local.clone(), "local_storage", LocalLayer::overlay, mistakes);
    one(s3, flags.s3.clone(), "aws_storage", S3Layer::overlay, mistakes);
    one(azure, flags.azure.clone(), "azure_blob_storage", AzureLayer::overlay, mistakes);
    one(google, flags.google.clone(), "google_storage", GoogleLayer::overlay, mistakes);
    layer.overlay(Layer { local: None, s3: None, azure: None, google: None, ..flags });
}

/// The places that flags name, each with its flag.
fn places(flags: &Layer) -> impl Iterator<Item = (&'static str, Option<&str>)> {
    let local = flags.local.iter().flatten().map(|l| ("local-path", l.path.as_deref()));
    let s3 = flags.s3.iter().flatten().map(|s3| ("aws-s3-bucket", s3.bucket.as_deref()));
    let azure = flags.azure.iter().flatten();
    let azure = azure.map(|azure| ("azure-blob-container-name", azure.container_name.as_deref()));
    let google = flags.google.iter().flatten();
    let google = google.map(|google| ("gcs-bucket", google.bucket.as_deref()));
    local.chain(s3).chain(azure).chain(google)
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
            || "; snapshots go to its top level".to_owned(),
            |prefix| format!("; put the part after the slash into {prefix}"),
        );
        mistakes.add(format!("{key}: {name:?} has a slash, which names cannot have{where_to}"));
    } else if let Some(other) = name.chars().find(|c| !fits(*c)) {
        mistakes
            .add(format!("{key}: {name:?} has the character {other:?}, which names cannot have"));
    }
}

/// Checks one entry of `google_storage`; `None` if it is empty.
pub(super) fn google(layer: GoogleLayer, mistakes: &mut Mistakes) -> Option<GoogleSettings> {
    let bucket = layer.said().bucket?;
    let fits =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    bucket_name(&bucket, "google_storage: bucket", None, fits, mistakes);
    Some(GoogleSettings { bucket, prefix: String::new() })
}
