//! The ways into a session's proxy: where it listens, for whom, and which sites it stands in for.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::str::FromStr;

use anyhow::Context as _;
use model::VisitId;
use proxy::{Credentials, Listener, Origin, Proxy, ProxyError};

use crate::cli::EntranceArgs;
use crate::fault::Fault;
use crate::instrument::cannot_listen;
use crate::own_words::without_numbers;
use crate::progress::Reporter;
use crate::setup;

/// Where users may stand when there is no file: a command line is read by everybody on the machine, this is not.
const VARIABLE: &str = "CPRVAGT_PROXY_AUTH";

/// Longest name of a tester: it stands before each of his steps.
const MAX_NAME: usize = 40;

const HOW_TO_NAME_USERS: &str = "write user:password, one per line, into a file that only you can read (chmod 600), and \
                                 name it with --proxy-auth-file; or set CPRVAGT_PROXY_AUTH=user:password";

/// A site to stand in for, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reverse {
    address: SocketAddr,
    origin: Origin,
}

/// One of several testers, and where the proxy is for him alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tester {
    name: String,
    address: SocketAddr,
}

/// The ports of a session.
pub(crate) struct Entrances {
    /// The proxy's own.
    pub(crate) proxy: Listener,
    testers: Vec<(Listener, String)>,
    reverse: Vec<(Listener, Origin)>,
}

/// The address in `8019`, `127.0.0.1:8019`, `[::1]:8019` and `localhost:8019`.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let on_this_machine = text.strip_prefix("localhost:").unwrap_or(text);
    if let Ok(port) = on_this_machine.parse() {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse()
        .map_err(|_| "give a port, or an IP address and a port, as in 8019, 127.0.0.1:8019, [::1]:8019".to_owned())
}

impl FromStr for Reverse {
    type Err = String;

    /// `URL`, at any free port of this machine, or `ADDRESS=URL`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (at, url) = match text.split_once('=') {
            Some((at, url)) if !at.contains("://") => (at, url),
            _ => ("0", text),
        };
        let origin = url.parse().map_err(|error: proxy::OriginError| error.to_string())?;
        Ok(Self { address: address(at)?, origin })
    }
}

impl FromStr for Tester {
    type Err = String;

    /// `NAME`, at any free port of this machine, or `NAME=ADDRESS`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, at) = text.split_once('=').unwrap_or((text, "0"));
        let name = name.trim();
        let is_name = !name.is_empty() && name.chars().count() <= MAX_NAME && !name.contains(char::is_control);
        if !is_name {
            return Err(format!("give a name of at most {MAX_NAME} letters, as in anna or anna=8021"));
        }
        Ok(Self { name: name.to_owned(), address: address(at)? })
    }
}

/// Who may use the proxy, from the file or else the environment; `None` for everybody.
pub(crate) fn users(args: &EntranceArgs) -> anyhow::Result<Option<Credentials>> {
    let (text, place) = match &args.proxy_auth_file {
        Some(path) => (text_of(path)?, path.display().to_string()),
        None => match std::env::var(VARIABLE) {
            Ok(text) => (text, VARIABLE.to_owned()),
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Fault::new(format!("{VARIABLE} is no text"), HOW_TO_NAME_USERS).into());
            }
        },
    };
    // Neither names nor passwords are repeated in the error.
    let users = text.parse().map_err(|error| Fault::new(format!("cannot use {place}: {error}"), HOW_TO_NAME_USERS))?;
    Ok(Some(users))
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| Fault::new(format!("cannot read --proxy-auth-file {name}"), HOW_TO_NAME_USERS))?;
    setup::refuse_if_readable_by_others(path, "the file of users")?;
    Ok(text)
}

impl Entrances {
    /// Opens all of them; `port` of this machine instead of `--listen` unless it is 0.
    pub(crate) async fn open(proxy: &Proxy, args: &EntranceArgs, port: u16) -> anyhow::Result<Self> {
        let (address, flag) = match port {
            0 => (args.listen, "--listen"),
            port => ((Ipv4Addr::LOCALHOST, port).into(), "--proxy-port"),
        };
        let own = proxy.listen_at(address).await.map_err(|error| fault(address, flag, &error))?;
        let mut testers: Vec<(Listener, String)> = Vec::new();
        for Tester { name, address } in &args.testers {
            if testers.iter().any(|(_, known)| known == name) {
                let help = "name each tester once, or leave one of the two --tester out";
                return Err(Fault::new(format!("two testers are called {}", without_numbers(name)), help).into());
            }
            let opened = proxy.listen_at(*address).await.map_err(|error| fault(*address, "--tester", &error))?;
            testers.push((opened.for_tester(name), name.clone()));
        }
        let mut reverse = Vec::new();
        for Reverse { address, origin } in &args.reverse {
            let opened = proxy.listen_reverse(*address, origin.clone()).await;
            reverse.push((opened.map_err(|error| fault(*address, "--reverse", &error))?, origin.clone()));
        }
        Ok(Self { proxy: own, testers, reverse })
    }

