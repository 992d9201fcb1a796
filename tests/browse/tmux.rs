//! A terminal in tmux, with its own server.

use crate::support::{PATIENCE, binary};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A terminal in which a command runs.
pub(super) struct Terminal {
    /// Contains the socket of the server.
    dir: tempfile::TempDir,
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Terminal {
    /// Starts `browse`; `None` if there is no tmux.
    pub(super) fn start(columns: usize, lines: usize, env: &[&str], args: &[&str]) -> Option<Self> {
        Self::of("browse", columns, lines, env, args)
    }

    /// Starts a command; `None` if there is no tmux.
    pub(super) fn of(
        command: &str,
        columns: usize,
        lines: usize,
        env: &[&str],
        args: &[&str],
    ) -> Option<Self> {
        if Command::new("tmux").arg("-V").stdout(Stdio::null()).status().is_err() {
            #[allow(clippy::print_stderr)]
            {
                eprintln!("skipped: there is no tmux");
            }
            return None;
        }
        let terminal = Self { dir: tempfile::tempdir().unwrap() };
        let program = binary().get_program().to_str().unwrap().to_owned();
        let words: Vec<String> =
            [&program, command].into_iter().chain(args.iter().copied()).map(quoted).collect();
        let (words, dir) = (words.join(" "), terminal.dir.path().display());
        let env: Vec<String> = env.iter().map(|pair| quoted(pair)).collect();
        // The output of the program also goes to a file, from its start.
        let line = format!(
            "echo before; until [ -e {dir}/go ]; do sleep 0.02; done; \
             env -u NO_COLOR {} sh -c 'echo $$ > \"$1\"; shift; exec \"$@\"' sh {dir}/pid {words}; \
             echo code $?; exec cat",
            env.join(" ")
        );
        let (columns, lines) = (columns.to_string(), lines.to_string());
        terminal.tmux(&["new-session", "-d", "-x", &columns, "-y", &lines, &line]);
        terminal.tmux(&["pipe-pane", &format!("cat > {dir}/raw")]);
        std::fs::write(terminal.dir.path().join("go"), "").unwrap();
        Some(terminal)
    }

    fn output(&self, args: &[&str]) -> Output {
        let mut tmux = Command::new("tmux");
        tmux.arg("-S").arg(self.dir.path().join("socket")).args(["-f", "/dev/null"]).args(args);
        tmux.env("LC_ALL", "C.UTF-8").env_remove("TMUX").stdin(Stdio::null());
        tmux.output().unwrap()
    }

    fn tmux(&self, args: &[&str]) -> String {
        let output = self.output(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The content of the screen.
    pub(super) fn text(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// The same with colours.
    pub(super) fn styled(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e"])
    }

    /// Whether the alternate screen is active, and whether the cursor is visible.
    pub(super) fn state(&self) -> String {
        let state = self.tmux(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]);
        state.trim().to_owned()
    }

    /// Presses keys by their names.
    pub(super) fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"][..], keys].concat());
    }

    pub(super) fn type_in(&self, text: &str) {
        // A final semicolon would end tmux's own command.
        let text = match text.strip_suffix(';') {
            Some(start) => format!("{start}\\;"),
            None => text.to_owned(),
        };
        self.tmux(&["send-keys", "-l", &text]);
    }

    pub(super) fn resize(&self, columns: usize, lines: usize) {
        self.tmux(&["resize-window", "-x", &columns.to_string(), "-y", &lines.to_string()]);
    }

    pub(super) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.pid()).status().unwrap();
        assert!(sent.success());
    }

    /// The process of `browse`.
    pub(super) fn pid(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("pid")).unwrap().trim().to_owned()
    }

    /// Ends tmux and the terminal.
    pub(super) fn end(&self) {
        self.tmux(&["kill-server"]);
    }

    /// All output to the terminal.
    pub(super) fn raw(&self) -> Vec<u8> {
        std::fs::read(self.dir.path().join("raw")).unwrap()
    }

    fn wait(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let begin = Instant::now();
        loop {
            let text = self.text();
            if is_there(&text) {
                return text;
            }
            assert!(begin.elapsed() < PATIENCE / 4, "no {what:?}: {text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the screen ends with a text.
    pub(super) fn wait_for_end(&self, text: &str) {
        self.wait(text, |screen| screen.trim_end().ends_with(text));
    }

    /// Waits until the screen has a text; returns the screen.
    pub(super) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Waits until the screen no longer changes.
    pub(super) fn settle(&self) {
        let mut before = self.text();
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(60));
            let now = self.text();
            if now == before && !now.contains("reading") {
                return;
            }
            before = now;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.output(&["kill-server"]);
    }
}
