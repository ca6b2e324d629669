//! What is around a page of the town, and the pieces that many pages share.

use crate::{Received, Reply};

/// A page with `body`; who sees it is told by its address alone.
pub(super) fn page(title: &str, body: &str) -> Reply {
    Reply::html(format!(
        "<!doctype html><html lang=da><head><meta charset=utf-8><link rel=icon href=\"data:,\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

/// The same as a browser may keep it.
pub(super) fn kept(mut reply: Reply) -> Reply {
    reply.headers.retain(|(name, _)| name != "Cache-Control");
    reply.with_header("Cache-Control", "private, max-age=600")
}

/// The same, telling everybody its whole address.
pub(super) fn tells_address(reply: Reply) -> Reply {
    reply.with_header("Referrer-Policy", "unsafe-url")
}

/// A form with one field for a CPR number.
pub(super) fn number_form(name: &str, method: &str, action: &str, field: &str) -> String {
    format!(
        "<form id={name} method={method} action=\"{action}\"><label>CPR-nummer <input name={field} inputmode=numeric \
         required></label> <button type=submit>Fortsæt</button></form>"
    )
}

/// A link that tells what it is.
pub(super) fn link(href: &str, text: &str) -> String {
    format!("<p><a href=\"{href}\">{text}</a></p>")
}

/// Ten digits, as a field holds them with or without a dash.
pub(super) fn digits(text: Option<String>) -> Option<String> {
    let digits: String = text?.chars().filter(|character| *character != '-').collect();
    (digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Whether something is sent, and not only asked for.
pub(super) fn is_post(received: &Received) -> bool {
    received.method == "POST"
}
