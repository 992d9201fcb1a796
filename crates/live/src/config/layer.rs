//! The settings of one source (a file, the command line); later sources override earlier ones, key
//! by key.
//!
//! Each struct is declared with its keys. Reading, merging, flags, defaults and the table in
//! docs/agent.md are derived from that declaration: a setting is one row here, and a check if it
//! needs one.

use super::keys::{FromConfig, Keys, Mistakes, ValueKind};
use crate::client::Secret;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// A setting: its key in files, its flag, its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The object that contains it, below `snapshot_agent`; empty for that object itself.
    pub section: &'static str,
    /// Its key there.
    pub key: &'static str,
    /// Its flag; empty if it has none.
    pub flag: &'static str,
    /// The heading of the flag in the help; empty for the first one.
    pub heading: &'static str,
    /// The placeholder of the value in the help; empty for a refused setting.
    pub value_name: &'static str,
    /// Its description.
    pub about: &'static str,
    /// Its default; empty if it has none.
    pub default: &'static str,
    /// The kind of its values.
    pub kind: ValueKind,
}

/// The heading of flags that all commands share that talk to a cluster.
pub const CLUSTER: &str = "Cluster";

macro_rules! layer {
    ($(#[$about:meta])* $name:ident in $section:literal, $heading:expr; {
        $($(#[doc = $doc:literal])* $field:ident: $type:ty = $key:literal, $flag:literal, $value:literal $(, $default:literal)?;)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(#[doc = concat!("`", $key, "`.")] $(#[doc = $doc])* pub $field: Option<$type>,)*
        }

        impl $name {
            /// Its settings.
            pub const SETTINGS: &'static [Setting] = &[$(Setting {
                section: $section,
                key: $key,
                flag: $flag,
                heading: $heading,
                value_name: $value,
                about: concat!($($doc),*),
                default: concat!($($default)?),
                kind: <$type as FromConfig>::KIND,
            },)*];

            pub(crate) fn read(keys: &mut Keys<'_>) -> Self {
                Self { $($field: keys.take($key),)* }
            }

            /// The values of settings that are not set.
            #[must_use]
            pub fn defaults() -> Self {
                Self { $($field: FromConfig::from_text(concat!($($default)?)),)* }
            }

            /// Removes empty values: an empty text counts as missing.
            #[must_use]
            pub fn said(self) -> Self {
                Self { $($field: self.$field.filter(FromConfig::says_something),)* }
            }

            /// Applies the settings of a later source.
            pub(crate) fn overlay(&mut self, later: Self) {
                $(if later.$field.is_some() { self.$field = later.$field; })*
            }
        }
    };
}

layer! {
    /// How Consul is reached.
    ApiLayer in "", CLUSTER; {
        /// The agent: HOST:PORT, http://..., https://... or unix://PATH
        http_addr: String = "http_addr", "http-addr", "ADDRESS", "127.0.0.1:8500";
        /// The ACL token
        token: Secret = "token", "token", "TOKEN";
        /// A file that holds the ACL token
        token_file: String = "token_file", "token-file", "PATH";
        /// The datacenter to query
        datacenter: String = "datacenter", "datacenter", "DC";
        /// The namespace (Enterprise)
        namespace: String = "namespace", "namespace", "NAME";
        /// The admin partition (Enterprise)
        partition: String = "partition", "partition", "NAME";
        /// CA certificates to trust, PEM
        ca_file: String = "ca_file", "ca-file", "PATH";
        /// A folder of such files
        ca_path: String = "ca_path", "ca-path", "PATH";
        /// The client's certificate, PEM
        cert_file: String = "cert_file", "client-cert", "PATH";
        /// The certificate's private key, PEM
        key_file: String = "key_file", "client-key", "PATH";
        /// The name that the server's certificate must carry
        tls_server_name: String = "tls_server_name", "tls-server-name", "NAME";
        /// Has no effect: this agent needs no licence
        license_path: String = "license_path", "", "";
    }
}

layer! {
    /// Which servers may answer.
    ConsistencyLayer in "snapshot", CLUSTER; {
        /// Let any server answer, which works without a leader too
        stale: bool = "stale", "stale", "BOOL", "false";
    }
}

