//! Gives a process its own clock, which can be set while the process runs.
//!
//! Debian's libfaketime is loaded into the process before its libc (`tools/get-faketime`). It changes only the time of
//! day, not the monotonic clock, as when somebody sets the clock of a machine.

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
    /// All offsets from the true time so far, in seconds. The last one is current.
    offsets: Mutex<Vec<i64>>,
}

impl Clock {
    /// A correct clock for the test named `test`. If there is none, prints why the test runs without it and returns
    /// `None`. Processes read the clock's offset from `file`.
    ///
    /// # Panics
    /// If there is none, but CI requires one.
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

    /// Makes a command and all its child processes use this clock.
    pub fn wind(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            // Otherwise it would read the file only every ten seconds.
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            // File times stay true.
            .env("NO_FAKE_STAT", "1");
    }

    /// Sets it this number of seconds ahead of the true time, or behind it if negative.
    ///
    /// # Panics
    /// If the file can't be written.
    pub fn set(&self, seconds: i64) {
        // The file is replaced as a whole, because it may be read at any time.
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
    /// `from` and `to`. The answer is certain if these are closer than the clock's smallest jump.
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
