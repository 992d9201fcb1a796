//! A template, rendered by the client library of consul-template from a running server and from the
//! served snapshot.

use crate::beside::settle;
use crate::recording::Recording;
use crate::served;
use snapscope_archive::Source;
use snapscope_serve::Settings;
use snapscope_testkit::{ConsulServer, render_template};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// Everything that a template can request.
const TEMPLATE: &str = r#"{{range datacenters}}datacenter {{.}}
{{end}}counter = {{key "counter"}}, missing = {{keyOrDefault "no/such/key" "default"}}
{{range ls "config/dev"}}{{.Key}} is {{len .Value}} bytes
{{end}}{{range tree "apps/"}}{{.Key}}={{printf "%q" .Value}} {{.Flags}} {{.ModifyIndex}}
{{end}}{{range $name, $tags := services}}{{$name}}: {{join $tags ","}}{{range service $name}}
  server {{.Node.Node}} {{.Node.Address}}:{{.Service.Port}} weight {{.Service.Weights.Passing}} {{.Checks.AggregatedStatus}}{{end}}
{{end}}{{range connect "shipping-scheduler"}}mesh {{.Service.ID}} {{.Service.Proxy}}
{{end}}{{range nodes}}node {{.Node}} {{.Address}} {{.Meta}}
{{end}}{{with node "ap-south-1-node-02"}}{{.Node.Node | toUpper}}{{range .Services}} {{.ID}}:{{.Port}}{{end}}{{end}}
{{range caRoots}}root {{.ID}} {{.Active}}
{{end}}"#;

fn rendered(program: &Path, template: &Path, to: SocketAddr, token: &str) -> (bool, String) {
    let output = Command::new(program)
        .arg(template)
        .env("CONSUL_HTTP_ADDR", to.to_string())
        .env("CONSUL_HTTP_TOKEN", token)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn a_template_renders_the_same() {
    let program = match render_template() {
        Ok(program) => program,
        Err(why) => {
            eprintln!("a_template_renders_the_same is skipped: {why}");
            return;
        }
    };
    let recording = Recording::read("1.8.7");
    let Some(mut server) = ConsulServer::for_test("a_template_renders_the_same") else { return };
    server.snapshot_restore(&std::fs::read(&recording.snapshot).unwrap()).unwrap();
    let token = recording.secret("management");
    settle(&server, &token);
    let taken =
        snapscope_testkit::http::request(server.http_addr(), "GET", "/v1/snapshot", &token, b"");
    let ours = served(Source::Memory(taken.unwrap().ok().unwrap().into()), Settings::default());
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("template");
    std::fs::write(&template, TEMPLATE).unwrap();
    // A token that may read everything, and one for which the template fails at a key.
    for (name, may_all) in [("management", true), ("mixed", false)] {
        let token = recording.secret(name);
        let (is_done, expected) = rendered(&program, &template, server.http_addr(), &token);
        let (is_ours_done, text) = rendered(&program, &template, ours, &token);
        assert_eq!((is_ours_done, &text), (is_done, &expected));
        assert_eq!(is_done, may_all, "{expected}");
        assert!(!may_all || expected.lines().count() > 100, "{expected}");
    }
}
