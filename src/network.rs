//! The proxy's settings, from what was typed.

use std::path::Path;

use anyhow::Context as _;
use model::{Clock, Redacted};

use crate::cli::{Block, NetworkArgs};
use crate::fault::Fault;
use crate::outbound;
use crate::self_test::Stage;

/// What the user asked for, and the way to the self-test's stage where there is one.
pub(crate) fn settings(network: &NetworkArgs, stage: Option<&Stage>, clock: &Clock) -> anyhow::Result<proxy::Settings> {
    let mut settings = proxy::Settings::new(clock.clone());
    if let Some(stage) = stage {
        settings.resolve = stage.resolve()?;
        settings.upstream_roots = vec![stage.root()];
    }
    settings.resolve.extend(network.resolve.iter().cloned());
    for path in &network.upstream_ca {
        settings.upstream_roots.extend(roots(path)?);
    }
    settings.loopback_only = network.loopback_only;
    settings.body_cap = network.body_cap.unwrap_or(proxy::DEFAULT_BODY_CAP);
    outbound::apply(network, &mut settings, |name| std::env::var(name).ok())?;
    settings.legacy_referer = network.simulate_legacy_referrer;
    Ok(settings)
}

/// What stands in the whole run that is not as in a citizen's browser.
pub(crate) fn conditions(network: &NetworkArgs) -> Vec<Redacted> {
    let blocks: &[&str] = match network.block {
        Some(Block::ThirdPartyCpr) => &BLOCKS,
        None => &[],
    };
    let legacy: &[&str] = if network.simulate_legacy_referrer { &LEGACY } else { &[] };
    legacy.iter().chain(blocks).copied().map(Redacted::own_words).collect()
}

/// What `--simulate-legacy-referrer` does to a run.
const LEGACY: [&str; 2] = [
    "answers that set no Referrer-Policy were given no-referrer-when-downgrade, as browsers did before 2020",
    "what is marked simulated does not happen in today's browsers, unless the page itself asks for it",
];

/// What `--block` does to a run.
const BLOCKS: [&str; 3] = [
    "requests to third parties that carried a CPR number were stopped (--block third-party-cpr)",
    "what pages do when such a request succeeds was not seen; their scripts see a network error",
    "digests of undeclared numbers and messages of open WebSockets are not stopped",
];

fn roots(path: &Path) -> anyhow::Result<Vec<rustls_pki_types::CertificateDer<'static>>> {
    let name = path.display();
    let help = "give the authority's certificate as a PEM file (-----BEGIN CERTIFICATE-----)";
    let pem = std::fs::read(path).with_context(|| Fault::new(format!("cannot read --upstream-ca {name}"), help))?;
    proxy::parse_roots(&pem).with_context(|| Fault::new(format!("cannot use --upstream-ca {name}"), help))
}
