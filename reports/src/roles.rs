//! As whom a system was visited: roles of the registry, and what was seen in each.

use model::{Coverage, RoleCoverage};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::texts::phrases as p;

/// Longest name of a role that is shown whole.
pub(crate) const MAX_ROLE: usize = 40;

/// Roles named in one line; their pages are in the table.
const MAX_NAMED: usize = 4;

/// `borger: signed in, 12 page views`.
pub(crate) fn role_told(role: &RoleCoverage, lang: Lang) -> String {
    let name = name(role, lang);
    match (role.signed_in, lang) {
        (true, Lang::Da) => format!("{name}: logget ind, {}", p::PAGES_SEEN.of(role.pages, lang)),
        (true, Lang::En) => format!("{name}: signed in, {}", p::PAGES_SEEN.of(role.pages, lang)),
        (false, Lang::Da) => format!("{name}: ikke logget ind"),
        (false, Lang::En) => format!("{name}: not signed in"),
    }
}

/// All of them in one line; nothing where nobody was to sign in.
pub(crate) fn in_roles(coverage: &Coverage, lang: Lang) -> Option<String> {
    if coverage.roles.is_empty() {
        return None;
    }
    let mut told: Vec<String> = coverage.roles.iter().take(MAX_NAMED).map(|role| role_told(role, lang)).collect();
    if coverage.roles.len() > MAX_NAMED {
        told.push("…".to_owned());
    }
    Some(told.join("; "))
}

fn name(role: &RoleCoverage, lang: Lang) -> String {
    match (&role.name, lang) {
        (Some(name), _) => Inert::short(name.as_str(), MAX_ROLE),
        (None, Lang::Da) => "uden rolle".to_owned(),
        (None, Lang::En) => "no role".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::Redacted;

    use super::*;

    #[test]
    fn each_role_says_whether_it_was_signed_in() {
        let role = |name: Option<&str>, signed_in, pages| RoleCoverage {
            name: name.map(Redacted::own_words),
            signed_in,
            pages,
        };
        let mut coverage = Coverage::default();
        assert_eq!(in_roles(&coverage, Lang::En), None);
        coverage.roles = vec![role(Some("borger"), true, 1), role(None, false, 0)];
        assert_eq!(
            in_roles(&coverage, Lang::En).as_deref(),
            Some("borger: signed in, 1 page view; no role: not signed in")
        );
        assert_eq!(
            in_roles(&coverage, Lang::Da).as_deref(),
            Some("borger: logget ind, 1 sidevisning; uden rolle: ikke logget ind")
        );
    }
}
