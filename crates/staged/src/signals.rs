//! Removes staged files when a signal ends the process.

/// Makes SIGINT, SIGTERM, SIGHUP and SIGQUIT remove everything that is staged before they end the
/// process as usual. A signal that was ignored when the process started stays ignored (`nohup`,
/// background jobs of a script).
///
/// For programs without their own handlers. Further calls change nothing.
///
/// # Errors
/// If the system does not allow handlers, or cannot start a thread for them.
#[cfg(unix)]
pub fn remove_on_signals() -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    use std::sync::{Mutex, PoisonError};

    static HANDLED: Mutex<bool> = Mutex::new(false);
    let mut is_handled = HANDLED.lock().unwrap_or_else(PoisonError::into_inner);
    if *is_handled {
        return Ok(());
    }
    let ignored = ignored_signals();
    let handled = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];
    let handled = handled.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let mut signals = Signals::new(handled)?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let staged = crate::registry::staged();
            crate::registry::remove_all(&staged);
            // Returns only if the signal cannot be raised; then nothing more can be done here.
            let _ = emulate_default_handler(signal);
        }
    })?;
    *is_handled = true;
    Ok(())
}

/// Other systems end a process without notice.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn remove_on_signals() -> std::io::Result<()> {
    Ok(())
}

/// Returns the signals that this process ignores, the first in the lowest bit, as far as the system
/// reports them.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    match line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) {
        Some(mask) => mask,
        // Elsewhere a hangup is left to the system, so `nohup` works.
        None => 1 << (signal_hook::consts::SIGHUP - 1),
    }
}
