//! S3 and compatible stores.

use super::StoreError;
use super::patience::PatientConnector;
use super::s3_profile::{ENDPOINTS, Profile};
use super::wire::{client_options, is_option, retries};
use crate::settings::{Environment, RoleSettings, S3Encryption, S3Settings};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use std::net::IpAddr;

/// Variables with credentials; ignored if the settings have them.
const CREDENTIALS: [&str; 8] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// A bucket whose objects are stored with a checksum, and as a fallback the same bucket without:
/// buckets with Object Lock require one, and some compatible stores refuse it.
pub(super) fn build(
    settings: &S3Settings,
    environment: &Environment,
) -> Result<(AmazonS3, AmazonS3), StoreError> {
    let builder = builder(settings, environment)?;
    let build = |builder: AmazonS3Builder| {
        let built = builder.build();
        built.map_err(|e| StoreError::Options(format!("s3://{}: {e}", settings.bucket)))
    };
    Ok((build(builder.clone().with_checksum_algorithm(Checksum::SHA256))?, build(builder)?))
}

fn builder(
    settings: &S3Settings,
    environment: &Environment,
) -> Result<AmazonS3Builder, StoreError> {
    let has_own = settings.credentials.is_some() || settings.role.is_some();
    let mut builder =
        AmazonS3Builder::new().with_retry(retries()).with_http_connector(PatientConnector);
    let mut endpoint = settings.endpoint.clone();
    let mut knows_who = has_own;
    for (name, value) in environment.beginning("AWS_") {
        if CREDENTIALS.contains(&name) {
            if has_own {
                continue;
            }
            knows_who = true;
        }
        match name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            // Whether the bucket is in the path or the host is decided below.
            Ok(
                AmazonS3ConfigKey::Endpoint
                | AmazonS3ConfigKey::S3Endpoint
                | AmazonS3ConfigKey::Bucket
                | AmazonS3ConfigKey::Checksum
                | AmazonS3ConfigKey::VirtualHostedStyleRequest,
            ) => {}
            Ok(key) => builder = builder.with_config(key, value),
            // The variables of other tools.
            Err(_) => {}
        }
    }
    if endpoint.is_none() {
        endpoint = environment.text(&ENDPOINTS);
    }
    if let Some((id, secret, session)) = &settings.credentials {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret.reveal());
        if let Some(session) = session {
            builder = builder.with_token(session.reveal());
        }
    }
    if let Some(role) = &settings.role {
        builder = with_role(builder, role);
    }
    let profile = Profile::of(environment);
    if !knows_who && let (Some(id), Some(secret)) = (&profile.key_id, &profile.secret) {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret.reveal());
        if let Some(session) = &profile.session_token {
            builder = builder.with_token(session.reveal());
        }
    }
    if let Some(region) = settings.region.as_ref().or(profile.region.as_ref()) {
        builder = builder.with_region(region);
    }
    builder = match &settings.encryption {
        None => builder,
        Some(S3Encryption::Aes256) => with_encryption(builder, "AES256")?,
        Some(S3Encryption::Kms(None)) => with_encryption(builder, "aws:kms")?,
        Some(S3Encryption::Kms(Some(key))) => builder.with_sse_kms_encryption(key),
    };
    let plain = endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let in_path = settings.path_style || endpoint.as_deref().is_some_and(has_no_name);
    builder = builder.with_virtual_hosted_style_request(!in_path);
    if let Some(endpoint) = endpoint {
        let endpoint = if in_path { endpoint } else { with_bucket(&endpoint, &settings.bucket) };
        builder = builder.with_endpoint(endpoint);
    }
    Ok(builder
        .with_bucket_name(&settings.bucket)
        // One object per request, which policies and other stores than Amazon's support.
        .with_disable_bulk_delete(true)
        .with_client_options(client_options(is_option(environment, "AWS_ALLOW_HTTP") || plain)?))
}

/// The library has no constant for this option.
fn with_encryption(builder: AmazonS3Builder, kind: &str) -> Result<AmazonS3Builder, StoreError> {
    let key = "aws_server_side_encryption".parse::<AmazonS3ConfigKey>();
    key.map(|key| builder.with_config(key, kind))
        .map_err(|e| StoreError::Options(format!("server-side encryption: {e}")))
}

fn with_role(mut builder: AmazonS3Builder, role: &RoleSettings) -> AmazonS3Builder {
    let given = [
        (AmazonS3ConfigKey::RoleArn, Some(&role.arn)),
        (AmazonS3ConfigKey::RoleSessionName, role.session_name.as_ref()),
        (AmazonS3ConfigKey::WebIdentityTokenFile, Some(&role.web_identity_token_file)),
        (AmazonS3ConfigKey::StsEndpoint, role.sts_endpoint.as_ref()),
    ];
    for (key, value) in given {
        if let Some(value) = value {
            builder = builder.with_config(key, value);
        }
    }
    builder
}

/// The host of a URL, without its port.
fn host(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    if let Some(end) = rest.strip_prefix('[').and_then(|inner| inner.split(']').next()) {
        return end;
    }
    rest.split(':').next().unwrap_or(rest)
}

/// Whether a bucket cannot be part of the host name, because the host has no subdomains.
fn has_no_name(endpoint: &str) -> bool {
    let host = host(endpoint);
    host.parse::<IpAddr>().is_ok() || host == "localhost"
}

/// The endpoint of a bucket that is part of the host name.
fn with_bucket(endpoint: &str, bucket: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{bucket}.{rest}"),
        None => endpoint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_stands_in_the_host_where_that_can_be() {
        for endpoint in ["http://127.0.0.1:9000", "http://[::1]:9000/x", "http://localhost"] {
            assert!(has_no_name(endpoint), "{endpoint}");
        }
        assert!(!has_no_name("https://s3.example.org"));
        assert_eq!(
            with_bucket("https://s3.example.org:9000", "b"),
            "https://b.s3.example.org:9000"
        );
    }
}
