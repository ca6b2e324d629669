//! What the proxy itself answers with when the site cannot: a page for people, problem details for programs (RFC 9457).

use http::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::json;

use crate::fault::Fault;
use crate::fault_words::{danish, help};
use crate::own_site;
use crate::reader::{Lang, Reader};
use crate::tap::AnswerBody;

/// The field by which programs tell the proxy's answers from the site's (RFC 9209).
pub(crate) const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");
const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}\
                     h1{font-size:1.5rem;overflow-wrap:anywhere}:root{color-scheme:light dark}";

/// Says to `reader` why `origin` gave no answer.
pub(crate) fn of_fault(fault: &Fault, origin: &str, reader: Reader) -> Response<AnswerBody> {
    let lang = reader.lang;
    let title = format!("{} {origin}", lang.choose("No answer from", "Intet svar fra"));
    let why = match lang {
        Lang::En => fault.words(),
        Lang::Da => danish(fault),
    };
    let mut response = if reader.wants_json {
        let status = fault.status().as_u16();
        // No more is known of the kind than the status says, but for the member that is our own.
        let problem = json!({
            "type": "about:blank", "title": title, "status": status, "detail": why,
            "help": help(fault, lang).replace('`', ""), "error": fault.proxy_status(),
        });
        with_status(fault.status(), "application/problem+json", problem.to_string())
    } else {
        with_status(fault.status(), "text/html; charset=utf-8", document(lang, &title, &why, help(fault, lang)))
    };
    if let Ok(status) = HeaderValue::from_str(&format!("cprvagt; error={}", fault.proxy_status())) {
        response.headers_mut().insert(PROXY_STATUS, status);
    }
    response
}

/// A page of the proxy's own: text, in which what stands between backticks of `help` is code.
pub(crate) fn notice(status: StatusCode, title: &str, what: &str, help: &str) -> Response<AnswerBody> {
    with_status(status, "text/html; charset=utf-8", document(Lang::En, title, what, help))
}

/// The page for whoever takes the proxy for a web site, by a name that is none of its own.
pub(crate) fn of_proxy_itself(headers: &HeaderMap) -> Response<AnswerBody> {
    let lang = Reader::of(headers).lang;
    let title = lang.choose("This is a proxy", "Dette er en proxy");
    let what = lang.choose(
        "This is the recording proxy of cprvagt, not a web site.",
        "Dette er den optagende proxy i cprvagt, ikke et websted.",
    );
    let help = lang.choose(
        "Set it as the HTTP and HTTPS proxy of a browser or a test suite, and open the site through it.",
        "Angiv den som HTTP- og HTTPS-proxy i en browser eller testpakke, og åbn webstedet gennem den.",
    );
    with_status(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", document(lang, title, what, help))
}

/// Says that nothing more will come on this HTTP/1 connection.
pub(crate) fn close_after(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
}

fn with_status(status: StatusCode, kind: &'static str, page: String) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::own(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    own_site::guard(headers);
    response
}

/// A page: all of it text; what stands between backticks of `help` is code.
pub(crate) fn document(lang: Lang, title: &str, what: &str, help: &str) -> String {
    let (lang, title, what, help) = (lang.as_str(), escaped(title), with_stop(&escaped(what)), marked(help));
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n<p>{what}</p>\n<p>{help}</p>\n\
         <p><small>cprvagt proxy</small></p>\n</html>\n"
    )
}

fn with_stop(sentence: &str) -> String {
    let mut whole = sentence.trim_end_matches('.').to_owned();
    if let Some(first) = whole.get(..1).map(str::to_uppercase) {
        whole.replace_range(..1, &first);
    }
    whole.push('.');
    whole
}

/// What stands between backticks is code.
fn marked(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    pieces
        .map(|(at, piece)| if at % 2 == 1 { format!("<code>{}</code>", escaped(piece)) } else { escaped(piece) })
        .collect()
}

/// `text` as HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT_LANGUAGE;
    use http_body_util::BodyExt as _;

    use super::*;

    async fn page(fault: &Fault, origin: &str, headers: &[(&'static str, &str)]) -> (HeaderMap, String) {
        let asked =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let (head, body) = of_fault(fault, origin, Reader::of(&asked)).into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (head.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_page_escapes_what_came_from_outside() {
        let fault = Fault::Certificate("it is for <script>".to_owned());
        let (headers, page) = page(&fault, "https://<b>'\"&", &[]).await;
        assert_eq!(headers[PROXY_STATUS], "cprvagt; error=tls_certificate_error");
        assert!(page.contains("https://&lt;b&gt;&#39;&quot;&amp;") && page.contains("&lt;script&gt;."), "{page}");
        assert!(page.contains("<code>--upstream-ca FILE</code>") && !page.contains("<script"), "{page}");
    }

    #[tokio::test]
    async fn a_danish_reader_is_told_in_danish() {
        let fault = Fault::Certificate("it has expired".to_owned());
        let (_, page) = page(&fault, "https://a.test", &[("accept-language", "da")]).await;
        for part in
            ["<html lang=\"da\">", "Intet svar fra https://a.test", "udløbet", "<code>--upstream-ca FILE</code>"]
        {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[tokio::test]
    async fn a_program_gets_problem_details() {
        let fault = Fault::Certificate("it is for \"b\"".to_owned());
        let (headers, text) = page(&fault, "https://a.test", &[("accept", "application/json")]).await;
        assert_eq!(headers[CONTENT_TYPE], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((problem["status"].as_u64(), problem["error"].as_str()), (Some(502), Some("tls_certificate_error")));
        assert!(problem["title"].as_str().unwrap().ends_with("https://a.test"), "{text}");
        assert!(problem["detail"].as_str().unwrap().contains("\"b\""), "{text}");
        assert!(problem["help"].as_str().unwrap().contains("--upstream-ca FILE"), "{text}");
    }

    #[tokio::test]
    async fn whoever_takes_it_for_a_site_is_told_in_his_language() {
        let danish = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static("da"))]);
        let page = of_proxy_itself(&danish).into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&page).contains("Dette er en proxy"));
    }
}
