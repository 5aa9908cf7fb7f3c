//! Timing two things in turn.
//!
//! These machines and their neighbours are noisy, so a figure alone says
//! little. Two closures are run alternately in short batches, and the ratio is
//! taken batch by batch: what disturbs one disturbs the other.

use std::time::{Duration, Instant};

/// The median time of one call of each closure, and the median of the ratios
/// `a / b` over all batches.
pub fn compare(mut a: impl FnMut(), mut b: impl FnMut()) -> (Duration, Duration, f64) {
    const BATCHES: usize = 101;
    let calls = calls_in(&mut a, Duration::from_millis(5));
    let mut times_a = Vec::with_capacity(BATCHES);
    let mut times_b = Vec::with_capacity(BATCHES);
    let mut ratios = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        let time_a = batch(&mut a, calls);
        let time_b = batch(&mut b, calls);
        ratios.push(time_a.as_secs_f64() / time_b.as_secs_f64());
        times_a.push(time_a);
        times_b.push(time_b);
    }
    ratios.sort_by(f64::total_cmp);
    (median(times_a), median(times_b), ratios[BATCHES / 2])
}

/// The median time of eleven calls.
pub fn time(mut call: impl FnMut()) -> Duration {
    median((0..11).map(|_| batch(&mut call, 1)).collect())
}

/// The time of one call.
pub fn once(call: impl FnOnce()) -> Duration {
    let started = Instant::now();
    call();
    started.elapsed()
}

fn batch(call: &mut impl FnMut(), calls: u32) -> Duration {
    let started = Instant::now();
    for _ in 0..calls {
        call();
    }
    started.elapsed() / calls
}

/// How many calls fill about this time; the calls are the warm-up too.
fn calls_in(call: &mut impl FnMut(), time: Duration) -> u32 {
    let started = Instant::now();
    let mut calls = 0;
    while started.elapsed() < time {
        call();
        calls += 1;
    }
    calls
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