layer! {
    /// When snapshots are taken, and how the agent presents itself.
    SnapshotLayer in "snapshot", ""; {
        /// Time between snapshots; 0 takes a single snapshot and exits
        interval: Duration = "interval", "interval", "DURATION", "1h";
        /// When to take snapshots, as a cron expression in UTC, instead of an interval
        schedule: String = "schedule", "schedule", "CRON";
        /// Name of the service to register
        service: String = "service", "service", "NAME", "consul-snapshot";
        /// Time after which Consul deregisters an agent that stopped responding
        deregister_after: Duration = "deregister_after", "deregister-after", "DURATION", "72h";
        /// The key that the leading agent locks
        lock_key: String = "lock_key", "lock-key", "KEY", "consul-snapshot/lock";
        /// Consecutive failures after which the agent gives up leadership
        max_failures: u64 = "max_failures", "max-failures", "N", "3";
        /// Folder for downloads until they are verified and stored [default: TMPDIR or /tmp]
        local_scratch_path: String = "local_scratch_path", "local-scratch-path", "PATH";
        /// Mark a snapshot that is more than PCT percent smaller than the previous one, and keep
        /// both
        alert_shrink: u64 = "alert_shrink", "alert-shrink", "PCT";
        /// Address to serve /metrics and /healthz at, such as 127.0.0.1:9107
        metrics: String = "metrics", "metrics", "ADDRESS";
    }
}

layer! {
    /// Which snapshots are kept.
    KeepLayer in "snapshot", "Retention"; {
        /// Number of newest snapshots to keep; 0 keeps all
        retain: u64 = "retain", "retain", "N", "30";
        /// Also keep the last snapshot of each of the newest N hours that have one
        keep_hourly: u64 = "keep_hourly", "keep-hourly", "N";
        /// Also keep the last snapshot of each of the newest N days that have one
        keep_daily: u64 = "keep_daily", "keep-daily", "N";
        /// Also keep the last snapshot of each of the newest N weeks that have one
        keep_weekly: u64 = "keep_weekly", "keep-weekly", "N";
        /// Also keep the last snapshot of each of the newest N months that have one
        keep_monthly: u64 = "keep_monthly", "keep-monthly", "N";
        /// Keep all snapshots that are at most this much older than the newest, such as 14d or 1y6m
        keep_within: String = "keep_within", "keep-within", "TIME";
    }
}

layer! {
    /// Logging.
    LogLayer in "log", ""; {
        /// Log level: TRACE, DEBUG, INFO, WARN, ERROR
        level: String = "level", "log-level", "LEVEL", "INFO";
        /// Also log to syslog
        enable_syslog: bool = "enable_syslog", "syslog", "BOOL", "false";
        /// Syslog facility
        syslog_facility: String = "syslog_facility", "syslog-facility", "NAME", "LOCAL0";
    }
}

layer! {
    /// A login for a token instead of a fixed one.
    LoginLayer in "login", "Login"; {
        /// Auth method to log in with for a token
        auth_method: String = "auth_method", "login-auth-method", "NAME";
        /// The bearer token; other users of this machine can see it, so prefer a file
        bearer_token: Secret = "bearer_token", "login-bearer-token", "TOKEN";
        /// A file that holds the bearer token
        bearer_token_file: String = "bearer_token_file", "login-bearer-token-file", "PATH";
        /// Metadata for the token, as KEY=VALUE; may be repeated
        meta: BTreeMap<String, String> = "meta", "login-meta", "KEY=VALUE";
    }
}

layer! {
    /// A folder.
    LocalLayer in "local_storage", "Local storage"; {
        /// Folder to store snapshots in [default: the current one, unless another destination is
        /// configured]
        path: String = "path", "local-path", "PATH";
    }
}

