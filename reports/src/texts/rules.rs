//! What each rule is about: its name in a table, and why it matters.

use model::Rule;

use crate::lang::Text;
use crate::texts::page_rules;

/// A rule in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleText {
    /// Its name, without full stop.
    pub(crate) name: Text,
    /// Why it matters.
    pub(crate) why: Text,
}

pub(crate) fn rule(rule: Rule) -> RuleText {
    match rule {
        Rule::CprInUrl => RuleText {
            name: Text {
                da: "Personnummer i systemets egen adresse",
                en: "Personal number in the system's own address",
            },
            why: Text {
                da: "En adresse er ikke fortrolig: den gemmes i browserens historik og i serverens logfiler, den kan \
                     deles og bogmærkes, og browseren giver den videre til andre. Derfor er dette den egentlige årsag \
                     til de fleste læk.",
                en: "An address is not confidential: it is kept in the browser's history and the server's logs, it is \
                     shared and bookmarked, and the browser passes it on to others. This is the root cause of most \
                     leaks.",
            },
        },
        Rule::CprInReferer => RuleText {
            name: Text { da: "Personnummer i Referer-headeren", en: "Personal number in the Referer header" },
            why: Text {
                da: "Ingen behøver at have bedt om det, og intet på siden viser det: browseren giver selv adressen \
                     videre, medmindre systemet forbyder det.",
                en: "Nobody need have asked for it, and nothing on the page shows it: the browser passes the address on \
                     by itself unless the system forbids it.",
            },
        },
        Rule::CprInThirdPartyRequest => RuleText {
            name: Text { da: "Personnummer sendt til tredjepart", en: "Personal number sent to a third party" },
            why: Text {
                da: "Forespørgslen selv bærer nummeret. Nummeret er dermed overført til modtageren, uanset om nogen \
                     dér læser det.",
                en: "The request itself carries the number. It is disclosed to the recipient, whether or not anybody \
                     there reads it.",
            },
        },
        Rule::CprInCleartext => RuleText {
            name: Text { da: "Personnummer sendt ukrypteret", en: "Personal number sent in clear text" },
            why: Text {
                da: "Uden kryptering kan alle, der kan aflytte forbindelsen, læse og ændre det, der sendes.",
                en: "Without encryption anybody on the way can read and change what is sent.",
            },
        },
        Rule::CprInRedirect => RuleText {
            name: Text { da: "Personnummer i en viderestilling", en: "Personal number in a redirect" },
            why: Text {
                da: "Serveren svarer med en adresse, der indeholder nummeret. Browseren går derhen, og så står det i \
                     adressen, i historikken og i det, der sendes videre.",
                en: "The server answers with an address that holds the number. The browser goes there, and then it \
                     stands in the address, in the history and in what is passed on.",
            },
        },
        Rule::CprInCookie => RuleText {
            name: Text { da: "Personnummer i en cookie", en: "Personal number in a cookie" },
            why: Text {
                da: "En cookie ligger på borgerens enhed og sendes med hver forespørgsel til domænet, også til \
                     underdomæner og logfiler, hvor nummeret ikke hører hjemme.",
                en: "A cookie lies on the citizen's machine and goes with every request to the domain, also to \
                     subdomains and logs where the number has no business.",
            },
        },
        Rule::CprInLog => RuleText {
            name: Text { da: "Personnummer i selve loggen", en: "Personal number in the log itself" },
            why: Text {
                da: "En log læses af mange flere end selve sagen, kopieres til sikkerhedskopier og samlesteder og gemmes \
                     længere end nogen har brug for. Nummeret er ikke nødvendigt dér (databeskyttelsesforordningens \
                     artikel 5, stk. 1, litra c og e, og artikel 32; databeskyttelseslovens § 11).",
                en: "A log is read by many more than the case itself, is copied to backups and to where logs are gathered, \
                     and is kept longer than anybody needs it. The number has no business there (GDPR, article 5(1)(c) \
                     and (e), and article 32; section 11 of the Danish Data Protection Act).",
            },
        },
        Rule::UnlistedRecipient => RuleText {
            name: Text { da: "Modtager, der ikke står i registret", en: "Recipient that is not on the list" },
            why: Text {
                da: "Modtageren får mindst borgerens IP-adresse og besked om, at siden bruges. Det er \
                     personoplysninger, og et script derfra kan læse alt på siden.",
                en: "The recipient gets at least the citizen's IP address and that the page is used. That is personal \
                     data, and a script from there can read everything on the page.",
            },
        },
        Rule::CprDigest => RuleText {
            name: Text { da: "Personnummer sendt som hashværdi", en: "Personal number sent as a digest" },
            why: Text {
                da: "En hashværdi uden nøgle er det samme som nummeret: der findes kun omkring 365 millioner mulige \
                     personnumre, og de kan alle prøves på få sekunder. Modtageren kan altså finde nummeret og genkende \
                     borgeren overalt, hvor den samme værdi optræder.",
                en: "A digest without a key is the number: there are only some 365 million possible personal numbers, \
                     and all can be tried in seconds. The recipient can find the number, and know the citizen again \
                     wherever the same value turns up.",
            },
        },
        Rule::SensitiveContextToThirdParty => RuleText {
            name: Text {
                da: "Følsom sammenhæng sendt til tredjepart", en: "Sensitive context sent to a third party"
            },
            why: Text {
                da: "Sidens adresse og titel siger i sig selv noget om borgeren. Sammen med IP-adresse og cookies kan \
                     modtageren knytte det til en bestemt person, også uden personnummer.",
                en: "The page's address and title say something about the citizen by themselves. With the IP address \
                     and cookies the recipient can tie it to one person, also without a personal number.",
            },
        },
        Rule::PersonTokenToThirdParty => RuleText {
            name: Text {
                da: "Fast værdi for én person sendt til tredjepart",
                en: "Stable value for one person sent to a third party",
            },
            why: Text {
                da: "Er værdien dannet af personnummeret med en nøgle, kan kun den, der har nøglen, finde nummeret, men \
                     modtageren kan genkende borgeren fra gang til gang. Det kan også være et tilfældigt id. \
                     Leverandøren bør oplyse, hvordan værdien bliver til.",
                en: "If the value is made from the personal number with a key, only whoever has the key can find the \
                     number, but the recipient can know the citizen again each time. It may also be a random id. The \
                     vendor should say how the value comes about.",
            },
        },
        Rule::CprInTitle
        | Rule::CprInStorage
        | Rule::CprInMailto
        | Rule::FormGetCpr
        | Rule::FormCleartext
        | Rule::FormBeforeLogin
        | Rule::FormExfiltration
        | Rule::CacheableCprPage
        | Rule::ReferrerPolicyExposesUrl
        | Rule::ReportingExposesUrl => page_rules::rule(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{said_in_both, said_sentence};

    #[test]
    fn every_rule_has_a_name_and_a_why() {
        for each in Rule::ALL {
            said_in_both(rule(each).name);
            said_sentence(rule(each).why);
        }
    }
}
