//! Why the upstream proxy did not lead to a site: which proxy, what it said, what to do.

use crate::UpstreamProxy;
use crate::fault::Fault;

/// A fault of an upstream proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProxyFault {
    /// The proxy, without its login.
    pub(crate) proxy: String,
    /// What is wrong.
    pub(crate) why: ProxyRefusal,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProxyRefusal {
    /// It cannot be spoken to.
    NoConnection(Fault),
    /// It is ourselves.
    Ourselves,
    /// It wants a login (407, or by SOCKS).
    LoginWanted {
        /// Whether it was given one.
        had_login: bool,
        /// The schemes that it takes, as in `Proxy-Authenticate`.
        schemes: Vec<String>,
    },
    /// It does not let us there; what it said.
    Forbidden(String),
    /// It cannot get there itself; what it said.
    NoWay(String),
    /// What it says is not what such a proxy says.
    Nonsense(String),
    /// It said nothing in time.
    Silent,
    /// It ended the connection instead of answering.
    Left,
}

impl ProxyFault {
    /// A fault of `proxy`.
    pub(crate) fn of(proxy: &UpstreamProxy, why: ProxyRefusal) -> Fault {
        Fault::Proxy(Box::new(Self { proxy: proxy.to_string(), why }))
    }

    /// In words for a person.
    pub(crate) fn words(&self) -> String {
        let proxy = &self.proxy;
        match &self.why {
            ProxyRefusal::NoConnection(fault) => {
                let why = fault.words();
                format!("the upstream proxy {proxy} cannot be used: {why}; check --upstream-proxy")
            }
            ProxyRefusal::Ourselves => {
                format!("the upstream proxy {proxy} is this very proxy; name another by --upstream-proxy, or none")
            }
            ProxyRefusal::LoginWanted { had_login, schemes } => self.login_words(*had_login, schemes),
            ProxyRefusal::Forbidden(said) => {
                format!(
                    "the upstream proxy {proxy} does not let this site through ({said}); ask those who run it, or try --no-proxy HOST"
                )
            }
            ProxyRefusal::NoWay(said) => {
                format!(
                    "the upstream proxy {proxy} cannot reach it ({said}); if only this machine can: --no-proxy HOST"
                )
            }
            ProxyRefusal::Nonsense(said) => {
                format!("what the upstream proxy {proxy} says is not understood ({said}); is it a proxy of that kind?")
            }
            ProxyRefusal::Silent => format!("the upstream proxy {proxy} did not answer in time"),
            ProxyRefusal::Left => {
                format!(
                    "the upstream proxy {proxy} ended the connection instead of answering; is it a proxy of that kind?"
                )
            }
        }
    }

    fn login_words(&self, had_login: bool, schemes: &[String]) -> String {
        let proxy = &self.proxy;
        let takes_basic = schemes.is_empty() || schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
        if !takes_basic {
            let schemes = schemes.join(" or ");
            return format!(
                "the upstream proxy {proxy} wants a login by {schemes}, which is not spoken here; put one that does before it, such as cntlm or px"
            );
        }
        if had_login {
            return format!("the upstream proxy {proxy} does not accept the login that it was given");
        }
        format!(
            "the upstream proxy {proxy} wants a login: name a file with USER:PASSWORD by --upstream-proxy-auth-file"
        )
    }

    /// The error type of RFC 9209 §2.3.
    pub(crate) fn proxy_status(&self) -> &'static str {
        match &self.why {
            ProxyRefusal::NoConnection(_) | ProxyRefusal::LoginWanted { .. } => "proxy_configuration_error",
            ProxyRefusal::Ourselves => "proxy_loop_detected",
            ProxyRefusal::Forbidden(_) => "http_request_denied",
            ProxyRefusal::NoWay(_) => "destination_unavailable",
            ProxyRefusal::Nonsense(_) => "http_protocol_error",
            ProxyRefusal::Silent => "connection_timeout",
            ProxyRefusal::Left => "connection_terminated",
        }
    }

    /// Whether it refused, rather than failed.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.why, ProxyRefusal::LoginWanted { .. } | ProxyRefusal::Forbidden(_) | ProxyRefusal::Ourselves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(why: ProxyRefusal, parts: &[&str]) {
        let Fault::Proxy(fault) = ProxyFault::of(&"http://a:secret@p.test:3128".parse().unwrap(), why) else {
            unreachable!()
        };
        let words = fault.words();
        assert!(words.contains("http://p.test:3128") && !words.contains("secret"), "{words}");
        assert!(parts.iter().all(|part| words.contains(part)), "{words}");
    }

    #[test]
    fn each_fault_says_which_proxy_and_what_to_do() {
        let login = |had_login, schemes: &[&str]| ProxyRefusal::LoginWanted {
            had_login,
            schemes: schemes.iter().map(ToString::to_string).collect(),
        };
        case(login(false, &["Basic"]), &["wants a login", "--upstream-proxy-auth-file"]);
        case(login(true, &["Negotiate", "basic"]), &["does not accept the login"]);
        case(login(false, &["Negotiate", "NTLM"]), &["Negotiate or NTLM", "cntlm"]);
        case(ProxyRefusal::Forbidden("403 Forbidden".into()), &["403 Forbidden", "--no-proxy"]);
        case(ProxyRefusal::NoConnection(Fault::ConnectionRefused), &["connection refused", "--upstream-proxy"]);
    }
}
