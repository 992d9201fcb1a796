//! The offline tool cannot reach a network, because nothing in it could.

use crate::licences::cargo;

/// Crates that open connections, or exist for those that do.
const NETWORK: [&str; 27] = [
    "async-std",
    "attohttpc",
    "aws-config",
    "aws-lc-rs",
    "curl",
    "curl-sys",
    "h2",
    "hickory-resolver",
    "hyper",
    "hyper-rustls",
    "hyper-util",
    "isahc",
    "mio",
    "minreq",
    "native-tls",
    "object_store",
    "openssl",
    "quinn",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "surf",
    "tokio",
    "tungstenite",
    "ureq",
];

#[test]
fn the_offline_tool_has_no_network_crate() {
    let tree = cargo(&[
        "tree",
        "-p",
        "snapscope",
        "-e",
        "normal",
        "--no-default-features",
        "--target",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let tree = String::from_utf8(tree).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert!(names.contains(&"snapscope-decode") && names.len() > 20, "{tree}");
    let found: Vec<&&str> = names.iter().filter(|name| NETWORK.contains(*name)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(!names.contains(&"snapscope-live"));
}

/// It uses only files: no socket is opened while it works.
#[cfg(target_os = "linux")]
#[test]
fn the_sources_of_the_offline_crates_name_no_sockets() {
    let root = snapscope_testkit::fixtures::workspace().join("crates");
    let mut looked_at = 0;
    for name in ["decode", "archive", "objects", "analyze", "raftlog", "rewrite"] {
        let mut due = vec![root.join(name).join("src")];
        while let Some(path) = due.pop() {
            if path.is_dir() {
                due.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            looked_at += 1;
            for word in ["TcpStream", "UdpSocket", "TcpListener", "ToSocketAddrs"] {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
        }
    }
    assert!(looked_at > 30);
}