layer! {
    /// A bucket of S3 or a compatible store.
    S3Layer in "aws_storage", "S3"; {
        /// Key ID [env: AWS_ACCESS_KEY_ID, ~/.aws/credentials, the machine's role]
        access_key_id: String = "access_key_id", "aws-access-key-id", "ID";
        /// Secret key; other users of this machine can see it, so prefer the variable or a file
        secret_access_key: Secret = "secret_access_key", "aws-secret-access-key", "KEY";
        /// Session token [env: AWS_SESSION_TOKEN]
        session_token: Secret = "session_token", "aws-session-token", "TOKEN";
        /// The bucket
        bucket: String = "s3_bucket", "aws-s3-bucket", "NAME";
        /// Prefix of object names
        key_prefix: String = "s3_key_prefix", "aws-s3-key-prefix", "PREFIX", "consul-snapshot";
        /// The region [env: AWS_REGION]
        region: String = "s3_region", "aws-s3-region", "REGION";
        /// An endpoint other than Amazon's [env: AWS_ENDPOINT_URL]
        endpoint: String = "s3_endpoint", "aws-s3-endpoint", "URL";
        /// Put the bucket into the path instead of the host name
        force_path_style: bool = "s3_force_path_style", "aws-s3-force-path-style", "BOOL", "false";
        /// Encrypt objects on the server with S3's own keys
        server_side_encryption: bool = "s3_server_side_encryption", "aws-s3-server-side-encryption", "BOOL", "false";
        /// Store every snapshot under this one name, without retention
        static_snapshot_name: String = "s3_static_snapshot_name", "aws-s3-static-snapshot-name", "NAME";
        /// Encrypt objects on the server with a KMS key
        enable_kms: bool = "s3_enable_kms", "aws-s3-enable-kms", "BOOL", "false";
        /// The KMS key [default: the account's own]
        kms_key: String = "s3_kms_key", "aws-s3-kms-key", "KEY";
        /// Not supported; refused
        iam_endpoint: String = "iam_endpoint", "aws-iam-endpoint", "";
        /// Role to assume
        role_arn: String = "role_arn", "aws-role-arn", "ARN";
        /// Session name for the assumed role
        role_session_name: String = "role_session_name", "aws-role-session-name", "NAME";
        /// A file with the web identity token for the role
        web_identity_token_file: String = "web_identity_token_file", "aws-web-identity-token-file", "PATH";
        /// Another endpoint of the service that assigns roles (STS)
        sts_endpoint: String = "sts_endpoint", "aws-sts-endpoint", "URL";
    }
}

layer! {
    /// A container of Azure Blob Storage.
    AzureLayer in "azure_blob_storage", "Azure Blob Storage"; {
        /// Storage account [env: AZURE_STORAGE_ACCOUNT_NAME]
        account_name: String = "account_name", "azure-blob-account-name", "NAME";
        /// Key of the storage account; other users of this machine can see it, so prefer
        /// AZURE_STORAGE_ACCOUNT_KEY
        account_key: Secret = "account_key", "azure-blob-account-key", "KEY";
        /// The container
        container_name: String = "container_name", "azure-blob-container-name", "NAME";
        /// A cloud other than AZUREPUBLICCLOUD
        environment: String = "environment", "azure-blob-environment", "CLOUD";
        /// Client ID of a service principal [env: AZURE_CLIENT_ID]
        service_principal_id: String = "service_principal_id", "azure-blob-service-principal-id", "ID";
        /// Secret of the service principal; other users of this machine can see it, so prefer
        /// AZURE_CLIENT_SECRET
        service_principal_secret: Secret = "service_principal_secret", "azure-blob-service-principal-secret", "SECRET";
        /// Tenant of the service principal [env: AZURE_TENANT_ID]
        tenant_id: String = "tenant_id", "azure-blob-tenant-id", "ID";
    }
}

layer! {
    /// A bucket of Google Cloud Storage.
    GoogleLayer in "google_storage", "Google Cloud Storage"; {
        /// The bucket; GOOGLE_APPLICATION_CREDENTIALS names the credentials
        bucket: String = "bucket", "gcs-bucket", "NAME";
    }
}

/// All settings of one source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layer {
    /// How Consul is reached.
    pub api: ApiLayer,
    /// A login for a token.
    pub login: LoginLayer,
    /// What is logged.
    pub log: LogLayer,
    /// Which servers may answer.
    pub consistency: ConsistencyLayer,
    /// When snapshots are taken.
    pub snapshot: SnapshotLayer,
    /// Which are kept.
    pub keep: KeepLayer,
    /// Folders; `None` if not configured.
    pub local: Option<Vec<LocalLayer>>,
    /// S3 buckets.
    pub s3: Option<Vec<S3Layer>>,
    /// Azure containers.
    pub azure: Option<Vec<AzureLayer>>,
    /// Google buckets.
    pub google: Option<Vec<GoogleLayer>>,
}

/// All settings, section by section.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    let all = [
        SnapshotLayer::SETTINGS,
        KeepLayer::SETTINGS,
        ConsistencyLayer::SETTINGS,
        LogLayer::SETTINGS,
        LoginLayer::SETTINGS,
        LocalLayer::SETTINGS,
        S3Layer::SETTINGS,
        AzureLayer::SETTINGS,
        GoogleLayer::SETTINGS,
        ApiLayer::SETTINGS,
    ];
    all.into_iter().flatten()
}

