//! The answer to a request that a third party was not to get: as if it had got it and had nothing to say.
//!
//! Scripts go on as they would, so that the page does what it does for a citizen; what a recipient would have answered
//! is its own to know.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL,
    CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::{Response, StatusCode};

use crate::tap::AnswerBody;

/// Says that the proxy has answered.
const SUNK: HeaderName = HeaderName::from_static("x-cprvagt-sunk");
const FETCH_DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// One transparent pixel (GIF89a): a page that counts by images waits for one to load.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// The answer to a request of `head`.
pub(crate) fn answer(head: &HeaderMap) -> Response<AnswerBody> {
    let is_image = head.get(FETCH_DESTINATION).is_some_and(|destination| destination == "image");
    let mut response = Response::new(if is_image { AnswerBody::own(PIXEL) } else { AnswerBody::none() });
    if !is_image {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    let headers = response.headers_mut();
    if is_image {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(SUNK, HeaderValue::from_static("true"));
    if let Some(origin) = head.get(ORIGIN) {
        // A script of another site may read it, and may send what it asks leave for (Fetch §3.2).
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(VARY, HeaderValue::from_static("origin"));
        for (asked, given) in [
            (ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS),
            (ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS),
        ] {
            if let Some(value) = head.get(asked) {
                headers.insert(given, value.clone());
            }
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn head(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[tokio::test]
    async fn an_image_gets_a_pixel_and_a_beacon_nothing() {
        let response = answer(&head(&[("sec-fetch-dest", "image")]));
        assert_eq!(
            (response.status(), &response.headers()[CONTENT_TYPE]),
            (StatusCode::OK, &"image/gif".parse().unwrap())
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"GIF89a") && body.ends_with(b";"), "{body:?}");
        assert_eq!(answer(&head(&[("sec-fetch-dest", "empty")])).status(), StatusCode::NO_CONTENT);
    }

    #[test]
    fn a_script_of_another_site_may_ask_and_read() {
        let asked = [
            ("origin", "https://sag.test"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type,x-key"),
        ];
        let response = answer(&head(&asked));
        let headers = response.headers();
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://sag.test");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_METHODS], "POST");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_HEADERS], "content-type,x-key");
        assert!(!answer(&head(&[])).headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }
}
