//! The proxy's settings, from what was typed.

use std::path::Path;

use anyhow::Context as _;
use model::Clock;

use crate::cli::NetworkArgs;
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
    Ok(settings)
}

fn roots(path: &Path) -> anyhow::Result<Vec<rustls_pki_types::CertificateDer<'static>>> {
    let name = path.display();
    let help = "give the authority's certificate as a PEM file (-----BEGIN CERTIFICATE-----)";
    let pem = std::fs::read(path).with_context(|| Fault::new(format!("cannot read --upstream-ca {name}"), help))?;
    proxy::parse_roots(&pem).with_context(|| Fault::new(format!("cannot use --upstream-ca {name}"), help))
}
