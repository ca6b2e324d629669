//! The findings of the sample scan: one of each kind that reports tell differently.

use super::*;

/// The findings.
pub(super) fn findings() -> Vec<Finding> {
    let level = |evidence, standing| SeverityReason::Level { evidence, standing };
    let outside = || SeverityReason::OutsideEea { country: "US".to_owned() };
    let form = || FormOfOrigin { page: own("https://www.tastselv.test/"), form: own("login"), field: own("cpr") };
    let tax = "https://www.tastselv.test/aarsopgoerelse";
    let receipt = "https://www.tastselv.test/kvittering";
    let base = Finding {
        fingerprint: "8f3a12cd90ab4477b1c2d3e4f5061728".to_owned(),
        rule: Rule::CprInReferer,
        system: Some(SystemId("tastselv".to_owned())),
        vendor: Some(VendorId("nordia".to_owned())),
        channel: Some(Channel::Referer),
        recipient: edge(),
        hosts: vec![own("cdn.nordia-cdn.test")],
        page: own(tax),
        parameter: own("referer > cpr"),
        evidence: Some(Evidence::E1),
        severity: Severity::Critical,
        reasons: vec![level(Evidence::E1, Standing::Unlisted), outside()],
        first_seen: at("2026-11-22T04:00:31Z"),
        last_seen: at("2026-11-22T04:02:10Z"),
        transmissions: 41,
        undelivered: 0,
        blocked: 0,
        simulated: false,
        persons: 1,
        test_persons: 1,
        trail: own("header[referer] > query[cpr]"),
        request: own("GET https://cdn.nordia-cdn.test/edge/{n}.js"),
        tls: Some("TLSv1.3".to_owned()),
        cleartext: false,
        also_sent: vec![own("ip-address"), own("user-agent")],
        form: Some(form()),
        roles: vec![own("borger")],
        consent: ConsentState::ALL.to_vec(),
        initiator: Some(InitiatorRecord {
            kind: InitiatorKind::Script,
            url: Some(own("https://www.tastselv.test/assets/{hex}.js")),
            line: Some(3),
            column: Some(12),
            function: Some(own("hentKant")),
            wanted: Some(Wanted::Script),
            why: None,
        }),
        remedies: vec![
            Remedy::KeepNumberInSession,
            Remedy::StrictReferrerPolicy,
            Remedy::SelfHostScripts,
            Remedy::AskRecipientToDelete,
        ],
        tests: Vec::new(),
        more_tests: 0,
        acceptance: None,
    };
    vec![
        base.clone(),
        Finding {
            fingerprint: "17c0ffee90ab4477b1c2d3e4f5061728".to_owned(),
            recipient: libraries(),
            hosts: vec![own("ajax.hosted-libraries.test"), own("fonts.hosted-libraries.test")],
            transmissions: 12,
            undelivered: 0,
            blocked: 0,
            simulated: false,
            request: own("GET https://ajax.hosted-libraries.test/lib/core.js"),
            initiator: Some(of_page(InitiatorKind::Markup, Some(14))),
            page: own(receipt),
            ..base.clone()
        },
        Finding {
            fingerprint: "2b7e151628aed2a6abf7158809cf4f3c".to_owned(),
            rule: Rule::CprInThirdPartyRequest,
            channel: Some(Channel::UrlQuery),
            recipient: metrics(),
            hosts: vec![own("maaling.test")],
            parameter: own("dl > cpr"),
            severity: Severity::High,
            reasons: vec![level(Evidence::E1, Standing::Approved)],
            transmissions: 12,
            undelivered: 0,
            blocked: 0,
            simulated: false,
            trail: own("query[dl] > percent > query[cpr]"),
            request: own("GET https://maaling.test/collect"),
            initiator: Some(InitiatorRecord {
                wanted: Some(Wanted::Image),
                ..of_page(InitiatorKind::InlineScript, Some(61))
            }),
            also_sent: vec![
                own("cookie:_mid"),
                own("ip-address"),
                own("query:cid"),
                own("query:dt"),
                own("user-agent"),
            ],
            remedies: vec![Remedy::ScrubTelemetry, Remedy::KeepNumberInSession, Remedy::RemoveThirdParty],
            ..base.clone()
        },
        Finding {
            fingerprint: "3ad77bb40d7a3660a89ecaf32466ef97".to_owned(),
            rule: Rule::CprInUrl,
            channel: Some(Channel::UrlQuery),
            recipient: own_site(),
            hosts: vec![own("www.tastselv.test")],
            parameter: own("cpr"),
            severity: Severity::Medium,
            reasons: vec![level(Evidence::E1, Standing::Own)],
            transmissions: 9,
            undelivered: 0,
            blocked: 0,
            simulated: false,
            trail: own("query[cpr]"),
            request: own("GET https://www.tastselv.test/aarsopgoerelse"),
            initiator: Some(InitiatorRecord { url: None, ..of_page(InitiatorKind::Navigation, None) }),
            remedies: vec![Remedy::KeepNumberInSession, Remedy::PostInsteadOfGet],
            ..base.clone()
        },
        Finding {
            fingerprint: "f5d3d58503b9699de785895a96fdbaaf".to_owned(),
            rule: Rule::UnlistedRecipient,
            channel: None,
            evidence: None,
            recipient: fonts(),
            hosts: vec![own("skrifttyper.test")],
            parameter: own(""),
            severity: Severity::Medium,
            reasons: vec![SeverityReason::RecipientNotListed],
            transmissions: 0,
            undelivered: 0,
            blocked: 0,
            simulated: false,
            persons: 0,
            test_persons: 0,
            trail: own(""),
            request: own("GET https://skrifttyper.test/serif.woff2"),
            form: None,
            initiator: None,
            remedies: vec![Remedy::SelfHostScripts, Remedy::AgreementOrStop],
            ..base.clone()
        },
        Finding {
            fingerprint: "43b1cd7f598ece23881b00e3ed030688".to_owned(),
            rule: Rule::CprInThirdPartyRequest,
            channel: Some(Channel::UrlPath),
            recipient: edge(),
            parameter: own("path[2]"),
            evidence: Some(Evidence::E4),
            severity: Severity::Medium,
            reasons: vec![level(Evidence::E4, Standing::Unlisted), outside()],
            transmissions: 3,
            undelivered: 0,
            blocked: 0,
            simulated: false,
            test_persons: 0,
            trail: own("path[2]"),
            request: own("GET https://cdn.nordia-cdn.test/b/{n}"),
            form: None,
            initiator: Some(InitiatorRecord {
                url: None,
                wanted: None,
                why: Some(WhyUnknown::NotTold),
                ..of_page(InitiatorKind::Unknown, None)
            }),
            remedies: vec![Remedy::SelfHostScripts],
            ..base
        },
    ]
}

/// A part of the receipt, or the page itself.
fn of_page(kind: InitiatorKind, line: Option<u32>) -> InitiatorRecord {
    InitiatorRecord {
        kind,
        url: Some(own("https://www.tastselv.test/kvittering")),
        line,
        column: None,
        function: None,
        wanted: Some(Wanted::Script),
        why: None,
    }
}
