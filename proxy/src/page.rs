//! The pages that the proxy itself answers with, when the site cannot.

use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

use crate::fault::Fault;
use crate::tap::AnswerBody;

/// The field by which programs tell the proxy's answers from the site's (RFC 9209).
const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// The page that says why `origin` gave no answer.
pub(crate) fn of_fault(fault: &Fault, origin: &str) -> Response<AnswerBody> {
    let help = match fault {
        Fault::Certificate(_) => {
            "If this is a test site with a certificate of its own authority, add that authority's certificate: \
             <code>--upstream-ca FILE</code> (PEM). The proxy never skips this check."
        }
        Fault::NameUnknown(_) | Fault::ConnectionRefused | Fault::Unreachable(_) => {
            "If the site is elsewhere, say where: <code>--resolve HOST:PORT:ADDRESS</code>."
        }
        Fault::TimedOut(_)
        | Fault::NotLoopback
        | Fault::Tls(_)
        | Fault::Protocol(_)
        | Fault::Broken(_)
        | Fault::Unsupported(_)
        | Fault::BadRequest(_) => "What the site would have been sent here is recorded and reported as not seen.",
    };
    let title = format!("No answer from {}", escaped(origin));
    let page = document(&title, &format!("{}.", escaped(&fault.words())), help);
    let mut response = with_status(fault.status(), page);
    if let Ok(status) = HeaderValue::from_str(&format!("cprvagt; error={}", fault.proxy_status())) {
        response.headers_mut().insert(PROXY_STATUS, status);
    }
    response
}

/// The page for whoever opens the proxy's own address.
pub(crate) fn of_proxy_itself() -> Response<AnswerBody> {
    let what = "This is the recording proxy of cprvagt, not a web site.";
    let help = "Set it as the HTTP and HTTPS proxy of a browser or a test suite, and open the site through it.";
    with_status(StatusCode::BAD_REQUEST, document("This is a proxy", what, help))
}

/// Says that nothing more will come on this HTTP/1 connection.
pub(crate) fn close_after(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
}

fn with_status(status: StatusCode, page: String) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::own(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `title` and `what` are HTML already.
fn document(title: &str, what: &str, help: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>body{{font:1rem/1.5 sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}}</style>\n\
         <h1>{title}</h1>\n<p>{what}</p>\n<p>{help}</p>\n<p><small>cprvagt proxy</small></p>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
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
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_page_escapes_what_came_from_outside() {
        let fault = Fault::Certificate("it is for <script>".to_owned());
        let response = of_fault(&fault, "https://<b>'\"&");
        assert_eq!(response.headers()[PROXY_STATUS], "cprvagt; error=tls_certificate_error");
        let page = response.into_body().collect().await.unwrap().to_bytes();
        let page = std::str::from_utf8(&page).unwrap();
        assert!(page.contains("https://&lt;b&gt;&#39;&quot;&amp;") && page.contains("&lt;script&gt;."), "{page}");
        assert!(page.contains("--upstream-ca") && !page.contains("<script"), "{page}");
    }
}
