//! Asks an HTTP proxy for a tunnel (`CONNECT`, RFC 9110 §9.3.6).

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::UpstreamProxy;
use crate::proxy_fault::ProxyRefusal;

/// A proxy's answer to `CONNECT` is some lines; its error page is not read.
const LONGEST_ANSWER: usize = 32 << 10;
/// Enough for any such answer in one go.
const FIRST_READ: usize = 2048;
/// How much of what a proxy said is told.
const LONGEST_REASON: usize = 80;

/// Asks for a tunnel to `authority` on `stream`; what the site already said comes back.
pub(crate) async fn open(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &UpstreamProxy,
    authority: &str,
) -> Result<Bytes, ProxyRefusal> {
    let login = proxy.authorization();
    let sent = stream.write_all(&request(authority, login.as_ref())).await;
    if sent.is_err() || stream.flush().await.is_err() {
        return Err(ProxyRefusal::Left);
    }
    let mut answer = BytesMut::with_capacity(FIRST_READ);
    loop {
        if let Some(end) = end_of_head(&answer) {
            let said = answer.split_off(end).freeze();
            return judged(&String::from_utf8_lossy(&answer), login.is_some()).map(|()| said);
        }
        if answer.len() > LONGEST_ANSWER {
            return Err(ProxyRefusal::Nonsense("a very long answer to CONNECT".to_owned()));
        }
        match stream.read_buf(&mut answer).await {
            Ok(0) | Err(_) if answer.is_empty() => return Err(ProxyRefusal::Left),
            Ok(0) | Err(_) => return Err(ProxyRefusal::Nonsense(shortened(&String::from_utf8_lossy(&answer)))),
            Ok(_) => {}
        }
    }
}

/// What the answer to a request that was given whole says about the proxy itself: 407 is never the site's.
pub(crate) fn login_wanted(headers: &http::HeaderMap, had_login: bool) -> ProxyRefusal {
    let values = headers.get_all(http::header::PROXY_AUTHENTICATE).iter();
    let schemes = values.filter_map(|value| scheme_of(value.to_str().ok()?)).collect();
    ProxyRefusal::LoginWanted { had_login, schemes }
}

fn request(authority: &str, login: Option<&HeaderValue>) -> Vec<u8> {
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(login) = login {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(login.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// Where the head ends; some old proxies end lines with a line feed alone.
fn end_of_head(answer: &[u8]) -> Option<usize> {
    let ends = |at: &usize| {
        let so_far = answer.get(..*at).unwrap_or_default();
        so_far.ends_with(b"\r\n\r\n") || so_far.ends_with(b"\n\n")
    };
    (2..=answer.len()).find(ends)
}

/// Whether the tunnel stands.
fn judged(head: &str, had_login: bool) -> Result<(), ProxyRefusal> {
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let nonsense = || ProxyRefusal::Nonsense(shortened(first));
    let said = first.strip_prefix("HTTP/1.").and_then(|rest| rest.split_once(' ')).map(|(_, said)| said.trim());
    let said = said.ok_or_else(nonsense)?;
    let status: u16 = said.get(..3).and_then(|digits| digits.parse().ok()).ok_or_else(nonsense)?;
    let words = shortened(said);
    match status {
        200..=299 => Ok(()),
        407 => {
            let named = lines.filter_map(|line| line.split_once(':'));
            let named = named.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"));
            Err(ProxyRefusal::LoginWanted {
                had_login,
                schemes: named.filter_map(|(_, value)| scheme_of(value)).collect(),
            })
        }
        500..=599 => Err(ProxyRefusal::NoWay(words)),
        300..=499 => Err(ProxyRefusal::Forbidden(words)),
        _ => Err(nonsense()),
    }
}

/// `Basic` of `Basic realm="x"`.
fn scheme_of(value: &str) -> Option<String> {
    value.split_whitespace().next().map(shortened)
}

/// A proxy's words, without what a terminal or a page would take amiss.
fn shortened(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_REASON)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(answer: &str, expected: &Result<&str, ProxyRefusal>) {
        let end = end_of_head(answer.as_bytes()).expect("an end");
        let (head, rest) = answer.split_at(end);
        assert_eq!(&judged(head, true).map(|()| rest), expected);
    }

    #[test]
    fn a_tunnel_stands_by_any_2xx_and_keeps_what_the_site_said() {
        case("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n220 mail", &Ok("220 mail"));
        case("HTTP/1.0 200\n\n", &Ok(""));
        case("HTTP/1.1 299 x\r\n\r\n", &Ok(""));
    }

    #[test]
    fn a_refusal_says_what_was_said() {
        let schemes = vec!["Negotiate".to_owned(), "Basic".to_owned()];
        let answer =
            "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: Basic realm=\"x\"\r\n\r\n";
        case(answer, &Err(ProxyRefusal::LoginWanted { had_login: true, schemes }));
        case("HTTP/1.1 403 For\u{1b}bidden\r\n\r\n", &Err(ProxyRefusal::Forbidden("403 For bidden".into())));
        case("HTTP/1.1 502 Bad Gateway\r\n\r\n", &Err(ProxyRefusal::NoWay("502 Bad Gateway".into())));
        case("HTTP/1.1 101 x\r\n\r\n", &Err(ProxyRefusal::Nonsense("HTTP/1.1 101 x".into())));
        case("220 mail\r\n\r\n", &Err(ProxyRefusal::Nonsense("220 mail".into())));
        case("\r\n\r\n", &Err(ProxyRefusal::Nonsense(String::new())));
        case("HTTP/1.1 2ø0\r\n\r\n", &Err(ProxyRefusal::Nonsense("HTTP/1.1 2ø0".into())));
    }

    #[tokio::test]
    async fn an_answer_without_an_end_is_cut_off() {
        let proxy: UpstreamProxy = "http://ann:b@p.test".parse().unwrap();
        let (mut near, mut far) = tokio::io::duplex(1 << 20);
        far.write_all(&vec![b'x'; LONGEST_ANSWER + 1]).await.unwrap();
        assert!(matches!(open(&mut near, &proxy, "a.test:443").await, Err(ProxyRefusal::Nonsense(_))));
        let (mut near, mut far) = tokio::io::duplex(1024);
        far.shutdown().await.unwrap();
        assert_eq!(open(&mut near, &proxy, "[::1]:443").await, Err(ProxyRefusal::Left));
        drop(near);
        let mut asked = String::new();
        far.read_to_string(&mut asked).await.unwrap();
        assert_eq!(
            asked,
            "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nProxy-Authorization: Basic YW5uOmI=\r\n\r\n"
        );
    }
}
