//! Loads the proxy and its peers with the same work on this machine, and prints what each unit of it cost.
//!
//! `ci/bench-proxy` builds all that is needed and runs `bench-proxy compare`. That starts an origin, a relay that reads
//! nothing, `cprvagt proxy`, hudsucker and mitmdump as processes of their own, gives each the same work, round by round
//! in turns, and reads their CPU time and memory from `/proc`: the machine may be busy, so CPU per unit counts first,
//! and only ratios within one run say anything. Everything is on the loopback address, bounded in count and time.

mod certificates;
mod client;
mod compare;
mod floor;
mod origin;
mod peer;
mod process;
mod relay;
mod work;

use anyhow::{Context as _, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match words.as_slice() {
        ["origin", port, folder] => runtime.block_on(origin::serve(number(port)?, folder)),
        ["relay", port] => runtime.block_on(relay::serve(number(port)?)),
        ["hudsucker", port, folder] => runtime.block_on(peer::serve(number(port)?, folder)),
        ["work", work, settings @ ..] => runtime.block_on(work::run(work, settings)),
        ["compare", ours, rest @ ..] => compare::run(ours, rest),
        _ => bail!("usage: bench-proxy compare CPRVAGT [mitmdump=PROGRAM] [rounds=N] [only=CASE,CASE]"),
    }
}

fn number(text: &str) -> Result<u16> {
    text.parse().with_context(|| format!("`{text}` is no port number"))
}
