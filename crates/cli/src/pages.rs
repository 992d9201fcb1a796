//! Compares the pages in docs with the command line: their tables of flags are generated from it,
//! and all flags and paths they name must exist. `SNAPSCOPE_WRITE_DOCS=1 cargo test -p snapscope
//! --bin snapscope pages::` writes the tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests fail as tests do

use crate::command_line::Cli;
use clap::{Arg, Command};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Groups of flags that several commands share, by their headings in the help: each has one table.
const SHARED: [&str; 6] = ["Reading", "Writing", "Assumptions", "Cluster", "Retention", "Display"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The pages, with their names.
fn pages() -> Vec<(String, String)> {
    let root = workspace();
    let mut names: Vec<PathBuf> = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    names.extend(docs.map(|entry| entry.unwrap().path()));
    names.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    names.sort();
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    names.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// All commands with their names, such as `acl can`.
fn commands() -> Vec<(String, Command)> {
    fn collect(above: &str, command: &Command, all: &mut Vec<(String, Command)>) {
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let name = format!("{above} {}", below.get_name()).trim().to_owned();
            collect(&name, below, all);
            all.push((name, below.clone()));
        }
    }
    let mut all = Vec::new();
    let mut command = Cli::command();
    command.build();
    collect("", &command, &mut all);
    all
}

fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| {
        !arg.is_positional()
            && !arg.is_hide_set()
            && !matches!(arg.get_id().as_str(), "help" | "version")
    })
}

fn heading(arg: &Arg) -> &str {
    arg.get_help_heading().unwrap_or_default()
}

/// Separates the default from the rest of a help text.
fn without_default(help: &str) -> (String, String) {
    match help.split_once(" [default: ") {
        Some((before, rest)) => {
            let (default, after) = rest.split_once(']').unwrap();
            (format!("{before}{after}"), default.to_owned())
        }
        None => (help.to_owned(), String::new()),
    }
}

fn row(arg: &Arg) -> String {
    let mut names: Vec<String> = arg.get_short().map(|c| format!("`-{c}`")).into_iter().collect();
    let is_optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    let value = match arg.get_value_names().unwrap_or_default() {
        [name, ..] if arg.get_action().takes_values() && is_optional => format!("[={name}]"),
        [name, ..] if arg.get_action().takes_values() => format!(" {name}"),
        _ => String::new(),
    };
    names.push(format!("`--{}{value}`", arg.get_long().unwrap()));
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let (mut meaning, mut default) = without_default(&help.replace('\n', " "));
    let values = arg.get_possible_values();
    if !values.is_empty() && !arg.is_hide_possible_values_set() && arg.get_action().takes_values() {
        let values: Vec<String> = values.iter().map(|v| format!("`{}`", v.get_name())).collect();
        let _ = write!(meaning, ": {}", values.join(", "));
    }
    let defaults: Vec<&str> = arg.get_default_values().iter().filter_map(|v| v.to_str()).collect();
    if arg.get_action().takes_values()
        && !defaults.concat().is_empty()
        && !arg.is_hide_default_value_set()
    {
        default = format!("`{}`", defaults.join(","));
    }
    let row = format!("| {} | {meaning} | {default} |", names.join(", "));
    // A bar would end the table cell.
    let cells: Vec<String> = row.split(" | ").map(|cell| cell.replace('|', "\\|")).collect();
    let row = cells.join(" | ");
    format!("|{}|\n", row.trim_start_matches("\\|").trim_end_matches("\\|"))
}

/// The table behind a mark: the flags of a command, or those of a group.
fn table(mark: &str) -> String {
    let commands = commands();
    let mut rows = BTreeSet::new();
    let mut text = "| flag | meaning | default |\n| --- | --- | --- |\n".to_owned();
    for (name, command) in &commands {
        // The agent's flags have defaults of their own, and its page has a table of settings.
        let is_agent = name.starts_with("agent");
        for arg in flags(command) {
            let is_meant = match SHARED.contains(&heading(arg)) {
                true => heading(arg) == mark && !is_agent,
                false => name == mark,
            };
            let row = row(arg);
            if is_meant && rows.insert(row.clone()) {
                text.push_str(&row);
            }
        }
    }
    assert!(!rows.is_empty(), "no command and no group of flags is called {mark}");
    text
}

