//! The pictures of a scan as files of their own, by the names that `scan.json` gives.

use data_encoding::BASE64;
use model::Scan;

use crate::{Choices, Format, ReportError, ReportFile};

/// What the name of a picture ends with.
const ENDING: &str = ".png";

/// The format `pictures`: a PNG for each step of a journey that did not work and whose page could be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Pictures;

impl Format for Pictures {
    fn id(&self) -> &'static str {
        "pictures"
    }

    fn about(&self) -> &'static str {
        "write the pictures of steps that did not work; always written"
    }

    fn files(&self, scan: &Scan, _choices: Choices) -> Result<Vec<ReportFile>, ReportError> {
        let named = scan.pictures.iter().filter(|(name, _)| is_plain(name));
        let file = |(name, picture): (&String, &model::Picture)| match BASE64.decode(picture.as_base64().as_bytes()) {
            Ok(bytes) => Ok(ReportFile { name: name.clone(), bytes }),
            Err(error) => Err(ReportError::Picture(name.clone(), error)),
        };
        named.map(file).collect()
    }
}

/// Whether a file may be called so: a scan can have been edited.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.strip_suffix(ENDING).is_some_and(|stem| !stem.is_empty() && stem.chars().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn each_picture_is_a_file_with_the_name_that_its_blind_spot_gives() {
        let scan = sample::scan();
        let files = Pictures.files(&scan, sample::IN_ENGLISH).unwrap();
        let named: Vec<&str> = scan.blind_spots.iter().filter_map(|spot| spot.picture.as_deref()).collect();
        assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), named);
        assert_eq!(named, ["journey-tastselv-step-7.png"]);
        assert!(files[0].bytes.starts_with(b"\x89PNG"));
    }

    #[test]
    fn no_file_leaves_the_folder() {
        let mut scan = sample::scan();
        let (_, picture) = scan.pictures.pop_first().unwrap();
        for name in ["../x.png", "/x.png", ".png", "x.html", "a b.png"] {
            scan.pictures.insert(name.to_owned(), picture.clone());
        }
        assert_eq!(Pictures.files(&scan, sample::IN_ENGLISH).unwrap(), []);
    }
}
