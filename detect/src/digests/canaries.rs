//! Digests of the declared test numbers: every spelling, with the salts that are known, and digests of digests.
//!
//! Kept is not the digest, only its beginning and how it is made: a find makes it again and compares the whole.

use std::collections::BTreeSet;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use model::{CprNumber, WrittenForm};

use super::Digest;

/// Every algorithm (cpr-facts 2.2).
pub(crate) const ALGORITHMS: [WrittenForm; 10] = [
    WrittenForm::Md5,
    WrittenForm::Sha1,
    WrittenForm::Sha224,
    WrittenForm::Sha256,
    WrittenForm::Sha384,
    WrittenForm::Sha512,
    WrittenForm::Sha3_224,
    WrittenForm::Sha3_256,
    WrittenForm::Sha3_384,
    WrittenForm::Sha3_512,
];

/// Those that are seen one around the other.
const NESTED: [WrittenForm; 4] = [WrittenForm::Md5, WrittenForm::Sha1, WrittenForm::Sha256, WrittenForm::Sha512];

/// Salts that are public, put behind the number (cpr-facts 2.2).
const SALTS: [&str; 1] = ["QX4QkKEU"];

/// Which of a declared number's digests it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownDigest {
    /// Whose.
    pub(crate) number: CprNumber,
    /// The algorithms, outermost first.
    pub(crate) layers: Vec<WrittenForm>,
    /// What was put behind the number.
    pub(crate) salt: Option<&'static str>,
}

/// Digests of declared test numbers, by their beginning.
#[derive(Clone, Debug)]
pub(crate) struct CanaryDigests {
    numbers: Vec<CprNumber>,
    recipes: Vec<Recipe>,
    /// First bytes, number and recipe, in order.
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    beginning: u64,
    number: usize,
    recipe: u16,
}

/// How a digest is made of a number.
#[derive(Clone, Copy, Debug)]
struct Recipe {
    /// What stands between date and serial.
    separator: &'static str,
    charset: Charset,
    salt: Option<&'static str>,
    inner: WrittenForm,
    outer: Option<(WrittenForm, Writing)>,
}

/// How a text becomes the bytes that are hashed.
#[derive(Clone, Copy, Debug)]
enum Charset {
    Utf8,
    /// What .NET's `Encoding.Unicode` and SQL Server's `nvarchar` are.
    Utf16,
}

/// How a digest is written before it is hashed again.
#[derive(Clone, Copy, Debug)]
enum Writing {
    LowerHex,
    UpperHex,
    Base64,
}

impl CanaryDigests {
    /// Those of `canaries`.
    pub(crate) fn new(canaries: &BTreeSet<CprNumber>) -> Self {
        let numbers: Vec<CprNumber> = canaries.iter().copied().collect();
        let recipes = recipes();
        let mut entries = Vec::with_capacity(numbers.len() * recipes.len());
        for (number, cpr) in numbers.iter().enumerate() {
            for (at, recipe) in (0..).zip(&recipes) {
                let digest = recipe.digest(*cpr);
                entries.extend(digest.map(|digest| Entry { beginning: beginning(&digest), number, recipe: at }));
            }
        }
        entries.sort_unstable();
        Self { numbers, recipes, entries }
    }

    /// Whose digest it is. One that is a UUID counts, too (RFC 9562 §5.3).
    pub(crate) fn find(&self, digest: &Digest) -> Option<KnownDigest> {
        self.find_exact(digest, |made| made).or_else(|| self.find_exact(digest, Digest::as_uuid))
    }

    fn find_exact(&self, digest: &Digest, change: impl Fn(Digest) -> Digest) -> Option<KnownDigest> {
        let beginning = beginning(digest);
        let from = self.entries.partition_point(|entry| entry.beginning < beginning);
        let mut same = self.entries.get(from..)?.iter().take_while(|entry| entry.beginning == beginning);
        same.find_map(|entry| {
            let number = *self.numbers.get(entry.number)?;
            let recipe = self.recipes.get(usize::from(entry.recipe))?;
            let is_it = recipe.digest(number).is_some_and(|made| change(made) == *digest);
            is_it.then(|| KnownDigest { number, layers: recipe.layers(), salt: recipe.salt })
        })
    }
}

/// The first bytes, up to those that a UUID changes.
fn beginning(digest: &Digest) -> u64 {
    digest.bytes.first_chunk().copied().map_or(0, u64::from_be_bytes) >> 16
}

fn recipes() -> Vec<Recipe> {
    let mut recipes = Vec::new();
    for separator in ["", "-", " "] {
        for charset in [Charset::Utf8, Charset::Utf16] {
            let plain = Recipe { separator, charset, salt: None, inner: WrittenForm::Md5, outer: None };
            let salts = std::iter::once(None).chain(SALTS.into_iter().map(Some));
            for salt in salts {
                recipes.extend(ALGORITHMS.map(|inner| Recipe { salt, inner, ..plain }));
            }
            for inner in NESTED {
                for writing in [Writing::LowerHex, Writing::UpperHex, Writing::Base64] {
                    recipes.extend(NESTED.map(|outer| Recipe { inner, outer: Some((outer, writing)), ..plain }));
                }
            }
        }
    }
    recipes
}

