//! The answer to a request that was stopped before it left: a page for people, a typed body for scripts, nothing but
//! the head for what is neither.
//!
//! A script on a page sees a network error all the same, since the answer lets no other site's script read it: that is
//! what content blockers do too, and scripts are made to bear it.

use http::header::{ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use crate::guard::{Stopped, Unjudged};
use crate::page::{PROXY_STATUS, document};
use crate::reader::Lang;
use crate::sunk;
use crate::tap::AnswerBody;

/// Says which rule stopped it.
const BLOCKED: HeaderName = HeaderName::from_static("x-cprvagt-blocked");
/// What [`BLOCKED`] says when it could not be judged.
const UNJUDGED: &str = "unjudged";
/// What it says of a request that might have changed something.
const HELD_BACK: &str = "held-back";
const FETCH_DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// What the client can do with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// Show it.
    Person,
    /// Take it apart.
    Script,
    /// Nothing: an image, a style, a font.
    Nobody,
}

/// A sentence in both languages.
struct Said {
    da: String,
    en: String,
}

/// The answer to a request of `head` that would have gone to `host`.
pub(crate) fn answer(stopped: &Stopped, host: &str, head: &HeaderMap) -> Response<AnswerBody> {
    if *stopped == Stopped::Sunk {
        return sunk::answer(head);
    }
    let danish = wants_danish(head);
    let pick = |said: Said| if danish { said.da } else { said.en };
    let (title, what) = (pick(title(stopped, host)), pick(what(stopped, host)));
    let (body, kind) = match Reader::of(head) {
        Reader::Person => {
            let lang = if danish { Lang::Da } else { Lang::En };
            let page = document(lang, &title, &what, &pick(help(stopped)));
            (AnswerBody::own(page), Some("text/html; charset=utf-8"))
        }
        Reader::Script => (AnswerBody::own(problem(stopped, &title, &what)), Some("application/problem+json")),
        Reader::Nobody => (AnswerBody::none(), None),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::FORBIDDEN;
    let headers = response.headers_mut();
    if let Some(kind) = kind {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(BLOCKED, HeaderValue::from_static(rule(stopped)));
    // RFC 9209 §2.3.13.
    headers.insert(PROXY_STATUS, HeaderValue::from_static("cprvagt; error=http_request_denied"));
    response
}

impl Reader {
    fn of(head: &HeaderMap) -> Self {
        let accepts = |what: &str| {
            head.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(what))
        };
        match head.get(FETCH_DESTINATION).map(HeaderValue::as_bytes) {
            Some(b"document" | b"iframe" | b"frame" | b"embed" | b"object") => Self::Person,
            Some(b"empty") => Self::Script,
            Some(_) => Self::Nobody,
            None if accepts("text/html") => Self::Person,
            None if accepts("image/") || accepts("text/css") => Self::Nobody,
            None => Self::Script,
        }
    }
}

fn rule(stopped: &Stopped) -> &'static str {
    match stopped {
        Stopped::Refused(refusal) => refusal.rule.as_str(),
        Stopped::Unjudged(_) => UNJUDGED,
        Stopped::HeldBack | Stopped::Sunk => HELD_BACK,
    }
}

fn title(stopped: &Stopped, host: &str) -> Said {
    match stopped {
        Stopped::Refused(_) => Said {
            da: format!("Standset: et personnummer var på vej til {host}"),
            en: format!("Stopped: a personal number was on its way to {host}"),
        },
        Stopped::HeldBack | Stopped::Sunk => Said {
            da: format!("Holdt tilbage: intet blev ændret hos {host}"),
            en: format!("Held back: nothing was changed at {host}"),
        },
        Stopped::Unjudged(_) => Said {
            da: format!("Standset: en forespørgsel til {host} kunne ikke bedømmes"),
            en: format!("Stopped: a request to {host} could not be judged"),
        },
    }
}

fn what(stopped: &Stopped, host: &str) -> Said {
    match stopped {
        Stopped::Refused(refusal) => {
            let (recipient, parameter) = (&refusal.recipient, &refusal.parameter);
            let place = |noun: &str| match parameter.as_str() {
                "" => String::new(),
                parameter => format!(" ({noun} {parameter}: xxxxxx-xxxx)"),
            };
            let rule = refusal.rule.as_str();
            Said {
                da: format!(
                    "Forespørgslen blev standset af cprvagt, før den blev sendt: den bar et personnummer{} til {recipient}, \
                     som ikke er det system, der undersøges. Regel: {rule}.",
                    place("i")
                ),
                en: format!(
                    "The request was stopped by cprvagt before it was sent: it carried a personal number{} to {recipient}, \
                     which is not the system under test. Rule: {rule}.",
                    place("in")
                ),
            }
        }
        Stopped::HeldBack | Stopped::Sunk => Said {
            da: format!(
                "Forespørgslen til {host} kunne ændre noget i et system, der betjener rigtige borgere. cprvagt bedømte den \
                 og sendte den ikke."
            ),
            en: format!(
                "The request to {host} could change something in a system that serves real citizens. cprvagt judged it and \
                 did not send it."
            ),
        },
        Stopped::Unjudged(why) => {
            let (da, en) = match why {
                Unjudged::TooLong(cap) => (
                    format!("den er længere end de {cap} byte, der kan gennemsøges forinden"),
                    format!("it is longer than the {cap} bytes that can be searched before"),
                ),
                Unjudged::Endless => ("dens indhold sluttede ikke".to_owned(), "its body did not end".to_owned()),
                Unjudged::Broken => ("den blev afbrudt undervejs".to_owned(), "it broke off half-way".to_owned()),
                Unjudged::Late => ("det tog for lang tid".to_owned(), "it took too long".to_owned()),
            };
            Said {
                da: format!(
                    "Forespørgslen til {host} blev standset af cprvagt, før den blev sendt: den kunne ikke gennemsøges for \
                     personnumre, for {da}."
                ),
                en: format!(
                    "The request to {host} was stopped by cprvagt before it was sent: it could not be searched for personal \
                     numbers, for {en}."
                ),
            }
        }
    }
}

