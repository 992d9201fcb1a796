//! Checks settings and applies defaults.

use super::destination::{self, said};
use super::keys::Mistakes;
use super::layer::{
    ApiLayer, AzureLayer, GoogleLayer, Layer, LocalLayer, LogLayer, LoginLayer, S3Layer,
    SnapshotLayer,
};
use super::timing;
use crate::client::{Client, ClientOptions};
use crate::log::{Facility, Level};
use crate::settings::{Bearer, DestinationSettings, Environment, LoginSettings, Settings};
use crate::store::Store;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Settings with warnings.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The settings.
    pub settings: Settings,
    /// The warnings, a sentence each.
    pub warnings: Vec<String>,
}

/// Consul treats shorter values as this.
const SHORTEST_DEREGISTER: Duration = Duration::from_secs(60);

/// Checks a whole configuration. Errors are recorded; then there may be no settings.
pub(super) fn check(
    layer: Layer,
    flags: ClientOptions,
    environment: &Environment,
    mistakes: &mut Mistakes,
) -> Option<Checked> {
    let mut warnings = Vec::new();
    if layer.api.license_path.as_ref().is_some_and(|path| !path.is_empty()) {
        warnings.push("license_path has no effect: this agent needs no licence".to_owned());
    }
    let schedule = timing::schedule(&layer.snapshot, mistakes);
    let keep = timing::policy(&layer.keep, mistakes, &mut warnings);
    let mut snapshot = SnapshotLayer::defaults();
    snapshot.overlay(layer.snapshot);
    let service = snapshot.service.unwrap_or_default();
    if service.is_empty() {
        mistakes.add("snapshot.service: name is empty");
    }
    let lock_key = lock_key(snapshot.lock_key.unwrap_or_default(), mistakes);
    let deregister_after = snapshot.deregister_after.unwrap_or_default();
    if deregister_after < SHORTEST_DEREGISTER && !deregister_after.is_zero() {
        warnings.push("snapshot.deregister_after: Consul waits at least a minute".to_owned());
    }
    let max_failures = snapshot.max_failures.unwrap_or_default();
    if max_failures == 0 {
        mistakes.add("snapshot.max_failures: must be at least 1");
    }
    let alert_shrink = snapshot.alert_shrink.and_then(|percent| shrink(percent, mistakes));
    let metrics = said(snapshot.metrics).and_then(|address| address_of(&address, mistakes));
    if schedule.is_none() && metrics.is_some() {
        warnings.push("snapshot.metrics has no effect when a single snapshot is taken".to_owned());
    }
    let scratch = match said(snapshot.local_scratch_path) {
        Some(path) => PathBuf::from(path),
        None => environment.value("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from),
    };
    if !scratch.is_dir() {
        mistakes.add(format!("snapshot.local_scratch_path: {} is not a folder", scratch.display()));
    }
    let (log_level, syslog) = log(layer.log, mistakes);
    let login = login(layer.login, mistakes);
    if login.is_some() && (layer.api.token.is_some() || layer.api.token_file.is_some()) {
        warnings.push(
            "login: the token from the login is used instead of the configured one".to_owned(),
        );
    }
    let layers = (layer.local, layer.s3, layer.azure, layer.google);
    let destinations = destinations(layers, environment, mistakes, &mut warnings);
    check_destinations(&destinations, alert_shrink, environment, mistakes);
    let client = client(flags, layer.api, layer.consistency.stale, environment, mistakes)?;
    let settings = Settings {
        client,
        login,
        log_level: log_level?,
        syslog,
        schedule,
        keep,
        service,
        deregister_after,
        lock_key,
        max_failures,
        scratch,
        alert_shrink,
        metrics,
        destinations,
    };
    Some(Checked { settings, warnings })
}

fn lock_key(key: String, mistakes: &mut Mistakes) -> String {
    if key.is_empty() {
        mistakes.add("snapshot.lock_key: key is empty");
    } else if key.starts_with('/') {
        mistakes.add("snapshot.lock_key: keys must not start with a slash");
    }
    key
}

fn shrink(percent: u64, mistakes: &mut Mistakes) -> Option<u8> {
    match u8::try_from(percent) {
        Ok(percent @ 1..=99) => Some(percent),
        _ => {
            mistakes.add(format!("snapshot.alert_shrink: {percent} is not between 1 and 99"));
            None
        }
    }
}

fn address_of(address: &str, mistakes: &mut Mistakes) -> Option<SocketAddr> {
    let parsed = address.parse();
    if parsed.is_err() {
        mistakes.add(format!(
            "snapshot.metrics: {address:?} is not an address and port such as 127.0.0.1:9107"
        ));
    }
    parsed.ok()
}

/// The destinations of each kind.
type DestinationLayers = (
    Option<Vec<LocalLayer>>,
    Option<Vec<S3Layer>>,
    Option<Vec<AzureLayer>>,
    Option<Vec<GoogleLayer>>,
);

/// Where snapshots go, kind by kind.
fn destinations(
    (folders, s3, azure, google): DestinationLayers,
    environment: &Environment,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> Vec<DestinationSettings> {
    let mut destinations = Vec::new();
    // Kinds that are configured without a place.
    let mut placeless = Vec::new();
    let mut add = |destination: Option<DestinationSettings>, what, missing| match destination {
        Some(destination) => destinations.push(destination),
        None => placeless.push((what, missing)),
    };
    for s3 in s3.unwrap_or_default() {
        let s3 = destination::s3(s3, environment, mistakes, warnings);
        let s3 = s3.map(|s3| DestinationSettings::S3(Box::new(s3)));
        add(s3, "aws_storage", "s3_bucket is missing");
    }
    for azure in azure.unwrap_or_default() {
        let azure = destination::azure(azure, environment, mistakes);
        let azure = azure.map(|azure| DestinationSettings::Azure(Box::new(azure)));
        add(azure, "azure_blob_storage", "container_name is missing");
    }
    for google in google.unwrap_or_default() {
        let google = destination::google(google, mistakes).map(DestinationSettings::Google);
        add(google, "google_storage", "bucket is missing");
    }
    for folder in folders.unwrap_or_default() {
        let folder = local(folder, mistakes).map(DestinationSettings::Local);
        add(folder, "local_storage", "path is missing");
    }
    let is_silent = placeless.is_empty();
    match destinations.is_empty() {
        // The current folder is the default if no destination is configured.
        true if is_silent => destinations.push(DestinationSettings::Local(PathBuf::from("."))),
        true => missing(&placeless, mistakes),
        // Files that list all keys with empty values are usual.
        false => warnings.extend(
            placeless
                .iter()
                .map(|(what, why)| format!("{what}: {why}, so nothing is stored there")),
        ),
    }
    destinations
}

/// Records that destinations are configured and none of them has a place.
fn missing(placeless: &[(&str, &str)], mistakes: &mut Mistakes) {
    for (what, why) in placeless {
        let sentence = format!("{what}: {why}");
        if !mistakes.0.contains(&sentence) {
            mistakes.add(sentence);
        }
    }
}

/// One folder; `None` if it has no path.
fn local(layer: LocalLayer, mistakes: &mut Mistakes) -> Option<PathBuf> {
    let path = PathBuf::from(said(layer.path)?);
    if !path.is_dir() {
        mistakes.add(format!("local_storage: {} is not a folder", path.display()));
    }
    Some(path)
}

fn check_destinations(
    destinations: &[DestinationSettings],
    alert_shrink: Option<u8>,
    environment: &Environment,
    mistakes: &mut Mistakes,
) {
    for (at, destination) in destinations.iter().enumerate() {
        let name = destination.name();
        if destinations.iter().take(at).any(|other| other == destination) {
            mistakes.add(format!("{name} is configured twice as a destination"));
        }
        // Messages about half a configuration would be duplicates.
        if mistakes.0.is_empty()
            && let Err(e) = Store::open(destination, environment)
        {
            mistakes.add(e.to_string());
        }
        if alert_shrink.is_some() && destination.static_file_name().is_some() {
            mistakes.add(format!(
                "{name}: with s3_static_snapshot_name each snapshot replaces the previous one, so \
                 alert_shrink cannot keep both"
            ));
        }
    }
}

fn log(layer: LogLayer, mistakes: &mut Mistakes) -> (Option<Level>, Option<Facility>) {
    let mut log = LogLayer::defaults();
    log.overlay(layer.said());
    let level = log.level.unwrap_or_default().parse();
    let level = level.map_err(|e: String| mistakes.add(format!("log.level: {e}"))).ok();
    let facility = log.syslog_facility.unwrap_or_default().parse();
    let facility =
        facility.map_err(|e: String| mistakes.add(format!("log.syslog_facility: {e}"))).ok();
    (level, facility.filter(|_| log.enable_syslog == Some(true)))
}

fn login(layer: LoginLayer, mistakes: &mut Mistakes) -> Option<LoginSettings> {
    let layer = layer.said();
    let (token, file) = (layer.bearer_token, layer.bearer_token_file);
    if token.is_some() && file.is_some() {
        mistakes.add("login: set either bearer_token_file or bearer_token, not both");
    }
    let Some(method) = layer.auth_method else {
        if token.is_some() || file.is_some() {
            mistakes.add("login: a bearer token has no effect without auth_method");
        }
        return None;
    };
    let bearer = match (token, file) {
        (Some(token), None) => Bearer::Token(token),
        (None, Some(file)) => {
            check_file(&file, "login.bearer_token_file", mistakes);
            Bearer::File(file.into())
        }
        (None, None) => {
            mistakes.add("login: auth_method needs bearer_token_file or bearer_token");
            return None;
        }
        (Some(_), Some(_)) => return None,
    };
    Some(LoginSettings { method, bearer, meta: layer.meta.unwrap_or_default() })
}

/// Flags and files override the environment.
fn client(
    flags: ClientOptions,
    api: ApiLayer,
    stale: Option<bool>,
    environment: &Environment,
    mistakes: &mut Mistakes,
) -> Option<ClientOptions> {
    let api = api.said();
    let path = |path: Option<String>| path.map(PathBuf::from);
    let file = ClientOptions {
        http_addr: api.http_addr,
        token: api.token,
        token_file: path(api.token_file),
        ca_file: path(api.ca_file),
        ca_path: path(api.ca_path),
        client_cert: path(api.cert_file),
        client_key: path(api.key_file),
        tls_server_name: api.tls_server_name,
        datacenter: api.datacenter,
        stale,
        namespace: api.namespace,
        partition: api.partition,
        ..ClientOptions::default()
    };
    let options = ClientOptions::from_env(|name| environment.value(name))
        .map(|variables| flags.or(file).or(variables));
    // Creating a client reads the named files and checks the address.
    match options.and_then(|options| Client::new(&options).map(|_| options)) {
        Ok(options) => Some(options),
        Err(e) => {
            mistakes.add(e.to_string());
            None
        }
    }
}

fn check_file(path: &str, key: &str, mistakes: &mut Mistakes) {
    if let Err(e) = std::fs::File::open(Path::new(path)) {
        mistakes.add(format!("{key}: cannot read {path}: {e}"));
    }
}
