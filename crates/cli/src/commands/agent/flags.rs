//! The agent's flags: those of `consul snapshot agent`, as a layer over the config files.

use crate::api_flags::{ApiFlags, secret};
use clap::{ArgAction, Args};
use snapscope_live::client::{ClientError, Secret};
use snapscope_live::config::{
    AzureLayer, Checked, ConfigError, ConfigPath, Environment, GoogleLayer, Layer, LocalLayer,
    LogLayer, LoginLayer, S3Layer, SnapshotLayer, load,
};
use snapscope_live::parse_duration;
use std::path::PathBuf;
use std::time::Duration;

/// The agent's settings. The config files supply what no flag sets.
#[derive(Debug, Clone, Args)]
pub(crate) struct AgentFlags {
    /// A JSON file with a snapshot_agent object; may be repeated, later files override earlier ones
    #[arg(long, value_name = "PATH")]
    config_file: Vec<PathBuf>,
    /// A folder whose .json files are read in order of their names; may be repeated
    #[arg(long, value_name = "PATH")]
    config_dir: Vec<PathBuf>,
    /// Time between snapshots; 0 takes a single snapshot and exits [default: 1h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    interval: Option<Duration>,
    /// When to take snapshots, as a cron expression in UTC, instead of an interval
    #[arg(long, value_name = "CRON", conflicts_with = "interval")]
    schedule: Option<String>,
    #[command(flatten)]
    keep: KeepFlags,
    /// Name of the service to register [default: consul-snapshot]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Time after which Consul deregisters an agent that stopped responding [default: 72h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    deregister_after: Option<Duration>,
    /// The key that the leading agent locks [default: consul-snapshot/lock]
    #[arg(long, value_name = "KEY")]
    lock_key: Option<String>,
    /// Consecutive failures after which the agent gives up leadership [default: 3]
    #[arg(long, value_name = "N")]
    max_failures: Option<u64>,
    /// Folder for downloads until they are verified and stored [default: TMPDIR or /tmp]
    #[arg(long, value_name = "PATH")]
    local_scratch_path: Option<String>,
    /// Mark a snapshot that is more than PCT percent smaller than the previous one, and keep both
    #[arg(long, value_name = "PCT")]
    alert_shrink: Option<u64>,
    /// Address to serve /metrics and /healthz at, such as 127.0.0.1:9107
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<String>,
    /// Log level: TRACE, DEBUG, INFO, WARN, ERROR [default: INFO]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Also log to syslog
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    syslog: Option<bool>,
    /// Syslog facility [default: LOCAL0]
    #[arg(long, value_name = "NAME")]
    syslog_facility: Option<String>,
    #[command(flatten)]
    login: LoginFlags,
    #[command(flatten)]
    local: LocalFlags,
    #[command(flatten)]
    aws: AwsFlags,
    #[command(flatten)]
    azure: AzureFlags,
    #[command(flatten)]
    google: GoogleFlags,
    #[command(flatten)]
    api: ApiFlags,
}

