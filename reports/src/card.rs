//! A finding in words: one wording for all formats, in both languages.

use model::{Channel, Evidence, Finding, Rule, Scan, SeverityReason, Standing};

use crate::headline::who;
use crate::inert::Inert;
use crate::lang::Lang;
use crate::summary::has_registry;
use crate::texts::countries::country;
use crate::texts::remedies::remedy;
use crate::texts::rules::rule;
use crate::texts::trail::steps;
use crate::texts::{phrases as p, terms};

/// More hosts or names of what went along than this are counted, not listed.
const MAX_LISTED: usize = 12;

/// A finding's text. Every field is safe to show: what came from the wire is inert, and still to be escaped where
/// the format asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// One line that says what is broken and who is concerned.
    pub title: String,
    /// What happened and why it matters, in plain words.
    pub story: String,
    /// `Critical`.
    pub severity: String,
    /// Why it is so severe: where the level starts, then each step up.
    pub reasons: Vec<String>,
    /// `E1, certain: ..`, when a number was seen.
    pub evidence: Option<String>,
    /// How often it was sent and how many persons' it was.
    pub counts: String,
    /// Page, form, channel, parameter, request, recipient and the rest, in reading order.
    pub facts: Vec<Fact>,
    /// How to find it again by hand, step by step.
    pub trail: Vec<String>,
    /// How to mend it, most helpful first.
    pub mending: Vec<Mending>,
}

/// A labelled line of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// Its value.
    pub value: String,
    /// Whether the value is as on the wire, to be set as code.
    pub is_code: bool,
}

/// A way of mending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// What to do.
    pub title: &'static str,
    /// How and why.
    pub how: &'static str,
    /// A line to copy, when there is one.
    pub example: Option<&'static str>,
}

/// The line that says what is broken and who is concerned.
pub fn finding_title(finding: &Finding, lang: Lang) -> String {
    let who = who(&finding.recipient);
    let numbers = numbers(finding, lang);
    let channel = channel_phrase(finding, lang);
    match (finding.rule, lang) {
        (Rule::CprInUrl, Lang::Da) => format!("{numbers} står i systemets egne adresser"),
        (Rule::CprInUrl, Lang::En) => format!("{numbers} stand in the system's own addresses"),
        (Rule::CprInReferer, Lang::Da) => format!("{numbers} sendes til {who} i Referer-headeren"),
        (Rule::CprInReferer, Lang::En) => format!("{numbers} reach {who} in the Referer header"),
        (Rule::CprInThirdPartyRequest, Lang::Da) => format!("{numbers} sendes til {who} {channel}"),
        (Rule::CprInThirdPartyRequest, Lang::En) => format!("{numbers} are sent to {who} {channel}"),
        (Rule::CprInCleartext, Lang::Da) => format!("{numbers} sendes ukrypteret til {who}"),
        (Rule::CprInCleartext, Lang::En) => format!("{numbers} go unencrypted to {who}"),
        (Rule::CprInRedirect, Lang::Da) => format!("{numbers} står i en adresse, som systemet viderestiller til"),
        (Rule::CprInRedirect, Lang::En) => format!("{numbers} stand in an address that the system redirects to"),
        (Rule::CprInCookie, Lang::Da) => format!("{numbers} gemmes i en cookie"),
        (Rule::CprInCookie, Lang::En) => format!("{numbers} are kept in a cookie"),
        (Rule::UnlistedRecipient, Lang::Da) => format!("{who} kontaktes og står ikke på listen over modtagere"),
        (Rule::UnlistedRecipient, Lang::En) => format!("{who} is contacted and is not on the list of recipients"),
    }
}

impl Card {
    /// The text of `finding`, a finding of `scan`.
    pub fn new(finding: &Finding, scan: &Scan, lang: Lang) -> Self {
        Self {
            title: finding_title(finding, lang),
            story: story(finding, lang),
            severity: terms::severity(finding.severity).to(lang).to_owned(),
            reasons: finding.reasons.iter().map(|reason| reason_text(reason, scan, lang)).collect(),
            evidence: finding.evidence.map(|evidence| {
                let (name, meaning) = (terms::evidence(evidence), terms::evidence_meaning(evidence));
                format!("{evidence}, {}: {}", name.to(lang), meaning.to(lang))
            }),
            counts: counts(finding, lang),
            facts: facts(finding, scan, lang),
            trail: steps(finding.trail.as_str(), lang),
            mending: finding
                .remedies
                .iter()
                .map(|way| remedy(*way))
                .map(|text| Mending { title: text.title.to(lang), how: text.how.to(lang), example: text.example })
                .collect(),
        }
    }
}

