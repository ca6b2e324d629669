//! Pages that are one document to the server and several to a person: routes by `history` and by `#`.

use super::COUNTER;
use super::citizens::Citizen;
use super::frame::{link, page};
use crate::{Received, Reply};

/// Routes by `history`: goes on by itself to a list and to a case, and tells the counter where it is.
const BY_HISTORY: &str = "const vis = (sti) => { history.pushState({}, '', sti); document.title = 'Sager'; };
vis('/app/sager');
setTimeout(() => { vis('/app/sag/NUMMER');
  fetch('https://COUNTER/rute?sti=' + encodeURIComponent(location.pathname), {mode: 'no-cors'}); }, 100);";

/// Routes by `#`, as links lead to them.
const BY_HASH: &str = "const vis = () => { const rute = location.hash.slice(1) || '/start';
  document.querySelector('#rude').textContent = rute;
  if (rute === '/profil') fetch('https://COUNTER/rude?borger=NUMMER', {mode: 'no-cors'}); };
addEventListener('hashchange', vis); vis();";

/// What is shown below `/app`.
pub(super) fn answer(citizen: &Citizen, received: &Received) -> Option<Reply> {
    let script = |text: &str| {
        let text = text.replace("COUNTER", COUNTER).replace("NUMMER", &citizen.number);
        format!("<script>{text}</script>")
    };
    match received.path() {
        "/app" => Some(page("Sager", &script(BY_HISTORY))),
        "/rude" => {
            let links = link("#/profil", "Profil") + &link("#/hjaelp", "Hjælp");
            Some(page("Ruden", &format!("<p id=rude></p>{links}{}", script(BY_HASH))))
        }
        path if path.starts_with("/app/") => Some(page("Sager", "<p>Hele sagen.</p>")),
        _ => None,
    }
}
