//! The files in `deploy/` are valid, as far as this can be tested here.

use super::daemon::{SOON, until};
use super::process::AgentProcess;
use super::{bare, ran};
use crate::support::write;
use serde_json::{Value, json};
use snapscope_testkit::{ConsulServer, fixtures::workspace};
use std::path::Path;
use std::process::Command;

fn deployed(name: &str) -> String {
    std::fs::read_to_string(workspace().join("deploy").join(name)).unwrap()
}

/// A configuration in which paths of its own machine are replaced by `dir`.
fn is_good(dir: &Path, text: &str) {
    let mut config: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let agent = &mut config["snapshot_agent"];
    let here = dir.display().to_string();
    if agent["snapshot"].get("local_scratch_path").is_some() {
        agent["snapshot"]["local_scratch_path"] = json!(here);
    }
    if agent.get("login").is_some() {
        let token = write(dir, "bearer", b"x");
        agent["login"]["bearer_token_file"] = json!(token);
    }
    let file = write(dir, "agent.json", config.to_string().as_bytes());
    let ran = ran(bare(), ["agent", "validate", "-config-file", file.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", ran.text());
    assert!(!ran.text().contains("warning"), "{}", ran.text());
}

#[test]
fn the_configurations_validate() {
    let dir = tempfile::tempdir().unwrap();
    is_good(dir.path(), &deployed("agent.json"));
    // The configuration in the Kubernetes manifest: a block indented by four, which ends at the
    // next document.
    let manifest = deployed("kubernetes.yaml");
    let block = manifest.split_once("agent.json: |\n").unwrap().1.split("\n---").next().unwrap();
    is_good(dir.path(), block);
    // The configuration in the Nomad job, with the values that Nomad inserts.
    let job = deployed("snapscope-agent.nomad.hcl");
    let template = job.split("<<EOT\n").find(|part| part.contains("snapshot_agent")).unwrap();
    let text = template.split("EOT").next().unwrap();
    is_good(dir.path(), &text.replace("{{ env \"NOMAD_PORT_metrics\" }}", "9107"));
}

/// Parsed by an independent reader: the Python that has moto's dependencies, or any other one.
#[test]
fn the_manifest_is_yaml() {
    let path = workspace().join("deploy/kubernetes.yaml");
    let program =
        "import sys, json, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let python = match snapscope_testkit::stores::python() {
        Ok(python) => python,
        Err(e) if snapscope_testkit::consul::required() => panic!("{e}"),
        Err(e) => {
            #[allow(clippy::print_stderr)]
            {
                eprintln!("skipped: the_manifest_is_yaml: {e}");
            }
            return;
        }
    };
    let read = Command::new(python).args(["-c", program]).arg(path).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let documents: Vec<Value> = serde_json::from_slice(&read.stdout).unwrap();
    let kinds: Vec<&str> = documents.iter().map(|d| d["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ServiceAccount", "ConfigMap", "Deployment"]);
    let container = &documents[2]["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["args"][0], "agent");
}

#[test]
fn systemd_accepts_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let binary = bare().get_program().to_string_lossy().into_owned();
    let unit = deployed("snapscope-agent.service").replace("/usr/bin/snapscope", &binary);
    let path = write(dir.path(), "snapscope-agent.service", unit.as_bytes());
    let Ok(verified) =
        Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output()
    else {
        #[allow(clippy::print_stderr)]
        {
            eprintln!("skipped: systemd_accepts_the_unit: there is no systemd-analyze");
        }
        return;
    };
    // Messages about other units of this machine are ignored.
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<&str> = said.lines().filter(|l| l.contains("snapscope-agent.service")).collect();
    assert!(ours.is_empty(), "{said}");
}

/// A real server accepts the policy, and an agent that has only this policy can do everything it
/// has to.
#[test]
fn the_policy_suffices() {
    let Some(server) = ConsulServer::for_test("the_policy_suffices") else { return };
    let body = json!({"Name": "snapshot-agent", "Rules": deployed("agent-policy.hcl")});
    server.put("/v1/acl/policy", body.to_string()).unwrap();
    let token = json!({"Policies": [{"Name": "snapshot-agent"}]});
    let made = server.put("/v1/acl/token", token.to_string()).unwrap();
    let made: Value = serde_json::from_slice(&made).unwrap();
    let secret = made["SecretID"].as_str().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().to_str().unwrap();
    let args = ["-interval=1s", "-retain=2", "-local-path", store];
    let log = dir.path().join("log");
    let mut agent = AgentProcess::at(server.http_addr(), secret, &args, &log);
    for _ in 0..3 {
        agent.expect("Saved snapshot ", SOON);
    }
    until("its checks pass", || {
        let checks = server.get_json("/v1/health/checks/consul-snapshot").unwrap();
        let checks = checks.as_array().unwrap().clone();
        checks.len() == 2 && checks.iter().all(|check| check["Status"] == "passing")
    });
    assert_eq!(agent.stop(), 0);
    for trouble in ["[WARN]", "[ERROR]"] {
        assert_eq!(agent.count(trouble), 0, "{}", agent.text());
    }
    assert_eq!(server.get_json("/v1/health/checks/consul-snapshot").unwrap(), json!([]));
}
