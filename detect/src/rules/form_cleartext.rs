//! `form-cleartext`: what is typed goes unencrypted, or comes from a page that anybody on the way could have changed.

use model::Target;

use super::FormSeen;

pub(crate) fn is_broken(seen: &FormSeen<'_>) -> bool {
    seen.page.scheme.is_cleartext() || Target::parse(&seen.form.action).is_ok_and(|action| action.scheme.is_cleartext())
}
