//! The agent's flags: those of the original, and what they say as a layer over the config files.

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

/// What an agent works by; what no flag says the files do.
#[derive(Debug, Clone, Args)]
pub(crate) struct AgentFlags {
    /// A JSON file with a snapshot_agent object; may be given again, later ones win
    #[arg(long, value_name = "PATH")]
    config_file: Vec<PathBuf>,
    /// A folder whose .json files are read in order of their names; may be given again
    #[arg(long, value_name = "PATH")]
    config_dir: Vec<PathBuf>,
    /// Time between snapshots; 0 takes a single one and ends [default: 1h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    interval: Option<Duration>,
    /// When to take snapshots, as a cron expression by UTC, instead of an interval
    #[arg(long, value_name = "CRON", conflicts_with = "interval")]
    schedule: Option<String>,
    #[command(flatten)]
    keep: KeepFlags,
    /// Name of the service to register [default: consul-snapshot]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// After how long Consul forgets an agent that is gone [default: 72h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    deregister_after: Option<Duration>,
    /// The key agents hold while they lead [default: consul-snapshot/lock]
    #[arg(long, value_name = "KEY")]
    lock_key: Option<String>,
    /// Failures in a row after which leadership is given up [default: 3]
    #[arg(long, value_name = "N")]
    max_failures: Option<u64>,
    /// Folder for downloads until they are verified and stored [default: TMPDIR or /tmp]
    #[arg(long, value_name = "PATH")]
    local_scratch_path: Option<String>,
    /// Mark a snapshot that is smaller than the last by more than PCT percent, and keep both
    #[arg(long, value_name = "PCT")]
    alert_shrink: Option<u64>,
    /// Serve /metrics and /healthz there, such as 127.0.0.1:9107
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<String>,
    /// Lines to log: TRACE, DEBUG, INFO, WARN, ERROR [default: INFO]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Log to syslog as well
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    syslog: Option<bool>,
    /// Its facility [default: LOCAL0]
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
    /// Snapshots to keep; 0 keeps all [default: 30]
    #[arg(long, value_name = "N")]
    pub(crate) retain: Option<u64>,
    /// Keep the last one of each hour too, for N hours that have one
    #[arg(long, value_name = "N")]
    pub(crate) keep_hourly: Option<u64>,
    /// Of each day
    #[arg(long, value_name = "N")]
    pub(crate) keep_daily: Option<u64>,
    /// Of each week
    #[arg(long, value_name = "N")]
    pub(crate) keep_weekly: Option<u64>,
    /// Of each month
    #[arg(long, value_name = "N")]
    pub(crate) keep_monthly: Option<u64>,
    /// Keep all that are younger than the newest by less than this, such as 14d or 1y6m
    #[arg(long, value_name = "TIME")]
    pub(crate) keep_within: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Login")]
struct LoginFlags {
    /// Auth method to log in by for a token
    #[arg(long, value_name = "NAME")]
    login_auth_method: Option<String>,
    /// The bearer token; other users of this machine can see it, so prefer the file
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    login_bearer_token: Option<Secret>,
    /// A file that holds the bearer token
    #[arg(long, value_name = "PATH")]
    login_bearer_token_file: Option<String>,
    /// Kept with the token; may be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    login_meta: Vec<(String, String)>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Local storage")]
struct LocalFlags {
    /// Folder to store in [default: the current one, where nothing else is configured]
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
    /// What object names begin with [default: consul-snapshot]
    #[arg(long, value_name = "PREFIX")]
    aws_s3_key_prefix: Option<String>,
    /// The region [env: AWS_REGION]
    #[arg(long, value_name = "REGION")]
    aws_s3_region: Option<String>,
    /// Another endpoint than Amazon's [env: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    aws_s3_endpoint: Option<String>,
    /// Put the bucket into the path, not into the host
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    aws_s3_force_path_style: Option<bool>,
    /// Have the server encrypt with S3's own keys
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    aws_s3_server_side_encryption: Option<bool>,
    /// Give all snapshots this one name; there is no retention then
    #[arg(long, value_name = "NAME")]
    aws_s3_static_snapshot_name: Option<String>,
    /// Have the server encrypt with a key of KMS
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          action = ArgAction::Set, value_name = "BOOL", hide_possible_values = true)]
    aws_s3_enable_kms: Option<bool>,
    /// That key [default: the account's own]
    #[arg(long, value_name = "KEY")]
    aws_s3_kms_key: Option<String>,
    /// Not supported; refused
    #[arg(long, value_name = "URL", hide = true)]
    aws_iam_endpoint: Option<String>,
    /// Role to take on
    #[arg(long, value_name = "ARN")]
    aws_role_arn: Option<String>,
    /// Name of that session
    #[arg(long, value_name = "NAME")]
    aws_role_session_name: Option<String>,
    /// A file with the token that proves who takes it on
    #[arg(long, value_name = "PATH")]
    aws_web_identity_token_file: Option<String>,
    /// Another endpoint of the service that gives roles
    #[arg(long, value_name = "URL")]
    aws_sts_endpoint: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Azure Blob Storage")]
struct AzureFlags {
    /// Storage account [env: AZURE_STORAGE_ACCOUNT_NAME]
    #[arg(long, value_name = "NAME")]
    azure_blob_account_name: Option<String>,
    /// Its key; other users of this machine can see it, so prefer AZURE_STORAGE_ACCOUNT_KEY
    #[arg(long, value_name = "KEY", value_parser = secret)]
    azure_blob_account_key: Option<Secret>,
    /// The container
    #[arg(long, value_name = "NAME")]
    azure_blob_container_name: Option<String>,
    /// Another cloud than AZUREPUBLICCLOUD
    #[arg(long, value_name = "CLOUD")]
    azure_blob_environment: Option<String>,
    /// Client ID of a service principal [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID")]
    azure_blob_service_principal_id: Option<String>,
    /// Its secret; other users of this machine can see it, so prefer AZURE_CLIENT_SECRET
    #[arg(long, value_name = "SECRET", value_parser = secret)]
    azure_blob_service_principal_secret: Option<Secret>,
    /// Its tenant [env: AZURE_TENANT_ID]
    #[arg(long, value_name = "ID")]
    azure_blob_tenant_id: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Google Cloud Storage")]
struct GoogleFlags {
    /// The bucket; credentials are where GOOGLE_APPLICATION_CREDENTIALS says
    #[arg(long, value_name = "NAME")]
    gcs_bucket: Option<String>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| format!("{text:?} is no KEY=VALUE"))
}

/// Flags of one destination; none if they all are silent.
fn one<T>(layer: T, is_silent: bool) -> Option<Vec<T>> {
    (!is_silent).then(|| vec![layer])
}

impl AgentFlags {
    /// Files, flags and variables together, checked.
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
                // With the flags of the client.
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
