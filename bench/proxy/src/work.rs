//! One piece of work through one proxy, done in a process of its own so that the client's memory is nobody else's.
//! Prints one line of `name=number`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use http_body_util::{BodyExt as _, Empty};
use hyper::Method;
use tokio::task::JoinSet;

use crate::client::{Client, Line};
use crate::origin::{Filler, SMALL};
use crate::process::Process;

/// Longer than any work here takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(4);

/// Settings as typed: `name=number`, and `folder=PATH`.
struct Settings(BTreeMap<String, String>);

impl Settings {
    fn number(&self, name: &str, default: u64) -> u64 {
        self.0.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    fn port(&self, name: &str) -> Option<u16> {
        self.0.get(name).and_then(|text| text.parse().ok())
    }
}

/// Does `work`: `requests`, `download`, `upload` or `idle`.
pub(crate) async fn run(work: &str, settings: &[&str]) -> Result<()> {
    let pairs = settings.iter().filter_map(|setting| setting.split_once('='));
    let settings = Settings(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
    let folder = settings.0.get("folder").context("folder= is missing")?;
    let origin = settings.port("origin").context("origin= is missing")?;
    let is_h2 = settings.number("h2", 0) == 1;
    let resumes = settings.number("resume", 1) == 1;
    let client = Client::new(folder, origin, settings.port("proxy"), is_h2, resumes)?;
    let process = settings.0.get("pid").and_then(|text| text.parse().ok()).map(Process);
    if let Some(process) = process {
        process.forget_peak();
    }
    let (cpu_before, resident_before) = process.map_or((0, 0), |process| (process.cpu_ms(), process.resident_kib()));
    let done = async {
        match work {
            "requests" => requests(&client, &settings).await,
            "download" => transfer(&client, settings.number("bytes", 1 << 30), false).await,
            "upload" => transfer(&client, settings.number("bytes", 1 << 30), true).await,
            "idle" => idle(&client, &settings, process, resident_before).await,
            other => bail!("there is no work `{other}`"),
        }
    };
    let mut line = tokio::time::timeout(LIMIT, done).await.context("it took too long")??;
    if let Some(process) = process {
        line += &format!(
            " cpu_ms={} resident_kib={} grown_kib={} peak_kib={}",
            process.cpu_ms() - cpu_before,
            process.resident_kib(),
            process.resident_kib().saturating_sub(resident_before),
            process.peak_kib()
        );
    }
    println!("{line}");
    Ok(())
}

/// Small requests, shared out among `lines` connections of `streams` each; `per_line` of them on one connection.
async fn requests(client: &Client, settings: &Settings) -> Result<String> {
    let (lines, count) = (settings.number("lines", 32), settings.number("count", 10_000));
    let (streams, per_line) = (settings.number("streams", 1), settings.number("per_line", u64::MAX));
    let mut workers: Vec<Option<Line>> = Vec::new();
    for _ in 0..lines {
        if per_line != u64::MAX {
            workers.push(None);
            continue;
        }
        let line = client.open().await?;
        workers.extend((1..streams).filter_map(|_| line.share()).map(Some));
        workers.push(Some(line));
    }
    // Without a rate, each begins when the last is answered: then the machine is as busy as it can be.
    let rate = settings.number("rate", 0);
    let every = (rate > 0).then(|| Duration::from_secs(workers.len() as u64) / u32::try_from(rate).unwrap_or(u32::MAX));
    let (begun, share) = (Instant::now(), count / workers.len() as u64);
    let mut tasks = JoinSet::new();
    for (number, line) in (0..).zip(workers) {
        let client = client.clone();
        let pace = every.map(|every| Pace { first: begun + every * number / lines.max(1) as u32, every });
        tasks.spawn(async move { repeat(&client, line, share, per_line, pace).await });
    }
    let (mut times, mut failed) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (own, own_failed) = done?;
        times.extend(own);
        failed += own_failed;
    }
    let seconds = begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 1000).min(times.len().saturating_sub(1))).copied();
    let (p50, p99) = (at(500).unwrap_or_default(), at(990).unwrap_or_default());
    let rate = times.len() as f64 / seconds;
    Ok(format!("units={} failed={failed} rate={rate:.1} p50_us={p50} p99_us={p99}", times.len()))
}

/// When requests begin, whatever became of those before.
#[derive(Clone, Copy)]
struct Pace {
    first: Instant,
    every: Duration,
}

impl Pace {
    /// Waits until request `number` is due; returns since when it waits for its answer: since it was due, if the one before
    /// it took too long, and not since the timer came late.
    async fn due(self, number: u64) -> Instant {
        let due = self.first + self.every * u32::try_from(number).unwrap_or(u32::MAX);
        if due <= Instant::now() {
            return due;
        }
        tokio::time::sleep_until(due.into()).await;
        Instant::now()
    }
}

async fn repeat(
    client: &Client,
    mut line: Option<Line>,
    count: u64,
    per_line: u64,
    pace: Option<Pace>,
) -> (Vec<u64>, u64) {
    let (mut times, mut failed) = (Vec::new(), 0);
    for number in 0..count {
        let begun = match pace {
            Some(pace) => pace.due(number).await,
            None => Instant::now(),
        };
        if per_line != u64::MAX && number % per_line == 0 {
            line = client.open().await.ok();
        }
        let answered = match &mut line {
            Some(line) => client.fetch(line, Method::GET, "/", Empty::new().boxed()).await.ok(),
            None => None,
        };
        if answered == Some(SMALL as u64) {
            times.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        } else {
            failed += 1;
        }
    }
    (times, failed)
}

/// One long body.
async fn transfer(client: &Client, bytes: u64, is_upload: bool) -> Result<String> {
    let mut line = client.open().await?;
    let begun = Instant::now();
    let expected = if is_upload { SMALL as u64 } else { bytes };
    let came = if is_upload {
        client.fetch(&mut line, Method::POST, "/sink", Filler(bytes).boxed()).await?
    } else {
        client.fetch(&mut line, Method::GET, &format!("/bytes/{bytes}"), Empty::new().boxed()).await?
    };
    if came != expected {
        bail!("{came} of {expected} bytes came");
    }
    let mib = bytes >> 20;
    Ok(format!("units={mib} failed=0 rate={:.1}", mib as f64 / begun.elapsed().as_secs_f64()))
}

/// Tunnels that are opened, used once and left open.
async fn idle(client: &Client, settings: &Settings, process: Option<Process>, before: u64) -> Result<String> {
    let (count, seconds) = (settings.number("lines", 1_000), settings.number("seconds", 2));
    let (mut lines, begun) = (Vec::new(), Instant::now());
    for _ in 0..count {
        let mut line = client.open().await?;
        client.fetch(&mut line, Method::GET, "/", Empty::new().boxed()).await?;
        lines.push(line);
    }
    let opened = begun.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let alive = lines.iter().filter(|line| line.is_open()).count();
    let grown = process.map_or(0, |process| process.resident_kib().saturating_sub(before));
    let each = grown as f64 / count as f64;
    Ok(format!("units={count} failed={} rate={:.1} kib_each={each:.1}", lines.len() - alive, count as f64 / opened))
}
