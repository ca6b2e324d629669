//! What was otherwise in a run than with a citizen: what was declared so, and what the proxy kept from the browser.
//! Nothing is unseen for it.

use std::collections::BTreeSet;

use model::{BlindSpotKind, Scan};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::naming::count;
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::detail;

/// Places named of each kind; most large sites offer HTTP/3, and a few names say which they are.
const MAX_PLACES: usize = 8;

/// The conditions of `scan`, a sentence or two each.
pub(crate) fn conditions(scan: &Scan, lang: Lang) -> Vec<String> {
    let declared = scan.conditions.iter().map(|condition| detail(condition.as_str(), lang).text);
    let withheld = BlindSpotKind::ALL.into_iter().filter(|kind| !kind.leaves_gap());
    declared.chain(withheld.filter_map(|kind| told(scan, kind, lang))).collect()
}

/// What is said of all of `kind`; `None` when there is none.
fn told(scan: &Scan, kind: BlindSpotKind, lang: Lang) -> Option<String> {
    let of_kind = scan.blind_spots.iter().filter(|spot| spot.kind == kind);
    let places: BTreeSet<String> = of_kind.map(|spot| Inert::from(&spot.place).to_string()).collect();
    let all = lang.number(count(places.len()));
    let counted = match (places.len(), lang) {
        (0, _) => return None,
        (1, Lang::Da) => "1 vært".to_owned(),
        (_, Lang::Da) => format!("{all} værter"),
        (1, Lang::En) => "1 host".to_owned(),
        (_, Lang::En) => format!("{all} hosts"),
    };
    let mut named = places.iter().take(MAX_PLACES).cloned().collect::<Vec<_>>().join(", ");
    if places.len() > MAX_PLACES {
        named.push_str(" …");
    }
    let text = blind_spot(kind);
    let (title, meaning) = (text.title.to(lang), text.meaning.to(lang));
    Some(format!("{title} ({}): {counted} ({named}). {meaning}", kind.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closing::next_step;
    use crate::sample;
    use crate::summary::Extract;

    #[test]
    fn what_was_withheld_is_told_by_host_and_is_no_gap() {
        let mut scan = sample::scan();
        scan.blind_spots.retain(|spot| !spot.kind.leaves_gap());
        assert!(scan.is_complete());
        let whole = Extract::whole(&scan);
        assert_eq!((whole.unseen(), next_step(&whole, Lang::En).contains("not seen")), (0, false));
        let told = conditions(&scan, Lang::En).pop().unwrap();
        let counted = "Offers of HTTP/3 were withheld (http3-withheld): 1 host (https://cdn.nordia-cdn.test). ";
        assert!(told.starts_with(counted), "{told}");
        for number in 0..20 {
            let mut spot = scan.blind_spots[0].clone();
            spot.place = model::Redacted::own_words(format!("https://host-{number}.test"));
            scan.blind_spots.push(spot);
        }
        let told = conditions(&scan, Lang::Da).pop().unwrap();
        assert!(told.starts_with("Tilbud om HTTP/3 blev holdt tilbage (http3-withheld): 21 værter ("), "{told}");
        assert!(told.contains(" …). "), "{told}");
    }

    #[test]
    fn without_any_nothing_is_said() {
        let mut scan = sample::scan();
        (scan.conditions, scan.blind_spots) = (Vec::new(), Vec::new());
        assert!(conditions(&scan, Lang::Da).is_empty());
    }
}
