//! The settings of one source (a file, the command line); later sources override earlier ones, key
//! by key.
//!
//! Each struct is declared with its keys; parsing and merging are derived from the declaration, so
//! that both know the same keys.

use super::keys::Keys;
use crate::client::Secret;
use std::collections::BTreeMap;
use std::time::Duration;

macro_rules! layer {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty = $key:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(#[doc = concat!("`", $key, "`")] $(#[$doc])* pub $field: Option<$type>,)*
        }

        impl $name {
            pub(crate) fn read(keys: &mut Keys<'_>) -> Self {
                Self { $($field: keys.take($key),)* }
            }

            /// Applies the settings of a later source.
            pub(crate) fn overlay(&mut self, later: Self) {
                $(if later.$field.is_some() { self.$field = later.$field; })*
            }

            /// Whether it is empty.
            #[must_use]
            pub fn is_silent(&self) -> bool {
                true $(&& self.$field.is_none())*
            }
        }
    };
}

layer! {
    /// How Consul is reached.
    ApiLayer {
        http_addr: String = "http_addr",
        token: Secret = "token",
        token_file: String = "token_file",
        datacenter: String = "datacenter",
        namespace: String = "namespace",
        partition: String = "partition",
        ca_file: String = "ca_file",
        ca_path: String = "ca_path",
        cert_file: String = "cert_file",
        key_file: String = "key_file",
        tls_server_name: String = "tls_server_name",
        /// For Enterprise; unused here.
        license_path: String = "license_path",
    }
}

layer! {
    /// A login for a token instead of a fixed one.
    LoginLayer {
        auth_method: String = "auth_method",
        bearer_token: Secret = "bearer_token",
        bearer_token_file: String = "bearer_token_file",
        meta: BTreeMap<String, String> = "meta",
    }
}

layer! {
    /// Logging.
    LogLayer {
        level: String = "level",
        enable_syslog: bool = "enable_syslog",
        syslog_facility: String = "syslog_facility",
    }
}

layer! {
    /// Schedule and retention.
    SnapshotLayer {
        interval: Duration = "interval",
        /// A cron expression, instead of an interval; not Consul's.
        schedule: String = "schedule",
        retain: u64 = "retain",
        /// The last of each hour, day, week and month, in addition to the newest; not Consul's.
        keep_hourly: u64 = "keep_hourly",
        keep_daily: u64 = "keep_daily",
        keep_weekly: u64 = "keep_weekly",
        keep_monthly: u64 = "keep_monthly",
        /// All that are younger than this, such as `7d`; not Consul's.
        keep_within: String = "keep_within",
        stale: bool = "stale",
        service: String = "service",
        deregister_after: Duration = "deregister_after",
        lock_key: String = "lock_key",
        max_failures: u64 = "max_failures",
        local_scratch_path: String = "local_scratch_path",
        /// Percent by which a snapshot may be smaller than the last; not Consul's.
        alert_shrink: u64 = "alert_shrink",
        /// Where metrics are served, host and port; not Consul's.
        metrics: String = "metrics",
    }
}

layer! {
    /// A folder.
    LocalLayer {
        path: String = "path",
    }
}

layer! {
    /// A bucket of S3 or a compatible store.
    S3Layer {
        access_key_id: String = "access_key_id",
        secret_access_key: Secret = "secret_access_key",
        session_token: Secret = "session_token",
        iam_endpoint: String = "iam_endpoint",
        role_arn: String = "role_arn",
        role_session_name: String = "role_session_name",
        web_identity_token_file: String = "web_identity_token_file",
        sts_endpoint: String = "sts_endpoint",
        region: String = "s3_region",
        endpoint: String = "s3_endpoint",
        bucket: String = "s3_bucket",
        key_prefix: String = "s3_key_prefix",
        force_path_style: bool = "s3_force_path_style",
        server_side_encryption: bool = "s3_server_side_encryption",
        static_snapshot_name: String = "s3_static_snapshot_name",
        enable_kms: bool = "s3_enable_kms",
        kms_key: String = "s3_kms_key",
    }
}

layer! {
    /// A container of Azure Blob Storage.
    AzureLayer {
        account_name: String = "account_name",
        account_key: Secret = "account_key",
        container_name: String = "container_name",
        environment: String = "environment",
        service_principal_id: String = "service_principal_id",
        service_principal_secret: Secret = "service_principal_secret",
        tenant_id: String = "tenant_id",
    }
}

layer! {
    /// A bucket of Google Cloud Storage.
    GoogleLayer {
        bucket: String = "bucket",
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
    /// Schedule and retention.
    pub snapshot: SnapshotLayer,
    /// Folders; `None` if not configured.
    pub local: Option<Vec<LocalLayer>>,
    /// S3 buckets.
    pub s3: Option<Vec<S3Layer>>,
    /// Azure containers.
    pub azure: Option<Vec<AzureLayer>>,
    /// Google buckets.
    pub google: Option<Vec<GoogleLayer>>,
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
            snapshot: section(&mut keys, "snapshot", SnapshotLayer::read),
            ..Self::default()
        };
        layer.read_destinations(&mut keys);
        if let Some(mut below) = keys.below("backup_destinations") {
            layer.read_destinations(&mut below);
            below.end();
        }
        keys.end();
        layer
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