    /// Requests on all of them belong to `visit` from now on.
    pub(crate) fn set_visit(&self, visit: VisitId) {
        let testers = self.testers.iter().map(|(listener, _)| listener);
        let others = testers.chain(self.reverse.iter().map(|(listener, _)| listener));
        for listener in std::iter::once(&self.proxy).chain(others) {
            listener.set_visit(Some(visit));
        }
    }

    /// The testers that have a port of their own.
    pub(crate) fn testers(&self) -> impl Iterator<Item = &str> {
        self.testers.iter().map(|(_, name)| name.as_str())
    }

    /// Tells what a client has to know about the ways in, beside the proxy's address.
    pub(crate) fn tell(&self, users: Option<&Credentials>, reporter: &Reporter) {
        for (listener, name) in &self.testers {
            reporter.step(&format!("proxy of {} on http://{}", without_numbers(name), listener.address()));
        }
        for (listener, origin) in &self.reverse {
            let address = listener.address();
            reporter.step(&format!("{origin} is at http://{address} and https://{address}, without a proxy set"));
            reporter.step("  what its pages send to other sites does not pass there: use the proxy to see that");
        }
        let Some(users) = users else { return };
        reporter.step(&format!("users: {}; a client shows its name and password", names(users)));
        if !self.proxy.address().ip().is_loopback() {
            let way = format!("https://ADDRESS:{}", self.proxy.address().port());
            reporter
                .step(&format!("  on the network they go in clear text, unless the client reaches the proxy by {way}"));
        }
    }
}

fn names(users: &Credentials) -> String {
    without_numbers(&users.users().collect::<Vec<_>>().join(", "))
}

fn fault(address: SocketAddr, flag: &str, error: &ProxyError) -> Fault {
    match error {
        ProxyError::Unguarded(_) => {
            let help = format!("say who may: {HOW_TO_NAME_USERS}; or let {flag} stay on 127.0.0.1");
            Fault::new(error.to_string(), help)
        }
        _ => cannot_listen(address.port(), flag, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_port_alone() {
        let of = |text: &str| address(text).map(|address| address.to_string());
        assert_eq!(of("8019").unwrap(), "127.0.0.1:8019");
        assert_eq!(of("localhost:0").unwrap(), "127.0.0.1:0");
        assert_eq!(of("0.0.0.0:8019").unwrap(), "0.0.0.0:8019");
        assert_eq!(of("[::1]:8019").unwrap(), "[::1]:8019");
        for wrong in ["", "70000", "example.dk:80", ":80", "::1", "127.0.0.1"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tester_may_name_a_port() {
        let of = |text: &str| text.parse::<Tester>().map(|tester| (tester.name, tester.address.to_string()));
        let at = |name: &str, address: &str| Ok((name.to_owned(), address.to_owned()));
        assert_eq!(of("anna"), at("anna", "127.0.0.1:0"));
        assert_eq!(of("Bo Bertelsen=8021"), at("Bo Bertelsen", "127.0.0.1:8021"));
        assert_eq!(of("søs=[::1]:8021"), at("søs", "[::1]:8021"));
        for wrong in ["", "=8021", " =8021", "anna=", "anna=x", "a\u{1b}[31m=8021", &"a".repeat(41)] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_site_to_stand_in_for_may_name_its_port() {
        let of = |text: &str| {
            text.parse::<Reverse>().map(|reverse| (reverse.address.to_string(), reverse.origin.to_string()))
        };
        let at = |address: &str, origin: &str| Ok((address.to_owned(), origin.to_owned()));
        assert_eq!(of("https://www.skat.test"), at("127.0.0.1:0", "https://www.skat.test"));
        assert_eq!(of("8081=http://a.test:8080/"), at("127.0.0.1:8081", "http://a.test:8080"));
        assert_eq!(of("[::]:8081=https://a.test"), at("[::]:8081", "https://a.test"));
        for wrong in ["a.test", "x=https://a.test", "https://a.test/?x=y", "8081=", ""] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
