//! What a finding is about, told: its title, its story, and how often and how many.

use model::{Evidence, Finding, Rule, SeverityReason, Standing};

use crate::consent::said_no;
use crate::inert::Inert;
use crate::lang::{Counted, Lang, capitalised};
use crate::naming::who;
use crate::page_story::{self, Words};
use crate::summary::{is_possible, was_only_tried, was_stopped};
use crate::texts::rules::rule;
use crate::texts::{phrases as p, terms};

/// The line that says what is broken and who is concerned.
pub fn finding_title(finding: &Finding, lang: Lang) -> String {
    let who = who(&finding.recipient);
    let numbers = numbers(finding, lang);
    let many = capitalised(numbers);
    let channel = channel_phrase(finding, lang);
    let (tried, is_own) = (was_only_tried(finding), finding.recipient.standing == Standing::Own);
    let words = Words { numbers, number: "", the_page: "", parameter: "", channel, tried };
    match (finding.rule, lang) {
        (Rule::CprInUrl, Lang::Da) => format!("{many} står i systemets egne adresser"),
        (Rule::CprInUrl, Lang::En) => format!("{many} stand in the system's own addresses"),
        (Rule::CprInReferer, Lang::Da) if is_own => {
            format!("{many} står i Referer-headeren mellem systemets egne sider")
        }
        (Rule::CprInReferer, Lang::En) if is_own => {
            format!("{many} stand in the Referer header between the system's own pages")
        }
        (Rule::CprInReferer, Lang::Da) if tried => format!("{many} blev forsøgt sendt til {who} i Referer-headeren"),
        (Rule::CprInReferer, Lang::En) if tried => format!("Tried to send {numbers} to {who} in the Referer header"),
        (Rule::CprInReferer, Lang::Da) => format!("{many} sendes til {who} i Referer-headeren"),
        (Rule::CprInReferer, Lang::En) => format!("{many} reach {who} in the Referer header"),
        (Rule::CprInThirdPartyRequest, Lang::Da) if tried => format!("{many} blev forsøgt sendt til {who} {channel}"),
        (Rule::CprInThirdPartyRequest, Lang::En) if tried => format!("Tried to send {numbers} to {who} {channel}"),
        (Rule::CprInThirdPartyRequest, Lang::Da) => format!("{many} sendes til {who} {channel}"),
        (Rule::CprInThirdPartyRequest, Lang::En) => format!("{many} are sent to {who} {channel}"),
        (Rule::CprInCleartext, Lang::Da) if tried => format!("{many} blev forsøgt sendt ukrypteret til {who}"),
        (Rule::CprInCleartext, Lang::En) if tried => format!("Tried to send {numbers} unencrypted to {who}"),
        (Rule::CprInCleartext, Lang::Da) => format!("{many} sendes ukrypteret til {who}"),
        (Rule::CprInCleartext, Lang::En) => format!("{many} go unencrypted to {who}"),
        (Rule::CprInRedirect, Lang::Da) => format!("{many} står i en adresse, som systemet viderestiller til"),
        (Rule::CprInRedirect, Lang::En) => format!("{many} stand in an address that the system redirects to"),
        (Rule::CprInCookie, Lang::Da) => format!("{many} gemmes i en cookie"),
        (Rule::CprInCookie, Lang::En) => format!("{many} are kept in a cookie"),
        (Rule::CprInLog, Lang::Da) => format!("{many} står i selve loggen"),
        (Rule::CprInLog, Lang::En) => format!("{many} stand in the log itself"),
        (Rule::UnlistedRecipient, Lang::Da) => format!("{who} kontaktes og står ikke i registret over modtagere"),
        (Rule::UnlistedRecipient, Lang::En) => format!("{who} is contacted and is not on the list of recipients"),
        (Rule::CprDigest, Lang::Da) if tried => {
            format!("{many} blev forsøgt sendt som hashværdier til {who} {channel}")
        }
        (Rule::CprDigest, Lang::En) if tried => format!("Tried to send {numbers} as digests to {who} {channel}"),
        (Rule::CprDigest, Lang::Da) => format!("{many} sendes som hashværdier til {who} {channel}"),
        (Rule::CprDigest, Lang::En) => format!("{many} are sent as digests to {who} {channel}"),
        (Rule::SensitiveContextToThirdParty, Lang::Da) => {
            format!("{who} får adresse eller titel på sider om {}", matter(finding, lang))
        }
        (Rule::SensitiveContextToThirdParty, Lang::En) => {
            format!("{who} gets the address or title of pages on {}", matter(finding, lang))
        }
        (Rule::PersonTokenToThirdParty, Lang::Da) => {
            format!("{who} får en fast værdi, der kan stå for én bestemt person")
        }
        (Rule::PersonTokenToThirdParty, Lang::En) => {
            format!("{who} gets a stable value that may stand for one person")
        }
        (
            Rule::CprInTitle
            | Rule::CprInStorage
            | Rule::CprInMailto
            | Rule::FormGetCpr
            | Rule::FormCleartext
            | Rule::FormBeforeLogin
            | Rule::FormExfiltration
            | Rule::CacheableCprPage
            | Rule::ReferrerPolicyExposesUrl
            | Rule::ReportingExposesUrl,
            Lang::Da | Lang::En,
        ) => page_story::title(finding, &words, lang).unwrap_or_default(),
    }
}

