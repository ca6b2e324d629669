//! The facts of a finding, a labelled line each, in reading order.

use model::{Finding, Redacted, Rule, Scan, ScanKind, Standing};

use crate::card::{Fact, standing};
use crate::consent::seen_under;
use crate::inert::Inert;
use crate::lang::{Lang, Text, capitalised};
use crate::naming::{count, who};
use crate::operator::{declared_place, operator_fact};
use crate::roles::MAX_ROLE;
use crate::session::step_title;
use crate::summary::was_only_tried;
use crate::texts::initiators::initiator;
use crate::texts::{logs as lo, phrases as p, terms};

/// Longest title of a test that is shown.
const MAX_TITLE: usize = 160;

/// Longest name of a log that is shown.
const MAX_LOG: usize = 80;

/// More hosts or names of what went along than this are counted, not listed.
const MAX_LISTED: usize = 12;

pub(crate) fn facts(finding: &Finding, scan: &Scan, lang: Lang) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |label: Text, value: String, is_code: bool| {
        if !value.is_empty() {
            facts.push(Fact { label: label.to(lang), value, is_code });
        }
    };
    let recipient = &finding.recipient;
    fact(p::PAGE, Inert::from(&finding.page).to_string(), true);
    fact(p::CONSENT, seen_under(finding, lang).unwrap_or_default(), false);
    if let Some(origin) = &finding.form {
        let (field, form, page) = (Inert::from(&origin.field), Inert::from(&origin.form), Inert::from(&origin.page));
        fact(
            if finding.rule.is_of_page() && finding.evidence.is_none() { p::ASKED_IN } else { p::TYPED_INTO },
            match lang {
                Lang::Da => format!("feltet »{field}« i formularen »{form}« på siden {page}"),
                Lang::En => format!("the field “{field}” of the form “{form}” on the page {page}"),
            },
            false,
        );
    }
    fact(p::IN_ROLES, some_of(finding.roles.iter().map(|role| Inert::short(role.as_str(), MAX_ROLE)), lang), false);
    let in_tests_label = match scan.kind {
        ScanKind::Proxy => p::IN_STEPS,
        ScanKind::Audit | ScanKind::Recording | ScanKind::Run => p::IN_TESTS,
    };
    fact(in_tests_label, in_tests(finding, scan.kind, lang), false);
    if scan.kind == ScanKind::Run && finding.tests.is_empty() {
        fact(p::AFTER_START, after_start(finding, scan), false);
    }
    let channel = finding.channel.map(|channel| terms::channel(channel).to(lang).to_owned());
    fact(p::CHANNEL, channel.unwrap_or_default(), false);
    let is_word = finding.rule == Rule::SensitiveContextToThirdParty;
    fact(if is_word { p::TELLING_WORD } else { p::PARAMETER }, Inert::from(&finding.parameter).to_string(), true);
    let logged = scan.logs.as_deref().and_then(|logs| logs.findings.get(&finding.fingerprint));
    let files = logged.map(|logged| logged.files.keys().map(|name| Inert::short(name.as_str(), MAX_LOG)));
    fact(p::IN_LOGS, files.map(|files| some_of(files, lang)).unwrap_or_default(), true);
    // It went nowhere: it stays with whoever keeps the log.
    if finding.rule == Rule::CprInLog {
        fact(p::KEPT_BY, format!("{}{}", who(recipient), declared_place(recipient, lang)), false);
        fact(p::SEEN, seen(finding, scan, lang), false);
        return facts;
    }
    // The page itself is the finding: it has no recipient, and nothing went along.
    if finding.rule.is_of_page() && recipient.standing == Standing::Own {
        fact(p::SEEN, seen(finding, scan, lang), false);
        return facts;
    }
    fact(p::REQUEST, Inert::from(&finding.request).to_string(), true);
    let sent_by = finding.initiator.as_ref().map(|told| initiator(told, lang));
    fact(p::SENT_BY, sent_by.unwrap_or_default(), false);
    fact(p::RECIPIENT, format!("{}{}", who(recipient), declared_place(recipient, lang)), false);
    if let Some((label, operator)) = operator_fact(recipient, lang) {
        fact(label, operator, false);
    }
    if finding.hosts.iter().any(|host| *host != recipient.domain) {
        fact(p::HOSTS, some_of(finding.hosts.iter().map(|host| Inert::from(host).to_string()), lang), true);
    }
    if finding.simulated {
        fact(p::SIMULATED, p::SIMULATED_MEANS.to(lang).to_owned(), false);
    }
    fact(p::STANDING, capitalised(standing(recipient.standing, scan, lang)), false);
    if recipient.standing != Standing::Own {
        fact(p::AGREEMENT, agreement(finding, lang), false);
    }
    fact(p::ENCRYPTION, encryption(finding, lang), false);
    let along = if was_only_tried(finding) { p::WOULD_BE_SENT } else { p::ALSO_SENT };
    fact(along, also_sent(finding, lang), false);
    fact(p::SEEN, seen(finding, scan, lang), false);
    facts
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

