//! The local syslog: a datagram per line, in the form of RFC 3164 without the time, which the
//! daemon adds.

use super::Level;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where the daemon listens.
const SOCKET: &str = "/dev/log";

/// A syslog facility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facility(u8);

/// Names in order of their codes; 12 to 15 have none that all systems share.
const FACILITIES: [&str; 24] = [
    "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV",
    "FTP", "", "", "", "", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",
    "LOCAL7",
];

impl FromStr for Facility {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.to_ascii_uppercase();
        (0u8..)
            .zip(FACILITIES)
            .find(|(_, name)| !name.is_empty() && *name == wanted)
            .map(|(code, _)| Self(code))
            .ok_or_else(|| {
                format!(
                    "unknown facility {text:?}; known facilities: LOCAL0 to LOCAL7, DAEMON, \
                         USER, ..."
                )
            })
    }
}

/// A connection to the local daemon.
#[derive(Debug)]
pub struct Syslog {
    socket: UnixDatagram,
    path: PathBuf,
    facility: Facility,
    tag: String,
}

impl Syslog {
    /// Connects to this system's daemon.
    ///
    /// # Errors
    /// If there is none.
    pub fn local(facility: Facility) -> io::Result<Self> {
        Self::at(Path::new(SOCKET), facility)
    }

    /// The error if there is none.
    #[must_use]
    pub fn unreachable(error: &io::Error) -> String {
        format!("cannot log to syslog: no daemon listens at {SOCKET}: {error}")
    }

    /// Connects to a daemon that listens elsewhere.
    ///
    /// # Errors
    /// If there is none.
    pub fn at(path: &Path, facility: Facility) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        // A hanging daemon must not stop the snapshots.
        socket.set_nonblocking(true)?;
        let tag = format!("snapscope[{}]", std::process::id());
        Ok(Self { socket, path: path.to_owned(), facility, tag })
    }

    /// Sends a line. One that cannot be delivered is lost here, but is on standard error as well.
    pub(super) fn send(&mut self, level: Level, message: &str) {
        let severity = match level {
            Level::Error => 3,
            Level::Warn => 4,
            Level::Info => 6,
            Level::Debug | Level::Trace => 7,
        };
        let line = format!("<{}>{}: {message}", self.facility.0 * 8 + severity, self.tag);
        if self.socket.send(line.as_bytes()).is_ok() {
            return;
        }
        // The daemon was restarted and has another socket.
        if self.socket.connect(&self.path).is_ok() {
            let _ = self.socket.send(line.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_arrive_with_their_priority() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let daemon = UnixDatagram::bind(&path).unwrap();
        let mut syslog = Syslog::at(&path, "local3".parse().unwrap()).unwrap();
        let received = || {
            let mut line = [0; 200];
            let n = daemon.recv(&mut line).unwrap();
            String::from_utf8_lossy(&line[..n]).into_owned()
        };
        let tag = format!("snapscope[{}]", std::process::id());
        for (level, priority) in [(Level::Error, 155), (Level::Info, 158), (Level::Debug, 159)] {
            syslog.send(level, "hello");
            assert_eq!(received(), format!("<{priority}>{tag}: hello"));
        }
    }

    #[test]
    fn a_daemon_that_comes_back_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let first = UnixDatagram::bind(&path).unwrap();
        let mut syslog = Syslog::at(&path, "DAEMON".parse().unwrap()).unwrap();
        drop(first);
        std::fs::remove_file(&path).unwrap();
        syslog.send(Level::Info, "lost");
        let second = UnixDatagram::bind(&path).unwrap();
        syslog.send(Level::Info, "found");
        let mut line = [0; 200];
        let n = second.recv(&mut line).unwrap();
        assert!(String::from_utf8_lossy(&line[..n]).ends_with("found"));
        assert!("LOCAL8".parse::<Facility>().is_err());
    }
}
