//! What ran, when, for how long, and what it cost in memory and multiply-adds.
//!
//! Off, which it nearly always is, a call costs one relaxed load.

use std::cell::Cell;
use std::mem::take;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A call of an operation.
    Operation,
    /// The derivative of one, on the walk back.
    Backward,
}

/// Something that has run. Times are in nanoseconds since the first question for one.
#[derive(Clone, Debug)]
pub struct Event {
    /// The operation's name.
    pub name: &'static str,
    /// Where it comes from.
    pub kind: Kind,
    /// A number of the thread; the first that asks is 0.
    pub thread: u64,
    /// When it began.
    pub start: u64,
    /// When it was done.
    pub end: u64,
    /// The shapes of its tensors, if they are asked for.
    pub shapes: Vec<Vec<usize>>,
    /// Bytes that were taken and not given back in between.
    pub bytes: i64,
    /// Multiplications of products, convolutions and recurrent layers in between.
    pub multiply_adds: u64,
}

/// What is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Events, or only the counts of bytes and multiply-adds.
    pub events: bool,
    /// Shapes with them.
    pub shapes: bool,
}

static COUNTING: AtomicBool = AtomicBool::new(false);
static EVENTS: AtomicBool = AtomicBool::new(false);
static SHAPES: AtomicBool = AtomicBool::new(false);
static RECORDED: Mutex<Vec<Event>> = Mutex::new(Vec::new());
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);
static PRODUCTS: AtomicU64 = AtomicU64::new(0);
static THREADS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static THREAD: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Starts counting from nothing; false if somebody else is counting.
pub fn start(wanted: Wanted) -> bool {
    if COUNTING.swap(true, Ordering::SeqCst) {
        return false;
    }
    RECORDED.lock().unwrap_or_else(PoisonError::into_inner).clear();
    for counter in [&LIVE, &PEAK] {
        counter.store(0, Ordering::SeqCst);
    }
    PRODUCTS.store(0, Ordering::SeqCst);
    SHAPES.store(wanted.shapes, Ordering::SeqCst);
    EVENTS.store(wanted.events, Ordering::SeqCst);
    true
}

/// Stops, and hands out what was recorded.
pub fn stop() -> Vec<Event> {
    EVENTS.store(false, Ordering::SeqCst);
    COUNTING.store(false, Ordering::SeqCst);
    take(&mut RECORDED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Bytes taken and not given back since [`start`], the most at any moment since then or since the last call with
/// `reset`, and multiply-adds.
pub fn counts(reset: bool) -> (i64, i64, u64) {
    let live = LIVE.load(Ordering::Relaxed);
    let peak = if reset { PEAK.swap(live, Ordering::Relaxed) } else { PEAK.load(Ordering::Relaxed) };
    (live, peak, PRODUCTS.load(Ordering::Relaxed))
}

/// Nanoseconds since the first call.
pub fn now() -> u64 {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// A number of the calling thread.
pub fn thread() -> u64 {
    THREAD.with(|number| {
        number.get().unwrap_or_else(|| {
            let fresh = THREADS.fetch_add(1, Ordering::Relaxed);
            number.set(Some(fresh));
            fresh
        })
    })
}

/// Notes that memory was taken (or, negative, given back).
#[inline]
pub fn memory(bytes: i64) {
    if COUNTING.load(Ordering::Relaxed) {
        let live = LIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
        PEAK.fetch_max(live, Ordering::Relaxed);
    }
}

/// Notes multiplications, each with its addition: `count` is asked only if somebody wants to know.
#[inline]
pub fn multiply_adds(count: impl FnOnce() -> usize) {
    if COUNTING.load(Ordering::Relaxed) {
        PRODUCTS.fetch_add(count() as u64, Ordering::Relaxed);
    }
}

/// An event that has begun; it is recorded when this is dropped.
pub struct Span(Event);

/// Begins an event, if events are recorded.
#[inline]
pub fn span(kind: Kind, name: &'static str, shapes: impl FnOnce() -> Vec<Vec<usize>>) -> Option<Span> {
    if EVENTS.load(Ordering::Relaxed) { Some(Span::begin(kind, name, shapes)) } else { None }
}

impl Span {
    #[cold]
    fn begin(kind: Kind, name: &'static str, shapes: impl FnOnce() -> Vec<Vec<usize>>) -> Span {
        let shapes = if SHAPES.load(Ordering::Relaxed) { shapes() } else { Vec::new() };
        let (bytes, _, multiply_adds) = counts(false);
        Span(Event { name, kind, thread: thread(), start: now(), end: 0, shapes, bytes, multiply_adds })
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if !EVENTS.load(Ordering::Relaxed) {
            return;
        }
        let (live, _, products) = counts(false);
        let event = &mut self.0;
        event.end = now();
        event.bytes = live - event.bytes;
        event.multiply_adds = products.saturating_sub(event.multiply_adds);
        let event = Event { shapes: take(&mut event.shapes), ..event.clone() };
        RECORDED.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}
