//! A headless Chromium, driven by a Node script.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::install::{folder, once};

const PACKAGES: [&str; 2] = ["playwright-core@1.65.1", "axe-core@4.14.1"];

/// An installed browser and its driver.
#[derive(Debug)]
pub struct Browser {
    chromium: PathBuf,
    modules: PathBuf,
}

impl Browser {
    /// Finds Chromium by `SNAPSCOPE_CHROMIUM` or in the path, and installs its driver into the target folder. Prints a
    /// message and returns `None` without Chromium or Node, which nothing else needs.
    #[must_use]
    #[allow(clippy::print_stderr)] // a skipped test prints that it is skipped
    pub fn find() -> Option<Self> {
        let chromium = match std::env::var_os("SNAPSCOPE_CHROMIUM") {
            Some(path) => Some(PathBuf::from(path)),
            None => ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(in_path),
        };
        let Some(chromium) = chromium else {
            eprintln!("skipped: no Chromium; install Debian's chromium or set SNAPSCOPE_CHROMIUM");
            return None;
        };
        let folder = folder("browser");
        let installed = once(&folder, |log| {
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
            crate::fetch::run(npm.arg(&folder).args(PACKAGES), log)
        });
        match installed {
            Ok(()) => Some(Self { chromium, modules: folder.join("node_modules") }),
            Err(e) => {
                eprintln!("skipped: the driver of the browser cannot be installed: {e}");
                None
            }
        }
    }

    /// Runs a script. It receives a task as JSON on standard input, with the paths of Chromium and of modules, and answers
    /// on standard output.
    ///
    /// # Panics
    /// If the script fails.
    #[must_use]
    pub fn run(&self, script: &Path, task: &Value) -> Value {
        let input = json!({"chromium": self.chromium, "modules": self.modules, "task": task});
        let mut node = Command::new("node");
        node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = node.spawn().expect("node starts");
        let mut pipe = child.stdin.take().expect("piped");
        pipe.write_all(input.to_string().as_bytes()).expect("the script reads its task");
        drop(pipe);
        let output = child.wait_with_output().expect("the script ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", script.display());
        serde_json::from_slice(&output.stdout).expect("the script answers in JSON")
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
