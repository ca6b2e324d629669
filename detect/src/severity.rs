//! How bad a finding is: DESIGN.md's table, and one step up for each thing that makes it worse.

use model::registry::SensitiveContext;
use model::{Evidence, Rule, Severity, SeverityReason, Standing};

/// What makes a finding worse.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circumstances {
    pub(crate) cleartext: bool,
    pub(crate) outside_eea: Option<String>,
    pub(crate) context: Option<SensitiveContext>,
}

/// The severity of a number seen with `evidence` by a party of `standing`, and why.
pub(crate) fn of_number(
    evidence: Evidence,
    standing: Standing,
    worse: &Circumstances,
) -> (Severity, Vec<SeverityReason>) {
    raised(base(evidence, standing), SeverityReason::Level { evidence, standing }, worse)
}

/// The same for what happens in a browser of before 2020 alone: one step milder.
pub(crate) fn simulated((severity, mut reasons): (Severity, Vec<SeverityReason>)) -> (Severity, Vec<SeverityReason>) {
    reasons.push(SeverityReason::SimulatedReferer);
    (severity.lowered(), reasons)
}

/// The severity of a recipient that is not on the list, when no number was seen.
pub(crate) fn of_recipient(worse: &Circumstances) -> (Severity, Vec<SeverityReason>) {
    raised(Severity::Medium, SeverityReason::RecipientNotListed, worse)
}

/// The severity of a page that told a sensitive matter to a party of `standing`. What the system handles beside it
/// counts no second time.
pub(crate) fn of_sensitive(
    context: SensitiveContext,
    standing: Standing,
    worse: &Circumstances,
) -> (Severity, Vec<SeverityReason>) {
    let start = match standing {
        Standing::Unlisted | Standing::Unknown => Severity::Medium,
        Standing::Own | Standing::Public | Standing::Approved => Severity::Low,
    };
    let worse = Circumstances { context: None, ..worse.clone() };
    raised(start, SeverityReason::SensitivePage { context, standing }, &worse)
}

/// The severity of a page that is built wrongly. Of medium weight is what puts numbers into addresses, or hands addresses
/// on: the root cause. Milder is what needs somebody at the same machine, or may have honest reasons.
pub(crate) fn of_page(rule: Rule, worse: &Circumstances) -> (Severity, Vec<SeverityReason>) {
    let start = match rule {
        Rule::CacheableCprPage | Rule::FormBeforeLogin => Severity::Low,
        // The others are judged by the number, and never come here.
        Rule::FormGetCpr
        | Rule::FormCleartext
        | Rule::ReferrerPolicyExposesUrl
        | Rule::ReportingExposesUrl
        | Rule::CprInTitle
        | Rule::CprInStorage
        | Rule::CprInMailto
        | Rule::CprInUrl
        | Rule::CprInReferer
        | Rule::CprInThirdPartyRequest
        | Rule::CprInCleartext
        | Rule::CprInRedirect
        | Rule::CprInCookie
        | Rule::UnlistedRecipient
        | Rule::CprDigest
        | Rule::SensitiveContextToThirdParty
        | Rule::PersonTokenToThirdParty
        | Rule::FormExfiltration
        | Rule::CprInLog => Severity::Medium,
    };
    raised(start, SeverityReason::PageItself, worse)
}

fn base(evidence: Evidence, standing: Standing) -> Severity {
    use Evidence::{E1, E2, E3, E4};
    use Standing::{Approved, Own, Public, Unknown, Unlisted};
    match (evidence, standing) {
        (E1 | E2, Unlisted | Unknown) => Severity::Critical,
        (E1 | E2, Public | Approved) | (E3, Unlisted | Unknown) => Severity::High,
        (E1 | E2, Own) | (E3, Public | Approved) | (E4, Unlisted | Unknown) => Severity::Medium,
        (E3, Own) | (E4, Public | Approved) => Severity::Low,
        (E4, Own) => Severity::Info,
    }
}

fn raised(start: Severity, first: SeverityReason, worse: &Circumstances) -> (Severity, Vec<SeverityReason>) {
    let mut reasons = vec![first];
    if worse.cleartext {
        reasons.push(SeverityReason::Cleartext);
    }
    if let Some(country) = &worse.outside_eea {
        reasons.push(SeverityReason::OutsideEea { country: country.clone() });
    }
    if let Some(context) = worse.context {
        reasons.push(SeverityReason::SensitiveContext { context });
    }
    let severity = reasons.iter().skip(1).fold(start, |severity, _| severity.raised());
    (severity, reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_that_of_the_design() {
        use Severity::{Critical, High, Info, Low, Medium};
        let standings = [Standing::Own, Standing::Public, Standing::Approved, Standing::Unlisted, Standing::Unknown];
        let rows = [
            (Evidence::E1, [Medium, High, High, Critical, Critical]),
            (Evidence::E2, [Medium, High, High, Critical, Critical]),
            (Evidence::E3, [Low, Medium, Medium, High, High]),
            (Evidence::E4, [Info, Low, Low, Medium, Medium]),
        ];
        for (evidence, row) in rows {
            assert_eq!(standings.map(|standing| base(evidence, standing)), row, "{evidence}");
        }
    }

    #[test]
    fn each_circumstance_is_one_step_and_one_reason() {
        let worse = Circumstances {
            cleartext: true,
            outside_eea: Some("US".to_owned()),
            context: Some(SensitiveContext::Health),
        };
        let (severity, reasons) = of_number(Evidence::E4, Standing::Own, &worse);
        assert_eq!(severity, Severity::High);
        assert_eq!(reasons.len(), 4);
        assert_eq!(of_number(Evidence::E1, Standing::Unknown, &worse).0, Severity::Critical);
        assert_eq!(of_recipient(&Circumstances::default()).0, Severity::Medium);
    }

    #[test]
    fn what_is_simulated_is_one_step_milder_and_says_so() {
        let (severity, reasons) = simulated(of_number(Evidence::E1, Standing::Unknown, &Circumstances::default()));
        assert_eq!((severity, reasons.last()), (Severity::High, Some(&SeverityReason::SimulatedReferer)));
        let (severity, _) = simulated(of_number(Evidence::E4, Standing::Own, &Circumstances::default()));
        assert_eq!(severity, Severity::Info);
    }

    #[test]
    fn a_telling_page_counts_its_matter_once() {
        let worse = Circumstances { context: Some(SensitiveContext::Health), ..Circumstances::default() };
        let of = |standing| of_sensitive(SensitiveContext::Health, standing, &worse).0;
        assert_eq!([Standing::Unknown, Standing::Unlisted].map(of), [Severity::Medium; 2]);
        assert_eq!([Standing::Approved, Standing::Public].map(of), [Severity::Low; 2]);
    }
}
