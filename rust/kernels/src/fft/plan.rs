//! What is prepared once per length: how it is cut, and its factors.

use super::stages::{FINE, Stages, WIDTH, radices, root};
use crate::element::Real;
use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

/// Transforms shorter than this run side by side, one per lane.
const SHORT: usize = 256;

/// A prepared transform of `n` numbers.
pub(super) struct Plan<T> {
    pub n: usize,
    pub kind: Kind<T>,
}

pub(super) enum Kind<T> {
    /// One transform per lane.
    Lanes(Stages<T>),
    /// As a matrix of `first.n` rows and `second.n` columns (Gentleman and Sande, 1966; Bailey, 1990): transforms of its
    /// columns, factors, transforms of its rows.
    Steps { first: Stages<T>, second: Stages<T>, coarse: Vec<T>, fine: Vec<T> },
    /// As a convolution with a chirp (Bluestein, 1970), for lengths with a large prime factor: `chirp` is
    /// `exp(-i pi k^2 / n)`, `spectrum` the transform of its conjugate.
    Chirp { plan: Arc<Plan<T>>, chirp: Vec<T>, spectrum: Vec<T> },
}

/// What is kept about a length.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Rows,
    Lanes,
    Real,
}

type Entry = (usize, Use, Arc<dyn Any + Send + Sync>);

thread_local! {
    // One cache per thread: a lock could be left locked by a fork.
    static KEPT: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// Entries kept per thread. Those of long transforms take less memory than their data.
const ENTRIES: usize = 16;

/// What `make` gives, or gave not long ago.
fn kept<P: Send + Sync + 'static>(n: usize, purpose: Use, make: impl FnOnce() -> P) -> Arc<P> {
    let found = KEPT.with_borrow_mut(|entries| {
        let at = entries.iter().position(|(len, of, entry)| *len == n && *of == purpose && entry.is::<P>())?;
        entries[..=at].rotate_right(1);
        entries[0].2.clone().downcast::<P>().ok()
    });
    found.unwrap_or_else(|| {
        let made = Arc::new(make());
        KEPT.with_borrow_mut(|entries| {
            entries.truncate(ENTRIES - 1);
            entries.insert(0, (n, purpose, made.clone()));
        });
        made
    })
}

/// The plan for contiguous transforms of `n`, or, if `lanes`, for several side by side (which has to be possible:
/// [`super::side_by_side`]).
pub(super) fn plan<T: Real>(n: usize, lanes: bool) -> Arc<Plan<T>> {
    kept(n, if lanes { Use::Lanes } else { Use::Rows }, || Plan::new(n, lanes))
}

/// `exp(-2 pi i k / n)` as pairs, up to a quarter turn.
pub(super) fn quarter_turn<T: Real>(n: usize) -> Arc<Vec<T>> {
    kept(n, Use::Real, || (0..=n / 4).flat_map(|k| root(k, n).map(T::from_f64)).collect())
}

impl<T: Real> Plan<T> {
    fn new(n: usize, lanes: bool) -> Plan<T> {
        let Some(factors) = radices(n) else { return Plan { n, kind: chirp(n) } };
        let first = if lanes || n < SHORT { n } else { balanced(n, &factors) };
        let stages = |n| Stages::new(n).expect("a divisor has no other prime factors");
        if n / first < 4 {
            return Plan { n, kind: Kind::Lanes(stages(n)) };
        }
        let (first, second) = (stages(first), stages(n / first));
        // Columns beyond the last have factors too, so that blocks are whole.
        let blocks = second.n.div_ceil(WIDTH);
        let table = |rows: usize, distance: usize| {
            let mut table = Vec::with_capacity(2 * blocks * rows * WIDTH);
            for block in 0..blocks {
                for row in 0..rows {
                    let angle = |lane| root((block * WIDTH + lane) * row * distance, n);
                    (0..2).for_each(|part| table.extend((0..WIDTH).map(|lane| T::from_f64(angle(lane)[part]))));
                }
            }
            table
        };
        let (coarse, fine) = (table(first.n.div_ceil(FINE), FINE), table(FINE, 1));
        Plan { n, kind: Kind::Steps { first, second, coarse, fine } }
    }
}

/// The divisor of `n` nearest to its square root from below.
fn balanced(n: usize, factors: &[usize]) -> usize {
    let mut divisors = vec![1];
    for &factor in factors {
        // 4 and 8 are several twos.
        let primes = if factor.is_power_of_two() { vec![2; factor.ilog2() as usize] } else { vec![factor] };
        for prime in primes {
            divisors.extend(divisors.clone().into_iter().map(|d| d * prime));
            divisors.sort_unstable();
            divisors.dedup();
        }
    }
    divisors.into_iter().filter(|d| d.saturating_mul(*d) <= n).max().unwrap_or(1)
}

fn chirp<T: Real>(n: usize) -> Kind<T> {
    // A length without large primes that holds both ends of the convolution.
    let long = (0..)
        .map(|shift| 1_usize << shift)
        .find_map(|unit| [2, 3].map(|factor| factor * unit).into_iter().find(|&long| long >= 2 * n - 1))
        .expect("there is always a longer one");
    let plan = plan::<T>(long, false);
    let angle = |k: usize| root((k as u128 * k as u128 % (2 * n as u128)) as usize, 2 * n);
    let chirp: Vec<T> = (0..n).flat_map(|k| angle(k).map(T::from_f64)).collect();
    let mut spectrum = vec![T::ZERO; 2 * long];
    for k in 0..n {
        let [cos, sin] = angle(k);
        for at in [k, (long - k) % long] {
            spectrum[2 * at] = T::from_f64(cos);
            spectrum[2 * at + 1] = T::from_f64(-sin);
        }
    }
    let p = spectrum.as_mut_ptr();
    // SAFETY: one transform in place.
    unsafe { super::transform(&plan, 1, p, 2 * long, p, 2 * long, false, T::from_f64(1.0 / long as f64)) };
    Kind::Chirp { plan, chirp, spectrum }
}
