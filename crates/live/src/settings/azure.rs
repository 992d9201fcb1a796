//! A container of Azure Blob Storage.

use crate::client::Secret;

/// A container of Azure Blob Storage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AzureSettings {
    /// The container.
    pub container: String,
    /// Prefix of blob names.
    pub prefix: String,
    /// The storage account.
    pub account: Option<String>,
    /// Its key.
    pub account_key: Option<Secret>,
    /// A service principal: client ID, secret, tenant ID.
    pub principal: Option<(String, Secret, String)>,
    /// The cloud, if it is not the public one.
    pub cloud: Option<&'static AzureCloud>,
}

/// One of Azure's clouds.
#[derive(Debug, PartialEq, Eq)]
pub struct AzureCloud {
    /// Its names in configurations, in capitals.
    pub names: [&'static str; 2],
    /// Suffix of the storage account's host name.
    pub blob_suffix: &'static str,
    /// Endpoint for tokens.
    pub authority: &'static str,
}

/// All of them.
pub static AZURE_CLOUDS: [AzureCloud; 4] = [
    AzureCloud {
        names: ["AZUREPUBLICCLOUD", "AZURECLOUD"],
        blob_suffix: "blob.core.windows.net",
        authority: "https://login.microsoftonline.com",
    },
    AzureCloud {
        names: ["AZURECHINACLOUD", "AZURECHINA"],
        blob_suffix: "blob.core.chinacloudapi.cn",
        authority: "https://login.chinacloudapi.cn",
    },
    AzureCloud {
        names: ["AZUREUSGOVERNMENTCLOUD", "AZUREUSGOVERNMENT"],
        blob_suffix: "blob.core.usgovcloudapi.net",
        authority: "https://login.microsoftonline.us",
    },
    AzureCloud {
        names: ["AZUREGERMANCLOUD", "AZUREGERMANY"],
        blob_suffix: "blob.core.cloudapi.de",
        authority: "https://login.microsoftonline.de",
    },
];
