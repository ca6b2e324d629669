//! What the levels and classes are called: severity, evidence, standing, channel, context and their like.

use model::registry::{Environment, SensitiveContext};
use model::{AlterationKind, Category, Channel, ConsentState, Evidence, ScanKind, Severity, Standing};

use crate::lang::Text;

pub(crate) fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Info => Text { da: "Til orientering", en: "Info" },
        Severity::Low => Text { da: "Lav", en: "Low" },
        Severity::Medium => Text { da: "Mellem", en: "Medium" },
        Severity::High => Text { da: "Høj", en: "High" },
        Severity::Critical => Text { da: "Kritisk", en: "Critical" },
    }
}

pub(crate) fn severity_meaning(severity: Severity) -> Text {
    match severity {
        Severity::Info => Text { da: "Værd at vide.", en: "Worth knowing." },
        Severity::Low => Text { da: "Bør udbedres ved lejlighed.", en: "Mend it when convenient." },
        Severity::Medium => Text { da: "Udbedres.", en: "Mend it." },
        Severity::High => Text { da: "Udbedres snart.", en: "Mend it soon." },
        Severity::Critical => Text { da: "Udbedres nu.", en: "Mend it now." },
    }
}

pub(crate) fn evidence(evidence: Evidence) -> Text {
    match evidence {
        Evidence::E1 => Text { da: "bekræftet (testnummer)", en: "confirmed (test number)" },
        Evidence::E2 => Text { da: "sikkert", en: "definite" },
        Evidence::E3 => Text { da: "sandsynligt", en: "probable" },
        Evidence::E4 => Text { da: "muligt", en: "possible" },
    }
}

pub(crate) fn evidence_meaning(evidence: Evidence) -> Text {
    match evidence {
        Evidence::E1 => Text {
            da: "Nummeret er en oplyst testpersons, indtastet af undersøgelsen selv eller oplyst på forhånd. \
                 Det kan ikke være noget andet.",
            en: "The number is a declared test person's, typed in by the audit itself or declared beforehand. \
                 It cannot be anything else.",
        },
        Evidence::E2 => Text {
            da: "Datoen findes, kontrolcifferet (modulus 11) passer, og feltets navn eller skrivemåden siger, \
                 at det er et personnummer.",
            en: "The date exists, the check digit (modulus 11) fits, and the field's name or the way it is written \
                 says that it is a personal number.",
        },
        Evidence::E3 => Text {
            da: "Datoen findes, og én af tre ting taler for et personnummer: kontrolcifferet passer, feltnavnet \
                 peger på et personnummer, eller der er bindestreg efter de seks første cifre.",
            en: "The date exists, and one of three things speaks for a personal number: the check digit fits, the field \
                 is named so, or there is a dash after the first six digits.",
        },
        Evidence::E4 => Text {
            da: "Ti cifre, der begynder med en gyldig dato. Det kan være et personnummer eller et tilfældigt \
                 løbenummer og fører ikke alene til, at en kørsel afvises.",
            en: "Ten digits that begin with a valid date. It may be a personal number or a chance serial number, and \
                 never fails a run alone.",
        },
    }
}

pub(crate) fn alteration(kind: AlterationKind) -> Text {
    match kind {
        AlterationKind::Masked => Text { da: "maskeret", en: "masked" },
        AlterationKind::Cut => Text { da: "afkortet", en: "cut" },
        AlterationKind::Changed => Text { da: "med et andet ciffer", en: "with another digit" },
    }
}

pub(crate) fn standing(standing: Standing) -> Text {
    match standing {
        Standing::Own => Text { da: "myndighedens eget system", en: "the authority's own system" },
        Standing::Public => Text { da: "en anden offentlig myndighed", en: "another public authority" },
        Standing::Approved => {
            Text { da: "godkendt databehandler for systemet", en: "a processor approved for the system" }
        }
        Standing::Unlisted => {
            Text { da: "kendt, men ikke godkendt til systemet", en: "known, but not approved for the system" }
        }
        Standing::Unknown => Text { da: "ukendt – står ikke i registret", en: "unknown – not on the list" },
    }
}

/// The same in a table's narrow column.
pub(crate) fn standing_short(standing: Standing) -> Text {
    match standing {
        Standing::Own => Text { da: "Eget system", en: "Own system" },
        Standing::Public => Text { da: "Anden myndighed", en: "Other authority" },
        Standing::Approved => Text { da: "Godkendt", en: "Approved" },
        Standing::Unlisted => Text { da: "Ikke godkendt", en: "Not approved" },
        Standing::Unknown => Text { da: "Ukendt", en: "Unknown" },
    }
}

