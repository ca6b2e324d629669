//! The page that says how to trust the proxy's authority, and how to forget it again.

use http::Request;
use http::header::USER_AGENT;
use jiff::tz::TimeZone;

use crate::Ca;
use crate::guide::{GUIDES, Guide, Step, Subject};
use crate::own_site::HOST;
use crate::page::escaped;
use crate::reader::{Lang, Reader};

const STYLE: &str = include_str!("style.css");

/// How the page was reached.
pub(super) struct Visit<'a> {
    /// The proxy's address as its client has it, when it was opened directly.
    pub(super) address: Option<&'a str>,
    /// It came over TLS, so this client trusts the authority.
    pub(super) over_tls: bool,
    /// The authority outlives the run.
    pub(super) is_kept: bool,
}

/// The page for whoever sent `request`.
pub(super) fn render<B>(ca: &Ca, visit: &Visit<'_>, request: &Request<B>) -> String {
    let lang = match request.uri().query() {
        Some("lang=da") => Lang::Da,
        Some("lang=en") => Lang::En,
        Some(_) | None => Reader::of(request.headers()).lang,
    };
    let say = |en: &'static str, da: &'static str| lang.choose(en, da);
    let title = say("Trust this proxy", "Stol på denne proxy");
    let other =
        lang.choose("<a href=\"/?lang=da\" lang=\"da\">Dansk</a>", "<a href=\"/?lang=en\" lang=\"en\">English</a>");
    let mut html = vec![format!(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} \u{2013} cprvagt</title>\n\
         <style>{STYLE}</style>\n<header><b>cprvagt</b> {other}</header>\n<main>\n<h1>{title}</h1>\n",
        lang.as_str()
    )];
    html.push(paragraph("", say(
        "This is the recording proxy of cprvagt. It reads what passes through it, inside https too, and looks for personal \
         numbers (CPR numbers) that leave a site. For that, this device must trust the proxy\u{2019}s own certificate \
         authority.",
        "Dette er den optagende proxy i cprvagt. Den læser det, der går igennem den, også inde i https, og \
         leder efter CPR-numre, der forlader et websted. Derfor skal denne enhed stole på proxyens egen \
         certifikatudsteder.",
    )));
    if !visit.is_kept {
        html.push(paragraph("note", say(
            "This authority was made for this run of the proxy and ends with it. Trusting it is hardly worth while.",
            "Denne udsteder blev lavet til denne kørsel af proxyen og slutter med den. Det er næppe umagen \
             værd at stole på den.",
        )));
    }
    html.push(paragraph("note", say(
        "Do so only on devices that you test with, and remove it again afterwards: whoever has its key can read the encrypted \
         traffic of a device that trusts it. The key stays on the machine that the proxy runs on.",
        "Gør det kun på enheder, du tester med, og fjern den igen bagefter: den, der har dens nøgle, kan læse den \
         krypterede trafik fra en enhed, der stoler på den. Nøglen bliver på den maskine, proxyen kører \
         på.",
    )));
    if visit.over_tls {
        html.push(paragraph(
            "good",
            say(
                "This device trusts it: this page came over https with its certificate.",
                "Denne enhed stoler på den: siden her kom over https med dens certifikat.",
            ),
        ));
    }
    if let Some(address) = visit.address {
        html.push(format!(
            "<h2>{}</h2>\n<p>{} <code>{}</code>. {} <code>http://{HOST}/</code>.</p>\n",
            say("Use the proxy", "Brug proxyen"),
            say(
                "In the settings of the network or browser, give as proxy for http and https:",
                "Angiv i netværkets eller browserens indstillinger som proxy for http og https:",
            ),
            escaped(address),
            say("Through it, this page is at", "Gennem den findes denne side på"),
        ));
    }
    html.push(certificate(ca, lang));
    html.push(format!("<h2>{}</h2>\n", say("Trust it, and forget it again", "Stol på den, og glem den igen")));
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let opened = system_of(agent);
    for guide in GUIDES {
        html.push(section(guide, opened == Some(guide.id), ca, lang));
    }
    html.push(format!(
        "<p>{} <a href=\"https://{HOST}/\">https://{HOST}/</a> {}</p>\n</main>\n</html>\n",
        say("Does it work? Open", "Virker det? Åbn"),
        say("through the proxy: it says so.", "gennem proxyen: siden siger det."),
    ));
    html.concat()
}

fn certificate(ca: &Ca, lang: Lang) -> String {
    let say = |en: &'static str, da: &'static str| lang.choose(en, da);
    let expires = ca.expires().to_zoned(TimeZone::UTC).date();
    format!(
        "<h2>{}</h2>\n<p class=\"files\"><a href=\"/cprvagt-ca.crt\">.crt <small>{}</small></a>\n\
         <a href=\"/cprvagt-ca.pem\">.pem <small>{}</small></a>\n<a href=\"/cprvagt-ca.p12\">.p12 <small>{}</small></a></p>\n\
         <dl>\n<dt>{}<dd>{}\n<dt>{}<dd>{expires}\n<dt>SHA-256<dd class=\"digest\">{}\n</dl>\n<p>{}</p>\n",
        say("The certificate", "Certifikatet"),
        say("phones, Windows, Firefox", "telefoner, Windows, Firefox"),
        say("Linux, macOS, programs", "Linux, macOS, programmer"),
        say("Java; password changeit", "Java; adgangskode changeit"),
        say("Name", "Navn"),
        escaped(ca.name()),
        say("Valid until", "Gyldig til"),
        // It may be broken into lines between its pairs.
        ca.fingerprint().replace(':', ":<wbr>"),
        say(
            "Compare the digits of SHA-256 with those that <code>cprvagt ca</code> prints on the proxy\u{2019}s machine: \
             this page could have been exchanged on its way.",
            "Sammenlign tallene i SHA-256 med dem, som <code>cprvagt ca</code> skriver på proxyens maskine: denne side \
             kan være byttet ud undervejs.",
        ),
    )
}

fn section(guide: &Guide, is_open: bool, ca: &Ca, lang: Lang) -> String {
    let subject = Subject { pem: "cprvagt-ca.pem", der: "cprvagt-ca.crt", p12: "cprvagt-ca.p12", name: ca.name() };
    let steps = |steps: &[Step]| {
        let step = |step: &Step| {
            let text = escaped(&step.text(lang, &subject));
            match step {
                Step::Say { .. } => format!("<p>{}</p>\n", text.replace("&gt;", "\u{203a}")),
                Step::Run(_) => format!("<pre>{text}</pre>\n"),
            }
        };
        steps.iter().map(step).collect::<String>()
    };
    format!(
        "<details id=\"{}\"{}>\n<summary>{}</summary>\n{}<h3>{}</h3>\n{}</details>\n",
        guide.id,
        if is_open { " open" } else { "" },
        guide.system,
        steps(guide.trust),
        lang.choose("Afterwards", "Bagefter"),
        steps(guide.undo)
    )
}

fn paragraph(class: &str, text: &str) -> String {
    if class.is_empty() { format!("<p>{text}</p>\n") } else { format!("<p class=\"{class}\">{text}</p>\n") }
}

/// The guide that fits whoever calls itself `agent`: the first of these marks that it has.
fn system_of(agent: &str) -> Option<&'static str> {
    const MARKS: [(&str, &str); 8] = [
        ("Android", "android"),
        ("iPhone", "ios"),
        ("iPad", "ios"),
        ("Firefox/", "firefox"),
        ("Windows", "windows"),
        ("Mac OS X", "macos"),
        ("Chrome/", "chromium"),
        ("Java", "java"),
    ];
    MARKS.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, id)| *id)
}
