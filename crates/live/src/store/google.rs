//! Google Cloud Storage.

use super::StoreError;
use super::patience::PatientConnector;
use super::wire::{client_options, is_option, retries};
use crate::settings::{Environment, GoogleSettings};
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder, GoogleConfigKey};

pub(super) fn build(
    settings: &GoogleSettings,
    environment: &Environment,
) -> Result<GoogleCloudStorage, StoreError> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_retry(retries())
        .with_http_connector(PatientConnector);
    let mut plain = false;
    for (name, value) in environment.beginning("GOOGLE_") {
        match name.to_ascii_lowercase().parse::<GoogleConfigKey>() {
            Ok(GoogleConfigKey::Bucket) => {}
            Ok(key) => {
                plain |= key == GoogleConfigKey::BaseUrl && value.starts_with("http://");
                builder = builder.with_config(key, value);
            }
            // The variables of other tools.
            Err(_) => {}
        }
    }
    builder
        .with_bucket_name(&settings.bucket)
        .with_client_options(client_options(is_option(environment, "GOOGLE_ALLOW_HTTP") || plain)?)
        .build()
        .map_err(|e| StoreError::Options(format!("gs://{}: {e}", settings.bucket)))
}
