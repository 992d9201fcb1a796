//! SARIF: the parts of the 2.1.0 schema that a log of ours uses, checked by hand. The schema itself
//! is not among the fixtures.

use crate::support::{Fixture, run};
use serde_json::Value;

/// Properties the schema allows for each kind of object we write, required ones first.
fn check(value: &Value, required: &[&str], allowed: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    for name in required {
        assert!(object.contains_key(*name), "{name} is missing: {value}");
    }
    for name in object.keys() {
        assert!(required.contains(&&**name) || allowed.contains(&&**name), "{name} is unknown");
    }
}

fn message(value: &Value) {
    check(value, &["text"], &[]);
    assert!(value["text"].is_string());
}

#[test]
fn a_log_is_as_the_schema_wants_it() {
    for name in ["consul-1.21.4/small-a", "consul-1.8.7/small-a", "consul-1.21.4/empty"] {
        let path = Fixture::snap(name).path;
        let ran = run(["audit", "-o", "sarif", path.to_str().unwrap()]);
        assert_eq!(ran.code(), 0);
        let log = ran.json();
        check(&log, &["version", "runs"], &["$schema"]);
        assert_eq!(log["version"], "2.1.0");
        for run in log["runs"].as_array().unwrap() {
            check(run, &["tool"], &["invocations", "results", "properties"]);
            let driver = &run["tool"]["driver"];
            check(driver, &["name"], &["version", "informationUri", "rules"]);
            let rules = driver["rules"].as_array().unwrap();
            for rule in rules {
                let texts = ["shortDescription", "fullDescription", "help"];
                check(
                    rule,
                    &["id"],
                    &[
                        "helpUri",
                        "defaultConfiguration",
                        "properties",
                        texts[0],
                        texts[1],
                        texts[2],
                    ],
                );
                texts.iter().for_each(|text| message(&rule[*text]));
                check(&rule["defaultConfiguration"], &["level"], &[]);
            }
            for invocation in run["invocations"].as_array().unwrap() {
                check(invocation, &["executionSuccessful"], &["toolExecutionNotifications"]);
            }
            for result in run["results"].as_array().unwrap() {
                check(
                    result,
                    &["message"],
                    &[
                        "ruleId",
                        "ruleIndex",
                        "level",
                        "locations",
                        "partialFingerprints",
                        "properties",
                    ],
                );
                message(&result["message"]);
                assert!(
                    ["none", "note", "warning", "error"]
                        .contains(&result["level"].as_str().unwrap())
                );
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
                for location in result["locations"].as_array().unwrap() {
                    check(location, &[], &["physicalLocation", "logicalLocations"]);
                    check(&location["physicalLocation"], &["artifactLocation"], &[]);
                    check(&location["physicalLocation"]["artifactLocation"], &["uri"], &[]);
                    for logical in location["logicalLocations"].as_array().unwrap() {
                        check(logical, &[], &["fullyQualifiedName", "kind"]);
                    }
                }
                assert!(
                    result["partialFingerprints"]
                        .as_object()
                        .unwrap()
                        .values()
                        .all(Value::is_string)
                );
            }
        }
    }
}
