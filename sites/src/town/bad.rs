//! Pages that break, never end, or want the browser for themselves; each of them must cost a crawl one page.

use std::time::Duration;

use super::frame::{link, page};
use crate::{Delivery, HostedSite, Received, Reply};

/// Where they are.
pub const HOST: &str = "daarlig.byen.test";

/// Longer than any visitor waits.
const NEVER: Duration = Duration::from_hours(1);

/// A paragraph of the large page.
const PIECE: usize = 1 << 20;

/// How many: 200 MB.
const PIECES: u64 = 200;

/// Each page, with what is wrong with it. The last is good: whoever sees it went on to the end.
pub const PAGES: [(&str, &str); 11] = [
    ("/fejl", "status 500"),
    ("/afbrudt", "the connection breaks off"),
    ("/gzip", "what says it is compressed is not"),
    ("/ring", "a redirect that leads to itself"),
    ("/tavs", "no answer"),
    ("/uden-ende", "an answer without end"),
    ("/haenger", "a script that never ends"),
    ("/vinduer", "windows without end"),
    ("/bokse", "boxes without end"),
    ("/stor", "200 MB"),
    ("/god", "nothing"),
];

/// The site that has them.
pub fn site() -> HostedSite {
    HostedSite::new(HOST, answer)
}

fn answer(received: &Received) -> Reply {
    match received.path() {
        "/" => page("Sider", &PAGES.iter().map(|(path, text)| link(path, text)).collect::<String>()),
        "/fejl" => page("Fejl", "").with_status(500),
        "/afbrudt" => page("Afbrudt", "").delivered(Delivery::Cut),
        "/gzip" => page("Gzip", "").with_header("Content-Encoding", "gzip"),
        "/ring" => Reply::redirect("/ring/rundt"),
        "/ring/rundt" => Reply::redirect("/ring"),
        "/tavs" => page("Tavs", "").delivered(Delivery::Late(NEVER)),
        "/uden-ende" => page("Uden ende", "").delivered(Delivery::Endless),
        "/haenger" => page("Hænger", "<script>setTimeout(() => { for (;;) {} }, 0)</script>"),
        "/vinduer" => page("Vinduer", "<script>let n = 0; setInterval(() => open('/vinduer/' + n++), 20)</script>"),
        "/bokse" => page("Bokse", "<script>for (let n = 0; n < 50; n++) alert('Boks ' + n)</script>"),
        "/stor" => large(),
        "/god" => page("God", "<p>Alt er godt.</p>"),
        path if path.starts_with("/vinduer/") => page("Vindue", ""),
        _ => Reply::not_found(),
    }
}

/// The parts are the same, so the page is not built as it is said to be; browsers read it all the same.
fn large() -> Reply {
    let mut piece = String::with_capacity(PIECE);
    piece.push_str("<p>");
    while piece.len() < PIECE {
        piece.push_str("Endnu en linje i en meget lang side.\n");
    }
    Reply::html(piece).delivered(Delivery::Repeated(PIECES))
}
