//! The titles and stories of findings that are about a page itself, and of what is sent before a form is.

use model::{Finding, FormOfOrigin, Rule};

use crate::inert::Inert;
use crate::lang::{Lang, capitalised};
use crate::naming::who;

/// What a sentence is made of, in its language.
pub(crate) struct Words<'a> {
    /// `personal numbers`, by how sure it is.
    pub(crate) numbers: &'a str,
    /// `a personal number`, likewise.
    pub(crate) number: &'a str,
    /// `The page https://..`.
    pub(crate) the_page: &'a str,
    /// ` (“cpr”)`, or nothing.
    pub(crate) parameter: &'a str,
    /// `in the body of a request`.
    pub(crate) channel: &'a str,
    /// Whether nothing got there.
    pub(crate) tried: bool,
}

/// The title; `None` for the rules of what is sent.
pub(crate) fn title(finding: &Finding, words: &Words<'_>, lang: Lang) -> Option<String> {
    let many = capitalised(words.numbers);
    let form = form_named(finding.form.as_ref(), lang);
    let who = who(&finding.recipient);
    Some(match (finding.rule, lang) {
        (Rule::CprInTitle, Lang::Da) => format!("{many} står i sidens titel"),
        (Rule::CprInTitle, Lang::En) => format!("{many} stand in the page's title"),
        (Rule::CprInStorage, Lang::Da) => format!("{many} gemmes i browseren"),
        (Rule::CprInStorage, Lang::En) => format!("{many} are kept in the browser"),
        (Rule::CprInMailto, Lang::Da) => format!("{many} står i et mail-link"),
        (Rule::CprInMailto, Lang::En) => format!("{many} stand in a mail link"),
        (Rule::FormGetCpr, Lang::Da) => format!("{} sender personnummeret i adressen (GET)", capitalised(&form)),
        (Rule::FormGetCpr, Lang::En) => {
            format!("{} sends the personal number in the address (GET)", capitalised(&form))
        }
        (Rule::FormCleartext, Lang::Da) => format!("{} beder om personnummer uden kryptering", capitalised(&form)),
        (Rule::FormCleartext, Lang::En) => {
            format!("{} asks for a personal number without encryption", capitalised(&form))
        }
        (Rule::FormBeforeLogin, Lang::Da) => format!("{} beder om personnummer uden for login", capitalised(&form)),
        (Rule::FormBeforeLogin, Lang::En) => {
            format!("{} asks for a personal number outside the login", capitalised(&form))
        }
        (Rule::FormExfiltration, Lang::Da) if words.tried => {
            format!("Det indtastede blev forsøgt sendt til {who}, før formularen blev sendt")
        }
        (Rule::FormExfiltration, Lang::En) if words.tried => {
            format!("Tried to send what is typed to {who} before the form was sent")
        }
        (Rule::FormExfiltration, Lang::Da) => format!("Det indtastede sendes til {who}, før formularen sendes"),
        (Rule::FormExfiltration, Lang::En) => format!("What is typed goes to {who} before the form is sent"),
        (Rule::CacheableCprPage, Lang::Da) => format!("En side med {} må gemmes i browseren", words.numbers),
        (Rule::CacheableCprPage, Lang::En) => format!("A page with {} may be stored by the browser", words.numbers),
        (Rule::ReferrerPolicyExposesUrl, Lang::Da) => {
            format!("Siden giver sin adresse med {} videre til andre", words.numbers)
        }
        (Rule::ReferrerPolicyExposesUrl, Lang::En) => {
            format!("The page hands its address with {} on to others", words.numbers)
        }
        (Rule::ReportingExposesUrl, Lang::Da) => {
            format!("Browseren skal rapportere sidens adresse med {} til andre", words.numbers)
        }
        (Rule::ReportingExposesUrl, Lang::En) => {
            format!("The browser is to report the page's address with {} to others", words.numbers)
        }
        (
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
            | Rule::CprInLog,
            Lang::Da | Lang::En,
        ) => return None,
    })
}

