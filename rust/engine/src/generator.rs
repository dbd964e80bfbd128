//! Streams of random numbers.
//!
//! A stream is a seed and a position. Philox makes each number from its position alone, so results depend neither on
//! threads nor on how work is cut. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A stream of random numbers; clones share it.
#[derive(Clone, Debug)]
pub struct Generator(Arc<Mutex<State>>);

/// Where a stream stands: this is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Which stream.
    pub seed: u64,
    /// How many counters have been used.
    pub offset: u64,
}

/// PyTorch's seed before anybody calls `manual_seed`.
const DEFAULT_SEED: u64 = 67_280_421_310_721;

impl Generator {
    /// A stream from its start.
    pub fn new(seed: u64) -> Generator {
        Generator(Arc::new(Mutex::new(State { seed, offset: 0 })))
    }

    /// The stream that operations use when none is given.
    pub fn global() -> &'static Generator {
        static GLOBAL: OnceLock<Generator> = OnceLock::new();
        GLOBAL.get_or_init(|| Generator::new(DEFAULT_SEED))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `counters` positions; gives the seed and the first of them.
    pub fn take(&self, counters: u64) -> (u64, u64) {
        let mut state = self.lock();
        let offset = state.offset;
        state.offset = offset.wrapping_add(counters);
        (state.seed, offset)
    }

    /// Where the stream stands.
    pub fn state(&self) -> State {
        *self.lock()
    }

    /// Moves the stream.
    pub fn set_state(&self, state: State) {
        *self.lock() = state;
    }
}
