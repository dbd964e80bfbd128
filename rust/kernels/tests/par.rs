//! Threads: every task once, nested calls, panics, scratch buffers.

use rutile_kernels::par;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const LARGE: usize = par::GRAIN;

/// The number of threads is global: tests that change it take turns.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn every_task_runs_once() {
    let _turn = TURN.lock();
    for threads in [1, 2, 4] {
        par::set_num_threads(threads);
        for tasks in [0, 1, 2, 3, 100, 10_000] {
            for cost in [0, LARGE] {
                let counts: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
                par::run(tasks, cost, |i| {
                    counts[i].fetch_add(1, Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Relaxed) == 1));
            }
        }
    }
}

#[test]
fn blocks_cover_the_range() {
    for (len, block) in [(0, 4), (1, 4), (4, 4), (5, 4), (1000, 7), (3, 0)] {
        let covered: Vec<AtomicUsize> = (0..len).map(|_| AtomicUsize::new(0)).collect();
        par::blocks(len, block, LARGE, |range| {
            assert!(range.len() <= block.max(1) && range.start % block.max(1) == 0);
            range.for_each(|i| {
                covered[i].fetch_add(1, Relaxed);
            });
        });
        assert!(covered.iter().all(|count| count.load(Relaxed) == 1));
    }
}

#[test]
fn nested_runs_stay_on_their_thread() {
    let _turn = TURN.lock();
    par::set_num_threads(4);
    par::run(8, LARGE, |_| {
        let outer = std::thread::current().id();
        par::run(8, LARGE, |_| assert_eq!(std::thread::current().id(), outer));
    });
}

#[test]
fn several_callers_share_the_pool() {
    let _turn = TURN.lock();
    par::set_num_threads(3);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let sum = AtomicUsize::new(0);
                    par::run(10, LARGE, |i| {
                        sum.fetch_add(i, Relaxed);
                    });
                    assert_eq!(sum.load(Relaxed), 45);
                }
            });
        }
    });
}

#[test]
fn a_panic_comes_out_after_all_tasks_have_ended() {
    let _turn = TURN.lock();
    par::set_num_threads(2);
    let ended = AtomicUsize::new(0);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        par::run(16, LARGE, |i| {
            ended.fetch_add(1, Relaxed);
            assert!(i != 3, "task three");
        });
    }));
    assert_eq!(result.unwrap_err().downcast_ref::<&str>(), Some(&"task three"));
    assert_eq!(ended.load(Relaxed), 16);
    par::run(2, LARGE, |_| {}); // and the pool still works
}

#[test]
fn scratch_is_aligned_and_nests() {
    par::scratch::<f32, _>(10, |a| {
        a.fill(std::mem::MaybeUninit::new(1.0));
        par::scratch::<f64, _>(1 << 20, |b| {
            b.fill(std::mem::MaybeUninit::new(2.0));
            assert_eq!(b.as_ptr() as usize % 64, 0);
            assert_eq!(b.len(), 1 << 20);
        });
        assert_eq!(a.as_ptr() as usize % 64, 0);
        // SAFETY: all were written above.
        assert!(a.iter().all(|x| unsafe { x.assume_init() } == 1.0));
    });
}

#[test]
fn recorded_tasks_run_here_and_have_times() {
    let _turn = TURN.lock();
    par::set_num_threads(4);
    par::record(true);
    let here = std::thread::current().id();
    par::run(3, LARGE, |_| assert_eq!(std::thread::current().id(), here));
    par::run(5, 0, |_| ()); // too little work to be shared
    let regions = par::record(false);
    assert_eq!(regions.iter().map(Vec::len).collect::<Vec<_>>(), [3]);
    assert!(par::record(false).is_empty());
}
