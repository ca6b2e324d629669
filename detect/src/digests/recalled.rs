//! Digests of an earlier detector, of which only keyed tokens were kept: a number's digest is made a token and compared.

use std::collections::BTreeSet;

use model::WrittenForm;

use super::Digest;
use crate::notes::{DigestMark, Marker};

/// The algorithms of a sweep, with the bytes that they make.
const ALGORITHMS: [(WrittenForm, usize); 3] =
    [(WrittenForm::Md5, 16), (WrittenForm::Sha1, 20), (WrittenForm::Sha256, 32)];

/// The tokens of one algorithm's digests.
#[derive(Clone, Debug)]
pub(super) struct Recalled {
    pub(super) form: WrittenForm,
    marker: Marker,
    marks: BTreeSet<DigestMark>,
}

impl Recalled {
    /// One for each algorithm that has any.
    pub(super) fn of(marker: &Marker, marks: impl Iterator<Item = DigestMark>) -> Vec<Self> {
        let marks: BTreeSet<DigestMark> = marks.collect();
        let of_length = |(form, length): (WrittenForm, usize)| {
            let marks: BTreeSet<DigestMark> = marks.iter().filter(|mark| mark.length == length).copied().collect();
            (!marks.is_empty()).then(|| Self { form, marker: marker.clone(), marks })
        };
        ALGORITHMS.into_iter().filter_map(of_length).collect()
    }

    /// Those that `message` makes: its digest, and the same written as a UUID.
    pub(super) fn of_message(&self, message: &[u8]) -> impl Iterator<Item = Digest> {
        let digest = Digest::of(self.form, message);
        let as_uuid = digest.map(Digest::as_uuid).filter(|uuid| digest != Some(*uuid));
        digest.into_iter().chain(as_uuid).filter(|digest| self.marks.contains(&self.marker.digest(digest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_known_by_its_token_alone() {
        let marker = Marker::new(&[7; 32]);
        let md5 = Digest::of(WrittenForm::Md5, b"0707614285").unwrap();
        let marks = [md5, md5.as_uuid()].map(|digest| marker.digest(&digest));
        let [recalled] = Recalled::of(&marker, marks.into_iter()).try_into().unwrap();
        assert_eq!(recalled.of_message(b"0707614285").collect::<Vec<_>>(), [md5, md5.as_uuid()]);
        assert_eq!(recalled.of_message(b"070761-4285").count(), 0);
        let with_another_key = Recalled::of(&Marker::new(&[8; 32]), marks.into_iter());
        assert_eq!(with_another_key.iter().flat_map(|recalled| recalled.of_message(b"0707614285")).count(), 0);
    }
}
