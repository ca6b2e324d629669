//! `scan.json`: the whole scan, the only full record; its schema is `schema/scan.schema.json`.

use model::Scan;

use crate::{Choices, Format, ReportError, ReportFile};

/// The format `json`.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Format for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "the whole record; always written"
    }

    fn files(&self, scan: &Scan, _: Choices) -> Result<Vec<ReportFile>, ReportError> {
        let mut bytes = serde_json::to_vec_pretty(scan)?;
        bytes.push(b'\n');
        Ok(vec![ReportFile { name: "scan.json".to_owned(), bytes }])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::sample;

    fn text(scan: &Scan) -> String {
        String::from_utf8(Json.files(scan, sample::IN_ENGLISH).unwrap().remove(0).bytes).unwrap()
    }

    #[test]
    fn the_sample_as_json() {
        insta::assert_snapshot!(text(&sample::scan()));
    }

    #[test]
    fn reading_it_back_gives_the_same_scan() {
        for scan in [sample::scan(), sample::bare(), sample::hostile()] {
            // Pictures are files of their own.
            let expected = Scan { pictures: BTreeMap::new(), ..scan.clone() };
            assert_eq!(serde_json::from_str::<Scan>(&text(&scan)).unwrap(), expected);
        }
    }

    #[test]
    fn it_ends_with_one_newline_and_holds_no_control_character() {
        let text = text(&sample::hostile());
        assert!(text.ends_with("}\n"));
        assert_eq!(text.chars().find(|c| *c < ' ' && *c != '\n'), None);
    }
}
