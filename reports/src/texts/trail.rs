//! A trail as steps that a person can redo by hand: `query[dl] > percent` is "take the parameter `dl`", "undo
//! percent-encoding". The trail arrives as text; a step that is not understood is shown as it stands.

use crate::inert::Inert;
use crate::lang::{Lang, Text};

/// More steps than this are summed up; the detector's own limit on depth is lower.
const MAX_STEPS: usize = 24;

/// The steps of `trail`, outermost first.
pub(crate) fn steps(trail: &str, lang: Lang) -> Vec<String> {
    let mut pieces = trail.split(" > ").filter(|piece| !piece.is_empty());
    let mut steps: Vec<String> = pieces.by_ref().take(MAX_STEPS).map(|piece| step(piece, lang)).collect();
    let left = pieces.count();
    if left > 0 {
        steps.push(match lang {
            Lang::Da => format!("… og {left} trin til"),
            Lang::En => format!("… and {left} more steps"),
        });
    }
    steps
}

fn step(piece: &str, lang: Lang) -> String {
    if let Some((place, name)) = piece.strip_suffix(']').and_then(|inner| inner.split_once('[')) {
        let name = Inert::new(name);
        if place == "path" {
            return match lang {
                Lang::Da => format!("Se led nr. {name} i adressens sti"),
                Lang::En => format!("Take segment no. {name} of the address's path"),
            };
        }
        if let Some(take) = named_place(place) {
            return match lang {
                Lang::Da => format!("{} »{name}«", take.da),
                Lang::En => format!("{} “{name}”", take.en),
            };
        }
    }
    bare(piece).map_or_else(
        || match lang {
            Lang::Da => format!("Pak kodningen »{}« ud", Inert::new(piece)),
            Lang::En => format!("Undo the encoding “{}”", Inert::new(piece)),
        },
        |text| text.to(lang).to_owned(),
    )
}

fn named_place(place: &str) -> Option<Text> {
    Some(match place {
        "query" => Text { da: "Se adressens parameter", en: "Take the address's parameter" },
        "fragment" => Text { da: "Se efter # i adressen", en: "Take what follows # in the address," },
        "host" => Text { da: "Se adressens servernavn", en: "Take the address's host" },
        "userinfo" => Text { da: "Se adressens bruger og kodeord", en: "Take the address's user and password" },
        "header" => Text { da: "Se headeren", en: "Take the header" },
        "cookie" => Text { da: "Se cookien", en: "Take the cookie" },
        "body" => Text { da: "Se forespørgslens indhold", en: "Take the body of the request" },
        "form" => Text { da: "Se formularfeltet", en: "Take the form field" },
        "json" => Text { da: "Se JSON-feltet", en: "Take the JSON field" },
        _ => return None,
    })
}

fn bare(piece: &str) -> Option<Text> {
    Some(match piece {
        "path" => Text { da: "Se adressens sti", en: "Take the address's path" },
        "query" => Text { da: "Se adressens parametre (efter ?)", en: "Take the address's query (after ?)" },
        "fragment" => Text { da: "Se det, der følger efter # i adressen", en: "Take what follows # in the address" },
        "host" => Text { da: "Se adressens servernavn", en: "Take the address's host" },
        "userinfo" => Text { da: "Se adressens bruger og kodeord", en: "Take the address's user and password" },
        "body" => Text { da: "Se forespørgslens indhold", en: "Take the body of the request" },
        "percent" => Text { da: "Fjern procentkodning (%31 er 1)", en: "Undo percent-encoding (%31 is 1)" },
        "form" => Text { da: "Læs som formularfelter (a=b&c=d)", en: "Read as form fields (a=b&c=d)" },
        "json" => Text { da: "Læs som JSON", en: "Read as JSON" },
        "gzip" => Text { da: "Pak gzip ud", en: "Decompress gzip" },
        "zlib" | "deflate" => Text { da: "Pak zlib (deflate) ud", en: "Decompress zlib (deflate)" },
        "br" | "brotli" => Text { da: "Pak brotli ud", en: "Decompress brotli" },
        "zstd" => Text { da: "Pak zstd ud", en: "Decompress zstd" },
        "base64" => Text { da: "Fjern base64-kodning", en: "Decode base64" },
        "base64url" => Text { da: "Fjern base64url-kodning", en: "Decode base64url" },
        "hex" => Text { da: "Fjern hex-kodning", en: "Decode hex" },
        "html" => Text { da: "Erstat HTML-tegnkoder (&#49; er 1)", en: "Undo HTML character references (&#49; is 1)" },
        "url" => Text { da: "Læs som en adresse", en: "Read as an address" },
        "multipart" => Text { da: "Del op i multipart-dele", en: "Split into multipart parts" },
        "jwt" => Text { da: "Læs som JWT", en: "Read as a JWT" },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_becomes_steps() {
        assert_eq!(
            steps("query[dl] > percent > query[cpr]", Lang::En),
            [
                "Take the address's parameter “dl”",
                "Undo percent-encoding (%31 is 1)",
                "Take the address's parameter “cpr”"
            ]
        );
        assert_eq!(
            steps("body > json > json[events[0].a]", Lang::Da),
            ["Se forespørgslens indhold", "Læs som JSON", "Se JSON-feltet »events[0].a«"]
        );
    }

    #[test]
    fn a_segment_of_the_path_is_told_by_its_number() {
        assert_eq!(steps("path[8]", Lang::Da), ["Se led nr. 8 i adressens sti"]);
        assert_eq!(steps("path[8]", Lang::En), ["Take segment no. 8 of the address's path"]);
    }

    #[test]
    fn an_unknown_decoder_is_named_as_it_is() {
        assert_eq!(steps("body > rot13", Lang::Da)[1], "Pak kodningen »rot13« ud");
        assert_eq!(steps("odd[x]", Lang::En), ["Undo the encoding “odd[x]”"]);
    }

    #[test]
    fn hostile_trails_stay_bounded_and_inert() {
        let many = vec!["percent"; 100_000].join(" > ");
        let shown = steps(&many, Lang::En);
        assert_eq!(shown.len(), MAX_STEPS + 1);
        assert_eq!(shown[MAX_STEPS], "… and 99976 more steps");
        assert!(!steps("query[\u{1b}[2J]", Lang::En)[0].contains('\u{1b}'));
        assert!(steps("", Lang::En).is_empty());
    }
}
