//! Why a site could not be asked: in plain words, as a failure, as a blind spot, and for other programs (RFC 9209).

use std::error::Error;
use std::io;

use http::StatusCode;
use model::{BlindSpotKind, Failure, Host};
use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use crate::client_cert::Asked;
use crate::proxy_fault::ProxyFault;

/// Why there is no answer from the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The name server does not know the host.
    NameUnknown(String),
    /// Nobody listens there.
    ConnectionRefused,
    /// No way there.
    Unreachable(String),
    /// Nobody answered in time.
    TimedOut(Stage),
    /// The guard: only this machine may be contacted.
    NotLoopback,
    /// It is a port of the proxy itself.
    Circle,
    /// It is a port of this machine that what goes through the proxy has no business at.
    OffLimits,
    /// The site's certificate is not good; why.
    Certificate(String),
    /// The site's TLS is not one we speak; why.
    Tls(String),
    /// The site's HTTP is not one we speak; why.
    Protocol(String),
    /// The connection broke off before an answer.
    Broken(String),
    /// The client wants what the proxy does not do; what.
    Unsupported(&'static str),
    /// The client's request is broken, or has two meanings; what is wrong with it.
    BadRequest(String),
    /// The upstream proxy does not lead there.
    Proxy(Box<ProxyFault>),
    /// The site wants a client certificate, or another one; in words.
    ClientCertificate(String),
}

/// What was being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A name or a connection.
    Connection,
    /// The handshake.
    Tls,
    /// The head of the answer.
    Answer,
}

