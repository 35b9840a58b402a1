//! The trial itself: clients that ask, and at times others that stall.

use std::ops::AddAssign;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::client::Client;
use crate::demo::Demo;
use crate::fault::Fault;
use crate::memory::resident;
use crate::stall::Stalled;
use crate::tally::{Phase, Tally};

/// Clients that ask, each all the time.
pub(crate) const CLIENTS: u64 = 1000;

/// One client of so many sends files.
const SENDS: u64 = 10;

/// Clients that stall.
pub(crate) const STALLED: usize = 50;

/// Until memory has settled: requests of each client, with and without others that stall …
const TO_SETTLE: u64 = 10;

/// … and time, at least.
const SETTLING: Duration = Duration::from_secs(4);

/// The longest time without, or with, those who stall. The demo hangs up on them after 30 s.
const LONGEST: f64 = 5.0;

/// How often memory is looked at, to find what is usual.
const LOOKS: usize = 9;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// What came of it, but for what is in the tally.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) tally: Arc<Tally>,
    pub(crate) all: Flow,
    /// While the clients are alone.
    pub(crate) alone: Flow,
    /// While others stall.
    pub(crate) stalled: Flow,
    /// The demo's memory in bytes, settled and at the end, where this system says it.
    pub(crate) memory: Option<(u64, u64)>,
}

/// How many answers came in how long. Of slices it is their later halves: who stalls does not hold others at once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flow {
    pub(crate) answers: u64,
    pub(crate) time: Duration,
}

/// Runs it for so many seconds, of which those who stall are there in every second slice.
pub(crate) async fn run(demo: &mut Demo, seconds: u32) -> Trial {
    let tally = Arc::new(Tally::new());
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let sends = number % SENDS == 0;
        let client = Client::new(number, sends, demo.address, Arc::clone(&tally));
        clients.spawn(client.ask());
    }

    while tally.done() < TO_SETTLE * CLIENTS {
        pass(&tally, SETTLING / 2).await;
        stall(demo, &tally, SETTLING / 2).await;
    }
    let settled = memory(demo).await;
    let (slices, long) = slices(seconds);
    let start = Instant::now();
    let (mut alone, mut stalled) = (Flow::default(), Flow::default());
    for _ in 0..slices {
        tally.enter(Phase::Alone);
        alone += pass(&tally, long).await;
        tally.enter(Phase::Stalled);
        stalled += stall(demo, &tally, long).await;
    }
    let all = Flow {
        answers: tally.answers(),
        time: start.elapsed(),
    };
    tally.enter(Phase::Alone);
    let at_the_end = memory(demo).await;

    tally.end();
    while let Some(ended) = clients.join_next().await {
        if ended.is_err() {
            tally.fault(Fault::new("a client panicked"));
        }
    }
    if demo.ended() {
        tally.fault(Fault::new("the demo ended"));
    }
    Trial {
        tally,
        all,
        alone,
        stalled,
        memory: settled.zip(at_the_end),
    }
}

/// Slices of each kind, and how long one is.
fn slices(seconds: u32) -> (u32, Duration) {
    let each = f64::from(seconds) / 2.0;
    let slices = (each / LONGEST).ceil().max(1.0);
    // Ceiled and at least 1: a small whole number.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a small whole number"
    )]
    let slices = slices as u32;
    (
        slices,
        Duration::from_secs(u64::from(seconds)) / (2 * slices),
    )
}

async fn pass(tally: &Tally, long: Duration) -> Flow {
    sleep(long / 2).await;
    let (before, start) = (tally.answers(), Instant::now());
    sleep(long / 2).await;
    Flow {
        answers: tally.answers() - before,
        time: start.elapsed(),
    }
}

async fn stall(demo: &Demo, tally: &Tally, long: Duration) -> Flow {
    let stalled = Stalled::begin(STALLED, demo.address).await;
    let flow = pass(tally, long).await;
    if let Err(fault) = stalled.and_then(|stalled| stalled.still()) {
        tally.fault(fault.of("those who stall"));
    }
    flow
}

impl AddAssign for Flow {
    fn add_assign(&mut self, other: Self) {
        self.answers += other.answers;
        self.time += other.time;
    }
}

/// What it has usually, while it is asked: the median of some looks.
async fn memory(demo: &Demo) -> Option<u64> {
    let mut looks = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        sleep(LOOK).await;
        looks.push(resident(demo.process())?);
    }
    looks.sort_unstable();
    looks.get(LOOKS / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::slices;

    #[test]
    fn slices_are_short_and_come_to_the_seconds_asked_for() {
        for seconds in [1, 10, 60, 61, 3600] {
            let (slices, long) = slices(seconds);
            assert!(slices >= 1 && long.as_secs_f64() <= 5.0, "{seconds}");
            let all = (long * 2 * slices).as_secs_f64();
            assert!((all - f64::from(seconds)).abs() < 0.001, "{seconds}: {all}");
        }
        assert_eq!(slices(60).0, 6);
    }
}
