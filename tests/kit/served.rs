//! Made-up sites on loopback, and what a program needs to reach them.

use sites::{HostedSite, Received, Stage};
use tokio::runtime::Runtime;

use super::Bench;

/// Sites that are up.
pub(crate) struct Served {
    runtime: Runtime,
    stage: Stage,
    pub(crate) bench: Bench,
    https: String,
    http: String,
}

impl Served {
    pub(crate) fn start(sites: Vec<HostedSite>) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let stage = runtime.block_on(Stage::start(sites)).expect("a stage");
        let bench = Bench::new();
        bench.write("sites.pem", stage.root_pem());
        let (https, http) = (format!("*:443:{}", stage.https()), format!("*:80:{}", stage.http()));
        Self { runtime, stage, bench, https, http }
    }

    /// `command` with the way to the sites and no other.
    pub(crate) fn arguments<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        let network =
            ["--upstream-ca", "sites.pem", "--resolve", &self.https, "--resolve", &self.http, "--loopback-only"];
        [command, &network].concat()
    }

    /// For a client that uses no proxy: the port where TLS is spoken for every host, and the authority's public key.
    pub(crate) fn directly(&self) -> (u16, &[u8]) {
        (self.stage.https().port(), self.stage.root_public_key())
    }

    /// What the sites were asked.
    pub(crate) fn received(&self) -> Vec<Received> {
        let _guard = self.runtime.enter();
        self.stage.received()
    }

    /// What one of them was asked.
    pub(crate) fn received_by(&self, host: &str) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.host == host).collect()
    }
}