/// `41 times; 1 person, a test person`: always both numbers.
pub(crate) fn counts(finding: &Finding, lang: Lang) -> String {
    if finding.evidence.is_none() {
        return p::NO_NUMBER_SEEN.to(lang).to_owned();
    }
    let times = p::TRANSMISSIONS.of(finding.transmissions, lang);
    let persons = p::DISTINCT_PERSONS.of(finding.persons, lang);
    format!("{times}, {persons} ({})", test_persons(finding, lang))
}

/// How many of the persons are test persons, for a place beside their number.
pub(crate) fn test_persons(finding: &Finding, lang: Lang) -> String {
    match (finding.test_persons, lang) {
        (0, Lang::Da) => "heraf ingen testpersoner".to_owned(),
        (0, Lang::En) => "none of them a test person".to_owned(),
        (all, Lang::Da) if all == finding.persons => {
            if all == 1 { "en testperson" } else { "alle testpersoner" }.to_owned()
        }
        (all, Lang::En) if all == finding.persons => {
            if all == 1 { "a test person" } else { "all test persons" }.to_owned()
        }
        (some, Lang::Da) => format!("heraf {}", p::TEST_PERSONS_COUNTED.of(some, lang)),
        (some, Lang::En) => format!("of these {}", p::TEST_PERSONS_COUNTED.of(some, lang)),
    }
}

/// What the recipient is; without a registry nobody could have been listed.
pub(crate) fn standing(standing: Standing, scan: &Scan, lang: Lang) -> &'static str {
    if standing == Standing::Unknown && !has_registry(scan) {
        return p::UNKNOWN_WITHOUT_REGISTRY.to(lang);
    }
    terms::standing(standing).to(lang)
}

/// The first few of `items`, and how many are left.
pub(crate) fn some_of(items: impl ExactSizeIterator<Item = String>, lang: Lang) -> String {
    let left = items.len().saturating_sub(MAX_LISTED);
    let mut text = items.take(MAX_LISTED).collect::<Vec<_>>().join(", ");
    if left > 0 {
        text = match lang {
            Lang::Da => format!("{text} og {left} andre"),
            Lang::En => format!("{text} and {left} others"),
        };
    }
    text
}

