//! Real servers, the proxy before them, and real programs sent through it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use detect::{Inspector, Parties, Setup};
use model::{BlindSpot, Channel, Clock, Exchange, Host, Identity, Message, Target, TestPerson};
use proxy::{Captured, Listener, Proxy, Resolve, Settings};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// What every client sends; declared, so found for certain.
pub(crate) const CANARY: &str = "0101455009";

/// Seconds that a client may take; longer than any takes on a loaded machine.
const PATIENCE: &str = "100";

/// The servers, with the certificate they are trusted by.
pub(crate) struct Origin {
    servers: Vec<Child>,
    root: CertificateDer<'static>,
    /// Where each host of theirs is.
    pub(crate) resolve: Vec<String>,
    /// A folder for this test alone; `origin-root.pem` is in it.
    pub(crate) folder: TempDir,
}

/// The proxy before them.
pub(crate) struct Through {
    runtime: Runtime,
    proxy: Proxy,
    listener: Listener,
    collector: JoinHandle<()>,
    captured: Arc<Mutex<Vec<Captured>>>,
    origin: Origin,
}

/// All that went through.
pub(crate) struct Seen {
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) blind_spots: Vec<BlindSpot>,
}

impl Origin {
    pub(crate) fn start(grpc: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = certificates(folder.path());
        let mut origin = Self { servers: Vec::new(), root, resolve: Vec::new(), folder };
        let mut node = Command::new("node");
        node.arg(program("origin.js"));
        origin.serve(node, "site.test");
        if grpc {
            let mut python = python();
            python.arg(program("grpc_origin.py"));
            origin.serve(python, "grpc.test");
        }
        origin
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&mut self, mut command: Command, host: &str) {
        let mut child = command
            .args([self.path("leaf.pem"), self.path("leaf-key.pem")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect(MISSING);
        let mut port = String::new();
        let stdout = child.stdout.take().expect("piped");
        self.servers.push(child);
        BufReader::new(stdout).read_line(&mut port).expect("a port");
        let port: u16 = port.trim().parse().expect(MISSING);
        self.resolve.push(format!("{host}:443:127.0.0.1:{port}"));
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Through {
    #[expect(clippy::disallowed_methods, reason = "clients compare certificates with the real time")]
    pub(crate) fn start(grpc: bool) -> Self {
        let origin = Origin::start(grpc);
        let runtime = Runtime::new().expect("a runtime");
        let mut settings = Settings::new(Clock::new(jiff::Timestamp::now));
        settings.loopback_only = true;
        settings.upstream_roots = vec![origin.root.clone()];
        settings.resolve = origin.resolve.iter().map(|rule| rule.parse::<Resolve>().expect("a rule")).collect();
        let (proxy, mut receiver) = {
            let _inside = runtime.enter();
            Proxy::start(settings).expect("the proxy starts")
        };
        let listener = runtime.block_on(proxy.listen(0)).expect("it listens");
        std::fs::write(origin.path("ca.pem"), proxy.ca_pem()).expect("the folder is writable");
        let captured = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&captured);
        let collector = runtime.spawn(async move {
            while let Some(one) = receiver.recv().await {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(one);
            }
        });
        Self { runtime, proxy, listener, collector, captured, origin }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.origin.path(name)
    }

    /// The certificate that clients are to trust.
    pub(crate) fn ca(&self) -> PathBuf {
        self.path("ca.pem")
    }

    pub(crate) fn spki_sha256(&self) -> String {
        self.proxy.spki_sha256()
    }

    /// Whether a request for `path` has been answered.
    pub(crate) fn has_seen(&self, path: &str) -> bool {
        let captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        captured.iter().any(|one| matches!(one, Captured::Exchange(exchange) if exchange.request.target.path == path))
    }

    /// Stops the proxy and returns what went through it.
    pub(crate) fn seen(self) -> Seen {
        let Self { runtime, proxy, listener, collector, captured, origin } = self;
        drop(listener);
        runtime.block_on(async {
            proxy.shutdown().await;
            collector.await.expect("what was captured is collected");
        });
        drop(origin);
        let mut seen = Seen { exchanges: Vec::new(), blind_spots: Vec::new() };
        for one in captured.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            match one {
                Captured::Exchange(exchange) => {
                    seen.blind_spots.extend(exchange.blind_spots.iter().cloned());
                    seen.exchanges.push(*exchange);
                }
                Captured::BlindSpot(spot) => seen.blind_spots.push(spot),
            }
        }
        seen
    }
}

impl Seen {
    /// The one request for `path` in `version`.
    #[track_caller]
    pub(crate) fn one(&self, path: &str, version: &str) -> &Exchange {
        let fits = |exchange: &&Exchange| {
            exchange.request.target.path == path && exchange.request.version == version && exchange.continues.is_none()
        };
        let found: Vec<_> = self.exchanges.iter().filter(fits).collect();
        let [one] = found.as_slice() else { panic!("{} of {path} in {version}: {}", found.len(), self.told()) };
        one
    }

    /// Asserts that the client's POST was recorded whole, and the canary found wherever it stands.
    #[track_caller]
    pub(crate) fn assert_echo(&self, version: &str) {
        let exchange = self.one("/echo", version);
        let request = &exchange.request;
        assert_eq!(request.method, "POST");
        assert_eq!(request.target, Target::parse(&format!("https://site.test/echo?cpr={CANARY}")).expect("a URL"));
        assert_eq!(request.body.bytes, format!("body={CANARY}").as_bytes());
        assert_eq!(exchange.response.as_ref().map(|response| response.status), Some(200));
        let channels = channels(exchange);
        for channel in [Channel::UrlQuery, Channel::Header, Channel::Body] {
            assert!(channels.contains(&channel), "{channel:?} in {version}: {channels:?}");
        }
    }

    /// Asserts that both sides of the WebSocket at `/socket` were read, and the canary found.
    #[track_caller]
    pub(crate) fn assert_socket(&self, said: &str) {
        let parts: Vec<_> =
            self.exchanges.iter().filter(|exchange| exchange.request.target.path == "/socket").collect();
        let messages: Vec<&Message> = parts.iter().flat_map(|exchange| &exchange.messages).collect();
        let texts: Vec<_> = messages.iter().map(|message| String::from_utf8_lossy(&message.bytes)).collect();
        assert!(texts.iter().any(|text| *text == said), "{texts:?}");
        // The server says so when the extension is in use.
        assert!(texts.iter().any(|text| *text == format!("deflated:{said}")), "{texts:?}");
        let found = parts.iter().flat_map(|exchange| channels(exchange)).any(|channel| channel == Channel::Websocket);
        assert!(found, "the canary was not found in {texts:?}");
    }

    /// Asserts that nothing went by unread.
    #[track_caller]
    pub(crate) fn assert_nothing_unseen(&self) {
        assert!(self.blind_spots.is_empty(), "{:?}", self.blind_spots);
    }

    fn told(&self) -> String {
        let told = |exchange: &Exchange| format!("{} {}", exchange.request.version, exchange.request.target.path);
        self.exchanges.iter().map(told).collect::<Vec<_>>().join("; ")
    }
}

/// By which ways the canary went out.
pub(crate) fn channels(exchange: &Exchange) -> Vec<Channel> {
    let person = TestPerson { id: "da-01".into(), cpr: CANARY.parse().expect("a number"), scope: vec![] };
    // Somebody else's site is under test: to all here the number is none of their business.
    let own = Host::parse("www.borger.test").expect("a host").site();
    let today = jiff::civil::date(2026, 11, 22);
    let parties = Parties::first_party(vec![own]);
    let mut inspector = Inspector::new(Setup { test_persons: vec![person], key: [7; 32], today, parties });
    let sightings = inspector.inspect("live", exchange, None).sightings;
    let canaries = sightings.iter().filter(|told| matches!(told.identity, Identity::Canary(_)));
    canaries.map(|told| told.channel).collect()
}

/// What to do when a client is not there.
pub(crate) const MISSING: &str = "it starts; ci/setup and ci/setup-clients install what is missing";

/// A program of this folder.
pub(crate) fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Python with the packages of requirements.txt.
pub(crate) fn python() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients-venv/bin/python"))
}

/// Runs `command` to its end and returns what it printed.
#[track_caller]
pub(crate) fn printed(command: &Command) -> String {
    let mut bounded = Command::new("timeout");
    bounded.arg(PATIENCE).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bounded.env(name, value),
            None => bounded.env_remove(name),
        };
    }
    // What the machine's own settings say of proxies is not what is tested.
    for name in ["no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"] {
        bounded.env_remove(name);
    }
    let output = bounded.output().expect(MISSING);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_ne!(output.status.code(), Some(127), "{MISSING}: {stderr}");
    assert!(output.status.success(), "{command:?}: {}\n{stdout}\n{stderr}", output.status);
    stdout.into_owned()
}

/// Writes an authority's certificate, and a leaf of it for the hosts of the tests.
fn certificates(folder: &Path) -> CertificateDer<'static> {
    let root_key = KeyPair::generate().expect("a key");
    let mut root_params = CertificateParams::default();
    root_params.distinguished_name.push(DnType::CommonName, "cprvagt tests of clients");
    root_params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let root = root_params.self_signed(&root_key).expect("a certificate");
    let issuer = Issuer::new(root_params, root_key);
    let leaf_key = KeyPair::generate().expect("a key");
    let hosts = vec!["site.test".to_owned(), "grpc.test".to_owned()];
    let leaf = CertificateParams::new(hosts).expect("hosts").signed_by(&leaf_key, &issuer).expect("a certificate");
    let files = [("origin-root.pem", root.pem()), ("leaf.pem", leaf.pem()), ("leaf-key.pem", leaf_key.serialize_pem())];
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("the folder is writable");
    }
    root.der().clone()
}
