//! Starts the origin and every proxy, gives them the same work in turns, and prints what it cost each of them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::{certificates, floor};

/// A piece of work, and whether the processes have to be new for it.
struct Case {
    name: &'static str,
    work: &'static str,
    settings: &'static str,
    is_fresh: bool,
    /// Whether the peers are left out: with them it would take minutes and say nothing new.
    only_ours: bool,
}

const CASES: [Case; 11] = [
    Case { name: "h1", work: "requests", settings: "count=96000 lines=32", is_fresh: false, only_ours: false },
    // As many as a busy test suite sends, with time left between: what a person waits for. In `h1` client, proxy and origin
    // wait for each other's cores, and that is what its slowest hundredth tells of.
    Case {
        name: "paced",
        work: "requests",
        settings: "count=8000 lines=32 rate=2000",
        is_fresh: false,
        only_ours: false,
    },
    Case { name: "serial", work: "requests", settings: "count=8000 lines=1", is_fresh: false, only_ours: false },
    Case {
        name: "h2",
        work: "requests",
        settings: "count=24000 lines=4 streams=8 h2=1",
        is_fresh: false,
        only_ours: false,
    },
    Case {
        name: "tunnel",
        work: "requests",
        settings: "count=1600 lines=16 per_line=1 resume=0",
        is_fresh: false,
        only_ours: false,
    },
    Case { name: "download", work: "download", settings: "bytes=1073741824", is_fresh: false, only_ours: false },
    Case { name: "upload", work: "upload", settings: "bytes=1073741824", is_fresh: false, only_ours: false },
    Case { name: "idle", work: "idle", settings: "lines=1000", is_fresh: true, only_ours: false },
    Case { name: "idle9900", work: "idle", settings: "lines=9900", is_fresh: true, only_ours: true },
    Case { name: "busy", work: "requests", settings: "count=50000 lines=1000", is_fresh: true, only_ours: true },
    Case {
        name: "one-h2",
        work: "requests",
        settings: "count=100000 lines=1 streams=8 h2=1",
        is_fresh: false,
        only_ours: true,
    },
];

/// What a unit of each kind of work is.
fn unit(work: &str) -> &'static str {
    match work {
        "requests" => "request",
        "idle" => "tunnel",
        _ => "MiB",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    Direct,
    Relay,
    Ours,
    Hudsucker,
    Mitmdump,
}

/// What one piece of work told, by name.
type Figures = BTreeMap<String, f64>;

struct Plan {
    folder: PathBuf,
    ours: PathBuf,
    mitmdump: Option<PathBuf>,
    rounds: usize,
    only: Option<Vec<String>>,
}