pub(crate) fn story(finding: &Finding, lang: Lang) -> String {
    let happened = happened(finding, lang);
    // What never got there was disclosed to nobody; the rule's own words would say that it was.
    let goes_out = match finding.rule {
        Rule::CprInReferer
        | Rule::CprInThirdPartyRequest
        | Rule::CprInCleartext
        | Rule::CprDigest
        | Rule::FormExfiltration => true,
        Rule::CprInUrl
        | Rule::CprInRedirect
        | Rule::CprInCookie
        | Rule::UnlistedRecipient
        | Rule::SensitiveContextToThirdParty
        | Rule::PersonTokenToThirdParty
        | Rule::CprInTitle
        | Rule::CprInStorage
        | Rule::CprInMailto
        | Rule::FormGetCpr
        | Rule::FormCleartext
        | Rule::FormBeforeLogin
        | Rule::CacheableCprPage
        | Rule::ReferrerPolicyExposesUrl
        | Rule::ReportingExposesUrl
        | Rule::CprInLog => false,
    };
    if goes_out && was_only_tried(finding) {
        let why = if was_stopped(finding) { p::WHY_STOPPED } else { p::WHY_TRIED };
        return format!("{happened} {}", why.to(lang));
    }
    // What a number does to whom is not said of what may be none.
    let why = if is_possible(finding) { p::WHY_POSSIBLE.to(lang) } else { rule(finding.rule).why.to(lang) };
    let lost = undelivered(finding, lang).map(|text| format!(" {}.", capitalised(&text))).unwrap_or_default();
    let in_spite = said_no(finding, lang).map(|sentence| format!(" {sentence}")).unwrap_or_default();
    format!("{happened}{in_spite} {why}{lost}")
}

/// `41 times; 1 person, a test person`: always both numbers, and how many got nowhere.
pub(crate) fn counts(finding: &Finding, lang: Lang) -> String {
    if finding.evidence.is_none() {
        return p::NO_NUMBER_SEEN.to(lang).to_owned();
    }
    let times = times(finding).of(finding.transmissions, lang);
    let persons = p::DISTINCT_PERSONS.of(finding.persons, lang);
    let lost = undelivered(finding, lang).map(|text| format!("; {text}")).unwrap_or_default();
    format!("{times}, {persons} ({}){lost}", test_persons(finding, lang))
}

/// What is counted of it: a page that has a number is seen, and sends nothing for that.
pub(crate) fn times(finding: &Finding) -> Counted {
    match finding.rule {
        Rule::CprInLog => p::LOG_LINES,
        rule if rule.is_of_page() => p::PAGES_SEEN,
        _ => p::TRANSMISSIONS,
    }
}

