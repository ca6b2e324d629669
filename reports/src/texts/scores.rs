//! What speaks for and against a number, in words: the detector's features by their ids.

use crate::lang::Text;

/// A feature in words; `None` for one that is not known here, which a test of the whole program forbids.
pub(crate) fn score(id: &str) -> Option<Text> {
    Some(match id {
        "named" => Text {
            da: "et navn lige ved siger, at det er et personnummer",
            en: "a name beside it says that it is a personal number",
        },
        "named-nearby" => Text {
            da: "det, der står lige før, siger, at det er et personnummer",
            en: "what stands just before says that it is a personal number",
        },
        "other-number-name" => Text {
            da: "feltets navn siger, at det er et andet nummer",
            en: "the field's name says it is another number",
        },
        "date-and-year" => Text { da: "det kan være en dato med årstal", en: "it may be a date with its year" },
        "dashed" => Text { da: "skrevet som et personnummer, med bindestreg", en: "written as one, with a dash" },
        "separated" => Text { da: "delt efter de seks første cifre", en: "parted after its first six digits" },
        "mod-11" => Text { da: "kontrolcifferet passer (modulus 11)", en: "its check digit fits (modulus 11)" },
        "no-mod-11" => Text {
            da: "kontrolcifferet passer ikke, som for de fleste tilfældige tal",
            en: "its check digit does not fit, as with most random digits",
        },
        "weak-name" => Text { da: "feltet kan godt handle om en person", en: "the field may well be about a person" },
        "whole-value" => Text { da: "det står alene på sin plads", en: "it stands alone in its place" },
        "slot" => Text {
            da: "alle værdier på denne plads i hele materialet ligner personnumre",
            en: "every value in this place, over the whole scan, is like a personal number",
        },
        "undone" => Text {
            da: "et muligt personnummer har netop denne hashværdi",
            en: "a possible personal number has exactly this digest",
        },
        "unborn" => Text { da: "fødselsdatoen ligger i fremtiden", en: "its birth date is in the future" },
        "replacement" => Text {
            da: "dagen er hævet med 60 (erstatningsnummer)",
            en: "its day is raised by 60 (replacement number)",
        },
        "very-old" => Text { da: "personen ville være over 115 år", en: "the person would be over 115 years old" },
        "random-id-name" => {
            Text { da: "feltet plejer at indeholde tilfældige id'er", en: "the field usually holds random ids" }
        }
        "dotted-neighbour" => {
            Text { da: "sat sammen med et andet tal med punktum", en: "joined to another number by a dot" }
        }
        "epoch-seconds" => Text { da: "det kan være et tidspunkt i sekunder", en: "it may be a time in seconds" },
        "date-stamp" => Text {
            da: "det kan være en dato med klokkeslæt eller en versionsdato",
            en: "it may be a date with an hour, or a version's date",
        },
        "date-and-time" => Text { da: "det kan være en dato og et klokkeslæt", en: "it may be a date and a time" },
        "file-stamp" => Text { da: "det kan være et tidsstempel", en: "it may be a time stamp" },
        "asset-file" => Text { da: "det er en del af et filnavn", en: "it is part of a file's name" },
        "glued-to-letters" => {
            Text { da: "det er skrevet sammen med bogstaver", en: "it is written together with letters" }
        }
        "account-number" => {
            Text { da: "fire cifre foran, som i et kontonummer", en: "four digits before it, as in an account number" }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::said_in_both;

    #[test]
    fn a_feature_has_its_words() {
        for id in ["named", "mod-11", "slot", "account-number"] {
            said_in_both(score(id).unwrap());
        }
        assert!(score("unheard-of").is_none());
    }
}
