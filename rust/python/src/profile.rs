//! What `rutile.profiler` and `rutile.summary` ask the engine.

use pyo3::prelude::*;
use rutile::profile::{self, Event, Kind, Wanted};

/// Name, whether it is a derivative, thread, start and end in nanoseconds, shapes, bytes, multiply-adds.
type Row = (&'static str, bool, u64, u64, u64, Vec<Vec<usize>>, i64, u64);

fn row(event: Event) -> Row {
    let derivative = event.kind == Kind::Backward;
    let Event { name, thread, start, end, shapes, bytes, multiply_adds, .. } = event;
    (name, derivative, thread, start, end, shapes, bytes, multiply_adds)
}

/// Starts counting bytes and multiply-adds, and recording events if they are wanted; False if that is going on.
#[pyfunction]
pub fn _profile_start(events: bool, shapes: bool) -> bool {
    profile::start(Wanted { events, shapes })
}

/// Stops, and returns the events in the order in which they ended.
#[pyfunction]
pub fn _profile_stop() -> Vec<Row> {
    profile::stop().into_iter().map(row).collect()
}

/// Bytes that live, the most that did (since the last call with `reset`), and multiply-adds.
#[pyfunction]
#[pyo3(signature = (reset=false))]
pub fn _profile_counts(reset: bool) -> (i64, i64, u64) {
    profile::counts(reset)
}

/// While `on`, shared work stays on the calling thread and the nanoseconds of its tasks are kept; gives what was kept.
#[pyfunction]
pub fn _record_tasks(on: bool) -> Vec<Vec<u64>> {
    rutile_kernels::par::record(on)
}

/// Nanoseconds on the clock of the events, and the number of this thread.
#[pyfunction]
pub fn _profile_now() -> (u64, u64) {
    (profile::now(), profile::thread())
}
