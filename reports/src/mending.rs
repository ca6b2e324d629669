//! How to mend a finding: the ways that help, each with a line to copy that is made of the finding's own page,
//! parameter and recipient where these are known. What is not known is not made up.

use model::{Finding, Remedy, Rule, Target};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::summary::was_only_tried;
use crate::texts::remedies::remedy;

/// Longer names are no parameters that anybody would write down.
const MAX_PARAMETER: usize = 60;

/// Whose telemetry is called by `gtag`.
const GOOGLE: [&str; 4] = ["google-analytics.com", "googletagmanager.com", "google.com", "doubleclick.net"];

/// A way of mending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// Which.
    pub remedy: Remedy,
    /// What to do.
    pub title: &'static str,
    /// How and why.
    pub how: &'static str,
    /// A line to copy that is the same for everybody, when there is one.
    pub example: Option<&'static str>,
    /// A line to copy made of the finding's own page, parameter or recipient, when they are known.
    pub own_example: Option<String>,
}

/// The ways of mending `finding`, most helpful first.
pub(crate) fn mending(finding: &Finding, lang: Lang) -> Vec<Mending> {
    let helps = |way: &&Remedy| match way {
        // What never got there need not be deleted.
        Remedy::AskRecipientToDelete => !was_only_tried(finding),
        Remedy::KeepNumberInSession
        | Remedy::PostInsteadOfGet
        | Remedy::RedirectWithoutNumber
        | Remedy::StrictReferrerPolicy
        | Remedy::SelfHostScripts
        | Remedy::ScrubTelemetry
        | Remedy::RemoveThirdParty
        | Remedy::AgreementOrStop
        | Remedy::HttpsOnly
        | Remedy::OpaqueCookie
        | Remedy::NoDigests
        | Remedy::NeutralTitles
        | Remedy::TitleWithoutNumber
        | Remedy::NothingInBrowser
        | Remedy::MailWithoutNumber
        | Remedy::NoStore
        | Remedy::AskBehindLogin
        | Remedy::NoScriptsOnForms
        | Remedy::OwnReports
        | Remedy::LogWithoutNumber => true,
    };
    let way = |way: &Remedy| {
        let text = remedy(*way);
        Mending {
            remedy: *way,
            title: text.title.to(lang),
            how: text.how.to(lang),
            example: text.example,
            own_example: own_example(*way, finding),
        }
    };
    finding.remedies.iter().filter(helps).map(way).collect()
}

/// Its id, as an anchor names it.
pub(crate) fn anchor(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::KeepNumberInSession => "keep-number-in-session",
        Remedy::PostInsteadOfGet => "post-instead-of-get",
        Remedy::RedirectWithoutNumber => "redirect-without-number",
        Remedy::StrictReferrerPolicy => "strict-referrer-policy",
        Remedy::SelfHostScripts => "self-host-scripts",
        Remedy::ScrubTelemetry => "scrub-telemetry",
        Remedy::RemoveThirdParty => "remove-third-party",
        Remedy::AgreementOrStop => "agreement-or-stop",
        Remedy::AskRecipientToDelete => "ask-recipient-to-delete",
        Remedy::HttpsOnly => "https-only",
        Remedy::OpaqueCookie => "opaque-cookie",
        Remedy::NoDigests => "no-digests",
        Remedy::NeutralTitles => "neutral-titles",
        Remedy::TitleWithoutNumber => "title-without-number",
        Remedy::NothingInBrowser => "nothing-in-browser",
        Remedy::MailWithoutNumber => "mail-without-number",
        Remedy::NoStore => "no-store",
        Remedy::AskBehindLogin => "ask-behind-login",
        Remedy::NoScriptsOnForms => "no-scripts-on-forms",
        Remedy::OwnReports => "own-reports",
        Remedy::LogWithoutNumber => "log-without-number",
    }
}

fn own_example(remedy: Remedy, finding: &Finding) -> Option<String> {
    match remedy {
        Remedy::KeepNumberInSession => {
            let (path, parameter) = (page_path(finding)?, page_parameter(finding)?);
            Some(format!("{path}?{parameter}=…   →   {path}"))
        }
        Remedy::PostInsteadOfGet => {
            // Only the page's own address tells where the form was sent.
            let path = page_path(finding).filter(|_| finding.rule == Rule::CprInUrl)?;
            page_parameter(finding).map(|_| format!("<form method=\"post\" action=\"{path}\">"))
        }
        Remedy::ScrubTelemetry => is_googles(finding)
            .then(|| "gtag('config', 'G-…', { page_location: location.origin + location.pathname })".to_owned()),
        Remedy::AgreementOrStop => Some(registry_entry(finding)),
        Remedy::RedirectWithoutNumber
        | Remedy::StrictReferrerPolicy
        | Remedy::SelfHostScripts
        | Remedy::RemoveThirdParty
        | Remedy::AskRecipientToDelete
        | Remedy::HttpsOnly
        | Remedy::OpaqueCookie
        | Remedy::NoDigests
        | Remedy::NeutralTitles
        | Remedy::TitleWithoutNumber
        | Remedy::NothingInBrowser
        | Remedy::MailWithoutNumber
        | Remedy::NoStore
        | Remedy::AskBehindLogin
        | Remedy::NoScriptsOnForms
        | Remedy::OwnReports
        | Remedy::LogWithoutNumber => None,
    }
}

fn page_path(finding: &Finding) -> Option<String> {
    Target::parse(finding.page.as_str()).ok().map(|target| Inert::new(&target.path).to_string())
}

