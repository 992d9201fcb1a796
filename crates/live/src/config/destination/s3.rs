//! A bucket of S3.

use super::bucket_name;
use crate::client::Secret;
use crate::config::keys::Mistakes;
use crate::config::layer::S3Layer;
use crate::settings::{Environment, RoleSettings, S3Encryption, S3Settings};
use crate::store::s3_profile::{ENDPOINTS, Profile};

/// Checks one entry of `aws_storage`; `None` if it is empty, as in a file that lists all defaults.
pub(in crate::config) fn check(
    layer: S3Layer,
    environment: &Environment,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> Option<S3Settings> {
    // An empty prefix is one.
    let key_prefix = layer.key_prefix.clone().or(S3Layer::defaults().key_prefix);
    let layer = S3Layer { key_prefix: key_prefix.clone(), ..layer.said() };
    if layer.iam_endpoint.is_some() {
        mistakes.add(
            "aws_storage: iam_endpoint is not supported; roles are assumed through sts_endpoint",
        );
    }
    let Some(bucket) = layer.bucket.clone() else {
        let mut plain = S3Layer::defaults();
        plain.overlay(layer.clone());
        if plain != S3Layer::defaults() {
            mistakes.add("aws_storage: s3_bucket is missing");
        }
        return None;
    };
    let place = format!("aws_storage: bucket {bucket:?}");
    bucket_name(&bucket, "s3_bucket", Some("s3_key_prefix"), CHARACTERS, mistakes);
    let (region, endpoint) = endpoint(&place, layer.region, layer.endpoint, environment, mistakes);
    let keys = (layer.access_key_id, layer.secret_access_key, layer.session_token);
    let credentials = credentials(&place, keys, mistakes);
    let role = role(
        &place,
        [
            layer.role_arn,
            layer.web_identity_token_file,
            layer.role_session_name,
            layer.sts_endpoint,
        ],
        credentials.is_some(),
        environment,
        mistakes,
    );
    let kms = layer.enable_kms.unwrap_or(false).then(|| layer.kms_key.clone());
    if kms.is_none() && layer.kms_key.is_some() {
        mistakes.add(format!("{place}: s3_kms_key has no effect without s3_enable_kms"));
    }
    let encryption = encryption(&place, kms, layer.server_side_encryption, warnings);
    let static_name = layer.static_snapshot_name;
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
        key_prefix: key_prefix.unwrap_or_default(),
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

/// Checks the location of the bucket: its region, and the endpoint if it is not Amazon's.
fn endpoint(
    place: &str,
    region: Option<String>,
    endpoint: Option<String>,
    environment: &Environment,
    mistakes: &mut Mistakes,
) -> (Option<String>, Option<String>) {
    let region = region
        .or_else(|| environment.text(&["AWS_REGION", "AWS_DEFAULT_REGION"]))
        .or_else(|| Profile::of(environment).region.clone());
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
    (region, endpoint)
}

/// Checks fixed credentials: key ID, secret, session token.
fn credentials(
    place: &str,
    (id, secret, session): (Option<String>, Option<Secret>, Option<Secret>),
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

/// The encryption by the server; `kms` is set if KMS does it, with the key if one is named.
fn encryption(
    place: &str,
    kms: Option<Option<String>>,
    by_server: Option<bool>,
    warnings: &mut Vec<String>,
) -> Option<S3Encryption> {
    match kms {
        None => by_server.unwrap_or(false).then_some(S3Encryption::Aes256),
        Some(key) => {
            if by_server == Some(true) {
                warnings.push(format!(
                    "{place}: s3_enable_kms is set, so s3_server_side_encryption has no effect"
                ));
            }
            Some(S3Encryption::Kms(key))
        }
    }
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
