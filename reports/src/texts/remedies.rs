//! How to mend: for each remedy what to do, how, and where it helps a line to copy.

use model::Remedy;

use crate::lang::Text;

/// A remedy in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RemedyText {
    /// What to do, in the imperative, without full stop.
    pub(crate) title: Text,
    /// How and why.
    pub(crate) how: Text,
    /// What to write, the same in every language and for every system.
    pub(crate) example: Option<&'static str>,
}

pub(crate) fn remedy(remedy: Remedy) -> RemedyText {
    match remedy {
        Remedy::KeepNumberInSession => RemedyText {
            title: Text {
                da: "Behold personnummeret på serveren, under borgerens session",
                en: "Keep the number on the server, under the citizen's session",
            },
            how: Text {
                da: "Adressér siderne med et id, der ikke siger noget om borgeren, og slå nummeret op i sessionen. \
                     Så er der intet i adressen, som kan følge med videre. Det fjerner årsagen; resten af listen \
                     begrænser følgerne.",
                en: "Address the pages by an id that says nothing about the citizen, and look the number up in the \
                     session. Then nothing in the address can travel on. This removes the cause; the rest of the \
                     list limits the consequences.",
            },
            example: None,
        },
        Remedy::PostInsteadOfGet => RemedyText {
            title: Text {
                da: "Send formularer, der beder om personnummer, med POST",
                en: "Send forms that ask for a number by POST",
            },
            how: Text {
                da: "En formular, der sendes med GET, skriver felterne i adressen. Med POST står de i forespørgslens \
                     indhold, som hverken gemmes i historik og logfiler eller sendes videre som Referer.",
                en: "A form sent by GET writes its fields into the address. With POST they stand in the body, which \
                     neither history nor logs keep, and which no Referer passes on.",
            },
            example: Some("<form method=\"post\" action=\"…\">"),
        },
        Remedy::RedirectWithoutNumber => RemedyText {
            title: Text {
                da: "Viderestil til en adresse uden personnummer",
                en: "Redirect to an address without the number",
            },
            how: Text {
                da: "Gem nummeret i sessionen, før der svares, og svar med 303 See Other til en adresse uden \
                     parametre (post/redirect/get).",
                en: "Keep the number in the session before answering, and answer 303 See Other to an address without \
                     parameters (post/redirect/get).",
            },
            example: Some("HTTP/1.1 303 See Other\nLocation: /…"),
        },
        Remedy::StrictReferrerPolicy => RemedyText {
            title: Text {
                da: "Sæt en stram Referrer-Policy på alle sider",
                en: "Set a strict Referrer-Policy on all pages",
            },
            how: Text {
                da: "Headeren får browseren til ikke at fortælle andre, hvilken adresse borgeren stod på. Brug \
                     same-origin eller no-referrer, og sæt den på serveren, så den også gælder fejlsider. Det stopper \
                     Referer, ikke scripts, der selv læser adressen.",
                en: "The header makes the browser keep the citizen's address from others. Use same-origin or \
                     no-referrer, and set it on the server so that error pages have it too. It stops Referer, not \
                     scripts that read the address themselves.",
            },
            example: Some("Referrer-Policy: same-origin"),
        },
        Remedy::SelfHostScripts => RemedyText {
            title: Text {
                da: "Læg scripts, skrifttyper og styles på systemets eget domæne",
                en: "Serve scripts, fonts and styles from the own site",
            },
            how: Text {
                da: "Det, der hentes fra systemet selv, giver ingen forespørgsel til andre, og så kan intet følge \
                     med. Fasthold det med en Content-Security-Policy (CSP), så en ny udgave ikke åbner for det igen.",
                en: "What is fetched from the system itself makes no request to others, so nothing can go along. Let \
                     a Content-Security-Policy hold it in place, so that no later release opens it again.",
            },
            example: Some("Content-Security-Policy: default-src 'self'"),
        },
        Remedy::ScrubTelemetry => RemedyText {
            title: Text {
                da: "Fjern personnummeret fra det, måleværktøjet får",
                en: "Take the number out of what the telemetry is handed",
            },
            how: Text {
                da: "Giv måleværktøjet en fast sideadresse og -titel i stedet for at lade det læse dem selv, og slå \
                     automatisk opsamling af links, formularer og fejl fra. Filtrér før afsendelse, ikke hos \
                     modtageren: da er nummeret allerede overført.",
                en: "Hand the telemetry a fixed page address and title instead of letting it read them, and turn off \
                     automatic capture of links, forms and errors. Filter before sending, not at the recipient's: \
                     by then the number has been transferred.",
            },
            example: None,
        },
        Remedy::RemoveThirdParty => RemedyText {
            title: Text {
                da: "Fjern tredjeparten fra sider bag login",
                en: "Remove the third party from pages behind login",
            },
            how: Text {
                da: "En selvbetjening kan sjældent begrunde, at andre får besked om den enkelte borgers besøg. Det, \
                     der ikke kaldes, kan ikke lække, heller ikke når tredjeparten ændrer sit script.",
                en: "A self-service can seldom justify that others learn of the single citizen's visit. What is not \
                     called cannot leak, not even when the third party changes its script.",
            },
            example: None,
        },
        Remedy::AgreementOrStop => RemedyText {
            title: Text {
                da: "Indgå en databehandleraftale – eller stop overførslen",
                en: "Make a processing agreement – or stop sending",
            },
            how: Text {
                da: "Den dataansvarlige skal have en databehandleraftale med modtageren, eller leverandøren skal have \
                     den og have fået modtageren godkendt som underdatabehandler (databeskyttelsesforordningen, \
                     artikel 28). Uden for EØS kræves også et overførselsgrundlag (kapitel V). Er modtageren i orden, \
                     skrives den i registret.",
                en: "The controller must have a processing agreement with the recipient, or the vendor must have one \
                     and have had the recipient approved as sub-processor (GDPR, article 28). Outside the EEA a \
                     transfer basis is needed too (chapter V). If the recipient is in order, enter it in the registry.",
            },
            example: None,
        },
        Remedy::AskRecipientToDelete => RemedyText {
            title: Text {
                da: "Bed modtageren slette det, den har fået, og få det bekræftet",
                en: "Ask the recipient to delete what it got, and have it confirmed",
            },
            how: Text {
                da: "Bed om skriftlig bekræftelse på, hvad der er slettet, hvornår, og om logfiler, sikkerhedskopier og \
                     underdatabehandlere er med. Bekræftelsen hører til sagen hos den dataansvarlige.",
                en: "Ask for written confirmation of what was deleted, when, and whether logs, backups and \
                     sub-processors are included. The confirmation belongs to the controller's case.",
            },
            example: None,
        },
        Remedy::HttpsOnly => RemedyText {
            title: Text { da: "Brug kun https, og fasthold det med HSTS", en: "Use https only, and hold it with HSTS" },
            how: Text {
                da: "Over http kan alle, der kan aflytte forbindelsen, læse med. Viderestil http til https uden at tage parametre med, \
                     og sæt Strict-Transport-Security, så browseren ikke forsøger http igen.",
                en: "Over http anybody on the way can read along. Redirect http to https without carrying parameters \
                     over, and set Strict-Transport-Security so that the browser never tries http again.",
            },
            example: Some("Strict-Transport-Security: max-age=31536000; includeSubDomains"),
        },
        Remedy::OpaqueCookie => RemedyText {
            title: Text {
                da: "Gem et tilfældigt sessions-id i cookien i stedet",
                en: "Keep an opaque session id in the cookie instead",
            },
            how: Text {
                da: "En cookie sendes med hver forespørgsel til domænet og gemmes på borgerens enhed. Lad den kun \
                     indeholde et tilfældigt id, og slå nummeret op på serveren.",
                en: "A cookie goes with every request to the domain and is kept on the citizen's machine. Let it hold \
                     a random id, and look the number up on the server.",
            },
            example: Some("Set-Cookie: __Host-session=…; Secure; HttpOnly; SameSite=Lax; Path=/"),
        },
        Remedy::NoDigests => RemedyText {
            title: Text {
                da: "Send ingen hashværdier af personnumre – brug et tilfældigt id",
                en: "Send no digests of personal numbers – use a random id",
            },
            how: Text {
                da: "En hashværdi uden nøgle er personnummeret, fordi alle 365 millioner mulige numre kan prøves på få \
                     sekunder. Et salt, der er ens for alle eller sendes med, ændrer ikke på det. Brug et tilfældigt id, \
                     som kun systemet selv kan slå op, eller en HMAC under en nøgle, der bliver på serveren og aldrig \
                     kommer i browseren.",
                en: "A digest without a key is the personal number, because all 365 million possible numbers can be \
                     tried in seconds. A salt that is the same for all, or is sent along, changes nothing. Use a random \
                     id that only the system itself can look up, or an HMAC under a key that stays on the server and \
                     never gets into the browser.",
            },
            example: None,
        },
        Remedy::NeutralTitles => RemedyText {
            title: Text {
                da: "Giv følsomme sider neutrale adresser og titler, og hold tredjeparter væk fra dem",
                en: "Give sensitive pages neutral addresses and titles, and keep third parties off them",
            },
            how: Text {
                da: "Skriv ikke emnet i adressen eller titlen på sider, hvor det siger noget om borgeren; brug et \
                     sagsnummer uden betydning eller et neutralt ord. Det bedste er, at siderne slet ikke kalder \
                     tredjeparter. Skal der måles, så giv måleværktøjet en fast adresse og titel.",
                en: "Keep the subject out of the address and title of pages where it says something about the citizen; \
                     use a case number without meaning or a neutral word. Best is that these pages call no third party \
                     at all. If there must be telemetry, hand it a fixed address and title.",
            },
            example: None,
        },
        Remedy::TitleWithoutNumber => RemedyText {
            title: Text { da: "Skriv ikke personnummeret i sidens titel", en: "Keep the number out of the title" },
            how: Text {
                da: "Brug en fast titel for sidetypen, fx »Din årsopgørelse«. Skal borgeren kunne kende siden, så vis \
                     navnet i selve siden.",
                en: "Use a fixed title for the kind of page, such as “Your annual statement”. If citizens must know \
                     whose page it is, show the name in the page itself.",
            },
            example: Some("<title>Din sag</title>"),
        },
        Remedy::NothingInBrowser => RemedyText {
            title: Text { da: "Gem intet om borgeren i browseren", en: "Keep nothing of the citizen in the browser" },
            how: Text {
                da: "Gem kladder og tilstand på serveren under sessionen, og lad browseren kun have et tilfældigt id. Læg \
                     aldrig personnumre i data layer. Skal noget gemmes lokalt, så ryd det ved log ud \
                     (Clear-Site-Data).",
                en: "Keep drafts and state on the server under the session, and let the browser have a random id only. \
                     Never put personal numbers into a data layer. If something must be kept locally, clear it at \
                     log-out (Clear-Site-Data).",
            },
            example: Some("Clear-Site-Data: \"cache\", \"cookies\", \"storage\""),
        },
        Remedy::MailWithoutNumber => RemedyText {
            title: Text {
                da: "Tag personnummeret ud af mail-links, og brug selvbetjeningens egne beskeder",
                en: "Take the number out of mail links, and use the self-service's own messages",
            },
            how: Text {
                da: "Henvis til en beskedfunktion bag login eller til Digital Post. Skal der være et mail-link, så lad emne \
                     og tekst være uden oplysninger om borgeren; et sagsnummer uden betydning er nok.",
                en: "Lead to a message function behind the login, or to Digital Post. If there must be a mail link, \
                     leave subject and text without data on the citizen; a case number without meaning is enough.",
            },
            example: None,
        },
        Remedy::NoStore => RemedyText {
            title: Text {
                da: "Send sider med personnumre med Cache-Control: no-store",
                en: "Serve pages with numbers with Cache-Control: no-store",
            },
            how: Text {
                da: "Sæt headeren på alle sider bag login og på svar på formularer. private og no-cache er ikke nok: med dem \
                     må browseren stadig gemme siden.",
                en: "Set the header on all pages behind the login and on answers to forms. private and no-cache are not \
                     enough: with them the browser may still keep the page.",
            },
            example: Some("Cache-Control: no-store"),
        },
        Remedy::AskBehindLogin => RemedyText {
            title: Text {
                da: "Spørg først om personnummeret bag login",
                en: "Ask for the number behind the login only",
            },
            how: Text {
                da: "Flyt formularen bag login, hvor nummeret allerede kendes. Må siden være åben, så spørg om et sagsnummer \
                     eller en kode, svar ens, hvad enten nummeret er kendt eller ej, og begræns antallet af forsøg.",
                en: "Move the form behind the login, where the number is known already. If the page must be open, ask for \
                     a case number or a code, answer alike whether or not the number is known, and limit the number of \
                     tries.",
            },
            example: None,
        },
        Remedy::NoScriptsOnForms => RemedyText {
            title: Text {
                da: "Fjern andres scripts fra sider med formularer",
                en: "Take scripts of others off pages with forms",
            },
            how: Text {
                da: "Optagelse af besøg, automatisk opsamling af felter og annoncescripts læser det, der tastes. Fjern dem \
                     fra sider, der beder om personnummer, og lad en Content-Security-Policy forbyde andre modtagere \
                     (connect-src).",
                en: "Session recording, automatic capture of fields and advertising scripts read what is typed. Take them \
                     off pages that ask for a number, and let a Content-Security-Policy forbid other recipients \
                     (connect-src).",
            },
            example: Some("Content-Security-Policy: script-src 'self'; connect-src 'self'"),
        },
        Remedy::OwnReports => RemedyText {
            title: Text {
                da: "Lad browserens rapporter gå til jeres egen server",
                en: "Let reports of browsers come to a server of your own",
            },
            how: Text {
                da: "Peg report-uri, Reporting-Endpoints og Report-To på en adresse i systemet selv, og fjern dér parametre og \
                     personnumre, før noget gives videre. Indtil da: tag headerne af sider, der har personnummer i adressen, \
                     og fjern NEL.",
                en: "Point report-uri, Reporting-Endpoints and Report-To at an address of the system itself, and take \
                     parameters and personal numbers out there before anything is handed on. Until then: take the headers \
                     off pages that have a number in their address, and remove NEL.",
            },
            example: Some("Reporting-Endpoints: default=\"/rapporter\""),
        },
        Remedy::LogWithoutNumber => RemedyText {
            title: Text {
                da: "Skriv ikke personnumre i loggen, og fjern dem, der står der",
                en: "Write no personal numbers to the log, and take out those that stand there",
            },
            how: Text {
                da: "Log et id for sessionen i stedet, og masker ti cifre i det program, der skriver linjen, før den skrives. \
                     Det, der allerede er skrevet, ligger også i sikkerhedskopier og hos dem, der samler logge: rens det \
                     med cprvagt redact, og slet originalerne. Sæt en frist for, hvor længe logge gemmes.",
                en: "Log an id of the session instead, and mask ten digits in the program that writes the line, before it \
                     is written. What is written already lies in backups and with those who gather logs too: clean it \
                     with cprvagt redact, and delete the originals. Set a time for which logs are kept.",
            },
            example: Some("cprvagt redact app.log --out app.clean.log"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{ALL_REMEDIES, said_in_both, said_sentence};

    #[test]
    fn every_remedy_says_what_and_how() {
        for way in ALL_REMEDIES {
            let text = remedy(way);
            said_in_both(text.title);
            said_sentence(text.how);
            assert!(text.example != Some(""));
        }
    }
}