pub(crate) fn channel(channel: Channel) -> Text {
    match channel {
        Channel::UrlPath => Text { da: "URL-sti", en: "URL path" },
        Channel::UrlQuery => Text { da: "URL-parameter", en: "URL query" },
        Channel::UrlFragment => Text { da: "URL efter #", en: "URL after #" },
        Channel::Referer => Text { da: "Referer-header", en: "Referer header" },
        Channel::Header => Text { da: "HTTP-header", en: "HTTP header" },
        Channel::Cookie => Text { da: "Cookie", en: "Cookie" },
        Channel::Body => Text { da: "Forespørgslens indhold", en: "Request body" },
        Channel::Websocket => Text { da: "WebSocket", en: "WebSocket" },
        Channel::Redirect => Text { da: "Viderestilling", en: "Redirect" },
        Channel::Title => Text { da: "Sidetitel", en: "Page title" },
        Channel::Storage => Text { da: "Browserlager", en: "Browser storage" },
        Channel::Mailto => Text { da: "Mailto-link", en: "Mailto link" },
        Channel::Log => Text { da: "Selve loggen", en: "The log itself" },
    }
}

/// The channel in a sentence that goes on after "in": "numbers are sent in ..".
pub(crate) fn channel_phrase(channel: Channel) -> Text {
    match channel {
        Channel::UrlPath => Text { da: "i URL'ens sti", en: "in the path of the URL" },
        Channel::UrlQuery => Text { da: "i en URL-parameter", en: "in the query of the URL" },
        Channel::UrlFragment => Text { da: "i URL'en efter #", en: "in the URL after #" },
        Channel::Referer => Text { da: "i Referer-headeren", en: "in the Referer header" },
        Channel::Header => Text { da: "i en HTTP-header", en: "in an HTTP header" },
        Channel::Cookie => Text { da: "i en cookie", en: "in a cookie" },
        Channel::Body => Text { da: "i forespørgslens indhold", en: "in the body of a request" },
        Channel::Websocket => Text { da: "i en WebSocket-besked", en: "in a WebSocket message" },
        Channel::Redirect => Text { da: "ved en viderestilling", en: "by a redirect" },
        Channel::Title => Text { da: "i sidens titel", en: "in the page's title" },
        Channel::Storage => Text { da: "fra browserens lager", en: "from the browser's storage" },
        Channel::Mailto => Text { da: "i et mailto-link", en: "in a mailto link" },
        Channel::Log => Text { da: "i selve loggen", en: "in the log itself" },
    }
}

pub(crate) fn consent_state(state: ConsentState) -> Text {
    match state {
        ConsentState::Untouched => Text { da: "før svar", en: "before an answer" },
        ConsentState::Refused => Text { da: "efter nej", en: "after a no" },
        ConsentState::Accepted => Text { da: "efter ja", en: "after a yes" },
    }
}

pub(crate) fn environment(environment: Environment) -> Text {
    match environment {
        Environment::Production => Text { da: "produktion", en: "production" },
        Environment::Test => Text { da: "testmiljø", en: "test environment" },
    }
}

pub(crate) fn context(context: SensitiveContext) -> Text {
    match context {
        SensitiveContext::Ethnicity => Text { da: "race eller etnisk oprindelse", en: "racial or ethnic background" },
        SensitiveContext::Belief => Text {
            da: "politisk, religiøs eller filosofisk overbevisning",
            en: "political, religious or philosophical belief",
        },
        SensitiveContext::TradeUnion => {
            Text { da: "fagforeningsmæssigt tilhørsforhold", en: "trade-union membership" }
        }
        SensitiveContext::Health => Text { da: "helbredsforhold", en: "health" },
        SensitiveContext::Sexuality => Text { da: "seksuelle forhold", en: "sexual matters" },
        SensitiveContext::Crime => Text { da: "strafbare forhold", en: "criminal offences" },
        SensitiveContext::SocialProblems => {
            Text { da: "væsentlige sociale problemer", en: "significant social problems" }
        }
        SensitiveContext::PrivateMatters => {
            Text { da: "andre rent private forhold", en: "other purely private matters" }
        }
        SensitiveContext::Economy => Text { da: "økonomiske forhold og restancer", en: "income, wealth and arrears" },
        SensitiveContext::Employment => Text { da: "ansættelsesforhold", en: "matters of employment" },
        SensitiveContext::Education => {
            Text { da: "skolegang, karakterer og bedømmelser", en: "schooling, marks and assessments" }
        }
    }
}

