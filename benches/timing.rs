//! Timing two things in turn.
//!
//! These machines and their neighbours are noisy, so a figure alone says
//! little. Two closures are run alternately in short batches, and the ratio is
//! taken batch by batch: what disturbs one disturbs the other.

use std::time::{Duration, Instant};

/// The median times of two things, and the median of the ratios `a / b` over all
/// rounds.
pub struct Compared {
    /// Of the first.
    pub a: Duration,
    /// Of the second.
    pub b: Duration,
    /// `a / b`.
    pub ratio: f64,
}

/// Compares two short calls that can be repeated.
pub fn compare(mut a: impl FnMut(), mut b: impl FnMut()) -> Compared {
    let calls = calls_in(&mut a, Duration::from_millis(5));
    alternate(101, || batch(&mut a, calls), || batch(&mut b, calls))
}

/// Compares two things that take a preparation each time, and so take their own
/// time with [`once`].
pub fn alternate(
    rounds: usize,
    mut a: impl FnMut() -> Duration,
    mut b: impl FnMut() -> Duration,
) -> Compared {
    let times: Vec<(Duration, Duration)> = (0..rounds).map(|_| (a(), b())).collect();
    let mut ratios: Vec<f64> = times
        .iter()
        .map(|(a, b)| a.as_secs_f64() / b.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    Compared {
        a: median(times.iter().map(|(a, _)| *a).collect()),
        b: median(times.iter().map(|(_, b)| *b).collect()),
        ratio: ratios[rounds / 2],
    }
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

/// The processor time of one call on this thread, which neighbours disturb less;
/// the time of a clock where the system does not tell it.
pub fn once_on_processor(call: impl FnOnce()) -> Duration {
    let before = processor_time();
    let time = once(call);
    match (before, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => time,
    }
}

/// From Linux's scheduler, in nanoseconds.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// A time in milliseconds.
#[must_use]
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A time in microseconds.
#[must_use]
pub fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The sizes to measure: those of an environment variable, separated by commas,
/// or these.
///
/// # Panics
///
/// Panics if the variable has something else.
#[must_use]
pub fn sizes(variable: &str, default: &[usize]) -> Vec<usize> {
    let Ok(text) = std::env::var(variable) else {
        return default.to_vec();
    };
    let sizes: Option<Vec<usize>> = text
        .split(',')
        .map(|each| each.trim().parse().ok())
        .collect();
    assert!(
        sizes.is_some(),
        "`{variable}` is no list of numbers: {text}"
    );
    sizes.unwrap_or_default()
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