fn numbers(finding: &Finding, lang: Lang) -> &'static str {
    match finding.evidence {
        Some(Evidence::E1 | Evidence::E2) | None => p::NUMBERS_SURE,
        Some(Evidence::E3) => p::NUMBERS_PROBABLE,
        Some(Evidence::E4) => p::NUMBERS_POSSIBLE,
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

fn story(finding: &Finding, lang: Lang) -> String {
    let page = Inert::from(&finding.page);
    let (known_page, page) =
        (!page.is_empty(), if page.is_empty() { p::A_PAGE.to(lang).to_owned() } else { page.to_string() });
    let the_page = match (known_page, lang) {
        (true, Lang::Da) => format!("Siden {page}"),
        (true, Lang::En) => format!("The page {page}"),
        (false, Lang::Da | Lang::En) => p::A_PAGE.to(lang).to_owned(),
    };
    let parameter = in_parameter(finding, lang);
    let who = who(&finding.recipient);
    let number = a_number(finding, lang);
    let channel = channel_phrase(finding, lang);
    let happened = match (finding.rule, lang) {
        (Rule::CprInUrl, Lang::Da) => format!("{the_page} har {number} i sin adresse{parameter}."),
        (Rule::CprInUrl, Lang::En) => format!("{the_page} has {number} in its address{parameter}."),
        (Rule::CprInReferer, Lang::Da) => format!(
            "{the_page} hentede noget fra {who}. Browseren sendte sidens hele adresse med i Referer-headeren, og dermed \
             {number}{parameter}."
        ),
        (Rule::CprInReferer, Lang::En) => format!(
            "{the_page} fetched something from {who}. The browser sent the page's whole address along in the Referer \
             header, and with it {number}{parameter}."
        ),
        (Rule::CprInThirdPartyRequest, Lang::Da) => {
            format!("{the_page} sendte {who} en forespørgsel med {number} {channel}{parameter}.")
        }
        (Rule::CprInThirdPartyRequest, Lang::En) => {
            format!("{the_page} sent {who} a request with {number} {channel}{parameter}.")
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
        (Rule::UnlistedRecipient, Lang::Da) => {
            format!("{the_page} kontaktede {who}. Der er ikke set noget personnummer i det, der blev sendt.")
        }
        (Rule::UnlistedRecipient, Lang::En) => {
            format!("{the_page} contacted {who}. No personal number was seen in what was sent.")
        }
    };
    format!("{happened} {}", rule(finding.rule).why.to(lang))
}

fn in_parameter(finding: &Finding, lang: Lang) -> String {
    let parameter = Inert::from(&finding.parameter);
    // A Referer's own header is its channel; naming it again tells nothing.
    if parameter.is_empty() {
        return String::new();
    }
    match lang {
        Lang::Da => format!(" (»{parameter}«)"),
        Lang::En => format!(" (“{parameter}”)"),
    }
}

fn reason_text(reason: &SeverityReason, scan: &Scan, lang: Lang) -> String {
    match (reason, lang) {
        (SeverityReason::Level { evidence, standing: to }, Lang::Da) => format!(
            "Udgangspunkt: det er {} et personnummer ({evidence}), og modtageren er {}.",
            terms::evidence(*evidence).da,
            standing(*to, scan, lang)
        ),
        (SeverityReason::Level { evidence, standing: to }, Lang::En) => format!(
            "Starting point: {} evidence of a personal number ({evidence}), and the recipient is {}.",
            terms::evidence(*evidence).en,
            standing(*to, scan, lang)
        ),
        (SeverityReason::RecipientNotListed, Lang::Da | Lang::En) => p::REASON_NOT_LISTED.to(lang).to_owned(),
        (SeverityReason::Cleartext, Lang::Da | Lang::En) => p::REASON_CLEARTEXT.to(lang).to_owned(),
        (SeverityReason::OutsideEea { country: code }, Lang::Da) => format!(
            "Ét trin op: modtageren er i et land uden for EØS ({}), og intet overførselsgrundlag er oplyst.",
            country(code, lang)
        ),
        (SeverityReason::OutsideEea { country: code }, Lang::En) => format!(
            "One step up: the recipient is in a country outside the EEA ({}), and no transfer basis is declared.",
            country(code, lang)
        ),
        (SeverityReason::SensitiveContext { context }, Lang::Da) => {
            format!("Ét trin op: systemet handler om {}.", terms::context(*context).da)
        }
        (SeverityReason::SensitiveContext { context }, Lang::En) => {
            format!("One step up: the system deals with {}.", terms::context(*context).en)
        }
    }
}

fn facts(finding: &Finding, scan: &Scan, lang: Lang) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |label: crate::lang::Text, value: String, is_code: bool| {
        if !value.is_empty() {
            facts.push(Fact { label: label.to(lang), value, is_code });
        }
    };
    let recipient = &finding.recipient;
    fact(p::PAGE, Inert::from(&finding.page).to_string(), true);
    if let Some(origin) = &finding.form {
        let (field, form, page) = (Inert::from(&origin.field), Inert::from(&origin.form), Inert::from(&origin.page));
        fact(
            p::TYPED_INTO,
            match lang {
                Lang::Da => format!("feltet »{field}« i formularen »{form}« på {page}"),
                Lang::En => format!("the field “{field}” of the form “{form}” on {page}"),
            },
            false,
        );
    }
    fact(
        p::CHANNEL,
        finding.channel.map_or_else(String::new, |channel: Channel| terms::channel(channel).to(lang).to_owned()),
        false,
    );
    fact(p::PARAMETER, Inert::from(&finding.parameter).to_string(), true);
    fact(p::REQUEST, Inert::from(&finding.request).to_string(), true);
    let place = recipient.country.as_deref().map(|code| format!(", {}", country(code, lang))).unwrap_or_default();
    fact(p::RECIPIENT, format!("{}{place}", who(recipient)), false);
    if finding.hosts.iter().any(|host| *host != recipient.domain) {
        fact(p::HOSTS, some_of(finding.hosts.iter().map(|host| Inert::from(host).to_string()), lang), true);
    }
    fact(p::STANDING, standing(recipient.standing, scan, lang).to_owned(), false);
    if recipient.standing != Standing::Own {
        let none = || p::NO_AGREEMENT.to(lang).to_owned();
        fact(
            p::AGREEMENT,
            recipient.agreement.as_deref().map_or_else(none, |name| Inert::new(name).to_string()),
            false,
        );
    }
    fact(p::ENCRYPTION, encryption(finding, lang), false);
    fact(p::ALSO_SENT, also_sent(finding, lang), false);
    fact(p::SEEN, lang.span(finding.first_seen, finding.last_seen), false);
    facts
}

fn encryption(finding: &Finding, lang: Lang) -> String {
    match (&finding.tls, finding.cleartext, lang) {
        (None, true, Lang::Da | Lang::En) => p::SENT_IN_CLEARTEXT.to(lang).to_owned(),
        (None, false, Lang::Da | Lang::En) => p::TLS_NOT_KNOWN.to(lang).to_owned(),
        (Some(tls), false, Lang::Da | Lang::En) => Inert::new(tls).to_string(),
        (Some(tls), true, Lang::Da) => format!("{}, men noget blev sendt ukrypteret", Inert::new(tls)),
        (Some(tls), true, Lang::En) => format!("{}, but some of it went unencrypted", Inert::new(tls)),
    }
}

/// The IP address goes along with every request; the rest is what was seen.
fn also_sent(finding: &Finding, lang: Lang) -> String {
    let names = some_of(finding.also_sent.iter().map(|name| Inert::from(name).to_string()), lang);
    let address = p::IP_ADDRESS.to(lang);
    if names.is_empty() { address.to_owned() } else { format!("{address}; {names}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_title_names_recipient_and_channel() {
        let scan = sample::scan();
        let finding = scan.findings.iter().find(|finding| finding.rule == Rule::CprInReferer).unwrap();
        assert_eq!(
            finding_title(finding, Lang::En),
            "Personal numbers reach Nordia Edge Inc. (nordia-cdn.test) in the Referer header"
        );
        assert_eq!(
            finding_title(finding, Lang::Da),
            "Personnumre sendes til Nordia Edge Inc. (nordia-cdn.test) i Referer-headeren"
        );
    }

    #[test]
    fn a_mere_date_is_never_called_a_number_outright() {
        let mut finding = sample::scan().findings[0].clone();
        finding.evidence = Some(Evidence::E4);
        assert!(finding_title(&finding, Lang::Da).starts_with("Mulige personnumre"));
        assert!(story(&finding, Lang::En).contains("what may be a personal number"));
    }

    #[test]
    fn every_rule_has_a_title_and_a_story_without_page_and_parameter_too() {
        let mut finding = sample::scan().findings[0].clone();
        for rule in Rule::ALL {
            finding.rule = rule;
            for lang in Lang::ALL {
                assert!(story(&finding, lang).contains(finding.page.as_str()));
                let mut bare = finding.clone();
                (bare.page, bare.parameter) = Default::default();
                let told = story(&bare, lang);
                assert!(!told.contains("  ") && !told.contains("()") && !told.contains(" ."), "{told}");
            }
        }
    }

    #[test]
    fn transmissions_and_persons_stand_side_by_side() {
        let mut finding = sample::scan().findings[0].clone();
        (finding.transmissions, finding.persons, finding.test_persons) = (4735, 3315, 2);
        assert_eq!(counts(&finding, Lang::Da), "4.735 afsendelser, 3.315 forskellige personer (heraf 2 testpersoner)");
        assert_eq!(counts(&finding, Lang::En), "4,735 transmissions, 3,315 distinct persons (of these 2 test persons)");
        (finding.persons, finding.test_persons) = (1, 1);
        assert_eq!(counts(&finding, Lang::En), "4,735 transmissions, 1 distinct person (a test person)");
    }

    #[test]
    fn the_ip_address_is_said_to_go_along() {
        let mut finding = sample::scan().findings[0].clone();
        finding.also_sent.clear();
        assert_eq!(also_sent(&finding, Lang::Da), p::IP_ADDRESS.da);
    }

    #[test]
    fn clear_text_is_said_in_words() {
        let mut finding = sample::scan().findings[0].clone();
        (finding.tls, finding.cleartext) = (None, true);
        assert_eq!(encryption(&finding, Lang::En), p::SENT_IN_CLEARTEXT.en);
        finding.cleartext = false;
        assert_eq!(encryption(&finding, Lang::Da), p::TLS_NOT_KNOWN.da);
    }

    #[test]
    fn without_a_registry_nobody_is_said_to_be_missing_on_a_list() {
        assert_eq!(standing(Standing::Unknown, &sample::bare(), Lang::En), p::UNKNOWN_WITHOUT_REGISTRY.en);
        assert_eq!(standing(Standing::Unknown, &sample::scan(), Lang::En), terms::standing(Standing::Unknown).en);
    }

    #[test]
    fn a_long_list_is_summed_up() {
        let hosts = (0..100).map(|n| format!("h{n}"));
        assert!(some_of(hosts.collect::<Vec<_>>().into_iter(), Lang::Da).ends_with("h11 og 88 andre"));
    }
}