/// Which snapshots are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Retention")]
pub(crate) struct KeepFlags {
    /// Number of newest snapshots to keep; 0 keeps all [default: 30]
    #[arg(long, value_name = "N")]
    pub(crate) retain: Option<u64>,
    /// Also keep the last snapshot of each hour, for N hours that have one
    #[arg(long, value_name = "N")]
    pub(crate) keep_hourly: Option<u64>,
    /// Also keep the last snapshot of each day, for N days that have one
    #[arg(long, value_name = "N")]
    pub(crate) keep_daily: Option<u64>,
    /// Also keep the last snapshot of each week, for N weeks that have one
    #[arg(long, value_name = "N")]
    pub(crate) keep_weekly: Option<u64>,
    /// Also keep the last snapshot of each month, for N months that have one
    #[arg(long, value_name = "N")]
    pub(crate) keep_monthly: Option<u64>,
    /// Keep all snapshots no older than this before the newest, such as 14d or 1y6m
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Login")]
struct LoginFlags {
    /// Auth method to log in with for a token
    #[arg(long, value_name = "NAME")]
    login_auth_method: Option<String>,
    /// The bearer token; other users of this machine can see it, so prefer a file
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    login_bearer_token: Option<Secret>,
    /// A file that holds the bearer token
    #[arg(long, value_name = "PATH")]
    login_bearer_token_file: Option<String>,
    /// Metadata for the token, as KEY=VALUE; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    login_meta: Vec<(String, String)>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Local storage")]
struct LocalFlags {
    /// Folder to store snapshots in [default: the current one, unless another destination is
    /// configured]
    #[arg(long, value_name = "PATH")]
    local_path: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "S3")]
struct AwsFlags {
    /// Key ID [env: AWS_ACCESS_KEY_ID, ~/.aws/credentials, the machine's role]
    #[arg(long, value_name = "ID")]
    aws_access_key_id: Option<String>,
    /// Secret key; other users of this machine can see it, so prefer the variable or a file
    #[arg(long, value_name = "KEY", value_parser = secret)]
    aws_secret_access_key: Option<Secret>,
    /// Session token [env: AWS_SESSION_TOKEN]
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    aws_session_token: Option<Secret>,
    /// The bucket
    #[arg(long, value_name = "NAME")]
    aws_s3_bucket: Option<String>,
    /// Prefix of object names [default: consul-snapshot]
    #[arg(long, value_name = "PREFIX")]
    aws_s3_key_prefix: Option<String>,
    /// The region [env: AWS_REGION]
    #[arg(long, value_name = "REGION")]
    aws_s3_region: Option<String>,
    /// An endpoint other than Amazon's [env: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    aws_s3_endpoint: Option<String>,
    /// Put the bucket into the path instead of the host name
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    aws_s3_force_path_style: Option<bool>,
    /// Encrypt objects on the server with S3's own keys
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    aws_s3_server_side_encryption: Option<bool>,
    /// Store every snapshot under this one name, without retention
    #[arg(long, value_name = "NAME")]
    aws_s3_static_snapshot_name: Option<String>,
    /// Encrypt objects on the server with a KMS key
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    aws_s3_enable_kms: Option<bool>,
    /// The KMS key [default: the account's own]
    #[arg(long, value_name = "KEY")]
    aws_s3_kms_key: Option<String>,
    /// Not supported; refused
    #[arg(long, value_name = "URL", hide = true)]
    aws_iam_endpoint: Option<String>,
    /// Role to assume
    #[arg(long, value_name = "ARN")]
    aws_role_arn: Option<String>,
    /// Session name for the assumed role
    #[arg(long, value_name = "NAME")]
    aws_role_session_name: Option<String>,
    /// A file with the web identity token for the role
    #[arg(long, value_name = "PATH")]
    aws_web_identity_token_file: Option<String>,
    /// Another endpoint of the service that assigns roles (STS)
    #[arg(long, value_name = "URL")]
    aws_sts_endpoint: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Azure Blob Storage")]
struct AzureFlags {
    /// Storage account [env: AZURE_STORAGE_ACCOUNT_NAME]
    #[arg(long, value_name = "NAME")]
    azure_blob_account_name: Option<String>,
    /// Key of the storage account; other users of this machine can see it, so prefer
    /// AZURE_STORAGE_ACCOUNT_KEY
    #[arg(long, value_name = "KEY", value_parser = secret)]
    azure_blob_account_key: Option<Secret>,
    /// The container
    #[arg(long, value_name = "NAME")]
    azure_blob_container_name: Option<String>,
    /// A cloud other than AZUREPUBLICCLOUD
    #[arg(long, value_name = "CLOUD")]
    azure_blob_environment: Option<String>,
    /// Client ID of a service principal [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID")]
    azure_blob_service_principal_id: Option<String>,
    /// Secret of the service principal; other users of this machine can see it, so prefer
    /// AZURE_CLIENT_SECRET
    #[arg(long, value_name = "SECRET", value_parser = secret)]
    azure_blob_service_principal_secret: Option<Secret>,
    /// Tenant of the service principal [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "ID")]
    azure_blob_tenant_id: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Google Cloud Storage")]
struct GoogleFlags {
    /// The bucket; GOOGLE_APPLICATION_CREDENTIALS names the credentials
    #[arg(long, value_name = "NAME")]
    gcs_bucket: Option<String>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| format!("{text:?} is no KEY=VALUE"))
}

/// The flags of one destination; `None` if none of them is set.
fn one<T>(layer: T, is_silent: bool) -> Option<Vec<T>> {
    (!is_silent).then(|| vec![layer])
}

impl AgentFlags {
    /// Merges files, flags and variables, and checks the result.
    pub(crate) fn load(&self, environment: &Environment) -> Result<Checked, ConfigError> {
        let client =
            self.api.options().map_err(|e: ClientError| ConfigError(vec![e.to_string()]))?;
        load(&self.paths(), self.layer(), client, environment)
    }