/// How many of the transmissions got nowhere; `None` when all got there.
pub(crate) fn undelivered(finding: &Finding, lang: Lang) -> Option<String> {
    if finding.blocked > 0 {
        return Some(stopped(finding, lang));
    }
    let (lost, all) = (lang.number(finding.undelivered), finding.undelivered >= finding.transmissions);
    match (finding.undelivered, all, lang) {
        (0, _, _) => None,
        (_, true, Lang::Da) => Some("ingen af dem nåede frem: der blev ikke oprettet forbindelse".to_owned()),
        (_, true, Lang::En) => Some("none of them got there: no connection was made".to_owned()),
        (_, false, Lang::Da) => {
            Some(format!("{lost} af overførslerne nåede ikke frem: der blev ikke oprettet forbindelse"))
        }
        (_, false, Lang::En) => Some(format!("{lost} of the transmissions did not get there: no connection was made")),
    }
}

/// How many we stopped, and how many got nowhere beside them.
fn stopped(finding: &Finding, lang: Lang) -> String {
    let (count, all) = (lang.number(finding.blocked), finding.blocked >= finding.transmissions);
    let stopped = match (all, lang) {
        (true, Lang::Da) => "ingen af dem nåede frem: cprvagt standsede dem, før de blev sendt".to_owned(),
        (true, Lang::En) => "none of them got there: cprvagt stopped them before they left".to_owned(),
        (false, Lang::Da) => format!("{count} af overførslerne standsede cprvagt, før de blev sendt"),
        (false, Lang::En) => format!("{count} of the transmissions were stopped by cprvagt before they left"),
    };
    let rest = finding.undelivered.saturating_sub(finding.blocked);
    match (rest, lang) {
        (0, Lang::Da | Lang::En) => stopped,
        (_, Lang::Da) => format!("{stopped}; {} nåede ikke frem uden forbindelse", lang.number(rest)),
        (_, Lang::En) => format!("{stopped}; {} did not get there for want of a connection", lang.number(rest)),
    }
}

/// How many of the persons are test persons, for a place beside their number.
pub(crate) fn test_persons(finding: &Finding, lang: Lang) -> String {
    match (finding.test_persons, lang) {
        (0, Lang::Da) if finding.persons == 1 => "ikke en testperson".to_owned(),
        (0, Lang::En) if finding.persons == 1 => "no test person".to_owned(),
        (0, Lang::Da) => "heraf ingen testpersoner".to_owned(),
        (0, Lang::En) => "none of them a test person".to_owned(),
        (all, Lang::Da) if all == finding.persons => {
            if all == 1 { "testperson" } else { "alle testpersoner" }.to_owned()
        }
        (all, Lang::En) if all == finding.persons => {
            if all == 1 { "a test person" } else { "all test persons" }.to_owned()
        }
        (some, Lang::Da) => format!("heraf {}", p::TEST_PERSONS_COUNTED.of(some, lang)),
        (some, Lang::En) => format!("of these {}", p::TEST_PERSONS_COUNTED.of(some, lang)),
    }
}

