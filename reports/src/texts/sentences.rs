//! The sentences about blind spots that the program writes, with holes for what varies, and the same in Danish.

/// As the program writes it, `{..}` for a hole; and in Danish, `{}` for the same holes in the same order.
pub(super) const SENTENCES: [(&str, &str); 160] = [
    // The crawler.
    (
        "forms are left to send after {MAX_AGAIN} visits to their page",
        "der er stadig usendte formularer efter {} besøg på siden",
    ),
    ("the audit was stopped before", "undersøgelsen blev afbrudt forinden"),
    ("the audit was stopped", "undersøgelsen blev afbrudt"),
    ("it leads to another page", "den fører til en anden side"),
    ("stopped with {} pages left to visit", "afbrudt, mens {} sider manglede"),
    ("stopped before this system was visited", "afbrudt, før systemet blev besøgt"),
    ("{count} pages: {reasons}", "{} sider: {}"),
    ("of a kind of page seen {} times", "af en slags, der er set {} gange"),
    ("more than {} links from a start", "mere end {} links fra en startside"),
    ("beyond {MAX_KNOWN} addresses", "ud over {} adresser"),
    ("on pages with more links than are read", "på sider med flere links, end der læses"),
    ("beyond the budget of {} pages", "ud over grænsen på {} sider"),
    ("that are files and not opened: {}", "er filer, som ikke åbnes: {}"),
    ("of a page seen with {} other queries", "af en side, der er set med {} andre forespørgsler i adressen"),
    ("left when {} minutes were over", "tilbage, da {} minutter var gået"),
    ("left when {seconds} seconds were over", "tilbage, da {} sekunder var gået"),
    ("in files of a sitemap that were not read whole", "i filer af et sitemap, der ikke blev læst helt"),
    ("{count} pages that robots.txt closes, the first {first}", "{} sider, som robots.txt lukker for, den første {}"),
    ("the link leads nowhere", "linket fører ingen steder hen"),
    ("behind links that pay", "bag links, der betaler"),
    ("behind links that run a script", "bag links, der kører et script"),
    ("whose address cannot be read", "med en adresse, der ikke kan læses"),
    (
        "in frames of other sites, with fields that are not filled",
        "i rammer fra andre domæner, med felter, der ikke udfyldes",
    ),
    ("behind search fields of the site, which are not tried", "bag søgefelter, som ikke afprøves"),
    (
        "requests were under way {seconds} s after it was left",
        "forespørgsler var stadig undervejs {} s efter, at den blev forladt",
    ),
    ("still loading after {} s", "stadig under indlæsning efter {} s"),
    ("it is a download, not a page", "det er en fil til hentning, ikke en side"),
    (
        "it had not loaded after {seconds} seconds and was read as it was",
        "den var ikke indlæst efter {} sekunder og blev læst, som den stod",
    ),
    ("it did not load within {seconds} seconds", "den blev ikke indlæst inden for {} sekunder"),
    ("it does not answer", "den svarer ikke"),
    ("the proxy could not reach it", "proxyen kunne ikke nå den"),
    ("nothing answered", "intet svarede"),
    ("status {}", "svarkode {}"),
    ("the tab crashed", "fanen gik ned"),
    ("the page closed itself", "siden lukkede sig selv"),
    (
        "a form that sends to {action} wants a password; what lies behind was not seen",
        "en formular, der sender til {}, kræver adgangskode; det, der ligger bag, er ikke undersøgt",
    ),
    ("dialogs answered with OK: {}, the first {}", "dialoger besvaret med OK: {}, den første {}"),
    ("windows opened and closed: {}, the first {}", "vinduer åbnet og lukket: {}, det første {}"),
    ("downloads refused: {}, the first {}", "hentninger afvist: {}, den første {}"),
    (
        "the page could not be closed, so what it sends when left is unknown",
        "siden kunne ikke lukkes, så hvad den sender, når den forlades, er ukendt",
    ),
    ("the form that sends to {}: {why}", "formularen, der sender til {}: {}"),
    ("no test person may be used on this system", "ingen testperson må bruges på systemet"),
    (
        "more forms of its kind on one page than are filled",
        "flere formularer af samme slags på én side, end der udfyldes",
    ),
    ("it wants a password as well", "den kræver også adgangskode"),
    ("its field did not take the number", "feltet tog ikke imod nummeret"),
    (
        "the number was typed and not sent: the registry does not allow it",
        "nummeret blev tastet, men ikke sendt: registret tillader det ikke",
    ),
    ("it comes after more forms than are sent in a row", "den kommer efter flere formularer, end der sendes i træk"),
    ("{} more forms and fields than are read", "{} formularer og felter mere, end der læses"),
    (
        "it asks for no CPR number; only forms that do are sent, and the steps after them",
        "den beder ikke om personnummer; kun formularer, der gør, og trinene efter dem sendes",
    ),
    ("the browser would not send it, for its fields {}", "browseren ville ikke sende den på grund af felterne {}"),
    ("it was sent and came back, with the words: {words}", "den blev sendt og kom igen med ordene: {}"),
    ("it has no button that may be pressed", "den har ingen knap, der må trykkes på"),
    ("its button did not send it", "knappen sendte den ikke"),
    ("the page did not answer", "siden svarede ikke"),
    ("the site answered {}", "serveren svarede {}"),
    ("it sends visitors to {} to log in", "den sender besøgende til {} for at logge på"),
    ("its login form wants a password", "dens loginformular kræver adgangskode"),
    ("its login was not passed with the test person", "login lykkedes ikke med testpersonen"),
    (
        "it wants a login with a service that needs a person",
        "den kræver login med en tjeneste, der forudsætter en rigtig person",
    ),
    ("signed in again, and signed out again: {reason}", "logget ind igen og logget ud igen: {}"),
    ("it may have been seen signed out", "den kan være set uden login"),
    ("it was seen signed out", "den blev set uden login"),
    ("nobody logged in", "ingen loggede ind"),
    (
        "{refused} of the {} cookies handed over were refused by the browser",
        "{} af de {} overdragne cookies blev afvist af browseren",
    ),
    ("a person logged in by hand (--attended)", "en person loggede selv ind (--attended)"),
    (
        "until they were done, hosts outside the system got everything, and might send the browser back with an answer",
        "indtil de var færdige, fik værter uden for systemet alt og måtte sende browseren tilbage med et svar",
    ),
    // The proxy.
    (
        "{lost} came faster than they could be judged and were dropped, this one first",
        "{} kom hurtigere, end de kunne vurderes, og blev ikke gennemsøgt; denne var den første",
    ),
    ("something other than HTTP was passed on unread", "noget andet end HTTP blev sendt videre ulæst"),
    ("no certificate can be made for that name", "der kan ikke udstedes et certifikat til navnet"),
    ("it begins like TLS, and cannot be read as such", "det begynder som TLS, men kan ikke læses som det"),
    (
        "the client does not accept the proxy's certificate ({what}); pinned? add --passthrough {host} to let it through unread",
        "klienten accepterer ikke proxyens certifikat ({}); er det låst (pinning), så tilføj --passthrough {} for at slippe \
         den ulæst igennem",
    ),
    (
        "the client does not know the proxy's authority ({what}); have it trust that, or if it is pinned: --passthrough {host}",
        "klienten kender ikke proxyens udsteder ({}); gør den betroet, eller ved låst certifikat (pinning): --passthrough {}",
    ),
    ("passed through unread, as asked (--passthrough)", "sendt ulæst igennem, som ønsket (--passthrough)"),
    ("no secure connection: {why}", "ingen sikker forbindelse: {}"),
    (
        "{what}: it and the proxy have no cipher in common; its own may be unsafe ones (RSA key exchange, CBC)",
        "{}: serveren og proxyen har ingen kryptering til fælles; serverens kan være usikker (RSA-nøgleudveksling, CBC)",
    ),
    ("it refused with the TLS alert {}", "den afviste med TLS-beskeden {}"),
    (
        "it speaks only TLS before 1.2, which browsers refuse too; have it brought up to date",
        "den taler kun TLS ældre end 1.2, som browsere også afviser; få den opdateret",
    ),
    (
        "it wants a client certificate, and there is none for it ({why}); name one by --client-cert {host}=FILE",
        "serveren kræver et klientcertifikat, og der er intet til den ({}); angiv et med --client-cert {}=FIL",
    ),
    (
        "it does not accept the client certificate that --client-cert names for it ({why})",
        "serveren accepterer ikke det klientcertifikat, som --client-cert angiver til den ({})",
    ),
    (
        "{why}; it asked for a client certificate before: --client-cert {host}=FILE",
        "{}; forinden bad den om et klientcertifikat: --client-cert {}=FIL",
    ),
    (
        "the upstream proxy {proxy} cannot be used: {why}; check --upstream-proxy",
        "den foranstillede proxy {} kan ikke bruges: {}; se efter i --upstream-proxy",
    ),
    (
        "the upstream proxy {proxy} is this very proxy; name another by --upstream-proxy, or none",
        "den foranstillede proxy {} er denne proxy selv; angiv en anden med --upstream-proxy, eller ingen",
    ),
    (
        "the upstream proxy {proxy} does not let this site through ({said}); ask those who run it, or try --no-proxy HOST",
        "den foranstillede proxy {} tillader ikke serveren ({}); spørg dem, der driver den, eller prøv --no-proxy VÆRT",
    ),
    (
        "the upstream proxy {proxy} cannot reach it ({said}); if only this machine can: --no-proxy HOST",
        "den foranstillede proxy {} kan ikke nå serveren ({}); kan kun denne maskine: --no-proxy VÆRT",
    ),
    (
        "what the upstream proxy {proxy} says is not understood ({said}); is it a proxy of that kind?",
        "svaret fra den foranstillede proxy {} er ikke til at forstå ({}); er det en proxy af den slags?",
    ),
    ("the upstream proxy {proxy} did not answer in time", "den foranstillede proxy {} svarede ikke inden for fristen"),
    (
        "the upstream proxy {proxy} ended the connection instead of answering; is it a proxy of that kind?",
        "den foranstillede proxy {} afbrød forbindelsen i stedet for at svare; er det en proxy af den slags?",
    ),
    (
        "the upstream proxy {proxy} wants a login by {schemes}, which is not spoken here; put one that does before it, such as cntlm or px",
        "den foranstillede proxy {} kræver login med {}, som ikke kan bruges her; sæt en imellem, der kan, såsom cntlm eller px",
    ),
    (
        "the upstream proxy {proxy} does not accept the login that it was given",
        "den foranstillede proxy {} accepterer ikke det login, den fik",
    ),
    (
        "the upstream proxy {proxy} wants a login: name a file with USER:PASSWORD by --upstream-proxy-auth-file",
        "den foranstillede proxy {} kræver login: angiv en fil med BRUGER:KODE ved --upstream-proxy-auth-file",
    ),
    ("no name server knows it ({why})", "navnet findes ikke i DNS ({})"),
    ("nothing listens at that address (connection refused)", "intet svarer på adressen (forbindelse afvist)"),
    ("it cannot be reached (no connection in time)", "serveren kan ikke nås (ingen forbindelse inden for fristen)"),
    ("it cannot be reached ({why})", "serveren kan ikke nås ({})"),
    ("it did not answer in time", "serveren svarede ikke inden for fristen"),
    ("this run contacts nothing but this machine", "kørslen kontakter intet uden for denne maskine"),
    ("its certificate was refused: {why}", "serverens certifikat blev afvist: {}"),
    ("the connection broke off before an answer ({why})", "forbindelsen blev afbrudt før et svar ({})"),
    ("{up} bytes to the site, {down} bytes from it{open}", "{} byte til serveren, {} byte fra den{}"),
    (", still open", ", stadig åben"),
    ("its messages were not read: {why}", "dens beskeder blev ikke læst: {}"),
    ("from here on the messages to the site were not read: {why}", "herfra blev beskederne til serveren ikke læst: {}"),
    (
        "from here on the messages from the site were not read: {why}",
        "herfra blev beskederne fra serveren ikke læst: {}",
    ),
    (
        "messages to the site that {why}: {count}; of the first, {kept} of {length} bytes were read",
        "beskeder til serveren, {}: {}; af den første blev {} af {} byte læst",
    ),
    ("found no memory", "som der ikke var hukommelse til"),
    ("were longer than is kept", "som var længere end det, der gemmes"),
    (
        "both sides agreed on `{name}`, which is not known here",
        "begge sider blev enige om `{}`, som værktøjet ikke kender",
    ),
    ("a frame has bits set that nobody agreed on", "en ramme bruger bits, som ingen har aftalt"),
    ("a frame is of an unknown kind", "en ramme er af ukendt slags"),
    (
        "a frame is masked, or is not, where it must be otherwise",
        "en ramme er maskeret, hvor den ikke må være det, eller omvendt",
    ),
    ("a frame says that it is longer than can be", "en ramme siger, at den er længere, end noget kan være"),
    ("a control frame is too long or in pieces", "en kontrolramme er for lang eller delt"),
    (
        "a message begins within another, or goes on without having begun",
        "en besked begynder inde i en anden eller fortsætter uden at være begyndt",
    ),
    ("a message cannot be decompressed", "en besked kan ikke pakkes ud"),
    (
        "its messages decompress to far more than was sent",
        "dens beskeder fylder udpakket langt mere end det, der blev sendt",
    ),
    ("too many compressed WebSockets are open at once", "for mange komprimerede WebSockets er åbne på én gang"),
    (
        "the WebSocket broke off within a message to the site",
        "WebSocket-forbindelsen blev afbrudt midt i en besked til serveren",
    ),
    ("it offered HTTP/3, and the client was not told", "serveren tilbød HTTP/3, og klienten fik det ikke at vide"),
    ("it has expired", "det er udløbet"),
    ("it is made by an authority that is not trusted here", "udstederen er ikke betroet her"),
    (
        "stopped: its body is longer than the {cap} bytes that can be judged before they leave",
        "standset: indholdet er længere end de {} byte, der kan bedømmes, før de sendes",
    ),
    (
        "stopped: its body did not end within {seconds} seconds, so it could not be judged",
        "standset: indholdet sluttede ikke inden for {} sekunder og kunne ikke bedømmes",
    ),
    (
        "it might have changed something, so it was judged and not sent on",
        "den kunne have ændret noget og blev derfor bedømt og ikke sendt videre",
    ),
    ("it was judged and answered here, and not sent on", "den blev bedømt og besvaret her og ikke sendt videre"),
    ("stopped: the client broke off before all of it was there", "standset: klienten afbrød, før det hele var der"),
    ("stopped: it could not be judged in time", "standset: den kunne ikke bedømmes i tide"),
    (
        "nothing that came through the proxy belongs to the site under test or to a declared system",
        "intet af det, der kom gennem proxyen, hører til det undersøgte domæne eller et system i registret",
    ),
    // What stood in the whole run.
    (
        "answers that set no Referrer-Policy were given no-referrer-when-downgrade, as browsers did before 2020",
        "svar uden Referrer-Policy fik no-referrer-when-downgrade, som browsere gjorde før 2020",
    ),
    (
        "what is marked simulated does not happen in today's browsers, unless the page itself asks for it",
        "det, der er mærket simuleret, sker ikke i nutidens browsere, medmindre siden selv beder om det",
    ),
    (
        "requests to third parties that carried a CPR number were stopped (--block third-party-cpr)",
        "forespørgsler til andre, der bar et personnummer, blev standset (--block third-party-cpr)",
    ),
    (
        "what pages do when such a request succeeds was not seen; their scripts see a network error",
        "hvad siderne gør, når sådan en forespørgsel lykkes, er ikke set; deres scripts ser en netværksfejl",
    ),
    (
        "digests of undeclared numbers and messages of open WebSockets are not stopped",
        "hashværdier af numre, der ikke er oplyst, og beskeder på åbne WebSockets standses ikke",
    ),
    // The detector and the reading of files.
    ("{} of {} bytes were recorded", "{} af {} byte blev optaget"),
    ("a body of {} bytes is not in the recording", "et indhold på {} byte mangler i optagelsen"),
    (
        "{} bytes that are neither text nor in an encoding known here",
        "{} byte, der hverken er tekst eller i en kendt kodning",
    ),
    (
        "the canary sent this way was not found: the run is void",
        "testnummeret, der blev sendt ad denne vej, blev ikke fundet: kørslen er ugyldig",
    ),
    // Journeys.
    (
        "step {number} ({kind}{at}) of the journey {journey}: {why}; on the page: {seen}",
        "trin {} ({}{}) i brugerforløbet {}: {}; på siden stod: {}",
    ),
    (
        "title {title}; headings {headings}; {fields} fields, {buttons} buttons, {links} links",
        "titel {}; overskrifter {}; {} felter, {} knapper, {} links",
    ),
    ("title {title}; {fields} fields, {buttons} buttons, {links} links", "titel {}; {} felter, {} knapper, {} links"),
    ("it led to {url} and not to {recorded}", "det førte til {} og ikke til {}"),
    ("it did not lead to {recorded}", "det førte ikke til {}"),
    ("the page it leads to did not load", "siden, det fører til, blev ikke indlæst"),
    ("no element matches within {within} ms", "intet element passer inden for {} ms"),
    (
        "{found} elements match within {within} ms, and none is visible",
        "{} elementer passer inden for {} ms, og ingen af dem er synlige",
    ),
    (
        "{seen} elements match within {within} ms, and none is enabled",
        "{} elementer passer inden for {} ms, og ingen af dem er slået til",
    ),
    ("its expression does not hold within {} ms", "udtrykket er ikke opfyldt inden for {} ms"),
    ("its list has no such choice", "listen har ikke det valg"),
    ("its field cannot be changed", "feltet kan ikke ændres"),
    ("the tab was closed by an earlier step", "fanen blev lukket af et tidligere trin"),
    ("the browser was lost on it and started anew: {reason}", "browseren gik tabt undervejs og blev startet igen: {}"),
    ("the browser was lost on it", "browseren gik tabt undervejs"),
    (
        "the browser was started anew with its cookies; what pages had stored besides was lost",
        "browseren blev startet på ny med sine cookies; hvad sider ellers havde gemt, gik tabt",
    ),
    ("there is no frame {}", "der er ingen ramme {}"),
    ("no window with {url} was opened", "der blev ikke åbnet et vindue med {}"),
    (
        "{halves} halves of a character, as JavaScript writes them, were read as U+FFFD",
        "{} halve tegn, som JavaScript skriver dem, blev læst som U+FFFD",
    ),
    ("compressed with gzip; unpack it first", "komprimeret med gzip; pak filen ud først"),
    (
        "the messages of its WebSocket are not in the recording",
        "WebSocket-forbindelsens beskeder er ikke med i optagelsen",
    ),
    ("a message of its WebSocket is not in the recording", "en WebSocket-besked mangler i optagelsen"),
    (
        "a message of its WebSocket is of an unknown kind and was read as it stands",
        "en WebSocket-besked er af ukendt slags og blev læst, som den står",
    ),
    (
        "a message of its WebSocket should be base64 and is not; it was read as it stands",
        "en WebSocket-besked skulle være base64, men er det ikke; den blev læst, som den står",
    ),
];