fn help(stopped: &Stopped) -> Said {
    if matches!(stopped, Stopped::HeldBack | Stopped::Sunk) {
        return Said {
            da: "Undersøg et testmiljø (environment = \"test\"), eller tillad adressen i registret (allow_write). Det står \
                 også i rapporten."
                .to_owned(),
            en: "Audit a test environment (environment = \"test\"), or allow the address in the registry (allow_write). \
                 The report says so too."
                .to_owned(),
        };
    }
    Said {
        da: "Den, der startede proxyen, bad om det med --block third-party-cpr. Det står også i terminalen og i \
             rapporten."
            .to_owned(),
        en: "Whoever started the proxy asked for it with --block third-party-cpr. The terminal and the report say so \
             too."
            .to_owned(),
    }
}

/// Problem details (RFC 9457).
fn problem(stopped: &Stopped, title: &str, what: &str) -> String {
    let mut members = vec![
        ("title", string(title)),
        ("status", StatusCode::FORBIDDEN.as_u16().to_string()),
        ("detail", string(what)),
        ("rule", string(rule(stopped))),
    ];
    if let Stopped::Refused(refusal) = stopped {
        members.push(("recipient", string(refusal.recipient.as_str())));
        members.push(("parameter", string(refusal.parameter.as_str())));
    }
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}\n", members.join(","))
}

/// A string of JSON (RFC 8259 §7).
fn string(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => json.extend(format!("\\u{:04x}", u32::from(control)).chars()),
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

/// Whether Danish is asked for before English; the order in the list tells, as browsers write it.
fn wants_danish(head: &HeaderMap) -> bool {
    let asked = head.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = |tag: &str| match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("da") => Some(true),
        Some("en") => Some(false),
        _ => None,
    };
    asked.split(',').find_map(known).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use model::{Redacted, Rule};

    use super::*;
    use crate::guard::Refusal;

    fn refused() -> Stopped {
        Stopped::Refused(Refusal {
            rule: Rule::CprInThirdPartyRequest,
            recipient: Redacted::own_words("maaling.test"),
            parameter: Redacted::own_words("dl > \"<cpr>\""),
        })
    }

    async fn asked(stopped: &Stopped, lines: &[(&'static str, &'static str)]) -> (Response<()>, String) {
        let mut head = HeaderMap::new();
        for (name, value) in lines {
            head.insert(*name, HeaderValue::from_static(value));
        }
        let (parts, body) = answer(stopped, "c.maaling.test", &head).into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_person_gets_a_page_that_says_who_and_why() {
        let (response, page) = asked(&refused(), &[("sec-fetch-dest", "document"), ("accept-language", "da,en")]).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()[BLOCKED], "cpr-in-third-party-request");
        assert!(page.contains("<html lang=\"da\">") && page.contains("standset af cprvagt"), "{page}");
        assert!(
            page.contains("dl &gt; &quot;&lt;cpr&gt;&quot;: xxxxxx-xxxx") && page.contains("maaling.test"),
            "{page}"
        );
        let (_, page) = asked(&refused(), &[("accept", "text/html"), ("accept-language", "sv,en-GB;q=0.9,da")]).await;
        assert!(page.contains("<html lang=\"en\">") && page.contains("stopped by cprvagt"), "{page}");
    }

    #[tokio::test]
    async fn a_script_gets_a_typed_body() {
        for head in [[("sec-fetch-dest", "empty")], [("accept", "application/json")]] {
            let (response, body) = asked(&refused(), &head).await;
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
            assert!(body.starts_with("{\"title\":\"Stopped: ") && body.ends_with("}\n"), "{body}");
            assert!(body.contains("\"rule\":\"cpr-in-third-party-request\""), "{body}");
            assert!(body.contains(r#""parameter":"dl > \"<cpr>\"""#), "{body}");
        }
    }

    #[tokio::test]
    async fn an_image_gets_nothing_but_the_reason() {
        let (response, body) = asked(&refused(), &[("sec-fetch-dest", "image")]).await;
        assert_eq!(body, "");
        assert_eq!(response.headers()[PROXY_STATUS], "cprvagt; error=http_request_denied");
    }

    #[tokio::test]
    async fn what_could_not_be_judged_says_why() {
        let (response, page) = asked(&Stopped::Unjudged(Unjudged::TooLong(7)), &[("accept", "text/html")]).await;
        assert_eq!(response.headers()[BLOCKED], UNJUDGED);
        assert!(page.contains("longer than the 7 bytes"), "{page}");
    }

    #[test]
    fn a_string_of_json_holds_anything() {
        assert_eq!(string("a\"\\\n\u{1b}é"), "\"a\\\"\\\\\\u000a\\u001bé\"");
    }
}
