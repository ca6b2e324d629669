//! What a made-up site answers, with one builder for each kind of answer that sites need.

use bytes::Bytes;

use crate::{Delivery, Received, websocket};

/// An answer. Every builder says `Cache-Control: no-store`, so that each page load asks for everything again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Header lines in order. `Content-Length` is the stage's to add.
    pub headers: Vec<(String, String)>,
    /// What follows.
    pub body: Bytes,
    /// How it is sent.
    pub delivery: Delivery,
}

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\
\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

impl Reply {
    /// A page.
    pub fn html(body: impl Into<Bytes>) -> Self {
        Self::of_type("text/html; charset=utf-8", body)
    }

    /// A style sheet.
    pub fn css(body: impl Into<Bytes>) -> Self {
        Self::of_type("text/css; charset=utf-8", body)
    }

    /// A script.
    pub fn js(body: impl Into<Bytes>) -> Self {
        Self::of_type("text/javascript; charset=utf-8", body)
    }

    /// JSON.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::of_type("application/json", body)
    }

    /// Plain text with a status of its own.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, ..Self::of_type("text/plain; charset=utf-8", body) }
    }

    /// A pixel.
    pub fn gif() -> Self {
        Self::of_type("image/gif", PIXEL)
    }

    /// 204: heard, nothing to say.
    pub fn no_content() -> Self {
        Self { status: 204, headers: vec![no_store()], body: Bytes::new(), delivery: Delivery::Whole }
    }

    /// 303: go on to `location` with a GET.
    pub fn redirect(location: impl Into<String>) -> Self {
        let headers = vec![no_store(), ("Location".to_owned(), location.into())];
        Self { status: 303, headers, body: Bytes::new(), delivery: Delivery::Whole }
    }

    /// Opens the WebSocket that `received` asks for, with `extensions` agreed on. The stage closes it when it has heard
    /// something. 400 when no WebSocket is asked for.
    pub fn websocket(received: &Received, extensions: Option<&str>) -> Self {
        let opened = websocket::opened(received, extensions);
        opened.unwrap_or_else(|| Self::text(400, "Her er kun en WebSocket.\n"))
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::text(404, "Siden findes ikke.\n")
    }

    /// 405, naming what is allowed.
    pub fn method_not_allowed(allowed: &str) -> Self {
        Self::text(405, "Metoden er ikke tilladt.\n").with_header("Allow", allowed)
    }

    /// The same with one more header line.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same, sent otherwise than whole and at once.
    #[must_use]
    pub fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    fn of_type(content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![no_store(), ("Content-Type".to_owned(), content_type.to_owned())];
        Self { status: 200, headers, body: body.into(), delivery: Delivery::Whole }
    }
}

fn no_store() -> (String, String) {
    ("Cache-Control".to_owned(), "no-store".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_answer_may_be_kept() {
        let replies = [
            Reply::html(""),
            Reply::css(""),
            Reply::js(""),
            Reply::json(""),
            Reply::gif(),
            Reply::no_content(),
            Reply::redirect("/"),
            Reply::not_found(),
            Reply::method_not_allowed("GET"),
        ];
        for reply in replies {
            assert!(reply.headers.contains(&no_store()), "{reply:?}");
        }
    }

    #[test]
    fn a_pixel_is_a_whole_gif() {
        let pixel = Reply::gif().body;
        assert_eq!(pixel.len(), 43);
        assert!(pixel.starts_with(b"GIF89a") && pixel.ends_with(b";"));
    }
}