impl Recipe {
    fn digest(self, number: CprNumber) -> Option<Digest> {
        // Declared test numbers only, and what comes of it is compared.
        let digits = number.reveal();
        let (date, serial) = digits.split_at_checked(6)?;
        let text = [date, self.separator, serial, self.salt.unwrap_or_default()].concat();
        let inner = Digest::of(self.inner, &self.charset.bytes(&text))?;
        match self.outer {
            None => Some(inner),
            Some((outer, writing)) => Digest::of(outer, writing.text(&inner).as_bytes()),
        }
    }

    fn layers(self) -> Vec<WrittenForm> {
        self.outer.map(|(outer, _)| outer).into_iter().chain([self.inner]).collect()
    }
}

impl Charset {
    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        }
    }
}

impl Writing {
    fn text(self, digest: &Digest) -> String {
        match self {
            Self::LowerHex => HEXLOWER.encode(digest.as_bytes()),
            Self::UpperHex => HEXUPPER.encode(digest.as_bytes()),
            Self::Base64 => BASE64.encode(digest.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest as _;

    use super::*;

    fn known() -> CanaryDigests {
        CanaryDigests::new(&["0101455002", "0101455001"].map(|text| text.parse().unwrap()).into())
    }

    #[track_caller]
    fn case(digest: &[u8], layers: &[WrittenForm], salt: Option<&str>) {
        let found = known().find(&Digest::new(digest).unwrap()).expect("it is one of them");
        assert_eq!((found.layers.as_slice(), found.salt), (layers, salt));
        assert_eq!(found.number, "0101455001".parse().unwrap());
    }

    #[test]
    fn every_algorithm_and_spelling_is_known() {
        for text in ["0101455001", "010145-5001", "010145 5001"] {
            case(&md5::Md5::digest(text), &[WrittenForm::Md5], None);
            case(&sha1::Sha1::digest(text), &[WrittenForm::Sha1], None);
            case(&sha2::Sha224::digest(text), &[WrittenForm::Sha224], None);
            case(&sha2::Sha256::digest(text), &[WrittenForm::Sha256], None);
            case(&sha2::Sha384::digest(text), &[WrittenForm::Sha384], None);
            case(&sha2::Sha512::digest(text), &[WrittenForm::Sha512], None);
            case(&sha3::Sha3_224::digest(text), &[WrittenForm::Sha3_224], None);
            case(&sha3::Sha3_256::digest(text), &[WrittenForm::Sha3_256], None);
            case(&sha3::Sha3_384::digest(text), &[WrittenForm::Sha3_384], None);
            case(&sha3::Sha3_512::digest(text), &[WrittenForm::Sha3_512], None);
        }
    }

    #[test]
    fn so_are_utf_16_and_the_public_salt() {
        let utf_16: Vec<u8> = "010145-5001".encode_utf16().flat_map(u16::to_le_bytes).collect();
        case(&sha2::Sha256::digest(&utf_16), &[WrittenForm::Sha256], None);
        case(&sha2::Sha256::digest("0101455001QX4QkKEU"), &[WrittenForm::Sha256], Some("QX4QkKEU"));
    }

    #[test]
    fn digests_of_digests_are_known_outermost_first() {
        let md5 = md5::Md5::digest("0101455001");
        for text in [HEXLOWER.encode(&md5), HEXUPPER.encode(&md5), BASE64.encode(&md5)] {
            case(&sha2::Sha256::digest(&text), &[WrittenForm::Sha256, WrittenForm::Md5], None);
            case(&md5::Md5::digest(&text), &[WrittenForm::Md5, WrittenForm::Md5], None);
        }
        let sha512 = sha2::Sha512::digest("010145-5001");
        case(&sha1::Sha1::digest(HEXLOWER.encode(&sha512)), &[WrittenForm::Sha1, WrittenForm::Sha512], None);
    }

    #[test]
    fn a_uuid_made_of_one_is_known() {
        let digest = Digest::new(&md5::Md5::digest("0101455001")).unwrap();
        case(digest.as_uuid().as_bytes(), &[WrittenForm::Md5], None);
    }

    #[test]
    fn others_are_not() {
        for text in ["0101901234", "0101455003", "01014555001", ""] {
            assert_eq!(known().find(&Digest::new(&sha2::Sha256::digest(text)).unwrap()), None);
        }
        let almost = known();
        let mut digest = Digest::new(&sha2::Sha256::digest("0101455001")).unwrap();
        digest.bytes[31] ^= 1;
        assert_eq!(almost.find(&digest), None);
    }

    #[test]
    fn no_two_recipes_make_the_same() {
        let known = known();
        let digests: BTreeSet<Digest> =
            known.recipes.iter().filter_map(|recipe| recipe.digest(known.numbers[0])).collect();
        assert_eq!(digests.len(), known.recipes.len());
    }
}
