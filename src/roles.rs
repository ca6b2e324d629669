//! As whom a system was visited, and what was seen so: told by its visits.

use detect::Redactor;
use model::{Redacted, RoleCoverage, SignIn};

use crate::record::VisitRecord;

/// The roles of `visits`, in their order. A visit for which nobody was to sign in has none.
pub(crate) fn covered<'v>(visits: impl Iterator<Item = &'v VisitRecord>, redactor: &Redactor) -> Vec<RoleCoverage> {
    let mut roles: Vec<(Option<&str>, RoleCoverage)> = Vec::new();
    for visit in visits {
        let name = visit.role.as_deref();
        let is_of_role = name.is_some() || visit.sign_in != SignIn::NotTried;
        if !is_of_role {
            continue;
        }
        let at = roles.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            let shown = name.map(|name| Redacted::new(name, redactor));
            roles.push((name, RoleCoverage { name: shown, signed_in: false, pages: 0 }));
            roles.len() - 1
        });
        let Some((_, role)) = roles.get_mut(at) else { continue };
        let is_in = visit.sign_in == SignIn::Done;
        role.signed_in |= is_in;
        role.pages += u64::from(is_in && visit.is_loaded());
    }
    roles.into_iter().map(|(_, role)| role).collect()
}

#[cfg(test)]
mod tests {
    use model::{Visit, VisitId, VisitOutcome};

    use super::*;
    use crate::setup;

    fn visit(role: Option<&str>, sign_in: SignIn, outcome: VisitOutcome) -> Visit {
        Visit {
            id: VisitId(1),
            system: None,
            url: "https://a.test/".to_owned(),
            submitted_from: None,
            role: role.map(str::to_owned),
            sign_in,
            consent: model::ConsentState::Untouched,
            started: "2026-11-22T04:00:00Z".parse().unwrap(),
            status: Some(200),
            title: String::new(),
            outcome,
            forms: Vec::new(),
            links_out: 0,
            facts: None,
        }
    }

    #[track_caller]
    fn case(visits: &[Visit], expected: &[(Option<&str>, bool, u64)]) {
        let clock = setup::clock(None);
        let key = setup::key(None).unwrap();
        let recorder = setup::recorder(&[], detect::Parties::first_party(Vec::new()), key, &clock);
        let redactor = recorder.redactor();
        let visits: Vec<VisitRecord> = visits.iter().map(|visit| VisitRecord::new(visit, None, &redactor)).collect();
        let roles = covered(visits.iter(), &redactor);
        let told: Vec<(Option<&str>, bool, u64)> =
            roles.iter().map(|role| (role.name.as_ref().map(Redacted::as_str), role.signed_in, role.pages)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_role_has_the_pages_that_were_seen_signed_in() {
        let (done, loaded) = (SignIn::Done, VisitOutcome::Loaded);
        let borger = |sign_in, outcome: &VisitOutcome| visit(Some("borger"), sign_in, outcome.clone());
        let visits = [
            borger(SignIn::NotTried, &loaded),
            borger(done, &loaded),
            borger(done, &VisitOutcome::LoginRequired),
            visit(Some("partner"), SignIn::Failed, loaded.clone()),
            borger(done, &loaded),
        ];
        case(&visits, &[(Some("borger"), true, 2), (Some("partner"), false, 0)]);
    }

    #[test]
    fn who_signs_in_without_a_role_is_told_and_who_does_not_is_no_role() {
        let loaded = VisitOutcome::Loaded;
        case(&[visit(None, SignIn::NotTried, loaded.clone())], &[]);
        let visits = [visit(None, SignIn::NotTried, loaded.clone()), visit(None, SignIn::Failed, loaded)];
        case(&visits, &[(None, false, 0)]);
    }
}