fn happened(finding: &Finding, lang: Lang) -> String {
    let page = Inert::from(&finding.page);
    let the_page = match (page.is_empty(), lang) {
        (true, Lang::Da | Lang::En) => p::A_PAGE.to(lang).to_owned(),
        (false, Lang::Da) => format!("Siden {page}"),
        (false, Lang::En) => format!("The page {page}"),
    };
    let parameter = in_parameter(finding, lang);
    let (who, number, channel) = (who(&finding.recipient), a_number(finding, lang), channel_phrase(finding, lang));
    let (tried, is_own) = (was_only_tried(finding), finding.recipient.standing == Standing::Own);
    // Of a log, what stands for the request is its name.
    let log = Inert::from(&finding.request);
    let words = Words { numbers: "", number, the_page: &the_page, parameter: &parameter, channel, tried };
    match (finding.rule, lang) {
        (Rule::CprInUrl, Lang::Da) => format!("{the_page} har {number} i sin adresse{parameter}."),
        (Rule::CprInUrl, Lang::En) => format!("{the_page} has {number} in its address{parameter}."),
        (Rule::CprInReferer, Lang::Da) if is_own => format!(
            "{the_page} hentede noget fra systemet selv, og browseren sendte sidens hele adresse med i \
             Referer-headeren, og dermed {number}{parameter}."
        ),
        (Rule::CprInReferer, Lang::En) if is_own => format!(
            "{the_page} fetched something from the system itself, and the browser sent the page's whole address along \
             in the Referer header, and with it {number}{parameter}."
        ),
        (Rule::CprInReferer, Lang::Da) if tried => format!(
            "{the_page} forsøgte at hente noget fra {who}. Browseren ville have sendt sidens hele adresse med i \
             Referer-headeren, og dermed {number}{parameter}."
        ),
        (Rule::CprInReferer, Lang::En) if tried => format!(
            "{the_page} tried to fetch something from {who}. The browser would have sent the page's whole address \
             along in the Referer header, and with it {number}{parameter}."
        ),
        (Rule::CprInReferer, Lang::Da) => format!(
            "{the_page} hentede noget fra {who}. Browseren sendte sidens hele adresse med i Referer-headeren, og dermed \
             {number}{parameter}."
        ),
        (Rule::CprInReferer, Lang::En) => format!(
            "{the_page} fetched something from {who}. The browser sent the page's whole address along in the Referer \
             header, and with it {number}{parameter}."
        ),
        (Rule::CprInThirdPartyRequest, Lang::Da) if tried => {
            format!("{the_page} forsøgte at sende {who} en forespørgsel med {number} {channel}{parameter}.")
        }
        (Rule::CprInThirdPartyRequest, Lang::En) if tried => {
            format!("{the_page} tried to send {who} a request with {number} {channel}{parameter}.")
        }
        (Rule::CprInThirdPartyRequest, Lang::Da) => {
            format!("{the_page} sendte {who} en forespørgsel med {number} {channel}{parameter}.")
        }
        (Rule::CprInThirdPartyRequest, Lang::En) => {
            format!("{the_page} sent {who} a request with {number} {channel}{parameter}.")
        }
        (Rule::CprInCleartext, Lang::Da) if tried => {
            format!("{the_page} forsøgte at sende {number} til {who} uden kryptering, {channel}{parameter}.")
        }
        (Rule::CprInCleartext, Lang::En) if tried => {
            format!("{the_page} tried to send {number} to {who} without encryption, {channel}{parameter}.")
        }
        (Rule::CprInCleartext, Lang::Da) => {
            format!("{the_page} sendte {number} til {who} uden kryptering, {channel}{parameter}.")
        }
        (Rule::CprInCleartext, Lang::En) => {
            format!("{the_page} sent {number} to {who} without encryption, {channel}{parameter}.")
        }
        (Rule::CprInRedirect, Lang::Da) => {
            format!("{the_page} førte til et svar, der viderestiller til en adresse med {number}{parameter}.")
        }
        (Rule::CprInRedirect, Lang::En) => {
            format!("{the_page} led to an answer that redirects to an address with {number}{parameter}.")
        }
        (Rule::CprInCookie, Lang::Da) => format!("{the_page} gemmer {number} i en cookie{parameter}."),
        (Rule::CprInCookie, Lang::En) => format!("{the_page} keeps {number} in a cookie{parameter}."),
        (Rule::CprInLog, Lang::Da) => {
            format!("Loggen {log} har {number} i et af sine egne felter eller i en linje tekst{parameter}.")
        }
        (Rule::CprInLog, Lang::En) => {
            format!("The log {log} has {number} in a field of its own or in a line of text{parameter}.")
        }
        (Rule::UnlistedRecipient, Lang::Da) => {
            format!("{the_page} kontaktede {who}. Der er ikke set noget personnummer i det, der blev sendt.")
        }
        (Rule::UnlistedRecipient, Lang::En) => {
            format!("{the_page} contacted {who}. No personal number was seen in what was sent.")
        }
        (Rule::CprDigest, Lang::Da) if tried => {
            format!(
                "{the_page} forsøgte at sende {who} en forespørgsel med {number} som hashværdi {channel}{parameter}."
            )
        }
        (Rule::CprDigest, Lang::En) if tried => {
            format!("{the_page} tried to send {who} a request with {number} as a digest {channel}{parameter}.")
        }
        (Rule::CprDigest, Lang::Da) => {
            format!("{the_page} sendte {who} en forespørgsel med {number} som hashværdi {channel}{parameter}.")
        }
        (Rule::CprDigest, Lang::En) => {
            format!("{the_page} sent {who} a request with {number} as a digest {channel}{parameter}.")
        }
        (Rule::SensitiveContextToThirdParty, Lang::Da) => format!(
            "{the_page} handler om {}, og dens adresse eller titel stod i det, der blev sendt til {who}.",
            matter(finding, lang)
        ),
        (Rule::SensitiveContextToThirdParty, Lang::En) => format!(
            "{the_page} is about {}, and its address or title stood in what was sent to {who}.",
            matter(finding, lang)
        ),
        (Rule::PersonTokenToThirdParty, Lang::Da) => format!(
            "{the_page} sendte {who} den samme værdi i {}{parameter}. Den kan være en hashværdi under en nøgle.",
            p::REQUESTS.of(finding.transmissions, lang)
        ),
        (Rule::PersonTokenToThirdParty, Lang::En) => format!(
            "{the_page} sent {who} the same value in {}{parameter}. It may be a digest under a key.",
            p::REQUESTS.of(finding.transmissions, lang)
        ),
        (
            Rule::CprInTitle
            | Rule::CprInStorage
            | Rule::CprInMailto
            | Rule::FormGetCpr
            | Rule::FormCleartext
            | Rule::FormBeforeLogin
            | Rule::FormExfiltration
            | Rule::CacheableCprPage
            | Rule::ReferrerPolicyExposesUrl
            | Rule::ReportingExposesUrl,
            Lang::Da | Lang::En,
        ) => page_story::happened(finding, &words, lang).unwrap_or_default(),
    }
}

