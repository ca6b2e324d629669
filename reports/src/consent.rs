//! What a finding, and a system, have to do with the answer that a citizen gave to the question for consent.

use model::{ConsentPass, ConsentState, Coverage, Finding, Standing};

use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::summary::is_possible;
use crate::texts::terms::consent_state;

/// Of a number that is sent whatever the citizen says.
const SENT: Text =
    Text { da: "Sendes også, når borgeren har sagt nej.", en: "Sent even after the citizen has said no." };

/// The same of what is no number.
const HAPPENS: Text =
    Text { da: "Det sker også, når borgeren har sagt nej.", en: "It happens even after the citizen has said no." };

/// Whether somebody else gets it although the citizen has said no. Of what may be no number that is not said.
pub(crate) fn is_in_spite(finding: &Finding) -> bool {
    finding.recipient.standing != Standing::Own
        && !is_possible(finding)
        && finding.consent.contains(&ConsentState::Refused)
}

/// That a finding comes whatever the citizen says, as a sentence; `None` where that was not seen.
pub(crate) fn said_no(finding: &Finding, lang: Lang) -> Option<&'static str> {
    let sentence = if finding.evidence.is_some() { SENT } else { HAPPENS };
    is_in_spite(finding).then(|| sentence.to(lang))
}

/// Under which answers a finding was seen; `None` where no answer was tried.
pub(crate) fn seen_under(finding: &Finding, lang: Lang) -> Option<String> {
    if finding.consent.is_empty() {
        return None;
    }
    let states: Vec<&str> = finding.consent.iter().map(|state| consent_state(*state).to(lang)).collect();
    let seen = match lang {
        Lang::Da => format!("set {}", joined(&states, lang)),
        Lang::En => format!("seen {}", joined(&states, lang)),
    };
    Some(match said_no(finding, lang) {
        Some(sentence) => format!("{} ({seen})", sentence.trim_end_matches('.')),
        None => seen,
    })
}

/// How many findings come in spite of a no, as a sentence; `None` when none does.
pub(crate) fn in_spite(findings: u64, lang: Lang) -> Option<String> {
    let number = lang.number(findings);
    match (findings, lang) {
        (0, Lang::Da | Lang::En) => None,
        (1, Lang::Da) => Some("Ét fund gælder også, når borgeren har sagt nej til cookies.".to_owned()),
        (1, Lang::En) => Some("One finding holds even after the citizen has said no to cookies.".to_owned()),
        (_, Lang::Da) => Some(format!("{number} fund gælder også, når borgeren har sagt nej til cookies.")),
        (_, Lang::En) => Some(format!("{number} findings hold even after the citizen has said no to cookies.")),
    }
}

/// Under which answers a system was gone through; `None` where nobody asked.
pub(crate) fn gone_through(coverage: &Coverage, lang: Lang) -> Option<String> {
    let is_made = |pass: &&ConsentPass| pass.pages_in_state > 0;
    let states: Vec<&str> =
        coverage.consent_states.iter().filter(is_made).map(|pass| consent_state(pass.state).to(lang)).collect();
    match (states.is_empty(), lang) {
        (true, Lang::Da | Lang::En) => None,
        (false, Lang::Da) => Some(format!("set {}", joined(&states, lang))),
        (false, Lang::En) => Some(format!("seen {}", joined(&states, lang))),
    }
}

/// One pass in words: `7 af 8 sider, spørgsmål: Cookie Information Banner`.
pub(crate) fn pass(pass: &ConsentPass, lang: Lang) -> String {
    let (held, all) = (lang.number(pass.pages_in_state), lang.number(pass.pages));
    let views = match lang {
        Lang::Da => format!("{held} af {all} sidevisninger"),
        Lang::En => format!("{held} of {all} page views"),
    };
    let Some(banner) = &pass.banner else { return views };
    let banner = Inert::short(banner.as_str(), 80);
    match lang {
        Lang::Da => format!("{views}; spørgsmålet: {banner}"),
        Lang::En => format!("{views}; the question: {banner}"),
    }
}

fn joined(parts: &[&str], lang: Lang) -> String {
    let and = match lang {
        Lang::Da => " og ",
        Lang::En => " and ",
    };
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{}{and}{last}", rest.join(", ")),
        _ => parts.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_comes_in_spite_of_a_no_is_said_so() {
        let mut finding = sample::scan().findings.remove(0);
        let mut said = |states: &[ConsentState], lang| {
            finding.consent = states.to_vec();
            seen_under(&finding, lang)
        };
        assert_eq!(said(&[], Lang::Da), None);
        assert_eq!(said(&[ConsentState::Accepted], Lang::Da).as_deref(), Some("set efter ja"));
        assert_eq!(
            said(&[ConsentState::Untouched, ConsentState::Accepted], Lang::En).as_deref(),
            Some("seen before an answer and after a yes")
        );
        assert_eq!(
            said(&ConsentState::ALL, Lang::Da).as_deref(),
            Some("Sendes også, når borgeren har sagt nej (set før svar, efter nej og efter ja)")
        );
        finding.recipient.standing = Standing::Own;
        assert!(!is_in_spite(&finding));
    }
}
