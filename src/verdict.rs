//! What is said of a system in one word.

use model::{BlindSpotRecord, Coverage, Evidence, Finding, Rule, SystemId, Verdict};

/// The verdict on `id`, or on what belongs to no declared system.
pub(crate) fn verdict(
    id: Option<&SystemId>,
    coverage: &Coverage,
    findings: &[Finding],
    blind_spots: &[BlindSpotRecord],
) -> Verdict {
    // A value that may stand for a person is worth knowing and leaks nothing by itself.
    let concerns = |finding: &&Finding| {
        finding.system.as_ref() == id
            && finding.evidence != Some(Evidence::E4)
            && finding.rule != Rule::PersonTokenToThirdParty
    };
    if findings.iter().any(|finding| concerns(&finding)) {
        return Verdict::Leaking;
    }
    let loaded = coverage.pages.iter().any(|page| page.outcome == "loaded");
    if !loaded && (coverage.requests == 0 || !coverage.pages.is_empty()) {
        return Verdict::NotCovered;
    }
    let concerns = |spot: &BlindSpotRecord| spot.system.is_none() || spot.system.as_ref() == id;
    let unseen = blind_spots.iter().any(|spot| spot.kind.leaves_gap() && concerns(spot));
    if unseen { Verdict::Incomplete } else { Verdict::Clean }
}
