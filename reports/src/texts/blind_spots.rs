//! What could not be seen: for each kind its name, what it means for the result, and what to do about it.

use model::BlindSpotKind;

use super::{behind_the_proxy, in_logs, ways_in};
use crate::lang::Text;

/// A kind of blind spot in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlindSpotText {
    /// Its name, without full stop.
    pub(crate) title: Text,
    /// What it means for the result.
    pub(crate) meaning: Text,
    /// What to do to see it next time.
    pub(crate) action: Text,
}

pub(crate) fn blind_spot(kind: BlindSpotKind) -> BlindSpotText {
    match kind {
        BlindSpotKind::SelfTestMissed => BlindSpotText {
            title: Text { da: "Selvtesten fandt ikke et testnummer", en: "The self-test missed a canary" },
            meaning: Text {
                da: "Værktøjet fandt ikke det, det skulle finde. Kørslen er ugyldig: manglende fund siger intet, og fund \
                     må vises igen i en gyldig kørsel.",
                en: "The instrument did not see what it must. The run is void: the absence of findings says nothing, and \
                     findings must be shown again in a valid run.",
            },
            action: Text {
                da: "Kør »cprvagt doctor«, ret det, den peger på, og gentag kørslen.",
                en: "Run “cprvagt doctor”, mend what it points at, and repeat the run.",
            },
        },
        BlindSpotKind::LoginRequired => BlindSpotText {
            title: Text { da: "Siden kræver login", en: "The page requires a login" },
            meaning: Text {
                da: "Alt bag login er ikke undersøgt. Det er netop dér, borgerens oplysninger står.",
                en: "Everything behind the login is unseen. That is just where the citizen's data is.",
            },
            action: Text {
                da: "Optag et forløb gennem login med en oplyst testperson, og angiv det i registret (journeys), eller gå \
                     det igennem i hånden med »cprvagt proxy«.",
                en: "Record a journey through the login with a declared test person and name it in the registry \
                     (journeys), or walk it by hand with “cprvagt proxy”.",
            },
        },
        BlindSpotKind::MustVisitMissed => BlindSpotText {
            title: Text {
                da: "En side, der skal besøges, blev ikke nået", en: "A page that must be visited was not"
            },
            meaning: Text {
                da: "Siden skal ifølge registret besøges. Uden den er undersøgelsen ufuldstændig.",
                en: "The registry demands that the page is seen. Without it the audit is incomplete.",
            },
            action: Text {
                da: "Undersøg, om siden er flyttet, spærret eller kun kan nås gennem en formular, og ret \
                     adressen i »must_visit«.",
                en: "See whether the page was moved, is closed off or can only be reached through a form, and mend \
                     “must_visit” or the way to it.",
            },
        },
        BlindSpotKind::NothingSeen => behind_the_proxy::NOTHING_SEEN,
        BlindSpotKind::NothingThroughProxy => behind_the_proxy::NOTHING_THROUGH_PROXY,
        BlindSpotKind::CommandFailed => behind_the_proxy::COMMAND_FAILED,
        BlindSpotKind::RecordingPaused => behind_the_proxy::RECORDING_PAUSED,
        BlindSpotKind::SessionNotKept => behind_the_proxy::SESSION_NOT_KEPT,
        BlindSpotKind::PageFailed => BlindSpotText {
            title: Text { da: "Siden kunne ikke indlæses", en: "The page did not load" },
            meaning: Text {
                da: "Hvad siden ville have sendt, og til hvem, er ukendt.",
                en: "What the page would have sent, and to whom, is unknown.",
            },
            action: Text {
                da: "Prøv igen; fejler den fortsat, så spørg leverandøren, om den er i drift.",
                en: "Try again; if it still fails, ask the vendor whether it is in service.",
            },
        },
        BlindSpotKind::FormNotSubmitted => BlindSpotText {
            title: Text { da: "En formular blev ikke sendt", en: "A form was not sent" },
            meaning: Text {
                da: "Hvad der sker efter afsendelsen, er ikke undersøgt: den næste sides adresse, dens Referer og dens \
                     tredjeparter.",
                en: "What happens after sending is unseen: the next page's address, its Referer and its third parties.",
            },
            action: Text {
                da: "Formularer sendes kun i testmiljøer. Angiv testmiljøet i registret (environment = \"test\") \
                     sammen med en testperson.",
                en: "Forms are only sent in test environments. Declare the system's test environment in the registry \
                     (environment = \"test\") with a test person.",
            },
        },
        BlindSpotKind::JourneyNotRun => BlindSpotText {
            title: Text { da: "Et angivet brugerforløb blev ikke gennemført", en: "A declared journey was not run" },
            meaning: Text {
                da: "De trin, forløbet skulle gå igennem, er ikke undersøgt.",
                en: "The steps that the journey should go through were not examined.",
            },
            action: Text {
                da: "Se, hvad der afbrød undersøgelsen, og gentag den, eller gå forløbet igennem i hånden med »cprvagt \
                     proxy«.",
                en: "See what ended the audit before, and repeat it, or walk the journey by hand with “cprvagt proxy”.",
            },
        },
        BlindSpotKind::StepFailed => BlindSpotText {
            title: Text { da: "Et trin i et brugerforløb virkede ikke", en: "A step of a journey did not work" },
            meaning: Text {
                da: "Trinnene derefter er ikke gennemført, og det, der ligger bag dem, er ikke undersøgt.",
                en: "The steps after it were not made, and what lies behind them is unseen.",
            },
            action: Text {
                da: "Se, hvad der stod på siden i det trin, og optag forløbet igen, hvis siden er ændret.",
                en: "See what was on the page at that step, and record the journey anew if the page has changed.",
            },
        },
        BlindSpotKind::SessionLost => ways_in::SESSION_LOST,
        BlindSpotKind::ConsentNotReached => ways_in::CONSENT_NOT_REACHED,
        BlindSpotKind::HeldBack => BlindSpotText {
            title: Text {
                da: "En forespørgsel, der kunne ændre noget, blev holdt tilbage",
                en: "A request that could change something was held back",
            },
            meaning: Text {
                da: "Den blev bedømt, men ikke sendt til systemet. Hvad systemet ville have svaret, og hvad siden derefter \
                     ville have sendt, er ikke undersøgt.",
                en: "It was judged, but not sent to the system. What the system would have answered, and what the page would \
                     have sent then, is unseen.",
            },
            action: Text {
                da: "Undersøg systemets testmiljø (environment = \"test\"), eller tillad adressen i registret \
                     (allow_write), hvis den intet ændrer.",
                en: "Audit the system's test environment (environment = \"test\"), or allow the address in the registry \
                     (allow_write) if it changes nothing.",
            },
        },
        BlindSpotKind::StaticEngine => ways_in::STATIC_ENGINE,
        BlindSpotKind::RobotsObeyed => BlindSpotText {
            title: Text { da: "Sider blev sprunget over efter robots.txt", en: "Pages were left alone for robots.txt" },
            meaning: Text {
                da: "Webstedet beder automatiske besøgende om at holde sig fra dem. De er ikke undersøgt.",
                en: "The site asks automatic visitors to keep away from them. They were not examined.",
            },
            action: Text {
                da: "Har systemets ejer sagt ja til undersøgelsen, så angiv ejeren i registret (owner).",
                en: "If the owner of the system has agreed to the audit, declare the owner in the registry (owner).",
            },
        },
        BlindSpotKind::PagesLeftOut => BlindSpotText {
            title: Text { da: "Links blev ikke fulgt", en: "Links were left unvisited" },
            meaning: Text {
                da: "Grænsen for antal sider eller for gentagelser blev nået. Resten af siderne er ikke undersøgt.",
                en: "The limit on pages or on repetition was reached. The remaining pages are unseen.",
            },
            action: Text {
                da: "Hæv grænsen, eller skriv de vigtigste sider i registrets »must_visit«.",
                en: "Raise the limit, or name the most important pages in the registry's “must_visit”.",
            },
        },
        BlindSpotKind::PageRestless => BlindSpotText {
            title: Text {
                da: "En side blev forladt, mens den stadig arbejdede",
                en: "A page was left while it was still working",
            },
            meaning: Text {
                da: "Hvad siden sender senere, er ikke undersøgt.",
                en: "What the page sends later was not seen.",
            },
            action: Text {
                da: "Undersøg, hvad siden bliver ved med at hente, og gennemgå den i hånden gennem proxyen.",
                en: "See what the page keeps fetching, and go through it by hand behind the proxy.",
            },
        },
        BlindSpotKind::PageFactsLeftOut => BlindSpotText {
            title: Text { da: "Ikke alt på en side blev læst", en: "Not all of a page was read" },
            meaning: Text {
                da: "Siden har mere tekst eller gemmer mere i browseren, end der læses. Numre i resten er ikke set; det, der \
                     sendes fra siden, er set som ellers.",
                en: "The page has more text, or keeps more in the browser, than is read. Numbers in the rest were not \
                     seen; what is sent from the page was seen as ever.",
            },
            action: Text {
                da: "Se siden og browserens lager igennem i hånden.",
                en: "Look through the page and the browser's storage by hand.",
            },
        },
        BlindSpotKind::PageInterfered => BlindSpotText {
            title: Text { da: "Siden bad om noget undervejs", en: "The page asked for something on the way" },
            meaning: Text {
                da: "En dialog, en hentning eller et nyt vindue blev besvaret eller afvist, så siden kan have opført \
                     sig anderledes end for en borger.",
                en: "A dialogue, a download or a new window was answered or refused, so the page may have behaved \
                     otherwise than for a citizen.",
            },
            action: Text {
                da: "Gå siden igennem i hånden med »cprvagt proxy«.",
                en: "Walk the page by hand with “cprvagt proxy”.",
            },
        },
        BlindSpotKind::Interrupted => BlindSpotText {
            title: Text { da: "Undersøgelsen blev afbrudt", en: "The audit was stopped before its end" },
            meaning: Text {
                da: "Rapporten viser det, der var set indtil da. Resten er ikke undersøgt.",
                en: "The report shows what was seen until then. The rest is unseen.",
            },
            action: Text { da: "Gennemfør kørslen igen uden afbrydelse.", en: "Repeat the run to its end." },
        },
        BlindSpotKind::OthersUnseen => BlindSpotText {
            title: Text {
                da: "Hvad siderne sender til andre, kom ikke forbi",
                en: "What the pages send to others did not pass",
            },
            meaning: Text {
                da: "Siderne blev åbnet på en port, der står i stedet for systemet (»--reverse«). Forespørgsler til \
                     tredjeparter går uden om den og er ikke set.",
                en: "The pages were opened at a port that stands in for the system (“--reverse”). Requests to third \
                     parties go past it and were not seen.",
            },
            action: Text {
                da: "Indstil browseren til at bruge proxyen selv, og gå siderne igennem igen.",
                en: "Set the browser to use the proxy itself, and go through the pages again.",
            },
        },
        BlindSpotKind::HostUnreachable => BlindSpotText {
            title: Text { da: "En server svarede ikke", en: "A host could not be reached" },
            meaning: Text {
                da: "Der blev ikke oprettet forbindelse, så hvad serveren ville have fået tilsendt, er ukendt.",
                en: "No connection was made, so what the host would have been sent is unknown.",
            },
            action: Text {
                da: "Undersøg navneopslag, netværk og firewall fra den maskine, der undersøger.",
                en: "Check name resolution, network and firewall from the machine that audits.",
            },
        },
        BlindSpotKind::UpstreamRefused => BlindSpotText {
            title: Text {
                da: "En servers certifikat eller protokol blev afvist",
                en: "A host's certificate or protocol was refused",
            },
            meaning: Text {
                da: "Der blev ikke udvekslet data med serveren, så hvad den ville have fået, er ukendt. Borgerens \
                     browser kan møde samme fejl.",
                en: "The host was not spoken to, so what it would have got is unknown. A citizen's browser may meet \
                     the same fault.",
            },
            action: Text {
                da: "Få certifikatet rettet; bruger testmiljøet sin egen udsteder, så angiv den med --upstream-ca.",
                en: "Have the certificate mended; if the test environment has its own issuer, name it by \
                     --upstream-ca.",
            },
        },
        BlindSpotKind::ClientRefused => BlindSpotText {
            title: Text {
                da: "Klienten accepterede ikke undersøgelsens certifikat",
                en: "The client would not accept our certificate",
            },
            meaning: Text {
                da: "Forbindelsen blev afbrudt, før noget kunne læses. Certifikatet kan være låst (pinning).",
                en: "The connection ended before anything could be read. The certificate may be pinned.",
            },
            action: Text {
                da: "Installér undersøgelsens CA som betroet i klienten (»cprvagt ca«), eller brug en udgave uden \
                     låst certifikat.",
                en: "Trust the audit's CA in the client (“cprvagt ca”), or use a build without a pinned certificate.",
            },
        },
        BlindSpotKind::Passthrough => BlindSpotText {
            title: Text { da: "Forbindelser sendt ulæst igennem", en: "Passed through unread, as asked" },
            meaning: Text {
                da: "Kørslen blev bedt om ikke at læse, hvad der sendes til serveren (--passthrough). Om der stod \
                     personnumre i det, vides ikke.",
                en: "The run was told not to read what is sent to the host (--passthrough). Whether it held personal \
                     numbers is not known.",
            },
            action: Text {
                da: "Bed leverandøren redegøre for, hvad der sendes, eller brug en udgave uden låst certifikat.",
                en: "Ask the vendor to account for what is sent, or use a build without a pinned certificate.",
            },
        },
        BlindSpotKind::NotHttp => BlindSpotText {
            title: Text { da: "Trafik, der hverken er HTTP eller TLS", en: "Traffic that is neither HTTP nor TLS" },
            meaning: Text { da: "Den blev sendt videre ulæst.", en: "It was passed on unread." },
            action: Text {
                da: "Spørg leverandøren, hvad forbindelsen bruges til.",
                en: "Ask the vendor what the connection is for.",
            },
        },
        BlindSpotKind::WebsocketNotRead => BlindSpotText {
            title: Text {
                da: "En WebSocket blev ikke læst, eller kun delvis",
                en: "A WebSocket was not read, or only in part",
            },
            meaning: Text {
                da: "Beskeder blev sendt videre, uden at nogen så, om der stod personnumre i dem.",
                en: "Messages were passed on without anybody seeing whether they held personal numbers.",
            },
            action: Text {
                da: "Bed leverandøren redegøre for, hvad der sendes, eller slå forbindelsen fra under undersøgelsen.",
                en: "Ask the vendor to account for what is sent, or turn the connection off during the audit.",
            },
        },
        BlindSpotKind::ConnectionBroken => BlindSpotText {
            title: Text { da: "En forbindelse blev afbrudt", en: "A connection broke off half-way" },
            meaning: Text { da: "Kun begyndelsen er set.", en: "Only its beginning was seen." },
            action: Text {
                da: "Gentag kørslen; sker det igen samme sted, så spørg leverandøren.",
                en: "Repeat the run; if it happens again in the same place, ask the vendor.",
            },
        },
        BlindSpotKind::StoppedUnjudged => BlindSpotText {
            title: Text {
                da: "En forespørgsel blev standset uden at være bedømt",
                en: "A request was stopped without being judged",
            },
            meaning: Text {
                da: "Med »--block« sendes intet til andre, før det hele er gennemsøgt. Det kunne denne forespørgsel \
                     ikke blive, så den blev standset; om den bar et personnummer, vides kun for det, der blev læst.",
                en: "With “--block” nothing is sent to others before all of it was searched. This request could not \
                     be, so it was stopped; whether it carried a personal number is known only of what was read.",
            },
            action: Text {
                da: "Kør igen uden »--block«, så forespørgslen sendes og læses, mens den passerer.",
                en: "Run again without “--block”: the request is then sent, and read as it passes.",
            },
        },
        BlindSpotKind::BodyCut => BlindSpotText {
            title: Text { da: "Indholdet oversteg grænsen", en: "A body was longer than the cap" },
            meaning: Text {
                da: "Begyndelsen er læst; resten højst i stykker, så kodninger, der strækker sig over flere stykker, er \
                     ikke undersøgt.",
                en: "Its beginning was read; the rest at most in pieces, so that encodings which span pieces are unseen.",
            },
            action: Text {
                da: "Undersøg, hvad der sendes så meget af – det er ofte en fil eller en optagelse af skærmen.",
                en: "Look into what is sent in such amounts – often it is a file or a recording of the screen.",
            },
        },
        BlindSpotKind::BodyMissing => BlindSpotText {
            title: Text { da: "Indholdet mangler i optagelsen", en: "A body is not in the recording" },
            meaning: Text {
                da: "Der blev sendt noget, som optagelsen ikke gemte. Om der stod personnumre i det, vides ikke.",
                en: "Something was sent that the recording did not keep. Whether it held personal numbers is not known.",
            },
            action: Text {
                da: "Optag igen med indhold, eller undersøg med »cprvagt audit« eller »cprvagt proxy«.",
                en: "Record again with bodies, or use “cprvagt audit” or “cprvagt proxy”.",
            },
        },
        BlindSpotKind::DecodeLimit => BlindSpotText {
            title: Text { da: "En kodning blev ikke afkodet fuldt ud", en: "An encoding was not undone to the end" },
            meaning: Text {
                da: "Indholdet var kodet for dybt, fyldte for meget eller var i stykker. Det inderste er ikke undersøgt.",
                en: "The content was nested too deep, too large or broken. Its innermost part is unseen.",
            },
            action: Text {
                da: "Få leverandøren til at vise det samme indhold ukodet.",
                en: "Have the vendor show the same content without encoding.",
            },
        },
        BlindSpotKind::EncodingUnknown => BlindSpotText {
            title: Text { da: "Ukendt kodning", en: "An encoding that this version does not undo" },
            meaning: Text {
                da: "Indholdet blev gennemsøgt, som det stod, men ikke afkodet. Et nummer inden i det ville ikke \
                     være set.",
                en: "The content was searched as it stood, but not undone. A number inside it would not have been \
                     seen.",
            },
            action: Text {
                da: "Spørg leverandøren, hvad formatet er, og indberet det som et ønske til værktøjet.",
                en: "Ask the vendor what the format is, and report it as a wish for the tool.",
            },
        },
        BlindSpotKind::QueueOverflow => BlindSpotText {
            title: Text {
                da: "Trafikken kom hurtigere, end den kunne vurderes",
                en: "Traffic came faster than it could be judged",
            },
            meaning: Text {
                da: "Nogle forespørgsler eller stykker af lange forespørgsler blev talt, men ikke gennemsøgt.",
                en: "Some requests, or pieces of long ones, were counted, but not searched.",
            },
            action: Text {
                da: "Gentag kørslen på en hurtigere maskine eller med færre samtidige besøg.",
                en: "Repeat the run on a faster machine or with fewer visits at a time.",
            },
        },
        BlindSpotKind::InputBroken => BlindSpotText {
            title: Text { da: "Inddata kunne ikke læses", en: "Input could not be read" },
            meaning: Text {
                da: "Filen, eller en del af den, er beskadiget, ufuldstændig eller i et andet format. Ved stedet står, hvad der er sket med \
                     den del: om den mangler, er sprunget over eller er gennemsøgt som ren tekst.",
                en: "The file, or a part of it, is damaged, incomplete or in another format. Beside the place stands what became of that \
                     part: whether it is missing, was passed over, or was searched as plain text.",
            },
            action: Text {
                da: "Eksportér filen igen i fuld længde, og scan den forfra.",
                en: "Export the file again, whole, and scan it anew.",
            },
        },
        BlindSpotKind::SightingsNotListed => BlindSpotText {
            title: Text { da: "Flere observationer, end der kan gemmes", en: "More sightings than can be kept" },
            meaning: Text {
                da: "De overskydende er ikke talt med: fundenes antal er mindstetal, og fund kan mangle.",
                en: "Those beyond are not counted: the findings' numbers are the least there are, and findings may be missing.",
            },
            action: Text {
                da: "Del inddata op i mindre dele, og kør dem hver for sig.",
                en: "Split the input into smaller parts, and run each by itself.",
            },
        },
        BlindSpotKind::LogGap => in_logs::LOG_GAP,
        BlindSpotKind::DigestsNotTried => BlindSpotText {
            title: Text { da: "Hashværdier, der ikke blev prøvet", en: "Digests that were not tried" },
            meaning: Text {
                da: "Det vides ikke, om personnumre blev sendt som hashværdier, der kan føres tilbage til nummeret.",
                en: "It is not known whether personal numbers went out as digests that can be undone.",
            },
            action: Text {
                da: "Lad kørslen blive færdig, eller del inddata op i mindre dele.",
                en: "Let the run come to its end, or split the input into smaller parts.",
            },
        },
        BlindSpotKind::InitiatorUnknown => BlindSpotText {
            title: Text {
                da: "Det vides ikke, hvad der sendte nogle forespørgsler",
                en: "It is not known what sent some requests",
            },
            meaning: Text {
                da: "Forespørgslerne selv blev læst og bedømt. Kun hvilket script eller hvilken del af siden der sendte \
                     dem, mangler.",
                en: "The requests themselves were read and judged. Only which script or part of the page sent them is \
                     missing.",
            },
            action: Text {
                da: "Ingenting, medmindre et fund mangler oplysningen; kør så igen på en maskine med mindre at lave.",
                en: "Nothing, unless a finding lacks it; run again then on a machine with less to do.",
            },
        },
        BlindSpotKind::Sunk => BlindSpotText {
            title: Text {
                da: "Forespørgsler til tredjeparter blev besvaret her og ikke sendt",
                en: "Requests to third parties were answered here and not sent",
            },
            meaning: Text {
                da: "De blev bedømt som alle andre. Hvad modtageren ville have svaret, og hvad siden derefter ville have \
                     gjort, vides ikke.",
                en: "They were judged like all others. What the recipient would have answered, and what the page would \
                     have done then, is not known.",
            },
            action: Text {
                da: "Kør uden »--third-party sink«, hvis tredjeparterne må få trafikken fra testen.",
                en: "Run without “--third-party sink” where the third parties may get the test's traffic.",
            },
        },
        BlindSpotKind::SightingsCounted => in_logs::SIGHTINGS_COUNTED,
        BlindSpotKind::Http3Withheld => BlindSpotText {
            title: Text { da: "Tilbud om HTTP/3 blev holdt tilbage", en: "Offers of HTTP/3 were withheld" },
            meaning: Text {
                da: "Browseren blev på HTTP/1.1 og HTTP/2, hvor alt læses. Kun en klient, der kender HTTP/3 andetsteds \
                     fra, kunne gå uden om proxyen.",
                en: "The browser stayed with HTTP/1.1 and HTTP/2, where all is read. Only a client that knows of \
                     HTTP/3 from elsewhere could go around the proxy.",
            },
            action: Text {
                da: "Ingenting. Andre klienter skal bruge proxyen til alt og må ikke kunne sende UDP uden om den.",
                en: "Nothing. Other clients must use the proxy for everything, with no way around it by UDP.",
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{said_in_both, said_sentence};

    #[test]
    fn every_kind_says_what_it_means_and_what_to_do() {
        for kind in BlindSpotKind::ALL {
            let text = blind_spot(kind);
            said_in_both(text.title);
            said_sentence(text.meaning);
            said_sentence(text.action);
        }
    }
}