/// The settings of the agent's files, by section.
fn settings() -> String {
    let mut text = "| setting | flag | meaning | default |\n| --- | --- | --- | --- |\n".to_owned();
    let mut sections: Vec<&str> = Vec::new();
    for setting in snapscope_live::config::settings() {
        if !sections.contains(&setting.section) {
            sections.push(setting.section);
        }
    }
    for section in sections {
        for setting in snapscope_live::config::settings().filter(|s| s.section == section) {
            let (meaning, mut default) = without_default(setting.about.trim());
            if !setting.default.is_empty() {
                default = format!("`{}`", setting.default);
            }
            let key = if section.is_empty() { "" } else { "." };
            let flag = match setting.flag {
                "" => String::new(),
                flag => format!("`-{flag}`"),
            };
            let _ = writeln!(
                text,
                "| `{section}{key}{}` | {flag} | {meaning} | {default} |",
                setting.key
            );
        }
    }
    text
}

/// The codes of what is wrong with a file.
fn codes() -> String {
    let mut text = "| code | meaning |\n| --- | --- |\n".to_owned();
    for code in snapscope_archive::Code::ALL {
        let _ = writeln!(text, "| `{code}` | {} |", code.about());
    }
    text
}

/// The names of all types: kinds of objects and the record types that hold them.
fn types() -> String {
    let mut text =
        "| kind | one of them | in comparisons | record types |\n| --- | --- | --- | --- |\n"
            .to_owned();
    for kind in snapscope_objects::kinds::KINDS {
        let records: Vec<String> = kind.from.iter().map(|record| format!("`{record}`")).collect();
        let object = kind.object.map(|object| format!("`{object}`")).unwrap_or_default();
        let (name, one) = (kind.name, kind.one);
        let _ = writeln!(text, "| `{name}` | `{one}` | {object} | {} |", records.join(", "));
    }
    text
}

const BEGIN: &str = "<!-- from the command line: ";
const END: &str = "<!-- end of the table -->\n";

/// A page with its tables regenerated.
fn written(page: &str) -> String {
    let mut parts = page.split(BEGIN);
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (mark, rest) = part.split_once(" -->\n").unwrap();
        let (_, rest) = rest.split_once(END).expect("a table has an end");
        let table = match mark.strip_prefix("flags of ") {
            Some(of) => table(of),
            None if mark == "settings of the agent" => settings(),
            None if mark == "names of types" => types(),
            None => codes(),
        };
        text.push_str(&format!("{BEGIN}{mark} -->\n{table}{END}{rest}"));
    }
    text
}

#[test]
fn the_tables_of_flags_are_those_of_the_command_line() {
    for (name, page) in pages() {
        let expected = written(&page);
        if std::env::var_os("SNAPSCOPE_WRITE_DOCS").is_some() && expected != page {
            std::fs::write(workspace().join(&name), &expected).unwrap();
            continue;
        }
        assert!(expected == page, "{name} has an old table of flags");
    }
}

