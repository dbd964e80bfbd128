//! Whether operations of this thread are recorded, and whether walks look for NaN.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static ENABLED: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations are recorded on this thread.
#[inline]
pub fn grad_enabled() -> bool {
    ENABLED.get()
}

/// Turns recording on or off on this thread and returns what it was.
pub fn set_grad_enabled(enabled: bool) -> bool {
    ENABLED.replace(enabled)
}

static ANOMALY: AtomicBool = AtomicBool::new(false);

/// Whether walks of all threads stop at the first derivative that gives NaN.
pub fn anomaly() -> bool {
    ANOMALY.load(Ordering::Relaxed)
}

/// Turns the search for NaN on or off and returns what it was.
pub fn set_anomaly(on: bool) -> bool {
    ANOMALY.swap(on, Ordering::Relaxed)
}

/// Restores the former mode when dropped, also when the stack unwinds.
pub struct Guard(bool);

impl Guard {
    /// Sets the mode until the guard is dropped.
    pub fn new(enabled: bool) -> Guard {
        Guard(set_grad_enabled(enabled))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        set_grad_enabled(self.0);
    }
}

/// Runs `f` without recording.
pub fn no_grad<R>(f: impl FnOnce() -> R) -> R {
    let _guard = Guard::new(false);
    f()
}
