//! Config files and flags, checked with `agent validate`.

use super::{bare, ran};
use crate::support::{Ran, write};
use serde_json::{Value, json};
use std::path::Path;

/// All current keys with their defaults.
fn current() -> Value {
    json!({"snapshot_agent": {
        "http_addr": "127.0.0.1:8500", "token": "", "datacenter": "", "ca_file": "", "ca_path": "",
        "cert_file": "", "key_file": "", "tls_server_name": "",
        "login": {"auth_method": "", "bearer_token": "", "bearer_token_file": "", "meta": {}},
        "log": {"level": "INFO", "enable_syslog": false, "syslog_facility": "LOCAL0"},
        "snapshot": {"interval": "1h", "retain": 30, "stale": false, "service": "consul-snapshot",
            "deregister_after": "72h", "lock_key": "consul-snapshot/lock", "max_failures": 3,
            "local_scratch_path": ""},
        "backup_destinations": {
            "local_storage": [{"path": "."}],
            "aws_storage": [{"access_key_id": "", "secret_access_key": "", "session_token": "",
                "iam_endpoint": "", "role_arn": "", "role_session_name": "",
                "web_identity_token_file": "", "sts_endpoint": "", "s3_region": "",
                "s3_endpoint": "", "s3_bucket": "", "s3_key_prefix": "consul-snapshot"}],
            "azure_blob_storage": [{"account_name": "", "account_key": "", "container_name": ""}],
            "google_storage": [{"bucket": ""}]
        }
    }})
}

/// The form of older versions: destinations are in the object itself, one of each kind.
fn older() -> Value {
    let mut config = current();
    let agent = config["snapshot_agent"].as_object_mut().unwrap();
    agent.remove("login");
    agent.insert("license_path".into(), "/etc/consul.d/consul.hclic".into());
    let destinations = agent.remove("backup_destinations").unwrap();
    for (kind, list) in destinations.as_object().unwrap() {
        agent.insert(kind.clone(), list[0].clone());
    }
    agent["aws_storage"] = json!({"access_key_id": "", "secret_access_key": "", "s3_region": "",
        "s3_bucket": "", "s3_key_prefix": "consul-snapshot"});
    config
}

/// The output of `validate` for files with these texts, in order, and flags.
fn validate(dir: &Path, configs: &[Value], flags: &[&str]) -> Ran {
    let mut args = vec!["agent".to_owned(), "validate".into()];
    for (at, config) in configs.iter().enumerate() {
        let path = write(dir, &format!("{at}.json"), config.to_string().as_bytes());
        args.extend(["-config-file".into(), path.display().to_string()]);
    }
    args.extend(flags.iter().map(|flag| (*flag).to_owned()));
    let mut command = bare();
    command.current_dir(dir);
    ran(command, args)
}

#[test]
fn both_forms_are_good_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    for config in [current(), older()] {
        let ran = validate(dir.path(), &[config], &[]);
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", ran.text());
        let good = "a snapshot every 1h, 30 are kept, stored in the current folder\n";
        assert!(ran.text().ends_with(good), "{}", ran.text());
    }
    assert!(validate(dir.path(), &[older()], &[]).text().contains("warning: license_path"));
}

