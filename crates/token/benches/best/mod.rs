//! One figure beside another: both measured the same way, turn by turn, so that a busy moment meets both.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A neighbour on the same core can be busy for a while.
const PATIENCE: Duration = Duration::from_secs(3);
const CALLS: u32 = 20;

/// Microseconds of one call of each, in the best of many rounds: what else runs on the machine only adds.
pub(crate) fn best_of_both<A, B>(mut bare: impl FnMut() -> A, mut whole: impl FnMut() -> B) -> (f64, f64) {
    let start = Instant::now();
    let (mut least, mut most) = (f64::INFINITY, f64::INFINITY);
    while start.elapsed() < PATIENCE {
        (least, most) = (least.min(round(&mut bare)), most.min(round(&mut whole)));
    }
    (least, most)
}

fn round<T>(call: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        black_box(call());
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
}
