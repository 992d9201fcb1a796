//! The content of packages besides the binary, and what the binary reports about itself.

use crate::support::run;
use snapscope_testkit::fixtures::workspace;
use std::path::Path;
use std::process::Command;

/// What bash offers for the last word of a line, with only our script loaded.
fn completed(script: &Path, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let (word, before) = (words[words.len() - 1], words[words.len() - 2]);
    let program = format!(
        "source '{}'; COMP_WORDS=({line}); [ -n '{word}' ] || COMP_WORDS+=(''); \
         COMP_CWORD={}; _snapscope snapscope '{word}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        words.len() - 1,
    );
    let done = Command::new("bash").args(["--norc", "-c", &program]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_types_and_flags() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("snapscope.bash");
    std::fs::write(&script, &run(["completions", "bash"]).stdout).unwrap();
    let has = |line: &str, expected: &str| {
        let offered = completed(&script, line);
        assert!(offered.iter().any(|word| word == expected), "{line}: {offered:?}");
    };
    has("snapscope in", "inspect");
    has("snapscope list ", "tokens");
    has("snapscope list auth", "auth-methods");
    has("snapscope get pol", "policies");
    has("snapscope export --to ", "kv-json");
    has("snapscope inspect --mo", "--more");
    has("snapscope acl who", "who-can");
    has("snapscope acl who-can ke", "key");
    has("snapscope acl who-can key wri", "write-prefix");
    has("snapscope acl can anonymous serv", "service");
    has("snapscope acl can anonymous service re", "read");
    // Neither placeholders nor hidden commands are offered.
    for line in ["snapscope inspect ", "snapscope acl can ", "snapscope "] {
        let offered = completed(&script, line);
        let odd = |word: &&String| word.starts_with(['<', '[']) || *word == "manual";
        assert_eq!(offered.iter().find(odd), None, "{line}");
    }
}

#[test]
fn all_shells_have_a_script() {
    for (shell, part) in [
        ("bash", "complete -F _snapscope"),
        ("zsh", "#compdef snapscope"),
        ("fish", "complete -c snapscope"),
        ("elvish", "edit:completion:arg-completer[snapscope]"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = run(["completions", shell]);
        assert_eq!(script.code(), 0);
        assert!(script.text().contains(part), "{shell}");
    }
}

/// Each command in the help has its man page with its flags; the pages are the same each time.
#[test]
fn each_command_has_a_man_page() {
    let dir = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| dir.path().join(name));
    for folder in [&one, &two] {
        let ran = run(["manual".as_ref(), folder.as_os_str()]);
        assert_eq!((ran.code(), ran.text()), (0, ""));
    }
    let page = |name: &str| std::fs::read_to_string(one.join(name)).unwrap();
    let overview = page("snapscope.1");
    for name in ["inspect", "list", "acl", "agent"] {
        assert!(overview.contains(&format!("snapscope\\-{name}(1)")), "{name}: {overview}");
    }
    assert!(page("snapscope-list.1").contains("\\-\\-filter"));
    assert!(
        page("snapscope-acl-who-can.1").contains("EXAMPLES")
            || page("snapscope-acl-who-can.1").contains("Examples")
    );
    let mut count = 0;
    for entry in std::fs::read_dir(&one).unwrap() {
        let name = entry.unwrap().file_name();
        let read = |folder: &Path| std::fs::read(folder.join(&name)).unwrap();
        assert_eq!(read(&one), read(&two), "{name:?}");
        assert!(!name.to_string_lossy().contains("manual"));
        count += 1;
    }
    assert!(count > 30, "{count} pages");
}

#[test]
fn the_version_names_commit_and_features() {
    let long = run(["--version"]);
    let lines: Vec<&str> = long.text().lines().collect();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(lines[0], format!("snapscope {version}"));
    let commit = lines[1].strip_prefix("commit: ").unwrap();
    assert!(commit == "unknown" || commit.len() == 12, "{commit}");
    let features = lines[2].strip_prefix("features: ").unwrap();
    let is_known = |name: &str| ["columnar", "live", "tui", "none"].contains(&name);
    assert!(features.split(", ").all(is_known), "{lines:?}");
    assert!(lines[3].starts_with("target: "), "{lines:?}");
    assert_eq!(run(["-V"]).text(), format!("snapscope {version}\n"));
}

/// The chart and the program are released together.
#[test]
fn the_chart_has_the_version_of_the_program() {
    let chart = std::fs::read_to_string(workspace().join("deploy/helm/snapscope-agent/Chart.yaml"));
    let version = env!("CARGO_PKG_VERSION");
    let chart = chart.unwrap();
    assert!(chart.contains(&format!("\nversion: {version}\n")), "{chart}");
    assert!(chart.contains(&format!("\nappVersion: \"{version}\"\n")), "{chart}");
}
