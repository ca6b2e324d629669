//! `form-exfiltration`: what is typed into a form goes to another site before the form is sent.
//!
//! Every field has a number of its own, so the number tells the field. What belongs to the visit after the form was sent
//! may come from the page that shows it, and is not told here.

use std::collections::{BTreeMap, BTreeSet};

use model::{CprNumber, Identity, Rule, Sighting, Standing, SystemId, Visit, VisitId};

/// When a field's number was typed.
#[derive(Default)]
struct Typed {
    /// In each of these all that is sent comes before the form is: a page that was cut short is visited and filled again.
    visits: BTreeSet<VisitId>,
    /// When it was sent first.
    sent: Option<VisitId>,
}

impl Typed {
    /// Whether what `visit` sent went before the form did.
    fn is_before(&self, visit: VisitId) -> bool {
        let is_between =
            || self.visits.first().is_some_and(|first| visit >= *first) && self.sent.is_none_or(|sent| visit <= sent);
        self.visits.contains(&visit) || is_between()
    }
}

pub(crate) fn told(sightings: &[Sighting], visits: &[Visit]) -> Vec<Sighting> {
    let mut typed: BTreeMap<(&Option<SystemId>, CprNumber), Typed> = BTreeMap::new();
    for visit in visits {
        for form in visit.forms.iter().filter(|form| form.filled) {
            for number in form.fields.iter().filter_map(|field| field.canary) {
                let typed = typed.entry((&visit.system, number)).or_default();
                typed.visits.insert(visit.id);
                if form.submitted {
                    typed.sent = Some(typed.sent.map_or(visit.id, |sent| sent.min(visit.id)));
                }
            }
        }
    }
    let is_before = |sighting: &&Sighting| {
        let Identity::Canary(number) = sighting.identity else { return false };
        let Some(visit) = sighting.context.visit else { return false };
        let typed = typed.get(&(&sighting.system, number));
        sighting.standing != Standing::Own
            && !sighting.rule.is_of_page()
            && typed.is_some_and(|typed| typed.is_before(visit))
    };
    let told = |sighting: &Sighting| Sighting { rule: Rule::FormExfiltration, ..sighting.clone() };
    sightings.iter().filter(is_before).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(typed: &[u32], sent: Option<u32>, before: &[u32]) {
        let typed = Typed { visits: typed.iter().copied().map(VisitId).collect(), sent: sent.map(VisitId) };
        let told: Vec<u32> = (0..10).filter(|visit| typed.is_before(VisitId(*visit))).collect();
        assert_eq!(told, before);
    }

    #[test]
    fn what_goes_out_while_the_form_is_filled_goes_before_it() {
        case(&[3], Some(3), &[3]);
        case(&[3], Some(5), &[3, 4, 5]);
        case(&[3], None, &[3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn a_form_that_is_filled_again_is_judged_again() {
        case(&[3, 6], Some(3), &[3, 6]);
    }
}