/// The section of a layer's part.
fn section<T: Default>(
    keys: &mut Keys<'_>,
    name: &str,
    read: impl FnOnce(&mut Keys<'_>) -> T,
) -> T {
    let Some(mut below) = keys.below(name) else { return T::default() };
    let part = read(&mut below);
    below.end();
    part
}

/// The destinations of one kind.
fn destinations<T>(
    keys: &mut Keys<'_>,
    name: &str,
    read: impl Fn(&mut Keys<'_>) -> T,
) -> Option<Vec<T>> {
    keys.list(name, |mut item| {
        let destination = read(&mut item);
        item.end();
        destination
    })
}

impl Layer {
    /// Parses a file's `snapshot_agent` object. Destinations are lists under `backup_destinations`,
    /// or, in the older form, single objects in `snapshot_agent` itself.
    pub(crate) fn read(mut keys: Keys<'_>) -> Self {
        let mut layer = Self {
            api: ApiLayer::read(&mut keys),
            login: section(&mut keys, "login", LoginLayer::read),
            log: section(&mut keys, "log", LogLayer::read),
            ..Self::default()
        };
        (layer.snapshot, layer.keep, layer.consistency) = section(&mut keys, "snapshot", |keys| {
            (SnapshotLayer::read(keys), KeepLayer::read(keys), ConsistencyLayer::read(keys))
        });
        layer.read_destinations(&mut keys);
        if let Some(mut below) = keys.below("backup_destinations") {
            layer.read_destinations(&mut below);
            below.end();
        }
        keys.end();
        layer
    }

    /// The settings of flags, in the form of a file.
    pub fn of_flags(given: impl IntoIterator<Item = (&'static Setting, Value)>) -> Self {
        let mut object = Map::new();
        for (setting, value) in given {
            let into = match setting.section {
                "" => Some(&mut object),
                section => {
                    object.entry(section).or_insert_with(|| Map::new().into()).as_object_mut()
                }
            };
            into.map(|into| into.insert(setting.key.to_owned(), value));
        }
        // The values were checked when the flags were read.
        Self::read(Keys::of("flags".to_owned(), object.into(), &mut Mistakes::default()))
    }

    /// Whether it contains secrets.
    pub(crate) fn has_secret(&self) -> bool {
        let s3 = self.s3.iter().flatten();
        let azure = self.azure.iter().flatten();
        let secrets = [&self.api.token, &self.login.bearer_token]
            .into_iter()
            .chain(s3.flat_map(|s3| [&s3.secret_access_key, &s3.session_token]))
            .chain(azure.flat_map(|azure| [&azure.account_key, &azure.service_principal_secret]));
        secrets.flatten().any(|secret| !secret.is_empty())
    }

    fn read_destinations(&mut self, keys: &mut Keys<'_>) {
        join(&mut self.local, destinations(keys, "local_storage", LocalLayer::read));
        join(&mut self.s3, destinations(keys, "aws_storage", S3Layer::read));
        join(&mut self.azure, destinations(keys, "azure_blob_storage", AzureLayer::read));
        join(&mut self.google, destinations(keys, "google_storage", GoogleLayer::read));
    }

    /// Applies a later file. Settings are replaced one by one, destinations of one kind as a whole,
    /// because entries of two lists cannot be matched.
    pub(crate) fn overlay(&mut self, later: Self) {
        self.api.overlay(later.api);
        self.login.overlay(later.login);
        self.log.overlay(later.log);
        // The two are alternatives.
        let (interval, schedule) = (&later.snapshot.interval, &later.snapshot.schedule);
        match (interval.is_some(), schedule.is_some()) {
            (true, false) => self.snapshot.schedule = None,
            (false, true) => self.snapshot.interval = None,
            _ => {}
        }
        self.snapshot.overlay(later.snapshot);
        self.keep.overlay(later.keep);
        self.consistency.overlay(later.consistency);
        replace(&mut self.local, later.local);
        replace(&mut self.s3, later.s3);
        replace(&mut self.azure, later.azure);
        replace(&mut self.google, later.google);
    }
}

/// With both forms in one file, all of them apply.
fn join<T>(into: &mut Option<Vec<T>>, more: Option<Vec<T>>) {
    if let Some(more) = more {
        into.get_or_insert_default().extend(more);
    }
}

fn replace<T>(into: &mut Option<Vec<T>>, later: Option<Vec<T>>) {
    if later.is_some() {
        *into = later;
    }
}