/// The parameter of the page's address that held the number, when the trail ends in one: the page's own in
/// `query[cpr]`, and in `header[referer] > query[cpr]` or `query[dl] > percent > query[cpr]` that of an address that
/// was passed on. A parameter of the recipient's own is none of the page's.
fn page_parameter(finding: &Finding) -> Option<String> {
    let (before, last) = match finding.trail.as_str().rsplit_once(" > ") {
        Some((before, last)) => (Some(before), last),
        None => (None, finding.trail.as_str()),
    };
    let is_pages = match finding.rule {
        Rule::CprInUrl => before.is_none(),
        Rule::CprInReferer => before.is_some_and(|steps| steps.starts_with("header[referer]")),
        Rule::CprInThirdPartyRequest => before.is_some(),
        Rule::CprInCleartext
        | Rule::CprInRedirect
        | Rule::CprInCookie
        | Rule::UnlistedRecipient
        | Rule::CprDigest
        | Rule::SensitiveContextToThirdParty
        | Rule::PersonTokenToThirdParty
        | Rule::CprInTitle
        | Rule::CprInStorage
        | Rule::CprInMailto
        | Rule::FormGetCpr
        | Rule::FormCleartext
        | Rule::FormBeforeLogin
        | Rule::FormExfiltration
        | Rule::CacheableCprPage
        | Rule::ReferrerPolicyExposesUrl
        | Rule::ReportingExposesUrl
        | Rule::CprInLog => false,
    };
    let name = last.strip_prefix("query[")?.strip_suffix(']')?;
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']');
    let is_name = !name.is_empty() && name.chars().count() <= MAX_PARAMETER && name.chars().all(is_plain);
    (is_pages && is_name).then(|| Inert::new(name).to_string())
}

fn is_googles(finding: &Finding) -> bool {
    GOOGLE.contains(&finding.recipient.domain.as_str())
}

/// What to write in the registry once the recipient is in order.
fn registry_entry(finding: &Finding) -> String {
    let recipient = &finding.recipient;
    let name = recipient.legal_name.as_deref().map_or_else(|| "…".to_owned(), quotable);
    let domain = quotable(recipient.domain.as_str());
    let system = finding.system.as_ref().map_or_else(|| "…".to_owned(), |id| quotable(&id.0));
    format!(
        "[[recipient]]\nlegal_name = \"{name}\"\ndomains = [\"{domain}\"]\nrole = \"sub-processor\"\ndpa_ref = \"…\"\n\
         approved_for = [\"{system}\"]"
    )
}

/// As it may stand between quotes in TOML.
fn quotable(text: &str) -> String {
    Inert::short(text, 120).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn own_of(finding: &Finding, way: Remedy) -> Option<String> {
        own_example(way, finding)
    }

    #[test]
    fn the_line_to_copy_names_the_findings_own_page_and_parameter() {
        let mut finding = sample::scan().findings[3].clone();
        (finding.page, finding.trail) = (sample::own("https://a.test/min-sag/{n}"), sample::own("query[personnummer]"));
        let keep = own_of(&finding, Remedy::KeepNumberInSession).unwrap();
        assert_eq!(keep, "/min-sag/{n}?personnummer=…   →   /min-sag/{n}");
        let post = own_of(&finding, Remedy::PostInsteadOfGet).unwrap();
        assert_eq!(post, "<form method=\"post\" action=\"/min-sag/{n}\">");
        finding.page = sample::own("");
        assert_eq!(own_of(&finding, Remedy::KeepNumberInSession), None);
    }

    #[test]
    fn the_recipients_own_parameter_is_not_said_to_be_the_pages() {
        let mut finding = sample::scan().findings[2].clone();
        assert!(own_of(&finding, Remedy::KeepNumberInSession).is_some(), "an address that was passed on");
        for trail in ["query[uid]", "body > json > json[user.id]", "query[dl] > percent > path[3]", ""] {
            finding.trail = sample::own(trail);
            assert_eq!(own_of(&finding, Remedy::KeepNumberInSession), None, "{trail}");
        }
    }

    #[test]
    fn only_googles_telemetry_is_spoken_to_in_its_own_words() {
        let mut finding = sample::scan().findings[2].clone();
        assert_eq!(own_of(&finding, Remedy::ScrubTelemetry), None);
        finding.recipient.domain = sample::own("google-analytics.com");
        assert!(own_of(&finding, Remedy::ScrubTelemetry).unwrap().starts_with("gtag("));
    }

    #[test]
    fn the_registry_entry_is_the_recipients_own_and_stays_a_string() {
        let mut finding = sample::scan().findings[0].clone();
        let entry = registry_entry(&finding);
        assert!(entry.contains("legal_name = \"Nordia Edge Inc.\"\ndomains = [\"nordia-cdn.test\"]"), "{entry}");
        assert!(entry.ends_with("approved_for = [\"tastselv\"]"), "{entry}");
        finding.recipient.legal_name = Some("A\"\nrole = \"x\\".to_owned());
        assert_eq!(registry_entry(&finding).lines().count(), 6);
        assert!(registry_entry(&finding).contains("legal_name = \"A\\\""));
    }

    #[test]
    fn what_never_got_there_need_not_be_deleted() {
        let mut finding = sample::scan().findings[0].clone();
        let asks =
            |finding: &Finding| mending(finding, Lang::Da).iter().any(|way| way.remedy == Remedy::AskRecipientToDelete);
        assert!(asks(&finding));
        finding.undelivered = finding.transmissions;
        assert!(!asks(&finding));
    }

    #[test]
    fn an_anchor_is_the_remedys_id() {
        for way in sample::ALL_REMEDIES {
            assert_eq!(serde_json::to_string(&way).unwrap(), format!("\"{}\"", anchor(way)));
        }
    }
}
