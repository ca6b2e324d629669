//! Which form, and which field of it, the numbers came from that the crawler typed.

use std::collections::BTreeMap;

use detect::Origins;
use model::{FormOfOrigin, VisitId};

use crate::record::{FieldRecord, FormRecord, VisitRecord};

/// By the number where a field had one of its own; else by the visits that led on from a form.
pub(crate) fn of(visits: &[VisitRecord]) -> Origins {
    let origin = |page: &VisitRecord, form: &FormRecord, field: &FieldRecord| FormOfOrigin {
        page: page.page.clone(),
        form: form.name.clone(),
        field: field.name.clone(),
    };
    let mut origins = Origins::default();
    for visit in visits {
        for form in &visit.forms {
            for (field, number) in form.fields.iter().filter_map(|field| Some((field, field.canary?))) {
                // Met again on another page, it is the same form.
                let key = (visit.system.clone(), number);
                origins.by_number.entry(key).or_insert_with(|| origin(visit, form, field));
            }
        }
    }
    let mut by_visit: BTreeMap<VisitId, FormOfOrigin> = BTreeMap::new();
    for visit in visits {
        let Some(from) = visit.submitted_from else { continue };
        let before = visits.iter().find(|other| other.id == from);
        let form = before.and_then(|page| page.forms.iter().find(|form| form.submitted).map(|form| (page, form)));
        let field = form.and_then(|(page, form)| Some((page, form, form.fields.iter().find(|f| f.asks_for_cpr)?)));
        if let Some((page, form, field)) = field {
            by_visit.insert(visit.id, origin(page, form, field));
        } else if let Some(origin) = by_visit.get(&from).cloned() {
            // By the visits before it in the same chain.
            by_visit.insert(visit.id, origin);
        }
    }
    origins.by_visit = by_visit;
    origins
}