fn numbers(finding: &Finding, lang: Lang) -> &'static str {
    match finding.evidence {
        Some(Evidence::E1 | Evidence::E2) | None => p::NUMBERS,
        Some(Evidence::E3) => p::LIKELY_NUMBERS,
        Some(Evidence::E4) => p::LESS_NUMBERS,
    }
    .to(lang)
}

fn a_number(finding: &Finding, lang: Lang) -> &'static str {
    match finding.evidence {
        Some(Evidence::E1 | Evidence::E2) | None => p::A_NUMBER_SURE,
        Some(Evidence::E3) => p::A_NUMBER_PROBABLE,
        Some(Evidence::E4) => p::A_NUMBER_POSSIBLE,
    }
    .to(lang)
}

fn channel_phrase(finding: &Finding, lang: Lang) -> &'static str {
    finding.channel.map_or("", |channel| terms::channel_phrase(channel).to(lang))
}

/// The sensitive matter that a finding is about.
fn matter(finding: &Finding, lang: Lang) -> &'static str {
    let told = finding.reasons.iter().find_map(|reason| match reason {
        SeverityReason::SensitivePage { context, .. } => Some(*context),
        SeverityReason::Level { .. }
        | SeverityReason::RecipientNotListed
        | SeverityReason::PersonToken
        | SeverityReason::PageItself
        | SeverityReason::Cleartext
        | SeverityReason::SimulatedReferer
        | SeverityReason::OutsideEea { .. }
        | SeverityReason::SensitiveContext { .. } => None,
    });
    told.map_or(p::SENSITIVE_MATTERS, terms::context).to(lang)
}