impl Fault {
    /// Why TCP gave no connection.
    pub(crate) fn of_connect(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::ConnectionRefused,
            io::ErrorKind::TimedOut => Self::TimedOut(Stage::Connection),
            _ => Self::Unreachable(error.to_string()),
        }
    }

    /// Why TLS gave no connection.
    pub(crate) fn of_handshake(error: &io::Error) -> Self {
        match tls_error(error) {
            Some(rustls::Error::InvalidCertificate(why)) => Self::Certificate(certificate_words(why)),
            Some(rustls::Error::AlertReceived(alert)) => Self::Tls(site_alert_words(*alert)),
            Some(rustls::Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            )) => Self::Tls(OLD_VERSION.to_owned()),
            Some(rustls::Error::PeerIncompatible(_)) => {
                Self::Tls("it offers no TLS version or cipher that is still safe (TLS 1.2 or 1.3 is needed)".to_owned())
            }
            Some(rustls::Error::InvalidMessage(_)) => Self::Tls("what it says is no TLS".to_owned()),
            Some(other) => Self::Tls(other.to_string()),
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Tls("it closed the connection in the middle of the handshake".to_owned())
            }
            None => Self::Broken(error.to_string()),
        }
    }

    /// What went wrong, in words for a person.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::NameUnknown(why) => format!("no name server knows it ({why})"),
            Self::ConnectionRefused => "nothing listens at that address (connection refused)".to_owned(),
            Self::Unreachable(why) => format!("it cannot be reached ({why})"),
            Self::TimedOut(Stage::Connection) => "it cannot be reached (no connection in time)".to_owned(),
            Self::TimedOut(Stage::Tls) => "no secure connection: the handshake did not end in time".to_owned(),
            Self::TimedOut(Stage::Answer) => "it did not answer in time".to_owned(),
            Self::NotLoopback => "this run contacts nothing but this machine".to_owned(),
            Self::Circle => "that is the proxy itself, and the request would go round in circles".to_owned(),
            Self::OffLimits => {
                "that is the console of this session, which nothing reaches through the proxy".to_owned()
            }
            Self::Certificate(why) => format!("its certificate was refused: {why}"),
            Self::Tls(why) => format!("no secure connection: {why}"),
            Self::Protocol(why) => format!("its answer cannot be understood: {why}"),
            Self::Broken(why) => format!("the connection broke off before an answer ({why})"),
            Self::Unsupported(what) => format!("the proxy does not pass on {what}"),
            Self::BadRequest(what) => format!("the request cannot be passed on safely: {what}"),
            Self::Proxy(fault) => fault.words(),
            Self::ClientCertificate(words) => words.clone(),
        }
    }

    /// Why a connection that was good gave no answer.
    pub(crate) fn of_exchange(error: &hyper::Error) -> Self {
        match alert_in(error) {
            Some(alert) => Self::Tls(alert_words(alert)),
            None if error.is_user() && is_malformed(error) => Self::BadRequest(chain(error)),
            None if error.is_parse() => Self::Protocol(chain(error)),
            None => Self::of_text(chain(error)),
        }
    }

    /// Why a connection broke, when only the text of the error is left.
    fn of_text(why: String) -> Self {
        match why.split_once(ALERT_IN_TEXT) {
            Some((_, alert)) => Self::Tls(format!("it refused with the TLS alert {alert}")),
            None => Self::Broken(why),
        }
    }

    /// The same, when the site asked for a client certificate: then that is why.
    pub(crate) fn with_certificate(self, asked: Asked, host: &Host) -> Self {
        let alone = |why: String| why.split(": ").next().unwrap_or_default().to_owned();
        match (asked, self) {
            (Asked::InVain, Self::Tls(why)) => {
                let why = alone(why);
                Self::ClientCertificate(format!(
                    "it wants a client certificate, and there is none for it ({why}); name one by --client-cert {host}=FILE"
                ))
            }
            (Asked::InVain, Self::Broken(why)) => {
                Self::Broken(format!("{why}; it asked for a client certificate before: --client-cert {host}=FILE"))
            }
            (Asked::AndGiven, Self::Tls(why)) => {
                let why = alone(why);
                Self::ClientCertificate(format!(
                    "it does not accept the client certificate that --client-cert names for it ({why})"
                ))
            }
            (Asked::No | Asked::InVain | Asked::AndGiven, fault) => fault,
        }
    }

    /// As an exchange carries it.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Proxy(fault) if fault.is_refusal() => Failure::Refused(self.words()),
            Self::NameUnknown(_)
            | Self::ConnectionRefused
            | Self::Unreachable(_)
            | Self::TimedOut(Stage::Connection)
            | Self::Proxy(_) => Failure::Unreachable(self.words()),
            Self::TimedOut(Stage::Tls)
            | Self::Certificate(_)
            | Self::Tls(_)
            | Self::Protocol(_)
            | Self::ClientCertificate(_) => Failure::Tls(self.words()),
            Self::TimedOut(Stage::Answer) | Self::Broken(_) => Failure::Broken(self.words()),
            Self::NotLoopback | Self::Circle | Self::OffLimits | Self::Unsupported(_) | Self::BadRequest(_) => {
                Failure::Refused(self.words())
            }
        }
    }

    /// What of the site was therefore not seen.
    pub(crate) fn blind_spot(&self) -> BlindSpotKind {
        match self {
            Self::NotLoopback | Self::Circle | Self::OffLimits => BlindSpotKind::HostUnreachable,
            Self::Unsupported(_) | Self::BadRequest(_) => BlindSpotKind::NotHttp,
            Self::NameUnknown(_)
            | Self::ConnectionRefused
            | Self::Unreachable(_)
            | Self::TimedOut(_)
            | Self::Certificate(_)
            | Self::Tls(_)
            | Self::Protocol(_)
            | Self::Broken(_)
            | Self::Proxy(_)
            | Self::ClientCertificate(_) => match self.failure() {
                Failure::Unreachable(_) | Failure::Refused(_) => BlindSpotKind::HostUnreachable,
                Failure::Tls(_) => BlindSpotKind::UpstreamRefused,
                Failure::Broken(_) => BlindSpotKind::ConnectionBroken,
            },
        }
    }

    /// The error types of RFC 9209 §2.3.
    pub(crate) fn proxy_status(&self) -> &'static str {
        match self {
            Self::NameUnknown(_) => "dns_error",
            Self::ConnectionRefused => "connection_refused",
            Self::Unreachable(_) => "destination_ip_unroutable",
            Self::TimedOut(Stage::Connection) => "connection_timeout",
            Self::TimedOut(Stage::Tls | Stage::Answer) => "http_response_timeout",
            Self::NotLoopback | Self::OffLimits => "destination_ip_prohibited",
            Self::Circle => "proxy_loop_detected",
            Self::Certificate(_) => "tls_certificate_error",
            Self::Tls(_) => "tls_protocol_error",
            Self::Protocol(_) => "http_protocol_error",
            Self::Broken(_) => "connection_terminated",
            Self::Unsupported(_) => "http_request_denied",
            Self::BadRequest(_) => "http_request_error",
            Self::Proxy(fault) => fault.proxy_status(),
            Self::ClientCertificate(_) => "tls_alert_received",
        }
    }

    /// The status of our own page.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::TimedOut(Stage::Answer) => StatusCode::GATEWAY_TIMEOUT,
            Self::Unsupported(_) => StatusCode::NOT_IMPLEMENTED,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::OffLimits => StatusCode::FORBIDDEN,
            Self::NameUnknown(_)
            | Self::ConnectionRefused
            | Self::Unreachable(_)
            | Self::TimedOut(Stage::Connection | Stage::Tls)
            | Self::NotLoopback
            | Self::Circle
            | Self::Certificate(_)
            | Self::Tls(_)
            | Self::Protocol(_)
            | Self::Broken(_)
            | Self::Proxy(_)
            | Self::ClientCertificate(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

/// The TLS library's error inside an I/O error, if it is one.
pub(crate) fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// The alert that the other side ended a connection with, if it did.
pub(crate) fn alert_in(error: &hyper::Error) -> Option<AlertDescription> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(rustls::Error::AlertReceived(alert)) = error.downcast_ref().and_then(tls_error) {
            return Some(*alert);
        }
        source = error.source();
    }
    None
}

