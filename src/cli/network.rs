//! Flags of how sites are reached, the same for all commands that reach any.

use std::path::PathBuf;

use clap::Args;

use super::Block;
use crate::size;

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Reach HOST:PORT at ADDR, an IP address or IP:PORT; HOST may be *. Repeatable
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<proxy::Resolve>,
    /// Accept certificates of this authority too (PEM). Repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) upstream_ca: Vec<PathBuf>,
    /// Port of the proxy on 127.0.0.1; any free one by default
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub(crate) proxy_port: u16,
    /// Refuse every connection that does not stay on this machine
    #[arg(long)]
    pub(crate) loopback_only: bool,
    /// Longest request body read whole, 4MiB by default; what is beyond it is read in pieces
    #[arg(long, value_name = "SIZE", value_parser = size::body_cap, hide_short_help = true)]
    pub(crate) body_cap: Option<usize>,
    /// Reach sites by this proxy: http, https, socks5 or socks5h://HOST:PORT; `env` takes it from the environment
    ///
    /// `env` reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; else nothing of the environment is used.
    /// `HTTPS_PROXY` is for tunnels: https, and WebSockets of either kind. This machine is always reached directly.
    /// USER:PASSWORD@ may stand before HOST, percent-encoded; others on this machine can see it there, so rather use
    /// --upstream-proxy-auth-file or the variable `CPRVAGT_UPSTREAM_PROXY_AUTH`.
    #[arg(long, value_name = "URL")]
    pub(crate) upstream_proxy: Option<Secret>,
    /// Sites to reach without the upstream proxy, as in `NO_PROXY`: example.dk,10.0.0.0/8,host:8443
    ///
    /// `*` is every site, a domain everything below it too; names are not looked up for networks.
    #[arg(long, value_name = "LIST", requires = "upstream_proxy", hide_short_help = true)]
    pub(crate) no_proxy: Option<String>,
    /// A file (mode 0600) with USER:PASSWORD for the upstream proxy
    #[arg(long, value_name = "FILE", requires = "upstream_proxy", hide_short_help = true)]
    pub(crate) upstream_proxy_auth_file: Option<PathBuf>,
    /// Give HOST (or *.DOMAIN) this client certificate when it asks: PEM with chain and key. Repeatable
    ///
    /// No other host gets it. From a PKCS#12 store: openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem
    #[arg(long, value_name = "HOST=FILE", value_parser = client_cert_file, hide_short_help = true)]
    pub(crate) client_cert: Vec<ClientCertFile>,
    /// Do not read TLS with HOST, .DOMAIN or *.DOMAIN (pinned apps); each is a blind spot. Repeatable
    ///
    /// Told by the name in CONNECT or in the handshake. What is sent there in clear text is read all the same.
    #[arg(long, value_name = "HOST", hide_short_help = true)]
    pub(crate) passthrough: Vec<proxy::HostPattern>,
    /// Stop requests to third parties that carry a CPR number before they leave; by default they are only reported
    ///
    /// Everybody but the site under test is a third party, those approved among them. A request is judged whole: one
    /// whose body is too long, does not end or cannot be judged in time is stopped as well, and told as not seen.
    /// Stopped requests are answered with 403; a script on the page sees a network error. Not stopped: what is a mere
    /// date, digests of numbers that are not declared (they are known at the end of a run), messages of a WebSocket
    /// once it is open, and what is passed on unread.
    #[arg(long, value_name = "WHAT")]
    pub(crate) block: Option<Block>,
    /// Let pages send their whole address as Referer, as browsers did until 2020, where the site sets no Referrer-Policy
    ///
    /// Browsers of today send others the host alone (strict-origin-when-cross-origin), unless the site asks for more.
    /// What is found only so is marked simulated and one step milder: no current browser does it.
    #[arg(long, hide_short_help = true)]
    pub(crate) simulate_legacy_referrer: bool,
}

/// A value that may hold a password. Never printed, and taken as it is, since the parser's error would repeat it.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(typed: String) -> Self {
        Self(typed)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// `--client-cert`.
#[derive(Clone, Debug)]
pub(crate) struct ClientCertFile {
    pub(crate) hosts: proxy::HostPattern,
    pub(crate) file: PathBuf,
}

fn client_cert_file(text: &str) -> Result<ClientCertFile, String> {
    let (hosts, file) = text.split_once('=').ok_or("write it as HOST=FILE")?;
    let hosts = hosts.parse().map_err(|error: proxy::HostPatternError| error.to_string())?;
    Ok(ClientCertFile { hosts, file: file.into() })
}