fn in_parameter(finding: &Finding, lang: Lang) -> String {
    let parameter = Inert::from(&finding.parameter);
    if parameter.is_empty() {
        return String::new();
    }
    match lang {
        Lang::Da => format!(" (»{parameter}«)"),
        Lang::En => format!(" (“{parameter}”)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn referer() -> Finding {
        sample::scan().findings.into_iter().find(|finding| finding.rule == Rule::CprInReferer).unwrap()
    }

    #[test]
    fn a_title_names_recipient_and_channel() {
        assert_eq!(
            finding_title(&referer(), Lang::En),
            "Personal numbers reach Nordia Edge Inc. (nordia-cdn.test) in the Referer header"
        );
        assert_eq!(
            finding_title(&referer(), Lang::Da),
            "Personnumre sendes til Nordia Edge Inc. (nordia-cdn.test) i Referer-headeren"
        );
    }

    #[test]
    fn a_referer_between_own_pages_is_no_journey_to_the_system() {
        let mut finding = referer();
        finding.recipient.standing = Standing::Own;
        assert_eq!(
            finding_title(&finding, Lang::Da),
            "Personnumre står i Referer-headeren mellem systemets egne sider"
        );
    }

    #[test]
    fn what_was_stopped_is_told_from_what_found_no_connection() {
        let mut finding = referer();
        (finding.transmissions, finding.undelivered, finding.blocked) = (4, 4, 4);
        assert!(story(&finding, Lang::En).ends_with(p::WHY_STOPPED.en));
        assert!(
            counts(&finding, Lang::Da).ends_with("; ingen af dem nåede frem: cprvagt standsede dem, før de blev sendt")
        );
        (finding.undelivered, finding.blocked) = (3, 2);
        let said = "2 of the transmissions were stopped by cprvagt before they left; 1 did not get there for want of a connection";
        assert_eq!(undelivered(&finding, Lang::En).as_deref(), Some(said));
    }

    #[test]
    fn what_never_got_there_was_tried() {
        let mut finding = referer();
        finding.undelivered = finding.transmissions;
        for rule in [Rule::CprDigest, Rule::CprInReferer, Rule::CprInThirdPartyRequest, Rule::CprInCleartext] {
            finding.rule = rule;
            assert!(finding_title(&finding, Lang::Da).contains("blev forsøgt sendt"));
            assert!(finding_title(&finding, Lang::En).starts_with("Tried to send personal numbers"));
            let told = story(&finding, Lang::En);
            assert!(told.contains(" tried to ") && told.ends_with(p::WHY_TRIED.en), "{told}");
        }
        assert!(counts(&finding, Lang::Da).ends_with("; ingen af dem nåede frem: der blev ikke oprettet forbindelse"));
        finding.undelivered = 3;
        assert!(finding_title(&finding, Lang::En).starts_with("Personal numbers go unencrypted"));
        assert!(
            story(&finding, Lang::Da)
                .ends_with(" 3 af overførslerne nåede ikke frem: der blev ikke oprettet forbindelse.")
        );
    }

    #[test]
    fn a_mere_date_is_never_called_a_number_outright() {
        let mut finding = referer();
        finding.evidence = Some(Evidence::E4);
        assert!(finding_title(&finding, Lang::Da).starts_with("Mulige personnumre"));
        assert!(story(&finding, Lang::En).contains("what may be a personal number"));
    }

    #[test]
    fn every_rule_has_a_title_and_a_story_without_page_and_parameter_too() {
        let mut finding = referer();
        for rule in Rule::ALL {
            finding.rule = rule;
            for lang in Lang::ALL {
                let place = if rule == Rule::CprInLog { &finding.request } else { &finding.page };
                assert!(story(&finding, lang).contains(&*Inert::from(place).to_string()));
                let mut bare = finding.clone();
                (bare.page, bare.parameter) = Default::default();
                let told = story(&bare, lang);
                assert!(!told.contains("  ") && !told.contains("()") && !told.contains(" ."), "{told}");
            }
        }
    }

    #[test]
    fn a_telling_page_names_its_matter() {
        let mut finding = referer();
        finding.rule = Rule::SensitiveContextToThirdParty;
        let title = "Nordia Edge Inc. (nordia-cdn.test) får adresse eller titel på sider om følsomme forhold";
        assert_eq!(finding_title(&finding, Lang::Da), title);
        let (context, standing) = (model::registry::SensitiveContext::Health, Standing::Unknown);
        finding.reasons = vec![SeverityReason::SensitivePage { context, standing }];
        assert!(finding_title(&finding, Lang::En).ends_with("title of pages on health"));
        assert!(story(&finding, Lang::Da).contains(" handler om helbredsforhold, og dens adresse eller titel "));
    }

    #[test]
    fn transmissions_and_persons_stand_side_by_side() {
        let mut finding = referer();
        (finding.transmissions, finding.persons, finding.test_persons) = (4735, 3315, 2);
        assert_eq!(counts(&finding, Lang::Da), "4.735 overførsler, 3.315 forskellige personer (heraf 2 testpersoner)");
        assert_eq!(counts(&finding, Lang::En), "4,735 transmissions, 3,315 distinct persons (of these 2 test persons)");
        (finding.persons, finding.test_persons) = (1, 1);
        assert_eq!(counts(&finding, Lang::En), "4,735 transmissions, 1 distinct person (a test person)");
    }
}
