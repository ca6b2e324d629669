//! Blind spots for a page: grouped by kind, each with what it means and what to do about it.

use std::collections::BTreeMap;

use model::{BlindSpotKind, BlindSpotRecord, Picture};

use crate::inert::Inert;
use crate::lang::Lang;
use crate::texts::blind_spots::blind_spot;
use crate::texts::details::{Detail, detail};

/// Pictures by the names of their files.
type Pictures = BTreeMap<String, Picture>;

/// The blind spots of one kind.
#[derive(Clone, Debug)]
pub(super) struct Unseen {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    pub(super) action: &'static str,
    pub(super) places: Vec<UnseenPlace>,
}

/// One place that was not seen.
#[derive(Clone, Debug)]
pub(super) struct UnseenPlace {
    pub(super) place: String,
    pub(super) detail: Detail,
    pub(super) count: u64,
    pub(super) picture: Option<Shown>,
}

/// A picture on the page: it needs no file beside it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// The file that shows the same.
    pub(super) file: String,
    /// It, as base64.
    pub(super) png: String,
}

/// The blind spots by kind, the worst kind first.
pub(super) fn grouped(spots: &[&BlindSpotRecord], pictures: &Pictures, lang: Lang) -> Vec<Unseen> {
    let of_kind = |kind: BlindSpotKind| {
        let places: Vec<UnseenPlace> = spots
            .iter()
            .filter(|spot| spot.kind == kind)
            .map(|spot| UnseenPlace {
                place: Inert::from(&spot.place).to_string(),
                detail: detail(spot.detail.as_str(), lang),
                count: spot.count,
                picture: spot.picture.as_ref().and_then(|file| shown(file, pictures)),
            })
            .collect();
        let text = blind_spot(kind);
        (!places.is_empty()).then(|| Unseen {
            id: kind.as_str(),
            title: text.title.to(lang),
            meaning: text.meaning.to(lang),
            action: text.action.to(lang),
            places,
        })
    };
    BlindSpotKind::ALL.into_iter().filter_map(of_kind).collect()
}

/// The picture called `file`; `None` where a scan was read without its pictures.
fn shown(file: &str, pictures: &Pictures) -> Option<Shown> {
    let png = pictures.get(file)?.as_base64().to_owned();
    Some(Shown { file: Inert::new(file).to_string(), png })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn places_of_one_kind_stand_together_and_none_is_lost() {
        let scan = sample::scan();
        let twice: Vec<_> = scan.blind_spots.iter().chain(&scan.blind_spots).collect();
        let groups = grouped(&twice, &scan.pictures, Lang::Da);
        assert_eq!(groups.len(), 6);
        assert_eq!(groups.iter().map(|group| group.places.len()).sum::<usize>(), twice.len());
        assert_eq!(groups[0].id, "login-required");
    }
}
