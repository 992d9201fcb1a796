//! Azure Blob Storage.

use super::StoreError;
use super::patience::PatientConnector;
use super::wire::{client_options, is_option, retries};
use crate::settings::{AzureSettings, Environment};
use object_store::azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder};

pub(super) fn build(
    settings: &AzureSettings,
    environment: &Environment,
) -> Result<MicrosoftAzure, StoreError> {
    let has_own = settings.account_key.is_some() || settings.principal.is_some();
    let mut builder =
        MicrosoftAzureBuilder::new().with_retry(retries()).with_http_connector(PatientConnector);
    for (name, value) in environment.beginning("AZURE_") {
        match name.to_ascii_lowercase().parse::<AzureConfigKey>() {
            Ok(
                AzureConfigKey::AccessKey
                | AzureConfigKey::SasKey
                | AzureConfigKey::Token
                | AzureConfigKey::ClientId
                | AzureConfigKey::ClientSecret
                | AzureConfigKey::AuthorityId
                | AzureConfigKey::FederatedTokenFile,
            ) if has_own => {}
            Ok(AzureConfigKey::ContainerName) => {}
            Ok(key) => builder = builder.with_config(key, value),
            // The variables of other tools.
            Err(_) => {}
        }
    }
    if let Some(account) = environment.text(&["AZURE_STORAGE_ACCOUNT"]) {
        builder = builder.with_account(account);
    }
    if let Some(account) = &settings.account {
        builder = builder.with_account(account);
    }
    if let Some(key) = &settings.account_key {
        builder = builder.with_access_key(key.reveal());
    }
    if let Some((id, secret, tenant)) = &settings.principal {
        builder = builder.with_client_secret_authorization(id, secret.reveal(), tenant);
    }
    if let Some(cloud) = settings.cloud {
        builder = builder.with_config(AzureConfigKey::AuthorityHost, cloud.authority);
        if let Some(account) = &settings.account {
            builder = builder.with_endpoint(format!("https://{account}.{}", cloud.blob_suffix));
        }
    }
    let endpoint = environment.text(&["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"]);
    let plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    builder
        .with_container_name(&settings.container)
        .with_client_options(client_options(is_option(environment, "AZURE_ALLOW_HTTP") || plain)?)
        .build()
        .map_err(|e| StoreError::Options(format!("az://{}: {e}", settings.container)))
}
