//! Mistyped words: each error suggests the word that was meant, on its own line.

use crate::support::{Fixture, data_dir, json_lines, recorded, run};

/// Arguments, with FILE for a snapshot, and what the error has to name.
const TYPOS: &[(&[&str], &str)] = &[
    // Types
    (&["list", "kvs", "FILE"], "\"kv\""),
    (&["list", "nods", "FILE"], "\"nodes\""),
    (&["list", "tokns", "FILE"], "\"tokens\""),
    (&["list", "polices", "FILE"], "\"policies\""),
    (&["list", "serivces", "FILE"], "\"services\""),
    (&["list", "config", "FILE"], "\"config-entries\""),
    (&["list", "config_entries", "FILE"], "\"config-entries\""),
    (&["list", "sesions", "FILE"], "\"sessions\""),
    (&["list", "bindng-rules", "FILE"], "\"binding-rules\""),
    (&["list", "ACLTokn", "FILE"], "\"ACLToken\""),
    (&["get", "polcy", "global-management", "FILE"], "\"policy\""),
    (&["history", "tokn", "x", "FILE"], "\"token\""),
    (&["diff", "--type", "intentoins", "FILE", "FILE"], "\"intentions\""),
    (&["top", "--type", "KVSS", "FILE"], "\"KVS\""),
    (&["decode", "--type", "ACLPolcy", "FILE"], "\"ACLPolicy\""),
    (&["export", "FILE", "--to", "jsonl", "--out", "-", "--type", "chekcs"], "\"checks\""),
    (&["extract", "FILE", "--out", "x.snap", "--only", "catlog"], "\"catalog\""),
    // Columns
    (&["list", "nodes", "FILE", "--columns", "adress"], "\"address\""),
    (&["list", "tokens", "FILE", "--columns", "accessor,polices"], "\"policies\""),
    (&["list", "tokens", "FILE", "--sort", "creatd"], "\"created\""),
    (&["list", "kv", "FILE", "--sort", "-siez"], "\"size\""),
    (&["list", "checks", "FILE", "--columns", "statsu"], "\"status\""),
    // Fields
    (&["list", "nodes", "FILE", "--filter", "Noed == x"], "mean Node?"),
    (&["list", "nodes", "FILE", "--filter", "Adress == x"], "mean Address?"),
    (&["list", "tokens", "FILE", "--filter", "Polices is empty"], "mean Policies?"),
    (&["list", "tokens", "FILE", "--filter", "Policies.Nam == x"], "mean Policies.Name?"),
    (&["list", "tokens", "FILE", "--filter", "\"x\" in Policies"], "mean Policies.Name?"),
    (&["list", "nodes", "FILE", "--filter", "Meta.a-b == x"], "mean Meta[\"a-b\"]?"),
    (&["list", "tokens", "FILE", "--filter", "Expires == x"], "mean ExpirationTime, which the"),
    (&["list", "checks", "FILE", "--filter", "ID == x"], "mean CheckID, which the"),
    (&["list", "nodes", "FILE", "--filter", "Node = x"], "\"==\""),
    (&["list", "nodes", "FILE", "--filter", "Node == x && ID == y"], "\"and\""),
    (&["list", "nodes", "FILE", "--filter", "Node LIKE x"], "\"matches\""),
    (&["list", "tokens", "FILE", "--filter", "Policies has x"], "\"contains\""),
    (&["decode", "FILE", "--filter", "Kye == x"], "mean Data.Key?"),
    (&["diff", "FILE", "FILE", "--ignore", "Outpt"], "\"Output\""),
    // Flags, with one dash and two
    (&["list", "kv", "FILE", "--limt", "3"], "\"--limit\""),
    (&["list", "kv", "FILE", "-limt", "3"], "\"--limit\""),
    (&["list", "kv", "FILE", "--fliter", "x"], "\"--filter\""),
    (&["list", "kv", "FILE", "-colums", "key"], "\"--columns\""),
    (&["list", "kv", "FILE", "--show-secret"], "\"--show-secrets\""),
    (&["list", "kv", "FILE", "-outptu", "json"], "\"--output\""),
    (&["list", "kv", "FILE", "--where", "x"], "\"--filter\""),
    (&["list", "kv", "FILE", "--tail", "5"], "\"--limit\""),
    (&["diff", "--only", "kv", "FILE", "FILE"], "\"--type\""),
    (&["export", "FILE", "--format", "csv", "--out", "x"], "\"--to\""),
    (&["export", "FILE", "--to", "csv", "--output", "x"], "\"--out\""),
    (&["extract", "FILE", "--output", "x.snap"], "--out, which names the file"),
    (&["inspect", "-kvdetials", "FILE"], "\"--kvdetails\""),
    (&["inspect", "-kvdeph", "1", "FILE"], "\"--kvdepth\""),
    (&["audit", "--min-severty", "high", "FILE"], "\"--min-severity\""),
    (&["audit", "-baselin", "x", "FILE"], "\"--baseline\""),
    (&["breakdown", "--by", "prefix", "--dept", "2", "FILE"], "\"--depth\""),
    (&["verify", "--quik", "FILE"], "\"--quick\""),
    (&["redact", "FILE", "--out", "x.snap", "--pseudonymize"], "\"--pseudonymise\""),
    (&["pack", "FILE", "--out", "x.snap", "--dry-rn"], "\"--dry-run\""),
    // Values
    (&["list", "kv", "FILE", "-o", "jsn"], "\"json\""),
    (&["top", "FILE", "-o", "tabel"], "\"table\""),
    (&["breakdown", "--by", "prefx", "FILE"], "\"prefix\""),
    (&["breakdown", "--sort", "larges", "FILE"], "\"largest\""),
    (&["audit", "--fail-on", "hgih", "FILE"], "\"high\""),
    (&["export", "FILE", "--to", "sqlit", "--out", "x"], "\"sqlite\""),
    (&["top", "--color", "alwys", "FILE"], "\"always\""),
    // Rules and groups
    (&["audit", "--only", "SECRT", "FILE"], "\"SECRET\""),
    (&["audit", "--skip", "CATLOG", "FILE"], "\"CATALOG\""),
    (&["audit", "--only", "ACL0200", "FILE"], "\"ACL020\""),
    // Commands
    (&["lst", "kv", "FILE"], "\"list\""),
    (&["insepct", "FILE"], "\"inspect\""),
    (&["acl", "whocan", "acl", "write", "FILE"], "\"who-can\""),
    (&["repair", "FILE"], "\"salvage\""),
    (&["du", "FILE"], "\"breakdown\""),
    (&["snapshot", "inspect", "FILE"], "\"inspect\""),
    (&["acl", "explian", "anonymous", "FILE"], "\"explain\""),
    // Resources and accesses
    (&["acl", "who-can", "kye", "write", "x", "FILE"], "\"key\""),
    (&["acl", "who-can", "servce", "read", "x", "FILE"], "\"service\""),
    (&["acl", "can", "anonymous", "key", "wirte", "x", "FILE"], "\"write\""),
    (&["acl", "who-can", "key", "lsit", "x", "FILE"], "\"list\""),
];