/// What a third party's product is for.
pub(crate) fn category(category: Category) -> Text {
    match category {
        Category::Ad => Text { da: "annoncering", en: "advertising" },
        Category::Analytics => Text { da: "måling og statistik", en: "analytics" },
        Category::Cdn => Text { da: "levering af filer, CDN", en: "delivery of files, CDN" },
        Category::ConsentProvider => Text { da: "samtykke til cookies", en: "consent to cookies" },
        Category::Content => Text { da: "indhold fra andre", en: "content" },
        Category::CustomerSuccess => Text { da: "chat og kundeservice", en: "chat and support" },
        Category::Hosting => Text { da: "serverdrift", en: "hosting" },
        Category::Marketing => Text { da: "markedsføring", en: "marketing" },
        Category::Social => Text { da: "sociale medier", en: "social media" },
        Category::TagManager => Text { da: "indlæsning af andre scripts", en: "loading of other scripts" },
        Category::Utility => Text { da: "hjælpefunktioner", en: "tools" },
        Category::Video => Text { da: "videoafspilning", en: "video" },
        Category::Other => Text { da: "andet", en: "other" },
    }
}

/// A class of what else of a person was sent, by its id; the detector has it as a word of its own.
pub(crate) fn belonging(class: &str) -> Option<Text> {
    match class {
        "name" => Some(Text { da: "navn", en: "name" }),
        "address" => Some(Text { da: "adresse", en: "postal address" }),
        "mail" => Some(Text { da: "mailadresse", en: "mail address" }),
        "phone" => Some(Text { da: "telefonnummer", en: "phone number" }),
        "account" => Some(Text { da: "kontonummer", en: "account number" }),
        _ => None,
    }
}

pub(crate) fn scan_kind(kind: ScanKind) -> Text {
    match kind {
        ScanKind::Audit => Text { da: "Automatisk gennemgang i browser", en: "Audit in a browser" },
        ScanKind::Recording => Text { da: "Analyse af optaget trafik", en: "Reading of recorded traffic" },
        ScanKind::Proxy => Text { da: "Gennemgang i hånden gennem proxyen", en: "Session through the proxy" },
        ScanKind::Run => Text { da: "Testpakke kørt gennem proxyen", en: "Test suite run behind the proxy" },
    }
}

/// How a page visit ended; the model has it as a word of its own.
pub(crate) fn outcome(outcome: &str) -> Option<Text> {
    match outcome {
        "loaded" => Some(Text { da: "Indlæst", en: "Loaded" }),
        "login-required" => Some(Text { da: "Kræver login", en: "Login required" }),
        "failed" => Some(Text { da: "Mislykkedes", en: "Failed" }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{ALL_CHANNELS, ALL_CONTEXTS, ALL_EVIDENCE, ALL_STANDINGS, said_in_both, said_sentence};

    #[test]
    fn every_level_is_said_in_both_languages() {
        for level in Severity::ALL {
            said_in_both(severity(level));
            said_sentence(severity_meaning(level));
        }
        for level in ALL_EVIDENCE {
            said_in_both(evidence(level));
            said_sentence(evidence_meaning(level));
        }
        for who in ALL_STANDINGS {
            said_in_both(standing(who));
            said_in_both(standing_short(who));
        }
        for what in ALL_CONTEXTS {
            said_in_both(context(what));
        }
        for what in Category::ALL {
            said_in_both(category(what));
        }
        for class in ["address", "mail", "phone", "account"] {
            said_in_both(belonging(class).unwrap());
        }
        assert!(belonging("name").is_some() && belonging("surprise").is_none());
        for kind in [ScanKind::Audit, ScanKind::Recording, ScanKind::Proxy, ScanKind::Run] {
            said_in_both(scan_kind(kind));
        }
    }

    #[test]
    fn every_channel_is_said_in_a_table_and_in_a_sentence() {
        for way in ALL_CHANNELS {
            let name = channel(way);
            assert!(!name.da.is_empty() && !name.en.is_empty());
            said_in_both(channel_phrase(way));
        }
    }

    #[test]
    fn the_outcomes_of_the_model_are_known_and_others_are_not_guessed() {
        for known in ["loaded", "login-required", "failed"] {
            said_in_both(outcome(known).unwrap());
        }
        assert_eq!(outcome("eaten"), None);
    }
}
