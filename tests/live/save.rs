//! `save`: intact snapshots, and everything that must not count as one.

use super::proxy::{Fault, Proxy, answer};
use super::{command, names, run_at};
use crate::support::{Ran, finish, in_parallel, run};
use snapscope_testkit::consul::ServerOptions;
use snapscope_testkit::fixtures;
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::records::kv;
use snapscope_testkit::{ConsulServer, Meta, SnapshotSpec};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A snapshot for tests of restore.
const SNAPSHOT: &str = "consul-1.8.7/small-a.snap";

/// Runs `save` through a proxy, with one attempt unless flags say otherwise.
fn through(proxy: &Proxy, server: &ConsulServer, dir: &Path, more: &[&str]) -> Ran {
    let mut command = command(&proxy.address(), server.token());
    command.current_dir(dir).args(["save", "backup.snap", "--retries", "0"]);
    finish(command.args(more), b"")
}

/// It failed with the expected message, showed no token and left nothing.
fn failed(ran: &Ran, code: i32, says: &[&str], dir: &Path) {
    assert_eq!((ran.code(), ran.text()), (code, ""), "{}", ran.stderr);
    for part in says {
        assert!(ran.stderr.contains(part), "no {part:?} in: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains(snapscope_testkit::generate::MANAGEMENT_SECRET), "{}", ran.stderr);
    assert_eq!(names(dir), [""; 0], "{}", ran.stderr);
}

#[test]
fn a_saved_snapshot_is_whole_and_named_as_asked() {
    let test = "a_saved_snapshot_is_whole_and_named_as_asked";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    server.put("/v1/kv/a", "1").unwrap();
    let save = |args: &[&str]| {
        let mut command = command(&server.http_addr().to_string(), server.token());
        finish(command.current_dir(dir.path()).arg("save").args(args), b"")
    };
    let ran = save(&["backup.snap"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    assert!(ran.text().starts_with("Saved and verified snapshot to index "), "{}", ran.text());
    assert!(ran.text().contains("in touch with the leader"), "{}", ran.text());
    let path = dir.path().join("backup.snap");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let inspected = run(["inspect", "--more", "--format", "json", path.to_str().unwrap()]);
    assert_eq!(inspected.code(), 0, "{}", inspected.stderr);

    // An existing file stays, unless force is used.
    let before = std::fs::read(&path).unwrap();
    let ran = save(&["backup.snap"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("backup.snap already exists; use --force"), "{}", ran.stderr);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    server.put("/v1/kv/b", "2").unwrap();
    let ran = save(&["--force", "-stale", "-o", "json", "backup.snap"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let json = ran.json();
    assert_ne!(std::fs::read(&path).unwrap(), before);
    let inspected = run(["inspect", "--format", "json", path.to_str().unwrap()]).json();
    assert_eq!(json["Index"], inspected["Meta"]["Index"]);
    assert_eq!(json["ID"], inspected["Meta"]["ID"]);
    assert_eq!(
        json["Stats"].as_array().unwrap().len(),
        inspected["Stats"].as_array().unwrap().len()
    );
    assert_eq!(json["KnownLeader"], true);
    assert_eq!(json["Datacenter"], "dc1");
    let version = server.version();
    let version = format!("{}.{}.{}", version.0, version.1, version.2);
    assert_eq!(json["Servers"][0]["Version"], version);
    let index = json["Index"].as_u64().unwrap();

    // Own names, and the parts of Consul's names.
    let ran = save(&["--out-dir", ".", "-o", "json"]);
    let later = ran.json()["Index"].as_u64().unwrap();
    assert!(later >= index && dir.path().join(format!("consul-dc1-{later}.snap")).is_file());
    let ran = save(&["-append-filename", "status,node,dc,version", "x.snap"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(dir.path().join(format!("x-{version}-dc1-testkit-leader.snap")).is_file());
    let ran = save(&["-"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("standard output"), "{}", ran.stderr);
    let ran = save(&["no-such-folder/x.snap"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("does not exist; create it first"), "{}", ran.stderr);
    assert!(names(dir.path()).iter().all(|name| !name.starts_with('.')));
}

/// A nightly job in a quiet night: the previous snapshot is as good if it is intact and of the same
/// state.
#[test]
fn a_whole_snapshot_of_the_same_state_is_a_success() {
    let test = "a_whole_snapshot_of_the_same_state_is_a_success";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let save = || {
        let mut command = command(&server.http_addr().to_string(), server.token());
        finish(command.args(["save", "--out-dir"]).arg(dir.path()), b"")
    };
    // A single server is quiet, except in its first seconds.
    let mut rounds = 0;
    let same = loop {
        let before = names(dir.path());
        let ran = save();
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        if names(dir.path()) == before {
            break ran;
        }
        rounds += 1;
        assert!(rounds < 30, "its index never stays");
    };
    assert!(same.text().starts_with("Verified snapshot to index "), "{}", same.text());
    assert!(names(dir.path()).iter().all(|name| !name.starts_with('.')));
    // Nor does an intact snapshot with the same index but another content, as from another cluster.
    let name = names(dir.path()).last().unwrap().clone();
    let path = dir.path().join(&name);
    let inspected = run(["inspect", "--format", "json", path.to_str().unwrap()]).json();
    let index = inspected["Meta"]["Index"].as_u64().unwrap();
    let term = inspected["Meta"]["Term"].as_u64().unwrap();
    let own = std::fs::read(&path).unwrap();
    let spec = SnapshotSpec::new(vec![kv::entry("a", "other", 0, 1)]);
    let other = SnapshotSpec { meta: Meta { term, ..Meta::at(index) }, ..spec }.snap();
    std::fs::write(&path, &other).unwrap();
    let before = names(dir.path());
    let ran = save();
    if names(dir.path()) == before {
        assert_eq!(ran.code(), 2, "{}", ran.text());
        assert!(ran.stderr.contains("another cluster or state"), "{}", ran.stderr);
        assert!(ran.stderr.contains("objects differ"), "{}", ran.stderr);
    }
    assert_eq!(std::fs::read(&path).unwrap(), other);
    std::fs::write(&path, own).unwrap();
    // A damaged file is kept, but the command fails.
    let path = dir.path().join(names(dir.path()).last().unwrap());
    for name in names(dir.path()) {
        let path = dir.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        std::fs::write(&path, bytes).unwrap();
    }
    let damaged = std::fs::read(&path).unwrap();
    let before = names(dir.path());
    let ran = save();
    if names(dir.path()) == before {
        assert_eq!(ran.code(), 2, "{}", ran.text());
        assert!(ran.stderr.contains("already exists and is damaged"), "{}", ran.stderr);
        assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    }
    assert_eq!(std::fs::read(&path).unwrap(), damaged);
}

/// A connection that ends before the answer does is an error each time, without a file.
#[test]
fn a_cut_connection_leaves_nothing() {
    let Some(server) = ConsulServer::for_test("a_cut_connection_leaves_nothing") else { return };
    let mut random = SplitMix64::new(7);
    let mut parts: Vec<u64> = (0..96).map(|_| random.below(1_000_000)).collect();
    // Nothing, and all but the last byte, which completes the answer.
    parts.extend([0, 1, 999_990, 999_999]);
    in_parallel(parts, |part| {
        let dir = tempfile::tempdir().unwrap();
        let proxy = Proxy::start(server.http_addr(), vec![Fault::Cut(*part)]);
        let ran = through(&proxy, &server, dir.path(), &[]);
        failed(&ran, 2, &["broke off", &proxy.address()], dir.path());
    });
}

/// Before the answer has begun, another attempt is safe, and helps.
#[test]
fn a_passing_failure_is_asked_again() {
    let Some(server) = ConsulServer::for_test("a_passing_failure_is_asked_again") else { return };
    for fault in [
        answer("500 Internal Server Error", b"No cluster leader"),
        answer("503 Service Unavailable", b""),
        Fault::Cut(0),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let proxy = Proxy::start(server.http_addr(), vec![fault.clone(), fault, Fault::None]);
        let ran = through(&proxy, &server, dir.path(), &["--force"]);
        assert_eq!(ran.code(), 2);
        assert_eq!(proxy.connections(), 1, "no retries means one try");
        let mut again = command(&proxy.address(), server.token());
        let ran =
            finish(again.current_dir(dir.path()).args(["save", "b.snap", "--retries", "2"]), b"");
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
        assert_eq!((names(dir.path()), proxy.connections()), (vec!["b.snap".to_owned()], 3));
    }
}

#[test]
fn refusals_say_what_to_do() {
    let Some(server) = ConsulServer::for_test("refusals_say_what_to_do") else { return };
    let dir = tempfile::tempdir().unwrap();
    let through = |fault: Fault, code: i32, says: &[&str]| {
        let proxy = Proxy::start(server.http_addr(), vec![fault]);
        failed(&through(&proxy, &server, dir.path(), &[]), code, says, dir.path());
    };
    through(answer("404 Not Found", b""), 2, &["/v1/snapshot: 404", "a Consul agent's HTTP API"]);
    through(answer("500 Internal Server Error", b"disk on fire"), 2, &["500 disk on fire"]);
    through(answer("502 Bad Gateway", b""), 2, &["502", "proxy"]);
    through(answer("401 Unauthorized", b""), 2, &["CONSUL_HTTP_AUTH"]);
    through(answer("429 Too Many Requests", b""), 2, &["try again later"]);
    let moved =
        b"HTTP/1.1 307 Moved\r\nLocation: https://else.example/\r\nContent-Length: 0\r\n\r\n";
    through(Fault::Answer(moved.to_vec()), 2, &["redirected to https://else.example/"]);
    through(answer("200 OK", b""), 3, &["did not send a whole snapshot", "empty"]);
    through(
        answer("200 OK", b"<html>Welcome</html>"),
        3,
        &["did not send a whole snapshot", "not a Consul snapshot"],
    );
    let mut changed = server.snapshot_save().unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 0x10;
    through(answer("200 OK", &changed), 3, &["did not send a whole snapshot"]);
    let state = fixtures::state_of(&server.snapshot_save().unwrap());
    through(answer("200 OK", &state), 3, &["not a snapshot archive"]);
    through(Fault::Answer(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), 2, &["broke off"]);

    // Tokens: none, and one that the cluster does not know.
    let address = server.http_addr().to_string();
    let token = |token: &str| {
        let mut command = command(&address, token);
        finish(command.current_dir(dir.path()).args(["save", "x.snap"]), b"")
    };
    failed(&token(""), 2, &["403", "-token-file", "acl = \"write\""], dir.path());
    let unknown = "11111111-2222-4333-8444-555555555555";
    let ran = token(unknown);
    failed(&ran, 2, &["403", "does not know this token"], dir.path());
    assert!(!ran.stderr.contains(unknown));

    // Nobody listens.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut nobody = command(&gone.to_string(), "");
    let ran =
        finish(nobody.current_dir(dir.path()).args(["save", "--retries", "0", "x.snap"]), b"");
    let says = ["nothing was saved", "no connection", "--http-addr or CONSUL_HTTP_ADDR"];
    failed(&ran, 2, &says, dir.path());
    assert!(!ran.stderr.contains("client error"), "{}", ran.stderr);
    let mut nowhere = command("no-such-host.invalid:8500", "");
    let ran =
        finish(nowhere.current_dir(dir.path()).args(["save", "--retries", "0", "x.snap"]), b"");
    failed(&ran, 2, &["no connection", "no-such-host.invalid"], dir.path());
}

#[test]
fn a_server_that_hangs_is_found() {
    let Some(server) = ConsulServer::for_test("a_server_that_hangs_is_found") else { return };
    for bytes in [0, 30, 1000] {
        let dir = tempfile::tempdir().unwrap();
        let proxy = Proxy::start(server.http_addr(), vec![Fault::Stall(bytes)]);
        let begin = Instant::now();
        let ran = through(&proxy, &server, dir.path(), &["--timeout", "1s"]);
        assert!(begin.elapsed() < Duration::from_secs(10));
        failed(&ran, 2, &["silent for 1 s", "--timeout"], dir.path());
    }
}

#[test]
fn without_a_leader_it_says_so() {
    let options = ServerOptions { alone: true, ..ServerOptions::default() };
    let Some(server) = ConsulServer::for_test_with("without_a_leader_it_says_so", &options) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let ran =
        run_at(&server, ["save", "--retries", "0", dir.path().join("x.snap").to_str().unwrap()]);
    failed(&ran, 2, &["No cluster leader", "-stale"], dir.path());
    let file = dir.path().join("x.snap");
    let ran = run_at(&server, ["save", "--retries", "0", "-stale", file.to_str().unwrap()]);
    // It has no state, so it does not know its own token either.
    failed(&ran, 2, &["does not know this token"], dir.path());
    let ran = run_at(&server, ["restore", "-y", fixtures::root().join(SNAPSHOT).to_str().unwrap()]);
    failed(&ran, 2, &["No cluster leader", "nothing was sent"], dir.path());
}

#[test]
fn a_cluster_without_any_token_says_how_to_get_one() {
    let options = ServerOptions { tokenless: true, ..ServerOptions::default() };
    let test = "a_cluster_without_any_token_says_how_to_get_one";
    let Some(server) = ConsulServer::for_test_with(test, &options) else { return };
    let dir = tempfile::tempdir().unwrap();
    let address = server.http_addr().to_string();
    for (token, says) in [("", "no token was given"), (server.token(), "does not know this token")]
    {
        for args in [vec!["save", "x.snap"], vec!["restore", "-y", SNAPSHOT]] {
            let mut command = command(&address, token);
            let file = fixtures::root().join(SNAPSHOT);
            let args = args.iter().map(|arg| match *arg {
                SNAPSHOT => file.to_str().unwrap(),
                arg => arg,
            });
            let ran = finish(command.current_dir(dir.path()).args(args), b"");
            failed(&ran, 2, &["403", says, "consul acl bootstrap"], dir.path());
        }
    }
}

/// A write that the system refuses, as on a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing() {
    let Some(server) = ConsulServer::for_test("a_full_disk_leaves_nothing") else { return };
    let dir = tempfile::tempdir().unwrap();
    // More than fits, even compressed.
    let mut value = vec![0; 64 << 10];
    SplitMix64::new(3).fill(&mut value);
    server.put("/v1/kv/noise", value).unwrap();
    let shell = |script: &str| {
        let env = command(&server.http_addr().to_string(), server.token());
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_snapscope")]);
        shell.arg(dir.path()).stdin(Stdio::null());
        for (name, value) in env.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        finish(&mut shell, b"")
    };
    // A file may have 512 bytes. The signal that would end the process is ignored, so the write
    // fails.
    let ran = shell("trap '' XFSZ; ulimit -f 1; exec \"$1\" save \"$2/x.snap\"");
    failed(&ran, 2, &["x.snap", "ulimit -f"], dir.path());

    // A file system of one page, if the system lets a user create one.
    let mount = "unshare -rm sh -c 'mount -t tmpfs -o size=4k none \"$2\"";
    let can = shell(&format!("{mount}' sh \"$1\" \"$2\""));
    if can.code() == 0 {
        let ran = shell(&format!(
            "{mount} && {{ \"$1\" save \"$2/x.snap\"; code=$?; ls -A \"$2\"; exit $code; }}' sh \"$1\" \"$2\""
        ));
        failed(&ran, 2, &["x.snap", "free some space"], dir.path());
    }
}

/// One of several gets the name, and the others find it taken; none removes another's unfinished
/// file.
#[test]
fn saves_to_one_name_at_the_same_time() {
    let Some(server) = ConsulServer::for_test("saves_to_one_name_at_the_same_time") else { return };
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let save = || {
            let mut command = command(&server.http_addr().to_string(), server.token());
            let ran = finish(command.current_dir(dir.path()).args(["save", "same.snap"]), b"");
            let is_taken = ran.stderr.contains("same.snap already exists");
            assert!(ran.code() == 0 || is_taken, "{}", ran.stderr);
            ran.code()
        };
        let codes: Vec<i32> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..4).map(|_| scope.spawn(save)).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
        assert_eq!(names(dir.path()), ["same.snap"]);
    }
}

/// An interrupted save leaves no partial file.
#[cfg(unix)]
#[test]
fn an_interrupted_save_leaves_nothing() {
    let Some(server) = ConsulServer::for_test("an_interrupted_save_leaves_nothing") else { return };
    let dir = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(server.http_addr(), vec![Fault::Stall(1000)]);
    let mut save = command(&proxy.address(), server.token());
    save.current_dir(dir.path()).args(["save", "x.snap"]).stderr(Stdio::piped());
    let child = save.spawn().unwrap();
    let begin = Instant::now();
    while names(dir.path()).is_empty() || proxy.heads().is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(20), "nothing was begun");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.ends_with("interrupted; nothing was saved\n"), "{stderr}");
    assert_eq!(names(dir.path()), [""; 0]);
}

/// The leftovers of a kill are removed by the next save of the same file; those of a running save
/// stay.
#[cfg(unix)]
#[test]
fn what_a_killed_save_left_goes_with_the_next() {
    let test = "what_a_killed_save_left_goes_with_the_next";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let proxy =
        Proxy::start(server.http_addr(), vec![Fault::Stall(1000), Fault::Stall(1000), Fault::None]);
    let begin = |number: usize| {
        let mut save = command(&proxy.address(), server.token());
        save.current_dir(dir.path()).args(["save", "x.snap"]).stderr(Stdio::null());
        let child = save.spawn().unwrap();
        let begun = Instant::now();
        while proxy.heads().len() < number || names(dir.path()).is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nothing was begun");
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    };
    let mut killed = begin(1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = names(dir.path());
    assert!(left[0].starts_with(".x.snap.") && left[0].ends_with(".part"), "{left:?}");
    let mut busy = begin(2);
    let of_busy = names(dir.path());
    assert!(of_busy.len() == 1 && of_busy != left, "{left:?} {of_busy:?}");
    let ran = through_as(&proxy, &server, dir.path(), "x.snap");
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    assert_eq!(names(dir.path()), [of_busy[0].as_str(), "x.snap"]);
    busy.kill().unwrap();
    busy.wait().unwrap();
}

fn through_as(proxy: &Proxy, server: &ConsulServer, dir: &Path, name: &str) -> Ran {
    let mut command = command(&proxy.address(), server.token());
    finish(command.current_dir(dir).args(["save", name]), b"")
}