/// What happened; `None` for the rules of what is sent.
pub(crate) fn happened(finding: &Finding, words: &Words<'_>, lang: Lang) -> Option<String> {
    let Words { number, the_page, parameter, channel, .. } = words;
    let form = form_named(finding.form.as_ref(), lang);
    let who = who(&finding.recipient);
    Some(match (finding.rule, lang) {
        (Rule::CprInTitle, Lang::Da) => format!("{the_page} har {number} i sin titel."),
        (Rule::CprInTitle, Lang::En) => format!("{the_page} has {number} in its title."),
        (Rule::CprInStorage, Lang::Da) => {
            format!("{the_page} gemmer {number} i browseren eller lægger det frem til scripts{parameter}.")
        }
        (Rule::CprInStorage, Lang::En) => {
            format!("{the_page} keeps {number} in the browser, or lays it out for scripts{parameter}.")
        }
        (Rule::CprInMailto, Lang::Da) => format!("{the_page} har et mail-link med {number}{parameter}."),
        (Rule::CprInMailto, Lang::En) => format!("{the_page} has a mail link with {number}{parameter}."),
        (Rule::FormGetCpr, Lang::Da) => {
            format!("{the_page}: {form} beder om et personnummer og sendes med metoden GET.")
        }
        (Rule::FormGetCpr, Lang::En) => {
            format!("{the_page}: {form} asks for a personal number and is sent by the method GET.")
        }
        (Rule::FormCleartext, Lang::Da) => {
            format!("{the_page}: {form} beder om et personnummer, og siden eller modtageradressen er http.")
        }
        (Rule::FormCleartext, Lang::En) => {
            format!("{the_page}: {form} asks for a personal number, and the page or the address it sends to is http.")
        }
        (Rule::FormBeforeLogin, Lang::Da) => {
            format!(
                "{the_page}: {form} beder om et personnummer, uden at nogen er logget ind, og systemet har et login."
            )
        }
        (Rule::FormBeforeLogin, Lang::En) => {
            format!("{the_page}: {form} asks for a personal number with nobody logged in, and the system has a login.")
        }
        (Rule::FormExfiltration, Lang::Da) if words.tried => format!(
            "{the_page} forsøgte at sende {who} {number}, der lige var tastet i {form}, {channel}{parameter}, før \
             formularen var sendt."
        ),
        (Rule::FormExfiltration, Lang::En) if words.tried => format!(
            "{the_page} tried to send {who} {number} that had just been typed into {form}, {channel}{parameter}, \
             before the form was sent."
        ),
        (Rule::FormExfiltration, Lang::Da) => format!(
            "{the_page} sendte {who} {number}, der lige var tastet i {form}, {channel}{parameter}, før formularen var \
             sendt."
        ),
        (Rule::FormExfiltration, Lang::En) => format!(
            "{the_page} sent {who} {number} that had just been typed into {form}, {channel}{parameter}, before the \
             form was sent."
        ),
        (Rule::CacheableCprPage, Lang::Da) => {
            format!(
                "{the_page} viser {number} eller har det i sin adresse, og svaret har ikke Cache-Control: no-store."
            )
        }
        (Rule::CacheableCprPage, Lang::En) => {
            format!("{the_page} shows {number} or has it in its address, and its answer lacks Cache-Control: no-store.")
        }
        (Rule::ReferrerPolicyExposesUrl, Lang::Da) => {
            format!(
                "{the_page} har {number} i sin adresse og en Referrer-Policy, der giver hele adressen videre{parameter}."
            )
        }
        (Rule::ReferrerPolicyExposesUrl, Lang::En) => {
            format!(
                "{the_page} has {number} in its address and a Referrer-Policy that hands the whole address on{parameter}."
            )
        }
        (Rule::ReportingExposesUrl, Lang::Da) => {
            format!(
                "{the_page} har {number} i sin adresse og beder browseren om at sende rapporter, hvori hele adressen står, \
                 til en anden{parameter}."
            )
        }
        (Rule::ReportingExposesUrl, Lang::En) => {
            format!(
                "{the_page} has {number} in its address and asks the browser to send reports, in which the whole address \
                 stands, to somebody else{parameter}."
            )
        }
        (
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
            | Rule::CprInLog,
            Lang::Da | Lang::En,
        ) => return None,
    })
}

/// `the form “login”`, with the field when both are known.
fn form_named(origin: Option<&FormOfOrigin>, lang: Lang) -> String {
    let Some(origin) = origin else {
        return match lang {
            Lang::Da => "en formular",
            Lang::En => "a form",
        }
        .to_owned();
    };
    let (form, field) = (Inert::from(&origin.form), Inert::from(&origin.field));
    match (field.is_empty(), lang) {
        (true, Lang::Da) => format!("formularen »{form}«"),
        (true, Lang::En) => format!("the form “{form}”"),
        (false, Lang::Da) => format!("feltet »{field}« i formularen »{form}«"),
        (false, Lang::En) => format!("the field “{field}” of the form “{form}”"),
    }
}
