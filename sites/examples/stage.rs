//! Serves the demo's sites, or the self-test's, until Ctrl-C: prints how a browser and curl reach them, and what each
//! request that arrives carries. Ten digits in a row are masked, whosever they are.
//!
//! ```text
//! cargo run -p sites --example stage                 # the leaking demo
//! cargo run -p sites --example stage -- --mended     # the leak switched off
//! cargo run -p sites --example stage -- --self-test  # the self-test's page
//! ```

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs, io};

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};
use sites::{HostedSite, Received, Stage, demo, self_test};

/// A number that belongs to nobody: its seventh digit and year say that its person will be born in 2045.
const CANARY: &str = "0101455001";

/// How often new requests are printed.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut hosts: Vec<HostedSite> = Vec::new();
    let mut start = "https://selvbetjening.toldhuset.test/".to_owned();
    match env::args().nth(1).as_deref() {
        None => hosts.extend(demo::hosts(demo::Options { leaking: true })),
        Some("--mended") => hosts.extend(demo::hosts(demo::Options { leaking: false })),
        Some("--self-test") => {
            hosts.extend(self_test::hosts(CANARY));
            start = self_test::start_url();
        }
        Some(other) => {
            let message = format!("there is no `{other}`; there are --mended and --self-test");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
    }
    let stage = Stage::start(hosts).await?;
    let root = root_file(&stage);
    fs::write(&root, stage.root_pem())?;
    let mut out = io::stdout();
    introduce(&mut out, &stage, &start, &root)?;

    let mut seen = 0;
    loop {
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => {
                fs::remove_file(&root)?;
                return stopped;
            }
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
        for received in stage.received().iter().skip(seen) {
            writeln!(out, "{}", line(received))?;
            seen += 1;
        }
    }
}

fn root_file(stage: &Stage) -> PathBuf {
    env::temp_dir().join(format!("cprvagt-stage-{}.pem", stage.https().port()))
}

fn introduce(out: &mut impl io::Write, stage: &Stage, start: &str, root: &std::path::Path) -> io::Result<()> {
    let (https, http) = (stage.https(), stage.http());
    let pin = BASE64.encode(&Sha256::digest(stage.root_public_key()));
    let host = start.trim_start_matches("https://").trim_end_matches('/');
    writeln!(out, "hosts: {}", stage.host_names().join(", "))?;
    writeln!(out, "\nchromium --user-data-dir=\"$(mktemp -d)\" --no-first-run --disable-quic \\")?;
    writeln!(out, "  --host-resolver-rules='MAP *.test:443 {https}, MAP *.test:80 {http}, MAP * ~NOTFOUND' \\")?;
    writeln!(out, "  --ignore-certificate-errors-spki-list={pin} {start}")?;
    writeln!(out, "\ncurl --cacert {} --connect-to {host}:443:{https} {start}\n", root.display())
}

/// One request: what, where, and where ten digits stood in it.
fn line(received: &Received) -> String {
    let mut places = Vec::new();
    let mut look = |place: &str, text: &str| {
        if masked(text) != text {
            places.push(place.to_owned());
        }
    };
    look("url-path", received.path());
    look("url-query", received.query());
    for (name, value) in &received.headers {
        look(name, &String::from_utf8_lossy(value));
    }
    look("body", &String::from_utf8_lossy(&received.body));
    let Received { method, host, path_and_query, body, version, .. } = received;
    let url = masked(path_and_query);
    format!("{version} {method} {host}{url} ({} bytes) digits in: [{}]", body.len(), places.join(", "))
}

/// The text with every run of ten digits or more masked, a dash after the sixth or not.
fn masked(text: &str) -> String {
    let mut safe = String::new();
    let mut run = String::new();
    for c in text.chars().map(Some).chain([None]) {
        if let Some(c) = c.filter(|c| c.is_ascii_digit() || *c == '-') {
            run.push(c);
            continue;
        }
        let digits = run.chars().filter(char::is_ascii_digit).count();
        safe.push_str(if digits >= CANARY.len() { "xxxxxx-xxxx" } else { &run });
        run.clear();
        safe.extend(c);
    }
    safe
}
