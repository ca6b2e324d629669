//! What each rule of pages is about: its name in a table, and why it matters. The rules of what is sent are in `rules`.

use model::Rule;

use crate::lang::Text;
use crate::texts::rules::{RuleText, rule as of_sent};

pub(crate) fn rule(rule: Rule) -> RuleText {
    match rule {
        Rule::CprInTitle => RuleText {
            name: Text { da: "Personnummer i en sides titel", en: "Personal number in a page's title" },
            why: Text {
                da: "Titlen står i browserens historik, i bogmærker og på delte skærme, og næsten alle måleværktøjer \
                     sender den med, hver gang siden vises.",
                en: "The title stands in the browser's history, in bookmarks and on shared screens, and nearly every \
                     telemetry sends it along each time the page is shown.",
            },
        },
        Rule::CprInStorage => RuleText {
            name: Text { da: "Personnummer gemt i browseren", en: "Personal number kept in the browser" },
            why: Text {
                da: "Det, en side gemmer i browseren, kan læses af alle scripts på siden, også andres, og bliver ofte \
                     liggende på maskinen, når borgeren er logget ud. Det gælder også det, der lægges frem til \
                     måleværktøjer (data layer).",
                en: "What a page keeps in the browser can be read by every script on it, those of others too, and often \
                     stays on the machine when the citizen has logged out. The same holds for what is laid out for \
                     telemetry (a data layer).",
            },
        },
        Rule::CprInMailto => RuleText {
            name: Text { da: "Personnummer i et mail-link", en: "Personal number in a mail link" },
            why: Text {
                da: "Mailen skrives i borgerens eget mailprogram og sendes uden om selvbetjeningen, som regel uden \
                     kryptering hele vejen. Nummeret bliver liggende hos begge parter.",
                en: "The mail is written in the citizen's own mail program and sent past the self-service, mostly not \
                     encrypted all the way. The number stays in the mailboxes of both sides.",
            },
        },
        Rule::FormGetCpr => RuleText {
            name: Text {
                da: "Formular, der sender personnummeret i adressen",
                en: "Form that sends the number in the address",
            },
            why: Text {
                da: "Med GET skriver browseren det indtastede i adressen på den næste side. Derfra når det historik, \
                     logfiler og Referer, og det er den egentlige årsag til de fleste læk.",
                en: "By GET the browser writes what was typed into the address of the next page. From there it reaches \
                     history, logs and Referer: the root cause of most leaks.",
            },
        },
        Rule::FormCleartext => RuleText {
            name: Text {
                da: "Formular med personnummer uden kryptering",
                en: "Form with a personal number without encryption",
            },
            why: Text {
                da: "Sendes formularen til en http-adresse, kan alle på vejen læse med. Er det siden selv, der hentes over \
                     http, kan alle på vejen ændre den, så nummeret sendes et andet sted hen.",
                en: "If the form is sent to an http address, anybody on the way can read along. If the page itself comes \
                     over http, anybody on the way can change it so that the number goes somewhere else.",
            },
        },
        Rule::FormBeforeLogin => RuleText {
            name: Text {
                da: "Personnummer efterspurgt uden for login",
                en: "Personal number asked for outside the login",
            },
            why: Text {
                da: "Når systemet har et login, behøver det sjældent at spørge om nummeret før. Uden login kan enhver \
                     taste enhvers nummer, svaret kan røbe, om nummeret er kendt, og siden er let at efterligne. Der kan \
                     være gode grunde, så det er et mildt fund.",
                en: "A system that has a login seldom needs to ask for the number before it. Without one anybody can type \
                     anybody's number, the answer may tell whether it is known, and the page is easily imitated. There \
                     may be good reasons, so this is a mild finding.",
            },
        },
        Rule::FormExfiltration => RuleText {
            name: Text {
                da: "Det indtastede sendes videre før afsendelse",
                en: "What is typed goes out before it is sent",
            },
            why: Text {
                da: "Et script på siden læser felterne, mens borgeren skriver, og sender dem til en anden, også hvis \
                     borgeren fortryder og aldrig sender formularen.",
                en: "A script on the page reads the fields while the citizen types and sends them to somebody else, even \
                     if the citizen thinks better of it and never sends the form.",
            },
        },
        Rule::CacheableCprPage => RuleText {
            name: Text {
                da: "Side med personnummer, der må gemmes",
                en: "Page with a personal number that may be stored",
            },
            why: Text {
                da: "Uden no-store må browseren gemme siden på maskinen, også en delt maskine, hvor den næste kan gå tilbage \
                     til den. Mellemled på vejen må også gemme den, hvis intet forbyder det.",
                en: "Without no-store the browser may keep the page on the machine, a shared one too, where the next \
                     person can go back to it. Proxies on the way may keep it too unless something forbids it.",
            },
        },
        Rule::ReferrerPolicyExposesUrl => RuleText {
            name: Text {
                da: "Referrer-Policy, der giver hele adressen videre",
                en: "Referrer-Policy that hands the whole address on",
            },
            why: Text {
                da: "Siden har et personnummer i sin adresse, og den beder browseren om at fortælle hele adressen til alle \
                     sider og tjenester, den henviser til eller henter fra. Uden den politik ville browseren kun nævne \
                     servernavnet.",
                en: "The page has a personal number in its address, and it asks the browser to tell the whole address to \
                     every site and service that it leads to or fetches from. Without that policy the browser would only \
                     name the host.",
            },
        },
        Rule::ReportingExposesUrl => RuleText {
            name: Text {
                da: "Browserens fejlrapporter går til andre, med hele adressen",
                en: "Reports of browsers go to others, with the whole address",
            },
            why: Text {
                da: "Siden har et personnummer i sin adresse, og den beder browseren om at rapportere brud på dens politikker, \
                     nedbrud eller netværksfejl til en anden. Hele sidens adresse står i hver rapport, uanset hvad sidens \
                     Referrer-Policy siger, og rapporten sendes, uden at borgeren gør noget.",
                en: "The page has a personal number in its address, and it asks the browser to report breaches of its \
                     policies, crashes or network errors to somebody else. The page's whole address stands in each \
                     report, whatever its Referrer-Policy says, and the report is sent without the citizen doing \
                     anything.",
            },
        },
        Rule::CprInUrl
        | Rule::CprInReferer
        | Rule::CprInThirdPartyRequest
        | Rule::CprInCleartext
        | Rule::CprInRedirect
        | Rule::CprInCookie
        | Rule::UnlistedRecipient
        | Rule::CprDigest
        | Rule::SensitiveContextToThirdParty
        | Rule::PersonTokenToThirdParty
        | Rule::CprInLog => of_sent(rule),
    }
}