/// The tests that ran, or the steps that were under way, and how many more.
pub(crate) fn in_tests(finding: &Finding, kind: ScanKind, lang: Lang) -> String {
    let named = |title: &Redacted| match kind {
        ScanKind::Proxy => Inert::short(&step_title(title.as_str(), lang), MAX_TITLE),
        ScanKind::Audit | ScanKind::Recording | ScanKind::Run => Inert::short(title.as_str(), MAX_TITLE),
    };
    let titles: Vec<String> = finding.tests.iter().map(named).collect();
    let named = titles.join(", ");
    match (finding.more_tests, lang) {
        (0, Lang::Da | Lang::En) => named,
        (more, Lang::Da) => format!("{named} og {} andre", lang.number(more)),
        (more, Lang::En) => format!("{named} and {} others", lang.number(more)),
    }
}

/// When it was seen first and last, as far as what was read tells.
fn seen(finding: &Finding, scan: &Scan, lang: Lang) -> String {
    let logs = scan.logs.as_deref();
    if logs.is_some_and(|logs| logs.is_undated(finding)) {
        return lo::UNDATED.to(lang).to_owned();
    }
    let span = lang.span(finding.first_seen, finding.last_seen);
    let untimed = logs.map_or(0, |logs| logs.untimed(finding));
    let sent = lo::SENT.of(untimed, lang);
    match (untimed, lang) {
        (0, Lang::Da | Lang::En) => span,
        (_, Lang::Da) => format!("{span}; {sent} på et ukendt tidspunkt"),
        (_, Lang::En) => format!("{span}; {sent} of unknown time"),
    }
}

