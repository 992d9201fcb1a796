//! A bucket of S3.

use super::{bucket_name, kept, said};
use crate::client::Secret;
use crate::config::environment::Environment;
use crate::config::keys::Mistakes;
use crate::config::layer::S3Layer;
use crate::store::s3_profile::{ENDPOINTS, Profile};

/// A bucket of S3 or a compatible store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// Prefix of object names; a slash is appended.
    pub key_prefix: String,
    /// The region.
    pub region: Option<String>,
    /// An endpoint other than Amazon's.
    pub endpoint: Option<String>,
    /// Whether the bucket is in the path instead of the host name.
    pub path_style: bool,
    /// Fixed credentials: key ID, secret, session token.
    pub credentials: Option<(String, Secret, Option<Secret>)>,
    /// A role to assume.
    pub role: Option<RoleSettings>,
    /// Server-side encryption.
    pub encryption: Option<S3Encryption>,
    /// The fixed key of all snapshots, without the prefix; it excludes retention.
    pub static_name: Option<String>,
}

impl S3Settings {
    /// The part of its objects' keys before the last slash.
    #[must_use]
    pub fn folder(&self) -> &str {
        match &self.static_name {
            None => &self.key_prefix,
            Some(key) => key.rsplit_once('/').map_or("", |(folder, _)| folder),
        }
    }
}

/// An AWS role to assume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSettings {
    /// The role.
    pub arn: String,
    /// The session's name in AWS's logs.
    pub session_name: Option<String>,
    /// A file with the web identity token.
    pub web_identity_token_file: String,
    /// Another endpoint of STS.
    pub sts_endpoint: Option<String>,
}

/// Server-side encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum S3Encryption {
    /// With S3's own keys.
    Aes256,
    /// With a KMS key; `None` is the account's own.
    Kms(Option<String>),
}

