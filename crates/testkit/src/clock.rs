//! A clock of its own for a process, which can be set while it runs.
//!
//! Debian's libfaketime is loaded into the process in front of its libc (`tools/get-faketime`). Only the
//! time of day is another one; the clock that is never set stays, as it does when somebody sets a machine's clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::consul::required;
use crate::fetch::fetched;

/// The time of day of one machine, as its processes see it.
#[derive(Debug)]
pub struct Clock {
    library: PathBuf,
    file: PathBuf,
    /// All seconds it ever was ahead of the true time, the last one is that of now.
    offsets: Mutex<Vec<i64>>,
}

impl Clock {
    /// A clock that is right, for the test called `test`, or `None` after printing that it is done
    /// without and why. `file` is where processes look how far it is off.
    ///
    /// # Panics
    /// When there is none although CI requires one.
    #[must_use]
    pub fn for_test(test: &str, file: &Path) -> Option<Self> {
        match fetched("get-faketime", "libfaketime", "libfaketime.so") {
            Ok(library) => {
                let offsets = Mutex::new(Vec::new());
                let clock = Self { library, file: file.to_owned(), offsets };
                clock.set(0);
                Some(clock)
            }
            Err(e) if required() => panic!("{test} needs libfaketime: {e}"),
            Err(e) => {
                #[allow(clippy::print_stderr)]
                {
                    eprintln!("skipped: clocks that jump in {test} need libfaketime: {e}");
                }
                None
            }
        }
    }

    /// Lets a command that is about to be started, and all it starts, go by this clock.
    pub fn wind(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            // Or it would look into the file only every ten seconds.
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            // The times of files are the disk's.
            .env("NO_FAKE_STAT", "1");
    }

    /// Sets it to this number of seconds ahead of the true time, or behind it if negative.
    ///
    /// # Panics
    /// When the file can't be written.
    pub fn set(&self, seconds: i64) {
        // Whole at once: it is read at any time.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{seconds:+}\n")).expect("the clock's file can be written");
        fs::rename(&new, &self.file).expect("the clock's file can be replaced");
        self.offsets.lock().unwrap_or_else(PoisonError::into_inner).push(seconds);
    }

    /// Seconds by which it is ahead of the true time now.
    #[must_use]
    pub fn offset(&self) -> i64 {
        *self.offsets.lock().unwrap_or_else(PoisonError::into_inner).last().unwrap_or(&0)
    }

    /// The true time, in seconds since 1970, at which this clock showed `shown`, if that was between
    /// `from` and `to`. Certain as long as those are less apart than the clock ever jumped.
    #[must_use]
    pub fn truly(&self, shown: f64, from: f64, to: f64) -> Option<f64> {
        let offsets = self.offsets.lock().unwrap_or_else(PoisonError::into_inner);
        let times = offsets.iter().map(|offset| shown - *offset as f64);
        times.into_iter().find(|time| (from..=to).contains(time))
    }
}

/// Removes what libfaketime leaves in shared memory of a process that was killed.
pub fn forget(process: u32) {
    for name in ["faketime_shm_", "sem.faketime_sem_"] {
        let _ = fs::remove_file(format!("/dev/shm/{name}{process}"));
    }
}