fn small() -> String {
    Fixture::snap("consul-1.21.4/small-a").path.to_str().unwrap().to_owned()
}

#[test]
fn every_typo_is_answered_with_what_was_meant() {
    assert!(TYPOS.len() >= 60, "{}", TYPOS.len());
    let file = small();
    let mut wrong = Vec::new();
    for (args, meant) in TYPOS {
        let given = args.iter().map(|arg| if *arg == "FILE" { file.as_str() } else { arg });
        let ran = run(given);
        let first = ran.stderr.lines().next().unwrap_or_default();
        let is_answered = first.contains("did you mean") && first.contains(meant);
        if ran.code() != 2 || !is_answered || !ran.stdout.is_empty() {
            wrong.push(format!("{args:?}: exit code {}: {}", ran.code(), ran.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), TYPOS.len(), wrong.join("\n"));
}

/// Values that match nothing: the answer is empty, and a note lists what exists.
#[test]
fn values_that_match_nothing_are_answered_too() {
    let file = small();
    let file = file.as_str();
    for (args, says) in [
        (&["list", "config-entries", file, "--kind", "msh"][..], "did you mean \"mesh\"?"),
        (&["list", "instances", file, "--service", "ads-ap"], "did you mean \"ads-api\"?"),
        (
            &["list", "nodes", file, "--filter", "Meta.zone == \"zz\""],
            "values of Meta.zone: \"a\", \"b\"",
        ),
        (&["list", "checks", file, "--filter", "Status == passin"], "did you mean \"passing\"?"),
        (&["list", "kv", file, "--prefix", "no-such/"], "--prefix no-such/ matches none of"),
        (&["list", "kv", file, "--prefix", "cofnig/"], "did you mean \"config/\"?"),
        (&["list", "tokens", file, "--filter", "AuthMethod == null"], "AuthMethod == \"\""),
        (&["list", "nodes", file, "--peer", "nobody"], "imported from peer \"nobody\""),
        (
            &["list", "nodes", file, "--peer", "nobody"],
            "values of peer: \"peer-accepts\", \"peer-dials\"",
        ),
        (&["acl", "check", file], "no questions on standard input"),
        (&["list", "nodes", file, "--filter", "Node == a and Node == b"], "matches none of"),
        (&["top", "--type", "FeatureGate", file], "no records of type FeatureGate"),
        (
            &["breakdown", "--by", "prefix", "--prefix", "no-such/", file],
            "no key starts with \"no-such/\"",
        ),
        (
            &["trend", "--by", "prefix", "--prefix", "no-such/", file],
            "no key starts with \"no-such/\"; no groups by prefix",
        ),
        (&["decode", "--type", "FeatureGate", file], "no records of type FeatureGate"),
        (&["decode", "--filter", "Key == x", file], "no records that match the filter"),
        (&["diff", "--prefix", "no-such/", file, file], "--prefix no-such/ matches no kv"),
        (
            &["diff", "--type", "node", "--filter", "Node == x", file, file],
            "--filter Node == x matches no nodes of either snapshot",
        ),
        (&["audit", "--only", "LOG", file], "rules of LOG need a server's Raft log"),
        (
            &[
                "export", file, "--to", "jsonl", "--out", "-", "--type", "kv", "--prefix",
                "no-such/",
            ],
            "wrote no objects: no kv match --prefix \"no-such/\" in the snapshot",
        ),
    ] {
        let ran = run(args);
        assert_eq!(ran.code(), 0, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
        let quiet = run([args, &["-q"]].concat());
        assert_eq!((quiet.stdout, quiet.stderr.as_str()), (ran.stdout, ""), "{args:?}");
    }
    let empty = Fixture::snap("consul-1.21.4/empty").path;
    let ran = run(["list", "sessions", empty.to_str().unwrap()]);
    assert!(ran.stderr.contains("no sessions in this snapshot"), "{}", ran.stderr);
}

/// IDs and names with a wrong letter: the error names the one that was meant.
#[test]
fn an_id_that_is_nearly_right_is_answered_with_the_right_one() {
    let file = small();
    let file = file.as_str();
    let mut seen = 0;
    for (kind, column) in [
        ("policy", "name"),
        ("role", "name"),
        ("auth-method", "name"),
        ("node", "node"),
        ("kv", "key"),
        ("token", "accessor"),
        ("session", "id"),
    ] {
        let list = run(["list", kind, "-o", "csv", "--no-headers", "--columns", column, file]);
        let names: Vec<&str> = list.text().lines().collect();
        let is_plain = |name: &&&str| {
            let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_/.".contains(c);
            name.len() > 5 && name.len() < 60 && name.chars().all(is_letter)
        };
        for name in names.iter().filter(is_plain).take(5) {
            // Two letters in the wrong order.
            let at =
                (name.len() / 2..name.len() - 1).find(|at| name[*at..=*at] != name[at + 1..at + 2]);
            let Some(at) = at else { continue };
            let wrong =
                [&name[..at], &name[at + 1..at + 2], &name[at..=at], &name[at + 2..]].concat();
            if names.contains(&wrong.as_str()) {
                continue;
            }
            seen += 1;
            let mut asked =
                vec![vec!["get", kind, &wrong, file], vec!["history", kind, &wrong, file]];
            if kind == "token" {
                asked.push(vec!["acl", "explain", &wrong, file]);
            }
            for args in asked {
                let ran = run(&args);
                assert_eq!(ran.code(), if args[0] == "acl" { 2 } else { 1 }, "{args:?}");
                let (_, meant) = ran
                    .stderr
                    .split_once("did you mean \"")
                    .unwrap_or_else(|| panic!("{args:?}: {}", ran.stderr));
                let meant = meant.split_once('"').unwrap().0;
                // Names may themselves differ in one letter.
                assert_eq!(meant.len(), name.len(), "{args:?}: {}", ran.stderr);
                assert!(names.contains(&meant), "{args:?}: {}", ran.stderr);
            }
        }
    }
    assert!(seen > 20, "{seen}");
    let far = run(["get", "kv", "nothing-like-any-other", file]);
    assert!(far.code() == 1 && !far.stderr.contains("did you mean"), "{}", far.stderr);
}

/// The same for a server's log.
#[test]
fn filters_of_a_log_that_show_nothing_say_so() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let data = data.as_str();
    for (filter, says) in [
        (["--object", "kv/no/such"], "--object kv/no/such matches none of"),
        (["--object", "kv/no/such"], "objects of kv: \"kv/"),
        (["--object", "kv/vault/core/none"], "objects of kv/vault/core: \"kv/vault/core/"),
        (["--object", "tokn/x"], "did you mean \"token\"?"),
        (["--who", "ci-pipelin"], "did you mean \"ci-pipeline\"?"),
        (["--who", "somebody else"], "values of who: \""),
        (["--filter", "op == delet"], "did you mean \"delete\"?"),
        (["--filter", "bytes == 1 and index == 3"], "bytes == \"1\" matches none of"),
        (["--since", "99999999"], "they have the indexes 1 to 959"),
    ] {
        for command in [&["log"][..], &["log", "stats"], &["timeline"]] {
            let args = [command, &filter, &[data]].concat();
            let ran = run(&args);
            assert_eq!(ran.code(), 0, "{args:?}: {}", ran.stderr);
            assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
            let quiet = run([&args[..], &["-q"]].concat());
            assert_eq!((quiet.stdout, quiet.stderr.as_str()), (ran.stdout, ""), "{args:?}");
        }
    }
    let both = run(["log", "--who", "ci-pipeline", "--object", "autopilot", data]);
    assert!(both.stderr.contains("matches all filters at once"), "{}", both.stderr);
    let shown = run(["log", "--object", "kv/app", data]);
    assert_eq!(shown.stderr, "");
    // Types are called as everywhere.
    for (name, other) in [
        ("kv/app/api", "KVS/app/api"),
        ("kv/app/api", "keys/app/api"),
        ("token", "tokens"),
        ("token", "ACLToken"),
        ("service/srv-log", "services/srv-log"),
        ("service/srv-log", "instances/srv-log"),
        ("config-entry/service-defaults", "config-entries/service-defaults"),
    ] {
        let [one, two] = [name, other].map(|object| run(["log", "--object", object, data]));
        assert!(one.stdout == two.stdout && one.text().lines().count() > 1, "{name} {other}");
    }
}

/// A SecretID finds the writes with its token, and is not shown.
#[test]
fn a_log_is_searched_by_secret_id() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let tokens = run(["list", "tokens", &data, "--show-secrets", "-o", "jsonl"]).lines();
    let truth =
        json_lines(&std::fs::read(recorded("consul-1.21.4-wal").join("truth.jsonl")).unwrap());
    let mut found = 0;
    for token in &tokens {
        let field = |name: &str| token[name].as_str().unwrap();
        let (accessor, secret) = (field("AccessorID"), field("SecretID"));
        if secret == "anonymous" || !truth.iter().any(|call| call["accessor"] == accessor) {
            continue;
        }
        let by_accessor = run(["log", "--who", accessor, &data]);
        let by_secret = run(["log", "--who", secret, &data]);
        assert!(by_secret.stdout == by_accessor.stdout, "{accessor}");
        found += by_secret.text().lines().count() - 1;
        let says = format!("that is the SecretID of token {accessor}");
        assert!(by_secret.stderr.contains(&says), "{}", by_secret.stderr);
        assert!(!by_secret.stderr.contains(secret) && !by_secret.text().contains(secret));
    }
    assert!(found > 100, "{found}");
    let unknown = "01234567-89ab-cdef-0123-456789abcdef";
    let ran = run(["log", "--who", unknown, &data]);
    assert!(ran.stderr.contains("this token matches none of"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(unknown), "{}", ran.stderr);
}

/// Tokens may have a policy through a role, which a list by policy leaves out: the note names the
/// roles.
#[test]
fn roles_with_the_policy_are_named() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let file = fixture.path.to_str().unwrap();
    let roles = fixture.api("acl_roles").unwrap();
    let mut with_roles = 0;
    for policy in fixture.api("acl_policies_each").unwrap().as_array().unwrap() {
        let name = policy["Name"].as_str().unwrap();
        let has = |role: &&serde_json::Value| {
            let links = role["Policies"].as_array();
            links.is_some_and(|links| links.iter().any(|link| link["Name"] == name))
        };
        let of: Vec<&str> = roles
            .as_array()
            .unwrap()
            .iter()
            .filter(has)
            .map(|role| role["Name"].as_str().unwrap())
            .collect();
        let filter = format!("\"{name}\" in Policies.Name");
        let ran = run(["list", "tokens", "--filter", &filter, file]);
        assert_eq!(ran.stderr.contains("through a role"), !of.is_empty(), "{name}: {}", ran.stderr);
        assert!(
            of.iter().all(|role| ran.stderr.contains(&format!("\"{role}\""))),
            "{}",
            ran.stderr
        );
        with_roles += usize::from(!of.is_empty());
        let json = run(["list", "tokens", "--filter", &filter, "-o", "json", file]);
        assert!(!json.stderr.contains("through a role"), "{}", json.stderr);
    }
    assert!(with_roles > 1);
}

#[test]
fn what_stands_in_the_wrong_place_is_recognised() {
    let file = small();
    let file = file.as_str();
    // A folder of keys instead of a key.
    let ran = run(["get", "kv", file, "config/"]);
    assert_eq!((ran.code(), ran.stdout.as_slice()), (1, &b""[..]));
    let count = run(["list", "kv", file, "--prefix", "config/", "--count"]);
    let count = count.text().trim();
    assert!(ran.stderr.contains(&format!("{count} keys start with it")), "{}", ran.stderr);
    assert!(ran.stderr.contains("list kv --prefix config/"), "{}", ran.stderr);
    // Snapshots without an ID.
    let ran = run(["history", "kv", file, file]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("is a snapshot, not the ID of a kv"), "{}", ran.stderr);
    let ran = run(["get", "kv", file]);
    assert!(ran.code() == 2 && ran.stderr.contains("is missing; usage:"), "{}", ran.stderr);
    // The key is missing.
    let ran = run(["acl", "who-can", "key", "write", file]);
    assert!(ran.code() == 2 && ran.stderr.contains("who can write which key?"), "{}", ran.stderr);
    // Words in another place.
    for (args, says) in [
        (&[file][..], "a command comes first"),
        (&["who-can", "key", "write", "x", file], "did you mean \"acl who-can\"?"),
        (&["tokens", file], "did you mean \"list tokens\"?"),
        (&["version"], "did you mean \"--version\"?"),
        (&["list", file], "missing: an argument before FILE"),
        (&["list", file, "kv"], "is a snapshot, not a type; the type comes first"),
        (&["get", "config/app", file], "the type comes first: kv \"config/app\""),
        (&["inspect", file, file], "this command takes one snapshot"),
        (&["acl", "who-can", "write", "key", "x", file], "did you mean \"key write\"?"),
        (&["acl", "can", "key", "read", "x", file], "a token comes before the resource"),
        (&["log", file], "a snapshot, which has no Raft log"),
        (&["log", "kv/app/x", "data"], "did you mean --object kv/app/x?"),
        (&["list", "checks", "--node", "x", file], "use --filter 'FIELD == \"VALUE\"'"),
        (&["list", "--type", "kv", file], "TYPE is given without a flag"),
        (&["get", "kv", "--key", "x", file], "ID is given without a flag"),
        (&["list", "kv", "-n", "-1", file], "expected a whole number; 0 shows all"),
    ] {
        let ran = run(args);
        let first = ran.stderr.lines().next().unwrap_or_default();
        assert!(ran.code() == 2 && first.contains(says), "{args:?}: {}", ran.stderr);
    }
    // A folder of snapshots in place of one.
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.snap", "a.snap", "notes"] {
        std::fs::write(folder.path().join(name), b"x").unwrap();
    }
    let ran = run(["inspect".as_ref(), folder.path().as_os_str()]);
    assert_eq!((ran.code(), ran.text()), (2, ""));
    assert!(ran.stderr.contains("a folder of 2 snapshots, such as a.snap"), "{}", ran.stderr);
    // Types without imported objects.
    for args in [["list", "tokens", file], ["list", "kv", file], ["list", "peerings", file]] {
        let ran = run([&args[..], &["--peer", "all"]].concat());
        assert!(ran.code() == 2 && ran.stderr.contains("--peer works with"), "{}", ran.stderr);
    }
}

