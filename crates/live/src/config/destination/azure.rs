//! A container of Azure Blob Storage.

use super::bucket_name;
use crate::config::keys::Mistakes;
use crate::config::layer::AzureLayer;
use crate::settings::{AZURE_CLOUDS, AzureSettings, Environment};

/// Characters of a container's name; the dollar is for `$root`.
const CHARACTERS: fn(char) -> bool =
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '$');

/// Checks one entry of `azure_blob_storage`; `None` if it is empty.
pub(in crate::config) fn check(
    layer: AzureLayer,
    environment: &Environment,
    mistakes: &mut Mistakes,
) -> Option<AzureSettings> {
    let AzureLayer {
        account_name: account,
        account_key,
        container_name,
        environment: cloud,
        service_principal_id: principal_id,
        service_principal_secret: principal_secret,
        tenant_id: tenant,
    } = layer.said();
    let Some(container) = container_name else {
        let is_silent = account.is_none()
            && account_key.is_none()
            && principal_id.is_none()
            && principal_secret.is_none()
            && tenant.is_none();
        if !is_silent {
            mistakes.add("azure_blob_storage: container_name is missing");
        }
        return None;
    };
    let place = format!("azure_blob_storage: container {container:?}");
    bucket_name(&container, "container_name", None, CHARACTERS, mistakes);
    let from_environment = ["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"];
    let account = account.or_else(|| environment.text(&from_environment));
    if account.is_none() {
        mistakes.add(format!("{place}: account_name is missing"));
    }
    let principal = match (principal_id, principal_secret, tenant) {
        (Some(id), Some(secret), Some(tenant)) => Some((id, secret, tenant)),
        (None, None, None) => None,
        _ => {
            mistakes.add(format!(
                "{place}: a service principal needs all of service_principal_id, \
                 service_principal_secret and tenant_id"
            ));
            None
        }
    };
    if account_key.is_some() && principal.is_some() {
        mistakes.add(format!("{place}: set either account_key or a service principal, not both"));
    }
    let cloud = cloud.and_then(|name| {
        let wanted = name.to_ascii_uppercase();
        let cloud = AZURE_CLOUDS.iter().find(|cloud| cloud.names.contains(&wanted.as_str()));
        if cloud.is_none() {
            let known: Vec<&str> = AZURE_CLOUDS.iter().map(|cloud| cloud.names[0]).collect();
            mistakes
                .add(format!("{place}: unknown environment {name:?}; known: {}", known.join(", ")));
        }
        cloud
    });
    Some(AzureSettings { container, prefix: String::new(), account, account_key, principal, cloud })
}
