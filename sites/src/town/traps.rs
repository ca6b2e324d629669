//! Pages that lead astray: without end, out of the session, to what cannot be undone, or to no page at all.

use std::time::Duration;

use super::COUNTER;
use super::citizens::{Citizen, Citizens};
use super::frame::{is_post, link, number_form, page};
use crate::{Delivery, Received, Reply};

/// How long the slow page takes.
const SLOW: Duration = Duration::from_secs(3);

/// Where a session is ended, and what the links say.
const LOG_OUTS: [(&str, &str); 5] = [
    ("/log-ud", "Log ud"),
    ("/session/1", "Log af"),
    ("/logout?til=forsiden", "Afslut"),
    ("/session/signOut", "Farvel"),
    ("/session/2", "Sign out"),
];

/// Ends the session too, and nothing says so.
pub(super) const FAREWELL: &str = "/paa-gensyn";

/// What must never be asked for.
pub(super) const DESTRUCTIVE: [&str; 10] = [
    "/log-ud",
    "/session/1",
    "/logout",
    "/session/signOut",
    "/session/2",
    "/profil/slet",
    "/profil/afmeld",
    "/regning/betal",
    "/api/profil",
    "/nyhedsbrev/delete",
];

/// What one who is signed in sees of these.
pub(super) fn answer(citizens: &Citizens, citizen: &Citizen, received: &Received) -> Option<Reply> {
    let path = received.path();
    if DESTRUCTIVE.contains(&path) || path == FAREWELL {
        return Some(citizens.log_out(received));
    }
    if let Some(month) = path.strip_prefix("/kalender/") {
        return Some(calendar(month));
    }
    Some(match path {
        "/profil" => profile(),
        "/nyheder" => news(received),
        "/klage" => complaint(received),
        "/vindue" => page(
            "Hjælp i et vindue",
            "<p><a href=\"#\" onclick=\"open('/vindue/hjaelp', '_blank', 'width=400,height=300'); return false\">\
             Åbn hjælpen</a></p>",
        ),
        "/vindue/hjaelp" => page(
            "Hjælp",
            &format!(
                "<script>fetch('https://{COUNTER}/hjaelp?hjulpet={}', {{mode: 'no-cors'}})</script>",
                citizen.number
            ),
        ),
        "/hent" => page(
            "Hent",
            &(link("/hent/brev.pdf", "Brevet")
                + &link("/hent/liste.csv", "Listen")
                + &link("/hent/udtraek", "Udtrækket")),
        ),
        "/hent/brev.pdf" => file("application/pdf", "%PDF-1.4\n%%EOF\n"),
        "/hent/liste.csv" => file("text/csv", "sag;dato\n"),
        "/hent/udtraek" => {
            file("text/csv", "sag;dato\n").with_header("Content-Disposition", "attachment; filename=u.csv")
        }
        "/langsom" => page("Langsom", "<p>Endelig.</p>").delivered(Delivery::Late(SLOW)),
        "/fejl" => Reply::html("<!doctype html><title>Fejl</title>Noget gik galt.").with_status(500),
        "/beskeder" => page(
            "Beskeder",
            "<script>alert('Goddag'); confirm('Er du sikker?');
            addEventListener('beforeunload', (event) => event.preventDefault());</script>",
        ),
        _ => return None,
    })
}

/// A month, with links to the next and to the same a year on.
fn calendar(month: &str) -> Reply {
    let Some((year, month)) =
        month.split_once('-').and_then(|(y, m)| Some((y.parse::<u32>().ok()?, m.parse::<u32>().ok()?)))
    else {
        return Reply::not_found();
    };
    let next = if month >= 12 { (year.saturating_add(1), 1) } else { (year, month.saturating_add(1)) };
    let href = |(year, month): (u32, u32)| format!("/kalender/{year:04}-{month:02}");
    page("Kalender", &(link(&href(next), "Næste måned") + &link(&href((year.saturating_add(1), month)), "Næste år")))
}

/// News that gives each visit a name of its own, in path and query.
fn news(received: &Received) -> Reply {
    let name =
        if received.query().contains("0a1b2c3d4e5f6a7b8c") { "8c7b6a5f4e3d2c1b0a" } else { "0a1b2c3d4e5f6a7b8c" };
    page(
        "Nyheder",
        &(link(&format!("/nyheder?sid={name}"), "Flere") + &link(&format!("/nyheder;jsessionid={name}"), "Igen")),
    )
}

/// Everything that ends or destroys, by link, button, form and script.
fn profile() -> Reply {
    let links: String = LOG_OUTS.iter().map(|(path, text)| link(path, text)).collect();
    page(
        "Din profil",
        &format!(
            "{links}{}{}<p><a href=/nyhedsbrev/delete?id=1>Ret</a></p>\
             <form method=post action=/profil/afmeld><button>Afmeld</button></form>\
             <form id=slet method=post action=/profil/slet><label>CPR-nummer <input name=cpr></label>\
             <button>Slet mig</button></form>\
             <button type=button onclick=\"fetch('/api/profil', {{method: 'DELETE'}})\">Slet profil</button>\
             <a href=# onclick=\"fetch('/api/profil', {{method: 'DELETE'}})\">Fjern billede</a>",
            link("/profil/slet", "Slet"),
            link("/regning/betal", "Betal regning"),
        ),
    )
}

/// A form that never likes its answer, and says so in its own words.
fn complaint(received: &Received) -> Reply {
    let message = if is_post(received) { "<p role=alert>Skriv journalnummeret foran.</p>" } else { "" };
    page("Klage", &(message.to_owned() + &number_form("klage", "post", "/klage", "cpr")))
}

fn file(content_type: &str, body: &'static str) -> Reply {
    let mut reply = Reply::text(200, body);
    reply.headers.retain(|(name, _)| name != "Content-Type");
    reply.with_header("Content-Type", content_type)
}