#[test]
fn later_files_win_and_flags_win_over_files() {
    let dir = tempfile::tempdir().unwrap();
    let later = json!({"snapshot_agent": {
        "snapshot": {"retain": 7, "interval": "30m"},
        "aws_storage": {"s3_bucket": "b", "s3_region": "eu-1", "s3_key_prefix": "p/"}
    }});
    // A file of another program is skipped.
    let other = json!({"datacenter": "dc1", "server": true});
    let ran = validate(dir.path(), &[older(), later.clone(), other.clone()], &[]);
    assert!(
        ran.text().ends_with("every 30m, 7 are kept, stored in s3://b/p, the current folder\n"),
        "{}",
        ran.text()
    );
    let flags = ["-interval=5m", "-aws-s3-bucket", "c", "-retain=0", "-local-path", "."];
    let ran = validate(dir.path(), std::slice::from_ref(&later), &flags);
    assert!(
        ran.text().ends_with("every 5m, all are kept, stored in s3://c/p, the current folder\n"),
        "{}",
        ran.text()
    );
    // A remote destination replaces only the default destination.
    let ran = validate(dir.path(), &[later], &[]);
    assert!(ran.text().ends_with("stored in s3://b/p\n"), "{}", ran.text());
    let ran = validate(dir.path(), &[other], &[]);
    assert_eq!(ran.code(), 1);
    assert!(ran.text().contains("none of the config files has a \"snapshot_agent\" object"));
    // A folder: only .json files, in order of their names, without subfolders.
    let folder = dir.path().join("d");
    std::fs::create_dir_all(folder.join("below.json")).unwrap();
    write(&folder, "b.json", br#"{"snapshot_agent": {"snapshot": {"retain": 2}}}"#);
    write(&folder, "a.json", br#"{"snapshot_agent": {"snapshot": {"retain": 1}}}"#);
    write(&folder, "c.hcl", b"not read");
    let ran = validate(dir.path(), &[], &["-config-dir", folder.to_str().unwrap()]);
    assert!(ran.text().contains("2 are kept"), "{}", ran.text());
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let config = json!({"snapshot_agent": {
        "http_adr": "x", "snapshot": {"interval": "1 day", "retain": "many", "max_failures": 0, "lok": 1},
        "log": {"level": "loud"}, "cert_file": "/nowhere/cert.pem", "key_file": "/nowhere/key.pem",
        "login": {"auth_method": "k8s"},
        "backup_destinations": {
            "aws_storage": [{"s3_bucket": "b", "iam_endpoint": "http://x", "s3_kms_key": "k", "access_key_id": "id"},
                {"s3_bucket": "c", "s3_region": "r", "role_arn": "arn"},
                {"s3_bucket": "d", "s3_region": "r", "role_session_name": "n"},
                {"s3_bucket": "e", "s3_region": "r", "role_arn": "arn",
                    "access_key_id": "id", "secret_access_key": "s"}],
            "azure_blob_storage": [{"container_name": "c", "environment": "MARS", "tenant_id": "t"}],
            "local_storage": [{"path": "/nowhere"}]
        }
    }});
    let ran = validate(dir.path(), &[config], &["-alert-shrink", "100", "-metrics", "here"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (1, ""));
    for expected in [
        "snapshot_agent: unknown key \"http_adr\"",
        "snapshot_agent.snapshot: unknown key \"lok\"",
        "snapshot.interval: \"1 day\" is not a duration",
        "snapshot.retain: it must be a number",
        "snapshot.max_failures",
        "log.level: unknown level \"loud\"",
        "cannot read the client's key /nowhere/key.pem",
        "auth_method needs bearer_token_file",
        "iam_endpoint is not supported",
        "s3_kms_key has no effect without s3_enable_kms",
        "access_key_id without secret_access_key",
        "s3_region is missing",
        "role_arn needs web_identity_token_file",
        "role_session_name has no effect without role_arn",
        "assuming role_arn with access_key_id is not supported",
        "unknown environment \"MARS\"",
        "account_name is missing",
        "a service principal needs all of",
        "local_storage: /nowhere is not a folder",
        "alert_shrink: 100 is not between 1 and 99",
        "metrics: \"here\" is not an address",
    ] {
        assert!(ran.text().contains(expected), "no {expected:?}:\n{}", ran.text());
    }
    assert!(ran.text().lines().all(|line| line.starts_with("wrong: ")), "{}", ran.text());
    // The agent itself refuses the same on standard error.
    let mut command = bare();
    command.current_dir(dir.path());
    let agent = super::ran(command, ["agent", "-config-file", "0.json"]);
    assert_eq!((agent.code(), agent.text()), (2, ""));
    assert!(agent.stderr.contains("unknown key \"http_adr\""), "{}", agent.stderr);
}

/// Invalid bucket names with advice, an invalid interval, a file with secrets.
#[test]
fn names_of_buckets_and_open_files() {
    let dir = tempfile::tempdir().unwrap();
    let destinations = |s3: &str, azure: &str, google: &str| {
        json!({"snapshot_agent": {"backup_destinations": {
            "aws_storage": [{"s3_bucket": s3, "s3_region": "r"}],
            "azure_blob_storage": [{"container_name": azure, "account_name": "a", "account_key": "aGk="}],
            "google_storage": [{"bucket": google}]
        }}})
    };
    for (config, wrong) in [
        (
            destinations("s3://b", "c/p", "gs://x"),
            ["\"s3://b\" is a URL", "\"c/p\" has a slash", "\"gs://x\" is a URL"],
        ),
        (
            destinations("b/prefix", "az://c", "x/y"),
            [
                "put the part after the slash into s3_key_prefix",
                "\"az://c\" is a URL",
                "\"x/y\" has a slash",
            ],
        ),
        (destinations("b b", "Upper", "a?b"), ["character ' '", "character 'U'", "character '?'"]),
    ] {
        let ran = validate(dir.path(), &[config], &[]);
        assert_eq!(ran.code(), 1, "{}", ran.text());
        for wrong in wrong {
            assert!(ran.text().contains(wrong), "no {wrong:?}: {}", ran.text());
        }
    }
    // "Never" is valid.
    let ran = validate(dir.path(), &[], &["-deregister-after=0", "-local-path", "."]);
    assert_eq!((ran.code(), ran.text().contains("warning")), (0, false), "{}", ran.text());
    let ran = validate(dir.path(), &[], &["-deregister-after=5s", "-local-path", "."]);
    assert!(ran.text().contains("warning: snapshot.deregister_after"), "{}", ran.text());

    let open = json!({"snapshot_agent": {"token": "t"}});
    let ran = validate(dir.path(), std::slice::from_ref(&open), &[]);
    assert!(ran.text().contains("0.json: the file contains secrets"), "{}", ran.text());
    let file = write(dir.path(), "closed.json", open.to_string().as_bytes());
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o640);
    std::fs::set_permissions(&file, mode).unwrap();
    let ran = validate(dir.path(), &[], &["-config-file", file.to_str().unwrap()]);
    assert!(!ran.text().contains("warning"), "{}", ran.text());
}

/// Valid and invalid calendars and schedules.
#[test]
fn calendars_and_schedules() {
    let dir = tempfile::tempdir().unwrap();
    let config = json!({"snapshot_agent": {"snapshot": {"schedule": "15 3 * * *", "retain": 5,
        "keep_hourly": 24, "keep_daily": 14, "keep_weekly": 8, "keep_monthly": 12, "keep_within": "3d"}}});
    let ran = validate(dir.path(), std::slice::from_ref(&config), &[]);
    let expected = "a snapshot at \"15 3 * * *\" (UTC), 5 + 24 hourly + 14 daily + 8 weekly + 12 monthly + \
                    all within 3d are kept, stored in the current folder\n";
    assert!(ran.text().ends_with(expected), "{}", ran.text());
    // A flag overrides a file.
    let ran = validate(dir.path(), std::slice::from_ref(&config), &["-interval=2h"]);
    assert!(ran.text().contains("every 2h"), "{}", ran.text());
    let both = json!({"snapshot_agent": {"snapshot": {"schedule": "0 0 30 2 *", "interval": "1h",
        "keep_within": "3 days"}}});
    let ran = validate(dir.path(), &[both], &[]);
    assert_eq!(ran.code(), 1);
    for wrong in ["either interval or schedule", "never occurs", "\"3 days\" is not a time"] {
        assert!(ran.text().contains(wrong), "no {wrong:?}: {}", ran.text());
    }
    let all = json!({"snapshot_agent": {"snapshot": {"retain": 0, "keep_daily": 7}}});
    let ran = validate(dir.path(), &[all], &[]);
    assert!(ran.text().contains("warning: snapshot.retain is 0"), "{}", ran.text());
}

/// A destination without a location is an error; it never means the current folder.
#[test]
fn a_destination_has_a_place() {
    let dir = tempfile::tempdir().unwrap();
    for (destinations, wrong) in [
        (json!({"google_storage": [{"bucket": ""}]}), &["google_storage: bucket is missing"][..]),
        (json!({"aws_storage": [{}]}), &["aws_storage: s3_bucket is missing"]),
        (
            json!({"azure_blob_storage": [{}], "google_storage": [{}]}),
            &["azure_blob_storage: container_name is missing", "google_storage: bucket is missing"],
        ),
        (json!({"local_storage": [{"path": ""}]}), &["local_storage: path is missing"]),
        (
            json!({"aws_storage": [{"iam_endpoint": "http://x"}]}),
            &["iam_endpoint is not supported"],
        ),
    ] {
        let config = json!({"snapshot_agent": {"backup_destinations": destinations}});
        let ran = validate(dir.path(), &[config], &[]);
        assert_eq!(ran.code(), 1, "{destinations}: {}", ran.text());
        for wrong in wrong {
            assert!(ran.text().contains(wrong), "no {wrong:?}: {}", ran.text());
        }
    }
    for flag in ["-gcs-bucket", "-aws-s3-bucket", "-azure-blob-container-name", "-local-path"] {
        // Another destination does not repair that.
        let folder = json!({"snapshot_agent": {"local_storage": {"path": "."}}});
        for configs in [&[folder][..], &[]] {
            let ran = validate(dir.path(), configs, &[flag, ""]);
            assert_eq!(ran.code(), 1, "{flag}: {}", ran.text());
            assert!(ran.text().contains(&format!("{flag} is empty")), "{}", ran.text());
        }
        let mut command = bare();
        command.current_dir(dir.path());
        let agent = ran(command, ["agent", "-interval=0", flag, ""]);
        assert_eq!(agent.code(), 2, "{flag}: {}", agent.stderr);
        assert!(agent.stderr.contains(&format!("{flag} is empty")), "{}", agent.stderr);
    }
    let ran = validate(dir.path(), &[], &["-aws-iam-endpoint", "x"]);
    assert!(ran.text().contains("iam_endpoint is not supported"), "{}", ran.text());
    // Next to another one, as in a file that lists all keys, it is named and ignored.
    let ran = validate(dir.path(), &[current()], &[]);
    assert!(ran.text().contains("warning: google_storage: bucket is missing"), "{}", ran.text());
    let both = ["-login-bearer-token", "t", "-login-bearer-token-file", "f"];
    let ran = validate(dir.path(), &[], &both);
    assert_eq!(ran.code(), 1);
    assert!(ran.text().contains("either bearer_token_file or bearer_token"), "{}", ran.text());
}

/// A command does not print a default for a setting that it can do without.
#[test]
fn prune_has_no_default_rule() {
    let help = ran(bare(), ["prune", "--help"]);
    assert!(help.text().contains("--retain") && !help.text().contains("[default: 30]"));
    assert!(ran(bare(), ["agent", "--help"]).text().contains("[default: 30]"));
}

#[test]
fn secrets_are_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let config = json!({"snapshot_agent": {
        "token": "hunter2-token", "http_addr": "://",
        "login": {"auth_method": "m", "bearer_token": "hunter2-bearer", "bearer_token_file": "/x"},
        "aws_storage": {"s3_bucket": "b", "secret_access_key": "hunter2-aws"},
        "azure_blob_storage": {"container_name": "c", "account_key": "hunter2-azure"}
    }});
    let ran = validate(dir.path(), &[config], &["-aws-session-token", "hunter2-session"]);
    assert_eq!(ran.code(), 1);
    assert!(!ran.text().contains("hunter2") && !ran.stderr.contains("hunter2"), "{}", ran.text());
}

/// The examples of commands that end by themselves and need no cluster.
#[test]
fn the_examples_in_the_help_run() {
    let (dir, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(store.path(), "consul-1790000000000000000.snap", b"x");
    write(dir.path(), "agent.json", current().to_string().as_bytes());
    std::fs::create_dir(dir.path().join("agent.d")).unwrap();
    write(&dir.path().join("agent.d"), "a.json", current().to_string().as_bytes());
    let mut count = 0;
    for args in
        [&["agent", "--help"][..], &["agent", "validate", "--help"], &["snapshots", "--help"]]
    {
        let help = ran(bare(), args);
        let examples = help.text().split_once("Examples:").unwrap().1.to_owned();
        for line in examples.lines().filter_map(|line| line.trim().strip_prefix("snapscope ")) {
            let words: Vec<&str> = line.split(' ').collect();
            if words.contains(&"validate") || (words[0] == "snapshots" && !line.contains("://")) {
                // Snapshots are searched in a folder without other files, which would be reported.
                let is_listing = words[0] == "snapshots";
                let folder = if is_listing { &store } else { &dir };
                let mut command = bare();
                command.current_dir(folder.path());
                let ran = ran(command, &words);
                assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{line}");
                count += 1;
            }
        }
    }
    assert_eq!(count, 5);
}