#[test]
fn every_flag_is_on_a_page() {
    let all: String = pages().into_iter().map(|(_, page)| page).collect();
    let mut missing = Vec::new();
    for (name, command) in commands() {
        for arg in flags(&command) {
            let long = arg.get_long().unwrap();
            let mark = if SHARED.contains(&heading(arg)) { heading(arg) } else { &name };
            let in_table = all.contains(&format!("{BEGIN}flags of {mark} -->"));
            let is_setting = name.starts_with("agent") && all.contains(&format!("`-{long}`"));
            if !in_table && !is_setting {
                missing.push(format!("--{long} of {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "on no page: {}", missing.join(", "));
}

/// Flags of other programs in the pages.
const OTHERS: &[&str] = &[
    "all",
    "all-targets",
    "bench",
    "bin",
    "binary",
    "bytes",
    "cfg",
    "check",
    "clusters",
    "consul",
    "counts",
    "deny",
    "dir",
    "exact",
    "example",
    "examples",
    "features",
    "form",
    "help",
    "ignored",
    "incomplete",
    "lib",
    "locked",
    "no-default-features",
    "nocapture",
    "now",
    "only",
    "package",
    "path",
    "profile",
    "rate",
    "release",
    "repeat",
    "rm",
    "rounds",
    "runs",
    "seed",
    "server",
    "shapes",
    "sizes",
    "skip",
    "snapshots",
    "target",
    "test",
    "tests",
    "version",
    "workspace",
    "write",
];

#[test]
fn every_flag_that_a_page_names_exists() {
    let mut known: BTreeSet<String> = OTHERS.iter().map(|flag| (*flag).to_owned()).collect();
    for (_, command) in commands() {
        known.extend(command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)));
        let older = command.get_arguments().filter_map(Arg::get_all_aliases).flatten();
        known.extend(older.map(str::to_owned));
    }
    let mut unknown = Vec::new();
    let is_of_flag = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    for (name, page) in pages() {
        for part in page.split("--").skip(1) {
            let flag: String = part.chars().take_while(|c| is_of_flag(*c)).collect();
            let flag = flag.trim_end_matches('-');
            let is_flag =
                flag.starts_with(|c: char| c.is_ascii_lowercase()) && !part.starts_with('-');
            if is_flag && !known.contains(flag) {
                unknown.push(format!("--{flag} in {name}"));
            }
        }
    }
    assert!(unknown.is_empty(), "no command has {}", unknown.join(", "));
}

/// Whether a word is a placeholder for the reader's own.
fn is_placeholder(word: &str) -> bool {
    let name = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_of_name = |c: char| c.is_ascii_uppercase() || c == '_' || c == '-';
    let is_name = name.len() > 2 && name.chars().all(is_of_name);
    is_name || ["...", "[", "|"].iter().any(|sign| word.contains(sign))
}

/// Commands in a page that a reader can type: lines of code, and quotes in sentences, which may
/// lack arguments.
fn shown_commands(page: &str) -> Vec<(String, bool)> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.map(|line| (line.strip_prefix("$ ").unwrap_or(line).to_owned(), true));
    let quoted = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let quoted = quoted.map(|text| (text.to_owned(), false));
    let all = lines.chain(quoted).filter(|(text, _)| text.starts_with("snapscope "));
    all.filter(|(text, _)| !text.split(' ').any(is_placeholder)).collect()
}

/// The command line accepts every command in the pages, so nobody copies one and gets an error.
#[cfg(unix)]
#[test]
fn every_command_that_a_page_shows_is_taken() {
    use clap::error::ErrorKind::MissingRequiredArgument;
    let root = Cli::command();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, page) in pages() {
        for (line, is_whole) in shown_commands(&page) {
            let words = crate::help::words(&line).into_iter();
            let words = crate::go_flags::with_two_dashes(&root, words);
            let refused = Cli::command().try_get_matches_from(words).err();
            let refused = refused.filter(clap::Error::use_stderr);
            let refused = refused.filter(|e| is_whole || e.kind() != MissingRequiredArgument);
            wrong.extend(refused.map(|e| format!("{name}: {line}: {}", e.kind())));
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All files of the workspace that git tracks or would track.
fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | ".git") {
            files(&path, all);
        }
        all.push(path);
    }
}

/// Whether a word contains a placeholder in capitals.
fn has_placeholder(path: &str) -> bool {
    path.split(['/', '-', '.', '_']).any(|part| {
        part.len() > 2 && part.chars().all(|c| c.is_ascii_uppercase()) && part != "README"
    })
}

/// Names in the pages of things that are not in this repository.
const ELSEWHERE: &[&str] = &["target/", "data/", "raft/", "out/", "tools/consul"];

#[test]
fn every_path_that_a_page_names_exists() {
    let root = workspace();
    let mut all = Vec::new();
    files(&root, &mut all);
    let all: Vec<String> = all
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    let mut missing = Vec::new();
    for (name, page) in pages() {
        let folder = root.join(&name).parent().unwrap().to_owned();
        for link in page.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") && !folder.join(file).exists() {
                missing.push(format!("{link} in {name}"));
            }
        }
        for quoted in page.split('`').skip(1).step_by(2) {
            let path = quoted.split("::").next().unwrap().trim_end_matches('/');
            let is_path =
                ["crates/", "docs/", "tests/", "tools/", "fixtures/", "deploy/", "benches/"]
                    .iter()
                    .any(|top| path.starts_with(top))
                    || path.contains("/src/")
                    || path.ends_with(".rs");
            let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c));
            if !is_path || !is_plain || ELSEWHERE.iter().any(|top| path.starts_with(top)) {
                continue;
            }
            let is_there =
                all.iter().any(|known| known == path || known.ends_with(&format!("/{path}")));
            if !is_there && !has_placeholder(path) {
                missing.push(format!("{path} in {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "not there: {}", missing.join(", "));
}