struct Running {
    child: Child,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Compares `ours`, the program `cprvagt`, with its peers.
pub(crate) fn run(ours: &str, rest: &[&str]) -> Result<()> {
    let setting = |name: &str| rest.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let folder = std::env::temp_dir().join(format!("bench-proxy-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let plan = Plan {
        folder: folder.clone(),
        ours: Path::new(ours).canonicalize().with_context(|| format!("there is no program {ours}"))?,
        mitmdump: setting("mitmdump").map(PathBuf::from),
        rounds: setting("rounds").map_or(Ok(3), str::parse)?,
        only: setting("only").map(|names| names.split(',').map(str::to_owned).collect()),
    };
    let compared = plan.run();
    std::fs::remove_dir_all(folder)?;
    compared
}

impl Plan {
    fn run(&self) -> Result<()> {
        certificates::write(&self.folder)?;
        let origin = self.start_own("origin")?;
        let floor_us = floor::encryption_us_per_mib()?;
        println!("encrypting and decrypting 1 MiB in memory: {floor_us:.0} us of CPU");
        let mut running = BTreeMap::new();
        for case in
            CASES.iter().filter(|case| self.only.as_ref().is_none_or(|only| only.iter().any(|n| n == case.name)))
        {
            let peers = self.peers(case);
            let mut told: BTreeMap<Peer, Vec<Result<Figures, String>>> = BTreeMap::new();
            let rounds = if case.only_ours { 1 } else { self.rounds };
            for round in 0..rounds {
                if case.is_fresh {
                    running.clear();
                }
                for turn in 0..peers.len() {
                    let peer = peers[(round + turn) % peers.len()];
                    if peer != Peer::Direct && !running.contains_key(&peer) {
                        running.insert(peer, self.start(peer)?);
                    }
                    let figures =
                        self.work(case, origin.port, running.get(&peer)).map_err(|error| format!("{error:#}"));
                    told.entry(peer).or_default().push(figures);
                }
            }
            print(case, &told, floor_us);
        }
        Ok(())
    }

    fn peers(&self, case: &Case) -> Vec<Peer> {
        let mut peers = vec![Peer::Direct, Peer::Relay, Peer::Ours];
        if !case.only_ours {
            peers.push(Peer::Hudsucker);
            peers.extend(self.mitmdump.as_ref().map(|_| Peer::Mitmdump));
        }
        peers
    }

    fn start(&self, peer: Peer) -> Result<Running> {
        match peer {
            Peer::Direct => bail!("nothing to start"),
            Peer::Relay => self.start_own("relay"),
            Peer::Hudsucker => self.start_own("hudsucker"),
            Peer::Ours => self.start_ours(),
            Peer::Mitmdump => self.start_mitmdump(),
        }
    }

    fn start_own(&self, role: &str) -> Result<Running> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(role).arg(port.to_string());
        if role != "relay" {
            command.arg(&self.folder);
        }
        started(command, port)
    }

    /// As a tester starts it, with everything judged.
    fn start_ours(&self) -> Result<Running> {
        let port = free_port()?;
        let data = self.folder.join("data");
        let mut command = Command::new(&self.ours);
        command.arg("proxy").arg("--listen").arg(format!("127.0.0.1:{port}"));
        command.arg("--upstream-ca").arg(self.folder.join("origin-ca.pem"));
        command.arg("--out").arg(self.folder.join("out")).args(["--sut", "localhost"]);
        command.env("XDG_DATA_HOME", &data);
        let running = started(command, port)?;
        let mut export = Command::new(&self.ours);
        export.args(["ca", "export", "--format", "pem", "--out"]).arg(self.folder.join("ours-ca.pem"));
        let exported = export.env("XDG_DATA_HOME", &data).stdout(Stdio::null()).status()?;
        if !exported.success() {
            bail!("`cprvagt ca export` failed");
        }
        Ok(running)
    }

    /// With bodies streamed, as its own manual advises for large ones; by default it gathers them in memory.
    fn start_mitmdump(&self) -> Result<Running> {
        let port = free_port()?;
        let confdir = self.folder.join("mitmproxy");
        let mut command = Command::new(self.mitmdump.as_ref().context("no mitmdump=")?);
        command.args(["-q", "--listen-host", "127.0.0.1", "--listen-port", &port.to_string()]);
        command.arg("--set").arg(format!("confdir={}", confdir.display()));
        let root = self.folder.join("origin-ca.pem");
        command.arg("--set").arg(format!("ssl_verify_upstream_trusted_ca={}", root.display()));
        command.args(["--set", "stream_large_bodies=1m"]);
        let running = started(command, port)?;
        std::fs::copy(confdir.join("mitmproxy-ca-cert.pem"), self.folder.join("mitmproxy-ca.pem"))?;
        Ok(running)
    }

    /// One piece of work, in a process of its own.
    fn work(&self, case: &Case, origin: u16, proxy: Option<&Running>) -> Result<Figures> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["work", case.work]).args(case.settings.split(' '));
        command.arg(format!("folder={}", self.folder.display())).arg(format!("origin={origin}"));
        if let Some(Running { child, port }) = proxy {
            command.arg(format!("proxy={port}")).arg(format!("pid={}", child.id()));
        }
        let output = command.output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("it failed").to_owned());
        }
        let line = String::from_utf8(output.stdout)?;
        let pairs = line.split_whitespace().filter_map(|pair| pair.split_once('='));
        Ok(pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect())
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Starts `command` and waits until it listens on `port`.
fn started(mut command: Command, port: u16) -> Result<Running> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut running = Running { child: child.with_context(|| format!("cannot start {command:?}"))?, port };
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if let Some(status) = running.child.try_wait()? {
            bail!("{command:?} ended: {status}");
        }
        if Instant::now() > deadline {
            bail!("{command:?} does not listen");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(running)
}

fn print(case: &Case, told: &BTreeMap<Peer, Vec<Result<Figures, String>>>, floor_us: f64) {
    let unit = unit(case.work);
    println!("\n{} ({} {})", case.name, case.work, case.settings);
    println!(
        "{:<10} {:>11} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9}",
        "", "CPU us", "x relay", "speed", "p50 x", "p99 x", "peak MiB", "KiB each"
    );
    let median = |peer: Peer, name: &str| {
        median(told.get(&peer)?.iter().flatten().filter_map(|figures| figures.get(name).copied()))
    };
    let cpu = |peer| Some(1000.0 * median(peer, "cpu_ms")? / median(peer, "units")?);
    for (peer, rounds) in told {
        let of_direct = |name| Some(median(*peer, name)? / median(Peer::Direct, name)?);
        let cells = [
            cpu(*peer).map(|cpu| format!("{cpu:.1}/{unit}")),
            cpu(*peer).zip(cpu(Peer::Relay)).map(|(own, relay)| format!("{:.2}", own / relay)),
            of_direct("rate").map(|ratio| format!("{ratio:.2}")),
            of_direct("p50_us").map(|ratio| format!("{ratio:.1}")),
            of_direct("p99_us").map(|ratio| format!("{ratio:.1}")),
            median(*peer, "peak_kib").map(|kib| format!("{:.1}", kib / 1024.0)),
            median(*peer, "kib_each").filter(|_| *peer != Peer::Direct).map(|kib| format!("{kib:.1}")),
        ];
        let [cpu, relay, speed, p50, p99, peak, each] = cells.map(Option::unwrap_or_default);
        println!(
            "{:<10} {cpu:>16} {relay:>8} {speed:>8} {p50:>8} {p99:>8} {peak:>8} {each:>9}",
            format!("{peer:?}").to_lowercase()
        );
        let failed: f64 = rounds.iter().flatten().filter_map(|figures| figures.get("failed")).sum();
        if failed > 0.0 {
            println!("           {failed} units failed");
        }
        for error in rounds.iter().filter_map(|round| round.as_ref().err()).take(1) {
            println!("           {error}");
        }
    }
    if unit == "MiB"
        && let (Some(relay), Some(ours)) = (cpu(Peer::Relay), cpu(Peer::Ours))
    {
        let floor = relay + floor_us;
        println!("floor {floor:.0} us (relay and encryption); ours is {:.2} of it", ours / floor);
    }
    if let Some(grown) = median(Peer::Ours, "grown_kib") {
        println!("ours grew by {:.1} MiB", grown / 1024.0);
    }
}

fn median(figures: impl Iterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
