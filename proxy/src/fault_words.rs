//! What a fault means for whoever reads the proxy's page: in Danish, and what to do about it. Exchanges and reports have
//! the English words of [`Fault`] itself.

use crate::fault::{Fault, Stage};
use crate::reader::Lang;

/// Reasons that [`Fault`] gives in words of its own. What else it quotes comes from the system or the TLS library, which
/// speak English.
const REASONS: [(&str, &str); 13] = [
    ("it has expired", "det er udløbet"),
    ("it is not valid yet", "det er ikke gyldigt endnu"),
    ("it is made by an authority that is not trusted here", "det er lavet af en udsteder, som der ikke stoles på her"),
    ("it is for another host", "det er til en anden vært"),
    ("it names no host at all", "det nævner slet ingen vært"),
    ("it has been revoked", "det er tilbagekaldt"),
    ("its signature is wrong", "dets underskrift er forkert"),
    (
        "it offers no TLS version or cipher that is still safe (TLS 1.2 or 1.3 is needed)",
        "det tilbyder ingen TLS-version eller kryptering, der stadig er sikker (TLS 1.2 eller 1.3 kræves)",
    ),
    ("what it says is no TLS", "det, det siger, er ikke TLS"),
    (
        "it closed the connection in the middle of the handshake",
        "det lukkede forbindelsen midt i aftalen om kryptering",
    ),
    (
        "it speaks only TLS before 1.2, which browsers refuse too; have it brought up to date",
        "det taler kun TLS ældre end 1.2, som browsere også afviser; få det opdateret",
    ),
    (
        "it refused with the TLS alert HandshakeFailure: it and the proxy have no cipher in common; its own may be unsafe \
         ones (RSA key exchange, CBC)",
        "det afviste med TLS-advarslen HandshakeFailure: det og proxyen har ingen kryptering til fælles; dets egne er \
         måske usikre (RSA-nøgleudveksling, CBC)",
    ),
    ("it refused with the TLS alert ", "det afviste med TLS-advarslen "),
];

/// What went wrong, in Danish.
pub(crate) fn danish(fault: &Fault) -> String {
    match fault {
        Fault::NameUnknown(why) => format!("ingen navneserver kender det ({why})"),
        Fault::ConnectionRefused => "intet lytter på den adresse (forbindelsen blev afvist)".to_owned(),
        Fault::Unreachable(why) => format!("det kan ikke nås ({why})"),
        Fault::TimedOut(Stage::Connection) => "det kan ikke nås (ingen forbindelse i tide)".to_owned(),
        Fault::TimedOut(Stage::Tls) => {
            "ingen sikker forbindelse: aftalen om kryptering blev ikke færdig i tide".to_owned()
        }
        Fault::TimedOut(Stage::Answer) => "det svarede ikke i tide".to_owned(),
        Fault::NotLoopback => "denne kørsel kontakter intet andet end denne maskine".to_owned(),
        Fault::Certificate(why) => format!("dets certifikat blev afvist: {}", reason(why)),
        Fault::Tls(why) => format!("ingen sikker forbindelse: {}", reason(why)),
        Fault::Protocol(why) => format!("dets svar kan ikke forstås: {why}"),
        Fault::Broken(why) => format!("forbindelsen blev afbrudt før et svar ({why})"),
        Fault::Unsupported(what) => format!("proxyen sender ikke dette videre: {what}"),
        Fault::BadRequest(what) => format!("anmodningen kan ikke sendes sikkert videre: {what}"),
        Fault::Circle => "det er proxyen selv, og anmodningen ville løbe i ring".to_owned(),
        Fault::OffLimits => "det er denne sessions konsol, som intet når gennem proxyen".to_owned(),
        Fault::Proxy(fault) => {
            format!("vejen dertil går over en foranstillet proxy, og den svigtede: {}", fault.words())
        }
        Fault::ClientCertificate(why) => format!("det vil have et klientcertifikat: {why}"),
    }
}

/// What to do about it; what stands between backticks is typed.
pub(crate) fn help(fault: &Fault, lang: Lang) -> &'static str {
    match fault {
        Fault::Certificate(_) => lang.choose(
            "If this is a test site with a certificate of its own authority, start the proxy with that authority's \
             certificate (PEM): `--upstream-ca FILE`. It is added to the system's. The proxy never skips this check.",
            "Er det et testwebsted med et certifikat fra sin egen udsteder, så start proxyen med den udsteders \
             certifikat (PEM): `--upstream-ca FILE`. Det lægges til systemets. Proxyen springer aldrig denne kontrol \
             over.",
        ),
        Fault::NameUnknown(_) | Fault::ConnectionRefused | Fault::Unreachable(_) => lang.choose(
            "If the site is elsewhere, say where: `--resolve HOST:PORT:ADDRESS`.",
            "Er webstedet et andet sted, så angiv hvor: `--resolve HOST:PORT:ADDRESS`.",
        ),
        Fault::Circle => lang.choose(
            "Open the site's own address through the proxy. If `--resolve` or `--reverse` leads here, give the site's \
             address instead.",
            "Åbn webstedets egen adresse gennem proxyen. Fører `--resolve` eller `--reverse` hertil, så angiv \
             webstedets adresse i stedet.",
        ),
        Fault::OffLimits => lang.choose(
            "Open the console in a browser that does not use this proxy.",
            "Åbn konsollen i en browser, der ikke bruger denne proxy.",
        ),
        Fault::TimedOut(_)
        | Fault::NotLoopback
        | Fault::Proxy(_)
        | Fault::ClientCertificate(_)
        | Fault::Tls(_)
        | Fault::Protocol(_)
        | Fault::Broken(_)
        | Fault::BadRequest(_)
        | Fault::Unsupported(_) => lang.choose(
            "What the site would have been sent here is recorded and reported as not seen.",
            "Hvad webstedet ville have fået tilsendt her, er optaget og meldes som ikke set.",
        ),
    }
}

fn reason(english: &str) -> String {
    let known = REASONS.iter().find_map(|(en, da)| Some((da, english.strip_prefix(en)?)));
    known.map_or_else(|| english.to_owned(), |(danish, rest)| format!("{danish}{rest}"))
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::{AlertDescription, CertificateError};

    use super::*;

    #[track_caller]
    fn case(error: CertificateError, words: &str) {
        let error = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::from(error));
        assert_eq!(danish(&Fault::of_handshake(&error)), format!("dets certifikat blev afvist: {words}"));
    }

    /// The words are looked up by the English ones, which may change in their file.
    #[test]
    fn reasons_are_known_in_danish() {
        case(CertificateError::Expired, "det er udløbet");
        case(CertificateError::NotValidYet, "det er ikke gyldigt endnu");
        case(CertificateError::UnknownIssuer, "det er lavet af en udsteder, som der ikke stoles på her");
        case(CertificateError::NotValidForName, "det er til en anden vært");
        case(CertificateError::Revoked, "det er tilbagekaldt");
        case(CertificateError::BadSignature, "dets underskrift er forkert");
        let alert = |alert| {
            let error = rustls::Error::AlertReceived(alert);
            danish(&Fault::of_handshake(&io::Error::new(io::ErrorKind::InvalidData, error)))
        };
        assert!(alert(AlertDescription::HandshakeFailure).ends_with("usikre (RSA-nøgleudveksling, CBC)"));
        assert!(alert(AlertDescription::ProtocolVersion).contains("kun TLS ældre end 1.2"));
        assert_eq!(
            alert(AlertDescription::InternalError),
            "ingen sikker forbindelse: det afviste med TLS-advarslen InternalError"
        );
    }
}
