//! An application in five steps, kept on the server: each step is answered by its own form and its own messages.

use super::citizens::{Citizen, Citizens};
use super::frame::{digits, is_post, page};
use super::{MIRROR, RECEIPT};
use crate::{Received, Reply};

/// Where the steps are: `/ansoegning/trin-1` ...
pub(super) const STEPS: &str = "/ansoegning/trin-";

/// How many there are.
const LAST: u8 = 5;

/// The step at hand, or where its answers lead.
pub(super) fn answer(citizens: &Citizens, citizen: &Citizen, received: &Received) -> Reply {
    let Some(step) = received.path().strip_prefix(STEPS).and_then(|step| step.parse::<u8>().ok()) else {
        return Reply::not_found();
    };
    let next = citizen.sent.saturating_add(1).min(LAST);
    if !(1..=LAST).contains(&step) || step > next {
        return Reply::redirect(format!("{STEPS}{next}"));
    }
    if !is_post(received) {
        return show(step, "");
    }
    if let Err(message) = check(step, received) {
        return show(step, &message);
    }
    citizens.change(received, |citizen| {
        citizen.sent = citizen.sent.max(step);
        if let Some(child) = digits(received.field("barn_cpr")) {
            citizen.child = child;
        }
    });
    if step == LAST {
        // Wrong on purpose: the receipt's address tells whose it is.
        return Reply::redirect(format!("{RECEIPT}?cpr={}", citizen.child));
    }
    Reply::redirect(format!("{STEPS}{}", step.saturating_add(1)))
}

/// What the step wants of its answers, whatever the browser let through.
fn check(step: u8, received: &Received) -> Result<(), String> {
    let is_number = |name: &str| digits(received.field(name)).is_some();
    let says = |name: &str| received.field(name).is_some_and(|answer| !answer.trim().is_empty());
    let wanted: &[(&str, bool)] = match step {
        1 => &[
            ("ansoeger_cpr", is_number("ansoeger_cpr")),
            ("barn_cpr", is_number("barn_cpr") && received.field("barn_cpr") != received.field("ansoeger_cpr")),
        ],
        2 => &[
            ("ordning", says("ordning")),
            ("institution", says("institution")),
            ("start", received.field("start").is_some_and(|date| date.len() == 10)),
            ("enig", says("enig")),
        ],
        3 => &[
            ("medforaelder_cpr", is_number("medforaelder_cpr")),
            ("telefon", received.field("telefon").is_some_and(|digits| digits.len() == 8)),
            ("mail", received.field("mail").is_some_and(|mail| mail.contains('@'))),
        ],
        4 => &[],
        _ => &[("bekraeft", says("bekraeft"))],
    };
    match wanted.iter().find(|(_, is_right)| !is_right) {
        Some((name, _)) => Err(format!("<p role=alert>Feltet {name} er ikke udfyldt rigtigt.</p>")),
        None => Ok(()),
    }
}

fn show(step: u8, message: &str) -> Reply {
    let (fields, button) = match step {
        1 => (
            format!(
                "<label>Dit CPR-nummer <input name=ansoeger_cpr inputmode=numeric required></label> <label>Barnets \
                 CPR-nummer <input name=barn_cpr inputmode=numeric required></label>\
                 <script src=\"https://{MIRROR}/spejl.js\"></script>"
            ),
            "Næste",
        ),
        2 => (
            "<fieldset><legend>Ordning</legend><label><input type=radio name=ordning value=fuld required> Fuld tid</label> \
             <label><input type=radio name=ordning value=halv> Halv tid</label></fieldset> \
             <label>Institution <select name=institution required><option value=\"\">Vælg</option>\
             <option value=elle>Elletrunten</option><option value=myre>Myretuen</option></select></label> \
             <label>Start <input type=date name=start min=2027-01-01 required></label> \
             <label><input type=checkbox name=enig value=ja required> Vi er enige</label>"
                .to_owned(),
            "Næste",
        ),
        3 => (
            "<label>Den anden forælders CPR-nummer <input name=medforaelder_cpr inputmode=numeric required></label> \
             <label>Telefon <input type=tel name=telefon required></label> \
             <label>E-mail <input type=email name=mail required></label>"
                .to_owned(),
            "Næste",
        ),
        4 => ("<label>Bemærkninger <textarea name=bemaerkning></textarea></label>".to_owned(), "Næste"),
        _ => (
            "<label><input type=checkbox name=bekraeft value=ja required> Oplysningerne er rigtige</label>".to_owned(),
            "Indsend ansøgning",
        ),
    };
    page(
        &format!("Ansøgning om plads, trin {step} af {LAST}"),
        &format!(
            "{message}<form id=ansoegning-{step} method=post action=\"{STEPS}{step}\">{fields} \
             <button type=submit>{button}</button></form><p><a href=/oversigt>Annuller</a></p>"
        ),
    )
}
