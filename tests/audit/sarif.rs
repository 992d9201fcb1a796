//! SARIF: our output is valid by the published schema, 2.1.0.

use crate::licences::cargo;
use crate::support::{Fixture, run};
use serde_json::Value;
use std::path::Path;

/// The schema, from the crate that generates types from it.
fn schema() -> Value {
    let metadata: Value =
        serde_json::from_slice(&cargo(&["metadata", "--format-version", "1"])).unwrap();
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .expect("it is a dependency, if only of tests");
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_slice(&schema).unwrap();
    // The published patterns have an extra bracket, so strict readers refuse them as regular
    // expressions.
    for whose in ["run", "toolComponent"] {
        schema["definitions"][whose]["properties"]["language"]["pattern"] =
            "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$".into();
    }
    assert!(schema["title"].as_str().unwrap().contains("2.1.0"), "{}", schema["title"]);
    schema
}

#[test]
fn a_log_is_valid_by_the_published_schema() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let valid = |log: &Value| {
        let errors: Vec<String> =
            schema.iter_errors(log).map(|e| format!("{}: {e}", e.instance_path())).collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    };
    for name in ["consul-1.21.4/small-a", "consul-1.8.7/small-a", "consul-1.21.4/empty"] {
        let path = Fixture::snap(name).path;
        let ran = run(["audit", "-o", "sarif", path.to_str().unwrap()]);
        assert_eq!(ran.code(), 0);
        let log = ran.json();
        assert_eq!(valid(&log), Ok(()), "{name}");
        for run in log["runs"].as_array().unwrap() {
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            for result in run["results"].as_array().unwrap() {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
            }
        }
        // The schema finds errors.
        let mut wrong = log.clone();
        wrong["runs"][0]["results"] = serde_json::json!([{"level": "terrible"}]);
        assert!(valid(&wrong).is_err());
    }
}

#[test]
fn a_log_of_a_damaged_snapshot_is_valid_too() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(Fixture::snap("consul-1.21.4/small-a").path).unwrap();
    let path = dir.path().join("cut.snap");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let ran = run(["audit", "-o", "sarif", path.to_str().unwrap()]);
    assert_eq!(ran.code(), 3);
    assert!(schema.is_valid(&ran.json()));
}