/// Checks one entry of `aws_storage`; `None` if it is empty, as in a file that lists all defaults.
pub(in crate::config) fn check(
    layer: S3Layer,
    environment: &Environment,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> Option<S3Settings> {
    let defaults = S3Layer { key_prefix: Some(DEFAULT_PREFIX.to_owned()), ..S3Layer::default() };
    let Some(bucket) = said(layer.bucket.clone()) else {
        if !is_default(&layer, &defaults) {
            mistakes.add("aws_storage: s3_bucket is missing");
        }
        return None;
    };
    let place = format!("aws_storage: bucket {bucket:?}");
    bucket_name(&bucket, "s3_bucket", Some("s3_key_prefix"), CHARACTERS, mistakes);
    if said(layer.iam_endpoint).is_some() {
        mistakes.add(format!(
            "{place}: iam_endpoint is not supported; roles are assumed through sts_endpoint"
        ));
    }
    let endpoint = said(layer.endpoint);
    let profile = Profile::of(environment);
    let region = said(layer.region)
        .or_else(|| environment.text(&["AWS_REGION", "AWS_DEFAULT_REGION"]))
        .or_else(|| profile.region.clone());
    if region.is_none() && endpoint.is_none() && environment.text(&ENDPOINTS).is_none() {
        mistakes.add(format!("{place}: s3_region is missing, and so is the variable AWS_REGION"));
    }
    if let Some(endpoint) = &endpoint
        && !endpoint.starts_with("http://")
        && !endpoint.starts_with("https://")
    {
        mistakes
            .add(format!("{place}: s3_endpoint {endpoint:?} must start with https:// or http://"));
    }
    let credentials = credentials(
        &place,
        said(layer.access_key_id),
        kept(layer.secret_access_key),
        kept(layer.session_token),
        mistakes,
    );
    let role = role(
        &place,
        [
            said(layer.role_arn),
            said(layer.web_identity_token_file),
            said(layer.role_session_name),
            said(layer.sts_endpoint),
        ],
        credentials.is_some(),
        environment,
        mistakes,
    );
    let kms = (layer.enable_kms.unwrap_or(false), said(layer.kms_key));
    let encryption = encryption(&place, kms, layer.server_side_encryption, mistakes, warnings);
    let static_name = said(layer.static_snapshot_name);
    if let Some(key) = &static_name
        && key.split('/').any(str::is_empty)
    {
        mistakes.add(format!(
            "{place}: s3_static_snapshot_name {key:?} must be a whole key, without a slash at \
             either end or two in a row"
        ));
    }
    Some(S3Settings {
        bucket,
        key_prefix: layer.key_prefix.unwrap_or_else(|| DEFAULT_PREFIX.to_owned()),
        region,
        endpoint,
        // Amazon has the bucket in the host name; others rarely do.
        path_style: layer.force_path_style.unwrap_or(false),
        credentials,
        role,
        encryption,
        static_name,
    })
}

/// Keys are whole or not there.
fn credentials(
    place: &str,
    id: Option<String>,
    secret: Option<Secret>,
    session: Option<Secret>,
    mistakes: &mut Mistakes,
) -> Option<(String, Secret, Option<Secret>)> {
    let missing = match (id, secret) {
        (Some(id), Some(secret)) => return Some((id, secret, session)),
        (None, None) if session.is_none() => return None,
        (None, None) => "session_token without access_key_id",
        (Some(_), None) => "access_key_id without secret_access_key",
        (None, Some(_)) => "secret_access_key without access_key_id",
    };
    mistakes.add(format!("{place}: {missing}"));
    None
}

fn encryption(
    place: &str,
    (enable_kms, kms_key): (bool, Option<String>),
    server_side: Option<bool>,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> Option<S3Encryption> {
    if enable_kms {
        if server_side == Some(true) {
            warnings.push(format!(
                "{place}: s3_enable_kms is set, so s3_server_side_encryption has no effect"
            ));
        }
        return Some(S3Encryption::Kms(kms_key));
    }
    if kms_key.is_some() {
        mistakes.add(format!("{place}: s3_kms_key has no effect without s3_enable_kms"));
        return None;
    }
    server_side.unwrap_or(false).then_some(S3Encryption::Aes256)
}

/// Checks the role settings: its ARN, the token file, the session's name, the endpoint.
fn role(
    place: &str,
    [arn, token_file, session_name, sts_endpoint]: [Option<String>; 4],
    has_keys: bool,
    environment: &Environment,
    mistakes: &mut Mistakes,
) -> Option<RoleSettings> {
    let Some(arn) = arn else {
        for (name, given) in [
            ("web_identity_token_file", &token_file),
            ("role_session_name", &session_name),
            ("sts_endpoint", &sts_endpoint),
        ] {
            if given.is_some() {
                mistakes.add(format!("{place}: {name} has no effect without role_arn"));
            }
        }
        return None;
    };
    if has_keys {
        mistakes.add(format!(
            "{place}: assuming role_arn with access_key_id is not supported; use \
             web_identity_token_file instead of the key, or the key of a user with the role's \
             rights"
        ));
    }
    let Some(web_identity_token_file) =
        token_file.or_else(|| environment.text(&["AWS_WEB_IDENTITY_TOKEN_FILE"]))
    else {
        if !has_keys {
            mistakes.add(format!(
                "{place}: role_arn needs web_identity_token_file, the only supported way to assume \
                 a role; a machine's own role needs no role_arn"
            ));
        }
        return None;
    };
    if sts_endpoint.as_ref().is_some_and(|endpoint| !endpoint.starts_with("https://")) {
        mistakes.add(format!("{place}: sts_endpoint must start with https://"));
    }
    Some(RoleSettings { arn, session_name, web_identity_token_file, sts_endpoint })
}

/// Characters of a bucket's name; names from before 2018 may have more than today's.
const CHARACTERS: fn(char) -> bool = |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');

/// The default prefix of S3 object names.
const DEFAULT_PREFIX: &str = "consul-snapshot";

/// Whether every key has its default value.
fn is_default(layer: &S3Layer, defaults: &S3Layer) -> bool {
    let plain = S3Layer {
        access_key_id: said(layer.access_key_id.clone()),
        secret_access_key: kept(layer.secret_access_key.clone()),
        session_token: kept(layer.session_token.clone()),
        iam_endpoint: said(layer.iam_endpoint.clone()),
        role_arn: said(layer.role_arn.clone()),
        role_session_name: said(layer.role_session_name.clone()),
        web_identity_token_file: said(layer.web_identity_token_file.clone()),
        sts_endpoint: said(layer.sts_endpoint.clone()),
        region: said(layer.region.clone()),
        endpoint: said(layer.endpoint.clone()),
        bucket: said(layer.bucket.clone()),
        key_prefix: Some(layer.key_prefix.clone().unwrap_or_else(|| DEFAULT_PREFIX.to_owned())),
        force_path_style: layer.force_path_style.filter(|on| *on),
        server_side_encryption: layer.server_side_encryption.filter(|on| *on),
        static_snapshot_name: said(layer.static_snapshot_name.clone()),
        enable_kms: layer.enable_kms.filter(|on| *on),
        kms_key: said(layer.kms_key.clone()),
    };
    plain == *defaults
}
