//! Earlier forms of commands and flags, as listed in docs/renames.md: they do what the new ones do.

use crate::cli::shell;
use crate::support::{Fixture, finish, run};
use snapscope_testkit::fixtures::workspace;

/// The rows of the page: the earlier form and the new one.
fn rows() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(workspace().join("docs/renames.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| {
        let mut cells = line.split('`').skip(1).step_by(2).map(str::to_owned);
        (cells.next().unwrap(), cells.next().unwrap())
    });
    rows.collect()
}

#[test]
fn earlier_forms_do_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    std::fs::copy(file, dir.path().join("backup.snap")).unwrap();
    let rows = rows();
    assert!(rows.len() >= 15, "{rows:?}");
    for (earlier, now) in rows {
        assert_ne!(earlier, now);
        let [before, after] =
            [&earlier, &now].map(|line| finish(&mut shell(line, dir.path()), b""));
        assert!(before.code() < 2 && !before.stdout.is_empty(), "{earlier}: {}", before.stderr);
        assert_eq!(before.code(), after.code(), "{now}: {}", after.stderr);
        assert!(before.stdout == after.stdout, "{earlier}\n{now}");
    }
}

/// Help and completions show only the new names.
#[test]
fn earlier_names_are_hidden() {
    let scripts = ["bash", "zsh", "fish"].map(|shell| run(["completions", shell]));
    for (command, name) in [
        ("top", "number"),
        ("history", "under"),
        ("extract", "kv-prefix"),
        ("extract", "drop-kv-prefix"),
    ] {
        let help = run([command, "--help"]);
        assert!(!help.text().contains(&format!("--{name} ")), "{command}: {name}");
        for script in &scripts {
            assert!(!script.text().contains(&format!("-{name} ")), "{name}");
        }
    }
}