/// Whether a request's body broke off because its framing makes no sense, and not because the client has gone.
fn is_malformed(error: &hyper::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            let kinds = [io::ErrorKind::InvalidInput, io::ErrorKind::InvalidData];
            return kinds.contains(&error.kind()) && tls_error(error).is_none();
        }
        source = error.source();
    }
    false
}

/// Whether what was said ended a connection, and not that it broke.
pub(crate) fn is_of_protocol(error: &hyper::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if error.is::<io::Error>() {
            return false;
        }
        source = error.source();
    }
    !error.is_incomplete_message() && !error.is_canceled() && !error.is_closed()
}

/// An error and what it comes from, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// What an alert says, as its name in the standard.
pub(crate) fn alert_words(alert: AlertDescription) -> String {
    format!("it refused with the TLS alert {}", alert.as_str().unwrap_or("of an unknown number"))
}

/// What a site's alert in the handshake says, and what may be meant by it.
fn site_alert_words(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::ProtocolVersion => OLD_VERSION.to_owned(),
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            let what = alert_words(alert);
            format!(
                "{what}: it and the proxy have no cipher in common; its own may be unsafe ones (RSA key exchange, CBC)"
            )
        }
        other => alert_words(other),
    }
}

/// The HTTP/2 library keeps of a TLS error what it says, and no more; a test in `client_certs.rs` holds this.
const ALERT_IN_TEXT: &str = "received fatal alert: ";

/// The proxy's TLS begins at 1.2, as that of browsers.
const OLD_VERSION: &str = "it speaks only TLS before 1.2, which browsers refuse too; have it brought up to date";

fn certificate_words(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        CertificateError::UnknownIssuer => "it is made by an authority that is not trusted here".to_owned(),
        CertificateError::NotValidForName => "it is for another host".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "it names no host at all".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let some: Vec<&str> = presented.iter().map(|name| bare(name)).take(NAMES_SHOWN).collect();
            format!("it is for another host ({})", some.join(", "))
        }
        CertificateError::Revoked => "it has been revoked".to_owned(),
        CertificateError::BadSignature => "its signature is wrong".to_owned(),
        other => other.to_string(),
    }
}

/// A name as the TLS library tells it, `DnsName("a.test")`, without what is around it.
fn bare(told: &str) -> &str {
    let inner = told.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(told).trim_matches('"')
}

/// A certificate may name hundreds of hosts; a few say what kind of certificate it is.
const NAMES_SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(error: rustls::Error, words: &str, kind: BlindSpotKind) {
        let fault = Fault::of_handshake(&io::Error::new(io::ErrorKind::InvalidData, error));
        assert_eq!((fault.words().as_str(), fault.blind_spot()), (words, kind));
    }

    #[test]
    fn a_bad_certificate_says_what_is_bad() {
        let kind = BlindSpotKind::UpstreamRefused;
        case(CertificateError::Expired.into(), "its certificate was refused: it has expired", kind);
        let unknown = "its certificate was refused: it is made by an authority that is not trusted here";
        case(CertificateError::UnknownIssuer.into(), unknown, kind);
        let alert = rustls::Error::AlertReceived(AlertDescription::HandshakeFailure);
        let words = "no secure connection: it refused with the TLS alert HandshakeFailure: it and the proxy have no \
                     cipher in common; its own may be unsafe ones (RSA key exchange, CBC)";
        case(alert, words, kind);
    }

    #[test]
    fn pitfall_8_old_tls_is_told_from_other_refusals() {
        let old = "no secure connection: it speaks only TLS before 1.2";
        for error in [
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
            PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into(),
        ] {
            let fault = Fault::of_handshake(&io::Error::new(io::ErrorKind::InvalidData, error));
            assert!(fault.words().starts_with(old), "{}", fault.words());
        }
    }

    #[test]
    fn what_was_not_reached_is_told_apart_from_what_was_refused() {
        let refused = Fault::of_connect(&io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!((&refused, refused.blind_spot()), (&Fault::ConnectionRefused, BlindSpotKind::HostUnreachable));
        assert_eq!(Fault::TimedOut(Stage::Tls).blind_spot(), BlindSpotKind::UpstreamRefused);
        assert_eq!(Fault::TimedOut(Stage::Answer).blind_spot(), BlindSpotKind::ConnectionBroken);
        assert!(matches!(Fault::NotLoopback.failure(), Failure::Refused(_)));
    }
}
