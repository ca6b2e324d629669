//! `form-exfiltration`: what is typed into a form goes to another site before the form is sent.
//!
//! Every field has a number of its own, so the number tells the field. What belongs to the visit after the form was sent
//! may come from the page that shows it, and is not told here.

use std::collections::BTreeMap;

use model::{CprNumber, Identity, Rule, Sighting, Standing, SystemId, Visit, VisitId};

/// When a field's number was typed first, and when it was sent first: in that visit all that is sent comes before.
type Typed<'a> = BTreeMap<(&'a Option<SystemId>, CprNumber), (VisitId, Option<VisitId>)>;

pub(crate) fn told(sightings: &[Sighting], visits: &[Visit]) -> Vec<Sighting> {
    let mut typed: Typed<'_> = BTreeMap::new();
    for visit in visits {
        for form in visit.forms.iter().filter(|form| form.filled) {
            for number in form.fields.iter().filter_map(|field| field.canary) {
                let (first, sent) = typed.entry((&visit.system, number)).or_insert((visit.id, None));
                *first = visit.id.min(*first);
                if form.submitted {
                    *sent = Some(sent.map_or(visit.id, |sent| sent.min(visit.id)));
                }
            }
        }
    }
    let is_before = |sighting: &&Sighting| {
        let Identity::Canary(number) = sighting.identity else { return false };
        let Some(visit) = sighting.context.visit else { return false };
        let times = typed.get(&(&sighting.system, number));
        sighting.standing != Standing::Own
            && !sighting.rule.is_of_page()
            && times.is_some_and(|(first, sent)| visit >= *first && sent.is_none_or(|sent| visit <= sent))
    };
    let told = |sighting: &Sighting| Sighting { rule: Rule::FormExfiltration, ..sighting.clone() };
    sightings.iter().filter(is_before).map(told).collect()
}
