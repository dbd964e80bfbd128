//! Threads and per-thread scratch memory.
//!
//! The calling thread works too: a pool of `num_threads() - 1` helpers joins it. Each begins with a share of its own, of
//! neighbouring tasks, so what it touched in one operation is in its cache in the next. Whoever is done takes tasks of the
//! others' shares, one by one, so a helper that wakes late costs nothing: whatever it did not take, others did, and nobody
//! waits for a helper that found nothing to do. Which thread runs a task is left to chance; what the tasks are never
//! depends on the number of threads, so results do not either.

use crate::element::Element;
use std::alloc::{self, Layout};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::*};
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};
use std::time::Instant;

/// Work below this cost stays on the calling thread: waking a helper takes a few microseconds, in which one core
/// touches about this many elements.
pub const GRAIN: usize = 32 * 1024;

static THREADS: AtomicUsize = AtomicUsize::new(0);
static POOL: AtomicPtr<Pool> = AtomicPtr::new(ptr::null_mut());
static RECORDING: AtomicBool = AtomicBool::new(false);
static RECORDED: Mutex<Vec<Vec<u64>>> = Mutex::new(Vec::new());

thread_local! {
    static WORKING: Cell<bool> = const { Cell::new(false) };
    static SCRATCH: RefCell<Vec<Buffer>> = const { RefCell::new(Vec::new()) };
}

/// How many threads work on one operation: the last [`set_num_threads`], else the environment's
/// `RUTILE_NUM_THREADS`, else the number of cores this process may use.
pub fn num_threads() -> usize {
    match THREADS.load(Relaxed) {
        0 => {
            let asked = std::env::var("RUTILE_NUM_THREADS").ok().and_then(|text| text.trim().parse().ok());
            let cores = || thread::available_parallelism().map_or(1, |n| n.get());
            set_num_threads(asked.filter(|&n| n > 0).unwrap_or_else(cores));
            num_threads()
        }
        n => n,
    }
}

/// Lets `n` threads (at least one, the caller included) work on one operation.
pub fn set_num_threads(n: usize) {
    THREADS.store(n.max(1), Relaxed);
}

/// Calls `f(0)`, ..., `f(tasks - 1)`, each once, in no particular order. The tasks run on several threads unless
/// their total `cost` (elements touched, or floating-point operations / 8) is below [`GRAIN`], there is only one
/// thread, or the caller is itself such a task. A panic in a task comes out of this call once all others have ended.
pub fn run(tasks: usize, cost: usize, f: impl Fn(usize) + Sync) {
    if tasks <= 1 || cost < GRAIN || WORKING.get() || num_threads() == 1 {
        return (0..tasks).for_each(f);
    }
    share(tasks, &f);
}

/// While `on`, work that would be shared stays on the calling thread, and the nanoseconds of its tasks are kept: what a
/// simulation of machines with more cores needs. Gives what was kept since the last call, a list per [`run`].
pub fn record(on: bool) -> Vec<Vec<u64>> {
    RECORDING.store(on, Relaxed);
    std::mem::take(&mut RECORDED.lock().unwrap_or_else(|e| e.into_inner()))
}

fn recorded(tasks: usize, f: &(dyn Fn(usize) + Sync)) {
    WORKING.set(true);
    let timed = |task| {
        let start = Instant::now();
        f(task);
        start.elapsed().as_nanos() as u64
    };
    let times = (0..tasks).map(timed).collect();
    WORKING.set(false);
    RECORDED.lock().unwrap_or_else(|e| e.into_inner()).push(times);
}