/// How long after the run began it was first seen, `1:07`: what a log with times is read by.
fn after_start(finding: &Finding, scan: &Scan) -> String {
    let seconds = finding.first_seen.duration_since(scan.started).as_secs().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// An agreement that does not cover the system is no comfort, and is not shown as one.
fn agreement(finding: &Finding, lang: Lang) -> String {
    let Some(name) = finding.recipient.agreement.as_deref() else { return p::NO_AGREEMENT.to(lang).to_owned() };
    let name = Inert::new(name);
    match finding.recipient.standing {
        Standing::Own | Standing::Public | Standing::Approved => name.to_string(),
        Standing::Unlisted | Standing::Unknown => format!("{name} ({})", p::NOT_OF_THIS_SYSTEM.to(lang)),
    }
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

/// The IP address goes along with every request; the rest is what was seen, each kind together.
fn also_sent(finding: &Finding, lang: Lang) -> String {
    went_along(finding.also_sent.iter(), lang)
}

/// What went along by its `names`, in words.
pub(crate) fn went_along<'a>(names: impl Iterator<Item = &'a Redacted>, lang: Lang) -> String {
    let (mut belongings, mut parameters, mut cookies, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut has_user_agent = false;
    for name in names {
        match name.as_str().split_once(':') {
            Some(("query", name)) => parameters.push(quoted(name, lang)),
            Some(("cookie", name)) => cookies.push(quoted(name, lang)),
            Some(("person", class)) => {
                let text = terms::belonging(class);
                belongings.push(text.map_or_else(|| Inert::new(class).to_string(), |text| text.to(lang).to_owned()));
            }
            None if name.as_str() == "ip-address" => {}
            None if name.as_str() == "user-agent" => has_user_agent = true,
            Some(_) | None => others.push(Inert::from(name).to_string()),
        }
    }
    let mut pieces = vec![p::IP_ADDRESS.to(lang).to_owned()];
    if !belongings.is_empty() {
        pieces.push(format!("{} {}", p::PERSONAL_DATA.to(lang), some_of(belongings.into_iter(), lang)));
    }
    if has_user_agent {
        pieces.push(p::USER_AGENT.to(lang).to_owned());
    }
    for (noun, names) in [(p::PARAMETERS, parameters), (p::COOKIES, cookies)] {
        if !names.is_empty() {
            pieces.push(format!("{} {}", noun.noun(count(names.len()), lang), some_of(names.into_iter(), lang)));
        }
    }
    if !others.is_empty() {
        pieces.push(some_of(others.into_iter(), lang));
    }
    pieces.join("; ")
}

fn quoted(name: &str, lang: Lang) -> String {
    match lang {
        Lang::Da => format!("»{}«", Inert::new(name)),
        Lang::En => format!("“{}”", Inert::new(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_went_along_is_said_in_words_and_the_ip_address_once() {
        let mut finding = sample::scan().findings[0].clone();
        finding.also_sent =
            ["cookie:_mid", "ip-address", "query:cid", "query:dt", "user-agent"].map(sample::own).to_vec();
        assert_eq!(
            also_sent(&finding, Lang::Da),
            "IP-adressen (følger med enhver forespørgsel); browserens kendetegn (User-Agent); parametrene »cid«, »dt«; \
             cookien »_mid«"
        );
        assert_eq!(
            also_sent(&finding, Lang::En),
            "the IP address (it goes with every request); the browser's description of itself (User-Agent); the \
             parameters “cid”, “dt”; the cookie “_mid”"
        );
        finding.also_sent = ["ip-address", "person:account", "person:mail", "person:x"].map(sample::own).to_vec();
        let with_person =
            "IP-adressen (følger med enhver forespørgsel); personoplysninger: kontonummer, mailadresse, x";
        assert_eq!(also_sent(&finding, Lang::Da), with_person);
        finding.also_sent.clear();
        assert_eq!(also_sent(&finding, Lang::Da), p::IP_ADDRESS.da);
    }

    #[test]
    fn an_agreement_for_another_system_is_said_not_to_cover_this_one() {
        let mut finding = sample::scan().findings[0].clone();
        finding.recipient.agreement = Some("DPA 7".to_owned());
        assert_eq!(agreement(&finding, Lang::Da), "DPA 7 (gælder ikke dette system)");
        finding.recipient.standing = Standing::Approved;
        assert_eq!(agreement(&finding, Lang::En), "DPA 7");
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
    fn what_is_simulated_is_said_to_be() {
        let scan = sample::scan();
        let mut finding = scan.findings[0].clone();
        let says = |finding: &Finding| facts(finding, &scan, Lang::En).iter().any(|fact| fact.label == p::SIMULATED.en);
        assert!(!says(&finding));
        finding.simulated = true;
        assert!(says(&finding));
    }

    #[test]
    fn a_long_list_is_summed_up() {
        let hosts = (0..100).map(|n| format!("h{n}"));
        assert!(some_of(hosts.collect::<Vec<_>>().into_iter(), Lang::Da).ends_with("h11 og 88 andre"));
    }
}
