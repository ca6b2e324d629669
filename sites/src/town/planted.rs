//! What the town does wrong, as data: the truth that an audit of it is held against.

use super::{ARCHIVE, COUNTER, HELP_DESK, HOME, LETTERS, MAP, MIRROR, NEIGHBOUR, PAYMENTS, POSTER, RECEIPT, SITE};

/// One thing that the town does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// The rule that it breaks, by its id.
    pub rule: &'static str,
    /// What carries the number, by the channel's id; empty where no number is carried.
    pub channel: &'static str,
    /// The page that does it, as a path with its variable segments named.
    pub page: &'static str,
    /// The form that the number was typed into; empty where the site knew it.
    pub form: &'static str,
    /// The field of that form.
    pub field: &'static str,
    /// The host that gets it; the site's own where it stays there.
    pub recipient: &'static str,
    /// The parameter it stands in; empty where none is told.
    pub parameter: &'static str,
    /// When it happens.
    pub when: When,
}

/// When something happens that the town does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// To everybody, also before any answer to the banner.
    Always,
    /// After a no.
    Refused,
    /// After a yes.
    Accepted,
}

/// All that the town does wrong.
pub fn planted() -> &'static [Planted] {
    &PLANTED
}

const fn sent(channel: &'static str, page: &'static str, recipient: &'static str, parameter: &'static str) -> Planted {
    Planted {
        rule: "cpr-in-third-party-request",
        channel,
        page,
        form: "",
        field: "",
        recipient,
        parameter,
        when: When::Always,
    }
}

const fn own(rule: &'static str, channel: &'static str, page: &'static str, parameter: &'static str) -> Planted {
    Planted { rule, ..sent(channel, page, SITE, parameter) }
}

const fn typed(planted: Planted, form: &'static str, field: &'static str) -> Planted {
    Planted { form, field, ..planted }
}

const fn under(rule: &'static str, planted: Planted) -> Planted {
    Planted { rule, ..planted }
}

const STEP_1: &str = "/ansoegning/trin-1";

const PLANTED: [Planted; 43] = [
    // The banner: what the page tells before it is answered, and in spite of a no.
    typed(sent("body", HOME, POSTER, "foer_borger"), "log-ind", "cpr"),
    Planted { when: When::Refused, ..sent("body", HOME, POSTER, "nej_borger") },
    Planted { when: When::Accepted, ..sent("body", HOME, POSTER, "ja_borger") },
    // A form that sends by GET, and whom the page after it tells its address.
    typed(own("form-get-cpr", "", "/adresse", ""), "adresse", "cpr"),
    typed(own("cpr-in-url", "url-query", "/adresse/svar", "cpr"), "adresse", "cpr"),
    own("referrer-policy-exposes-url", "", "/adresse/svar", "referrer-policy"),
    typed(sent("url-query", "/adresse/svar", COUNTER, "side > cpr"), "adresse", "cpr"),
    typed(under("cpr-in-referer", sent("referer", "/adresse/svar", COUNTER, "referer > cpr")), "adresse", "cpr"),
    typed(under("cpr-in-referer", sent("referer", "/adresse/svar", MAP, "referer > cpr")), "adresse", "cpr"),
    typed(under("cpr-in-referer", sent("referer", "/adresse/svar", NEIGHBOUR, "referer > cpr")), "adresse", "cpr"),
    // The application: mirrored as it is typed, and in the address of its receipt.
    typed(sent("body", STEP_1, MIRROR, "ansoeger_cpr"), "ansoegning-1", "ansoeger_cpr"),
    typed(sent("body", STEP_1, MIRROR, "barn_cpr"), "ansoegning-1", "barn_cpr"),
    typed(under("form-exfiltration", sent("body", STEP_1, MIRROR, "ansoeger_cpr")), "ansoegning-1", "ansoeger_cpr"),
    typed(under("form-exfiltration", sent("body", STEP_1, MIRROR, "barn_cpr")), "ansoegning-1", "barn_cpr"),
    typed(own("cpr-in-redirect", "redirect", "/ansoegning/trin-5", "location > cpr"), "ansoegning-1", "barn_cpr"),
    typed(own("cpr-in-url", "url-query", RECEIPT, "cpr"), "ansoegning-1", "barn_cpr"),
    // A digest of what is typed.
    typed(under("cpr-digest", sent("url-query", "/tilmelding", COUNTER, "hem")), "tilmelding", "cpr"),
    typed(under("form-exfiltration", sent("url-query", "/tilmelding", COUNTER, "hem")), "tilmelding", "cpr"),
    // The letter box keeps the number in a cookie.
    own("cpr-in-cookie", "cookie", "/postkasse", "modtager"),
    own("cpr-in-cookie", "cookie", "/postkasse", "set-cookie > modtager"),
    // The old form is sent in clear text.
    typed(
        under("cpr-in-cleartext", Planted { recipient: ARCHIVE, ..own("", "body", "/gammel", "cpr") }),
        "gammel",
        "cpr",
    ),
    typed(own("form-cleartext", "", "/gammel", ""), "gammel", "cpr"),
    // Routes that load nothing.
    sent("url-query", "/app", COUNTER, "sti"),
    sent("url-query", "/rude", COUNTER, "borger"),
    // Frames, a window, a service worker.
    sent("url-query", "/rammer", PAYMENTS, "kunde"),
    sent("url-query", "/vindue/hjaelp", COUNTER, "hjulpet"),
    sent("url-query", "/tjeneste", HELP_DESK, "borger"),
    under("unlisted-recipient", sent("", "/bestil", LETTERS, "")),
    // What stays in the browser.
    own("cpr-in-storage", "storage", "/lager", "borger"),
    own("cpr-in-storage", "storage", "/lager", "sag > cpr"),
    own("cpr-in-storage", "storage", "/lager", "sidste_borger"),
    own("cpr-in-title", "title", "/attest", ""),
    own("cacheable-cpr-page", "", "/attest", ""),
    own("cpr-in-mailto", "mailto", "/kontakt", "subject"),
    own("cpr-in-mailto", "mailto", "/kontakt", "body"),
    // The counter learns who asks for what.
    under("sensitive-context-to-third-party", sent("", "/ydelser/sygedagpenge", COUNTER, "sygedagpenge")),
    // One request by each kind of initiator, named by its parameter: image, inline script, beacon, worker, script file and
    // style sheet.
    sent("url-query", "/initiativ", POSTER, "billede"),
    sent("url-query", "/initiativ", POSTER, "indlejret"),
    sent("url-query", "/initiativ", POSTER, "fyr"),
    sent("url-query", "/initiativ", POSTER, "arbejder"),
    sent("url-query", "/initiativ", POSTER, "fil"),
    sent("url-query", "/initiativ", POSTER, "stil"),
    own("cpr-in-url", "url-query", "/initiativ", "borger"),
];
