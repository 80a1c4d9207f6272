//! One figure beside another: both measured the same way, in the same moment.

use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 200;
const CALLS: u32 = 50;

/// Microseconds of one call, in the best of many rounds: what else runs on the machine only adds.
pub(crate) fn best<T>(mut call: impl FnMut() -> T) -> f64 {
    let round = |_| {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(call());
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}