/// A SecretID instead of a token: it is found, and never shown.
#[test]
fn a_secret_id_is_found_and_not_shown() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let file = fixture.path.to_str().unwrap();
    let tokens = fixture.api("acl_tokens_each").unwrap();
    let mut seen = 0;
    for token in tokens.as_array().unwrap().iter().take(8) {
        let (accessor, secret) =
            (token["AccessorID"].as_str().unwrap(), token["SecretID"].as_str().unwrap());
        if secret == "anonymous" {
            continue;
        }
        seen += 1;
        for args in [
            &["acl", "explain", secret, file][..],
            &["acl", "can", secret, "key", "read", "a", file],
            &["get", "token", secret, file],
            &["history", "token", secret, file],
        ] {
            let ran = run(args);
            let name = &args[..2];
            assert!(ran.code() < 2, "{name:?}: {}", ran.stderr);
            let told = format!("that is the SecretID of token {accessor}");
            assert!(ran.stderr.contains(&told), "{name:?}: {}", ran.stderr);
            assert!(!ran.stderr.contains(secret) && !ran.text().contains(secret), "{name:?}");
        }
    }
    assert!(seen > 4);
    let unknown = "01234567-89ab-cdef-0123-456789abcdef";
    let ran = run(["acl", "explain", unknown, file]);
    assert!(ran.code() == 2 && !ran.stderr.contains(unknown), "{}", ran.stderr);
}

