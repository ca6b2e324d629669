//! Which upstream proxy leads to which site.

use model::Host;

use crate::login::Login;
use crate::{NoProxy, UpstreamProxy, UpstreamProxyError};

/// The proxies that sites are reached by, and the sites that are reached without.
///
/// What is at this machine is always reached directly: `localhost` would be another machine there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// For requests in clear text.
    requests: Option<UpstreamProxy>,
    /// For tunnels: https, and WebSockets of either kind.
    tunnels: Option<UpstreamProxy>,
    except: NoProxy,
}

/// A variable of the environment names no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {variable} names no proxy")]
pub struct ChainError {
    /// The variable, as it was found.
    pub variable: String,
    /// Why not.
    #[source]
    pub source: UpstreamProxyError,
}

impl Chain {
    /// By `proxy` to every site.
    pub fn to_all_by(proxy: UpstreamProxy) -> Self {
        Self { requests: Some(proxy.clone()), tunnels: Some(proxy), except: NoProxy::default() }
    }

    /// As `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say; in small letters they go first, as curl has it.
    /// `None` when no proxy is named. The second are entries of `NO_PROXY` that mean nothing here.
    pub fn of_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<(Self, Vec<String>)>, ChainError> {
        let find = |name: &str| {
            let names = [name.to_owned(), name.to_uppercase()];
            let found = names.into_iter().find_map(|name| Some((variable(&name)?, name)));
            found.filter(|(value, _)| !value.trim().is_empty())
        };
        let proxy = |name: &str| {
            let Some((value, variable)) = find(name).or_else(|| find("all_proxy")) else { return Ok(None) };
            value.parse().map(Some).map_err(|source| ChainError { variable, source })
        };
        let (requests, tunnels) = (proxy("http_proxy")?, proxy("https_proxy")?);
        if requests.is_none() && tunnels.is_none() {
            return Ok(None);
        }
        let (except, odd) = find("no_proxy").map(|(list, _)| NoProxy::parse(&list)).unwrap_or_default();
        Ok(Some((Self { requests, tunnels, except }, odd)))
    }

    /// The same, reaching the sites of `more` directly too.
    #[must_use]
    pub fn except(self, more: NoProxy) -> Self {
        Self { except: self.except.and(more), ..self }
    }

    /// The same, with `user:password` for each proxy that has no login of its own.
    pub fn with_login(mut self, text: &str) -> Result<Self, UpstreamProxyError> {
        let login = Login::parse(text).ok_or(UpstreamProxyError::Login)?;
        for proxy in [&mut self.requests, &mut self.tunnels].into_iter().flatten() {
            proxy.log_in(&login);
        }
        Ok(self)
    }

    /// The proxy that leads to `host` and `port`: to what takes requests in clear text, or by a tunnel.
    pub(crate) fn way(&self, host: &Host, port: u16, for_requests: bool) -> Option<&UpstreamProxy> {
        let proxy = if for_requests { &self.requests } else { &self.tunnels };
        proxy.as_ref().filter(|_| !self.except.covers(host, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Option<(Chain, Vec<String>)>, ChainError> {
        Chain::of_environment(|name| {
            variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[track_caller]
    fn case(variables: &[(&str, &str)], host: &str, requests: Option<&str>, tunnels: Option<&str>) {
        let (chain, _) = of(variables).unwrap().unwrap();
        let host = Host::parse(host).unwrap();
        let way = |port, for_requests| chain.way(&host, port, for_requests).map(ToString::to_string);
        assert_eq!((way(80, true).as_deref(), way(443, false).as_deref()), (requests, tunnels));
    }

    #[test]
    fn each_kind_of_request_has_its_variable() {
        let (http, https, all) = ("http://h.test:1", "http://s.test:2", "socks5h://a.test:3");
        case(&[("HTTP_PROXY", http), ("HTTPS_PROXY", https)], "x.test", Some(http), Some(https));
        case(&[("HTTP_PROXY", http), ("ALL_PROXY", all)], "x.test", Some(http), Some(all));
        case(&[("https_proxy", https)], "x.test", None, Some(https));
        case(&[("https_proxy", https), ("HTTPS_PROXY", http)], "x.test", None, Some(https));
        case(&[("ALL_PROXY", all), ("NO_PROXY", "x.test")], "www.x.test", None, None);
    }

    #[test]
    fn an_environment_without_a_proxy_gives_none() {
        assert_eq!(of(&[("NO_PROXY", "a.test"), ("HTTP_PROXY", " ")]), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_variable() {
        let error = of(&[("HTTPS_PROXY", "socks4://ann:secret@a.test:1")]).unwrap_err();
        assert_eq!(error.variable, "HTTPS_PROXY");
        let odd = of(&[("ALL_PROXY", "http://a.test:1"), ("no_proxy", "<local>")]).unwrap().unwrap().1;
        assert_eq!(odd, ["<local>"]);
    }

    #[test]
    fn a_login_is_for_those_without_one() {
        let (chain, _) = of(&[("HTTP_PROXY", "http://ann:a@h.test:1"), ("ALL_PROXY", "h.test:2")]).unwrap().unwrap();
        let chain = chain.with_login("bo:b").unwrap();
        let basic = |proxy: &Option<UpstreamProxy>| proxy.as_ref().unwrap().authorization().unwrap();
        assert_eq!(
            (basic(&chain.requests), basic(&chain.tunnels)),
            ("Basic YW5uOmE=".parse().unwrap(), "Basic Ym86Yg==".parse().unwrap())
        );
        assert_eq!(Chain::default().with_login("no colon"), Err(UpstreamProxyError::Login));
    }
}