    fn paths(&self) -> Vec<ConfigPath> {
        let files = self.config_file.iter().cloned().map(ConfigPath::File);
        files.chain(self.config_dir.iter().cloned().map(ConfigPath::Folder)).collect()
    }

    fn layer(&self) -> Layer {
        let local = LocalLayer { path: self.local.local_path.clone() };
        let s3 = self.aws.layer();
        let azure = self.azure.layer();
        let google = GoogleLayer { bucket: self.google.gcs_bucket.clone() };
        Layer {
            login: self.login.layer(),
            log: LogLayer {
                level: self.log_level.clone(),
                enable_syslog: self.syslog,
                syslog_facility: self.syslog_facility.clone(),
            },
            snapshot: SnapshotLayer {
                interval: self.interval,
                schedule: self.schedule.clone(),
                retain: self.keep.retain,
                keep_hourly: self.keep.keep_hourly,
                keep_daily: self.keep.keep_daily,
                keep_weekly: self.keep.keep_weekly,
                keep_monthly: self.keep.keep_monthly,
                keep_within: self.keep.keep_within.clone(),
                // Merged with the flags of the client.
                stale: None,
                service: self.service.clone(),
                deregister_after: self.deregister_after,
                lock_key: self.lock_key.clone(),
                max_failures: self.max_failures,
                local_scratch_path: self.local_scratch_path.clone(),
                alert_shrink: self.alert_shrink,
                metrics: self.metrics.clone(),
            },
            local: one(local.clone(), local.is_silent()),
            s3: one(s3.clone(), s3.is_silent()),
            azure: one(azure.clone(), azure.is_silent()),
            google: one(google.clone(), google.is_silent()),
            ..Layer::default()
        }
    }
}

impl LoginFlags {
    fn layer(&self) -> LoginLayer {
        let meta = (!self.login_meta.is_empty()).then(|| self.login_meta.iter().cloned().collect());
        LoginLayer {
            auth_method: self.login_auth_method.clone(),
            bearer_token: self.login_bearer_token.clone(),
            bearer_token_file: self.login_bearer_token_file.clone(),
            meta,
        }
    }
}

impl AwsFlags {
    fn layer(&self) -> S3Layer {
        S3Layer {
            access_key_id: self.aws_access_key_id.clone(),
            secret_access_key: self.aws_secret_access_key.clone(),
            session_token: self.aws_session_token.clone(),
            iam_endpoint: self.aws_iam_endpoint.clone(),
            role_arn: self.aws_role_arn.clone(),
            role_session_name: self.aws_role_session_name.clone(),
            web_identity_token_file: self.aws_web_identity_token_file.clone(),
            sts_endpoint: self.aws_sts_endpoint.clone(),
            region: self.aws_s3_region.clone(),
            endpoint: self.aws_s3_endpoint.clone(),
            bucket: self.aws_s3_bucket.clone(),
            key_prefix: self.aws_s3_key_prefix.clone(),
            force_path_style: self.aws_s3_force_path_style,
            server_side_encryption: self.aws_s3_server_side_encryption,
            static_snapshot_name: self.aws_s3_static_snapshot_name.clone(),
            enable_kms: self.aws_s3_enable_kms,
            kms_key: self.aws_s3_kms_key.clone(),
        }
    }
}

impl AzureFlags {
    fn layer(&self) -> AzureLayer {
        AzureLayer {
            account_name: self.azure_blob_account_name.clone(),
            account_key: self.azure_blob_account_key.clone(),
            container_name: self.azure_blob_container_name.clone(),
            environment: self.azure_blob_environment.clone(),
            service_principal_id: self.azure_blob_service_principal_id.clone(),
            service_principal_secret: self.azure_blob_service_principal_secret.clone(),
            tenant_id: self.azure_blob_tenant_id.clone(),
        }
    }
}
