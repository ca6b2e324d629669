//! `cpr-in-mailto`: a mail is sent outside the self-service, mostly unencrypted, and stays in mailboxes.

use model::{Channel, PageFacts, Place};

use super::Held;
use crate::decoders::{Piece, RawStep};
use crate::parts::Part;

/// Header fields of one link (RFC 6068 §2); there are five in use.
const MAX_FIELDS: usize = 50;

pub(crate) fn pieces(facts: &PageFacts) -> Vec<Held> {
    facts.mail_links.iter().flat_map(|link| fields(link)).collect()
}

/// Address and header fields of a link, as they are written: what is encoded is undone by the detector.
fn fields(link: &str) -> Vec<Held> {
    let rest = link.split_once(':').map_or(link, |(_, rest)| rest);
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let fields = query.split('&').take(MAX_FIELDS).map(|field| field.split_once('=').unwrap_or((field, "")));
    std::iter::once(("to", address)).chain(fields).filter(|(_, value)| !value.is_empty()).map(held).collect()
}

fn held((name, value): (&str, &str)) -> Held {
    let steps = vec![RawStep::Into(Place::Mailto, name.to_ascii_lowercase())];
    let piece = Piece::new(steps, value.as_bytes().to_vec());
    Held { part: Part { channel: Channel::Mailto, piece, leads_to: None }, origin: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_and_fields_are_pieces_of_their_own() {
        let names = |link: &str| -> Vec<String> {
            let step = |held: Held| match held.part.piece.steps.first() {
                Some(RawStep::Into(Place::Mailto, name)) => name.clone(),
                _ => String::new(),
            };
            fields(link).into_iter().map(step).collect()
        };
        assert_eq!(names("mailto:a@b.test?Subject=x&body=y&cc="), ["to", "subject", "body"]);
        assert_eq!(names("mailto:?body=y"), ["body"]);
        assert_eq!(names("mailto:"), Vec::<String>::new());
    }
}