/// The part of [`run`] that is the same for all work: compiled once.
#[inline(never)]
fn share(tasks: usize, f: &(dyn Fn(usize) + Sync)) {
    if RECORDING.load(Relaxed) {
        return recorded(tasks, f);
    }
    // SAFETY: only the lifetime changes. `Job::work` calls `f` only for a task that it has claimed, and this
    // function does not return before every claimed task has ended.
    let f: *const (dyn Fn(usize) + Sync + 'static) = unsafe { std::mem::transmute(f) };
    let threads = num_threads().min(tasks);
    let share = |i: usize| Share { next: AtomicUsize::new(tasks * i / threads), end: tasks * (i + 1) / threads };
    let job = Arc::new(Job {
        f,
        tasks,
        shares: (0..threads).map(share).collect(),
        ended: AtomicUsize::new(0),
        panic: Mutex::new(None),
        caller: thread::current(),
    });
    let pool = pool(threads - 1);
    for _ in 1..threads {
        let job = job.clone();
        pool.spawn(move || job.work(1 + rayon::current_thread_index().unwrap_or_default()));
    }
    job.work(0);
    job.wait();
    let panic = job.panic.lock().unwrap_or_else(|e| e.into_inner()).take();
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// Cuts `0..len` into blocks of `block` items (the last may be shorter) and runs them as tasks, see [`run`].
pub fn blocks(len: usize, block: usize, cost_per_item: usize, f: impl Fn(Range<usize>) + Sync) {
    let block = block.max(1);
    run(len.div_ceil(block), len.saturating_mul(cost_per_item), |i| f(i * block..len.min((i + 1) * block)));
}

struct Job {
    f: *const (dyn Fn(usize) + Sync),
    tasks: usize,
    shares: Vec<Share>,
    ended: AtomicUsize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    caller: Thread,
}

/// Neighbouring tasks that one thread begins with; a cache line of its own.
#[repr(align(64))]
struct Share {
    next: AtomicUsize,
    end: usize,
}

// SAFETY: `f` points to a Sync closure; the rest is made for sharing.
unsafe impl Send for Job {}
// SAFETY: as above.
unsafe impl Sync for Job {}

impl Job {
    /// Runs the tasks of share `first`, then what is left of the others.
    fn work(&self, first: usize) {
        WORKING.set(true);
        for i in 0..self.shares.len() {
            let share = &self.shares[(first + i) % self.shares.len()];
            while share.next.load(Relaxed) < share.end {
                let task = share.next.fetch_add(1, Relaxed);
                if task >= share.end {
                    break;
                }
                // SAFETY: the task is claimed and not yet ended, so `run` still holds the closure.
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| unsafe { (*self.f)(task) })) {
                    *self.panic.lock().unwrap_or_else(|e| e.into_inner()) = Some(panic);
                }
                if self.ended.fetch_add(1, AcqRel) + 1 == self.tasks {
                    self.caller.unpark();
                }
            }
        }
        WORKING.set(false);
    }

    /// Waits for tasks that helpers are still at: they end soon as a rule, so a short spin comes before sleeping.
    fn wait(&self) {
        for _ in 0..2000 {
            if self.ended.load(Acquire) == self.tasks {
                return;
            }
            std::hint::spin_loop();
        }
        while self.ended.load(Acquire) != self.tasks {
            thread::park();
        }
    }
}

struct Pool {
    process: u32,
    helpers: usize,
    threads: rayon::ThreadPool,
}

/// The pool, built on first use, again when more helpers are wanted than it has, and again in a forked child, which
/// inherits none of the threads. A pool that was replaced is leaked: another thread may be using it, and a parent's
/// pool cannot be shut down by its child. There are no locks that a fork could leave locked.
fn pool(helpers: usize) -> &'static rayon::ThreadPool {
    let process = std::process::id();
    loop {
        let current = POOL.load(Acquire);
        // SAFETY: null or a leaked box.
        if let Some(pool) = unsafe { current.as_ref() }
            && pool.process == process
            && pool.helpers >= helpers
        {
            return &pool.threads;
        }
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(helpers)
            .thread_name(|i| format!("rutile-{i}"))
            .build()
            .expect("the system refused to start threads; RUTILE_NUM_THREADS=1 needs none");
        let new = Box::into_raw(Box::new(Pool { process, helpers, threads }));
        if POOL.compare_exchange(current, new, AcqRel, Relaxed).is_err() {
            // SAFETY: `new` was not published.
            drop(unsafe { Box::from_raw(new) });
        }
    }
}

/// Lends `f` uninitialised memory for `len` elements, aligned to a cache line. It belongs to this thread and is kept
/// for the next call; calls may nest.
pub fn scratch<T: Element, R>(len: usize, f: impl FnOnce(&mut [MaybeUninit<T>]) -> R) -> R {
    let bytes = len * size_of::<T>();
    let kept = SCRATCH.with_borrow_mut(|free| match free.iter().position(|buffer| buffer.layout.size() >= bytes) {
        Some(i) => Some(free.swap_remove(i)),
        None => {
            free.pop(); // too small: replaced by the larger one, so there are never more buffers than nested calls
            None
        }
    });
    let buffer = kept.unwrap_or_else(|| Buffer::new(bytes));
    // SAFETY: the buffer has at least `bytes` bytes, is aligned for every element and lent to nobody else.
    let result = f(unsafe { std::slice::from_raw_parts_mut(buffer.ptr.as_ptr().cast(), len) });
    if buffer.layout.size() <= Buffer::KEPT {
        SCRATCH.with_borrow_mut(|free| free.push(buffer));
    }
    result
}

struct Buffer {
    ptr: NonNull<u8>,
    layout: Layout,
}

impl Buffer {
    /// Larger buffers are given back at once. Fresh pages cost more than what is done with them, so this covers the
    /// transformed kernels of a convolution with 512 channels on both sides.
    const KEPT: usize = 64 << 20;

    fn new(bytes: usize) -> Buffer {
        let layout = Layout::from_size_align(bytes.max(1 << 16).next_multiple_of(1 << 12), 64).expect("a small size");
        // SAFETY: the size is not zero.
        let ptr = unsafe { alloc::alloc(layout) };
        Buffer { ptr: NonNull::new(ptr).unwrap_or_else(|| alloc::handle_alloc_error(layout)), layout }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { alloc::dealloc(self.ptr.as_ptr(), self.layout) }
    }
}
