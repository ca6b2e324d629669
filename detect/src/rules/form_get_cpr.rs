//! `form-get-cpr`: a form sent by GET writes its fields into the address.

use super::FormSeen;

/// A form that says neither how nor where it is sent is often a script's, and is told only when the number was seen in
/// the address it led to.
pub(crate) fn is_broken(seen: &FormSeen<'_>) -> bool {
    seen.form.method == "get" && (seen.form.says_how || leads_to_number(seen))
}

fn leads_to_number(seen: &FormSeen<'_>) -> bool {
    let typed = seen.form.fields.iter().filter_map(|field| field.canary);
    // Compared with an address in memory, and shown nowhere.
    let typed: Vec<String> = typed.map(|number| number.reveal()).collect();
    let mut next = seen.visits.iter().filter(|visit| visit.submitted_from == Some(seen.visit.id));
    let digits = |url: &str| url.chars().filter(|c| *c != '-').collect::<String>();
    seen.form.submitted && next.any(|visit| typed.iter().any(|number| digits(&visit.url).contains(number.as_str())))
}