/// The order of arguments that scripts use, and the one that the help shows.
#[test]
fn file_may_be_first_or_last() {
    let file = small();
    let file = file.as_str();
    for (new, old) in [
        (
            &["get", "policy", "global-management", file][..],
            &["get", "policy", file, "global-management"][..],
        ),
        (&["get", "kv", "config/", file], &["get", "kv", file, "config/"]),
        (&["acl", "explain", "anonymous", file], &["acl", "explain", file, "anonymous"]),
        (
            &["acl", "can", "anonymous", "key", "read", "config/x", file],
            &["acl", "can", file, "anonymous", "key", "read", "config/x"],
        ),
        (
            &["acl", "who-can", "-o", "json", "service", "write", "web", file],
            &["acl", "who-can", "-o", "json", file, "service", "write", "web"],
        ),
        (&["acl", "who-can", "acl", "write", file], &["acl", "who-can", file, "acl", "write"]),
        (&["top", "--limit", "3", file], &["top", "--number", "3", file]),
        (
            &["history", "kv", "--prefix", "config/", file],
            &["history", "kv", "--under", "config/", file],
        ),
        (&["list", "tokens", file], &["list", "ACLToken", file]),
        (&["list", "kv", file], &["list", "KVS", file]),
        (&["top", "--type", "kv", file], &["top", "--type", "KVS", file]),
        (&["decode", "--type", "tokens", file], &["decode", "--type", "ACL,ACLToken", file]),
        (&["inspect", "-o", "json", file], &["inspect", "--format", "json", file]),
        (&["verify", "-o", "table", file], &["verify", "-o", "text", file]),
        (&["diff", "--type", "services", file, file], &["diff", "--type", "service", file, file]),
    ] {
        let (new, old) = (run(new), run(old));
        assert_eq!(new.code(), old.code(), "{}", new.stderr);
        assert!(new.stdout == old.stdout, "{}", new.stderr);
    }
}
