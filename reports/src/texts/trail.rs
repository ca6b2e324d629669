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
        if let Some(take) = numbered_place(place) {
            return match lang {
                Lang::Da => format!("{} {name} {}", take.0.da, take.1.da),
                Lang::En => format!("{} {name} {}", take.0.en, take.1.en),
            }
            .trim_end()
            .to_owned();
        }
        if let (Some(together), Some((date, serial))) = (joined_places(place), joined(name.as_str())) {
            return match lang {
                Lang::Da => format!("{} »{date}« og »{serial}« sammen", together.da),
                Lang::En => format!("{} “{date}” and “{serial}” together", together.en),
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

/// Whether a step, a place or a decoder, has its words here.
pub(crate) fn knows(id: &str) -> bool {
    bare(id).is_some() || named_place(id).is_some() || numbered_place(id).is_some()
}

/// The date and the serial of a number that was put together; the detector parts their names by a plus.
fn joined(name: &str) -> Option<(&str, &str)> {
    let (date, serial) = name.split_once('+')?;
    (!date.is_empty() && !serial.is_empty() && !serial.contains('+')).then_some((date, serial))
}

/// What stands before a number and after it.
fn numbered_place(place: &str) -> Option<(Text, Text)> {
    let nothing = Text { da: "", en: "" };
    Some(match place {
        "path" => (
            Text { da: "Se led nr.", en: "Take segment no." },
            Text { da: "i adressens sti", en: "of the address's path" },
        ),
        "line" => (Text { da: "Se linje nr.", en: "Take line no." }, nothing),
        "message" => (
            Text { da: "Se WebSocket-besked nr.", en: "Take WebSocket message no." },
            Text { da: "(talt fra 0)", en: "(counted from 0)" },
        ),
        _ => return None,
    })
}

fn joined_places(place: &str) -> Option<Text> {
    Some(match place {
        "query" => Text { da: "Se adressens parametre", en: "Take the parameters" },
        "cookie" => Text { da: "Se cookierne", en: "Take the cookies" },
        "form" => Text { da: "Se formularfelterne", en: "Take the form fields" },
        "json" => Text { da: "Se JSON-felterne", en: "Take the JSON fields" },
        "part" => Text { da: "Se delene", en: "Take the parts" },
        "xml" => Text { da: "Se XML-felterne", en: "Take the XML fields" },
        _ => return None,
    })
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
        "log" => Text { da: "Se loglinjens felt", en: "Take the log line's field" },
        "form" => Text { da: "Se formularfeltet", en: "Take the form field" },
        "json" => Text { da: "Se JSON-feltet", en: "Take the JSON field" },
        "part" => Text { da: "Se delen", en: "Take the part" },
        "xml" => Text { da: "Se XML-feltet", en: "Take the XML element or attribute" },
        "mailto" => Text { da: "Se mail-linkets felt", en: "Take the mail link's field" },
        "local-storage" => Text { da: "Se localStorage under nøglen", en: "Take the key of localStorage" },
        "session-storage" => Text { da: "Se sessionStorage under nøglen", en: "Take the key of sessionStorage" },
        "indexed-db" => Text { da: "Se IndexedDB-lageret", en: "Take the IndexedDB store" },
        "cache-storage" => Text { da: "Se cachen (Cache API)", en: "Take the cache (Cache API)" },
        "data-layer" => Text { da: "Se listen til måleværktøjer,", en: "Take the list for telemetry," },
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
        "log" => Text { da: "Se loglinjens tekst", en: "Take the text of the log's line" },
        "title" => Text { da: "Se sidens titel", en: "Take the page's title" },
        "percent" => Text { da: "Fjern procentkodning (%31 er 1)", en: "Undo percent-encoding (%31 is 1)" },
        "form" => Text { da: "Læs som formularfelter (a=b&c=d)", en: "Read as form fields (a=b&c=d)" },
        "json" => Text { da: "Læs som JSON", en: "Read as JSON" },
        "gzip" => Text { da: "Pak gzip ud", en: "Decompress gzip" },
        "zlib" => Text { da: "Pak zlib ud", en: "Decompress zlib" },
        "deflate" => Text { da: "Pak deflate ud (uden hoved)", en: "Decompress deflate (without a header)" },
        "br" | "brotli" => Text { da: "Pak brotli ud", en: "Decompress brotli" },
        "zstd" => Text { da: "Pak zstd ud", en: "Decompress zstd" },
        "base64" => Text { da: "Fjern base64-kodning", en: "Decode base64" },
        "base64url" => Text { da: "Fjern base64url-kodning", en: "Decode base64url" },
        "hex" => Text { da: "Fjern hex-kodning", en: "Decode hex" },
        "html" => Text { da: "Erstat HTML-tegnkoder (&#49; er 1)", en: "Undo HTML character references (&#49; is 1)" },
        "url" => Text { da: "Læs som en adresse", en: "Read as an address" },
        "multipart" => Text { da: "Del op i multipart-dele", en: "Split into multipart parts" },
        "quoted-printable" => Text { da: "Fjern quoted-printable (=31 er 1)", en: "Undo quoted-printable (=31 is 1)" },
        "jwt" => Text { da: "Læs som JWT", en: "Read as a JWT" },
        "jsonp" => Text { da: "Læs som JSON, der er pakket ind", en: "Read as JSON that is wrapped" },
        "envelope" => Text { da: "Skil JSON-linjerne fra resten", en: "Part the lines of JSON from the rest" },
        "xml" => Text { da: "Læs som XML eller HTML", en: "Read as XML or HTML" },
        "entities" => {
            Text { da: "Erstat XML-tegnkoder (&#49; er 1)", en: "Undo XML character references (&#49; is 1)" }
        }
        "escapes" => Text { da: "Fjern omvendte skråstreger (\\u0031 er 1)", en: "Undo backslashes (\\u0031 is 1)" },
        "percent-u" => Text { da: "Fjern procentkodning (%u0031 er 1)", en: "Undo percent-encoding (%u0031 is 1)" },
        "digits" => Text { da: "Skriv cifrene som 0-9", en: "Write its digits as 0-9" },
        "latin1" => {
            Text { da: "Læs hvert tegn som én byte (Latin-1)", en: "Read each character as one byte (Latin-1)" }
        }
        "utf16" => Text { da: "Læs som UTF-16", en: "Read as UTF-16" },
        "base32" => Text { da: "Fjern base32-kodning", en: "Decode base32" },
        "lz-string-uri" => Text { da: "Pak lz-string ud (til adresser)", en: "Decompress lz-string (for URLs)" },
        "lz-string-base64" => Text { da: "Pak lz-string ud (base64)", en: "Decompress lz-string (base64)" },
        "lz-string-utf16" => Text { da: "Pak lz-string ud (UTF-16)", en: "Decompress lz-string (UTF-16)" },
        "binary" => Text { da: "Find teksten i de binære data", en: "Take the text within the binary data" },
        _ => return digest(piece),
    })
}

/// A digest cannot be undone by hand: the number is hashed and compared.
fn digest(id: &str) -> Option<Text> {
    Some(match id {
        "md5" => Text { da: "Genkend det som en MD5-hashværdi", en: "Know it as an MD5 digest" },
        "sha1" => Text { da: "Genkend det som en SHA-1-hashværdi", en: "Know it as a SHA-1 digest" },
        "sha224" => Text { da: "Genkend det som en SHA-224-hashværdi", en: "Know it as a SHA-224 digest" },
        "sha256" => Text { da: "Genkend det som en SHA-256-hashværdi", en: "Know it as a SHA-256 digest" },
        "sha384" => Text { da: "Genkend det som en SHA-384-hashværdi", en: "Know it as a SHA-384 digest" },
        "sha512" => Text { da: "Genkend det som en SHA-512-hashværdi", en: "Know it as a SHA-512 digest" },
        "sha3-224" => Text { da: "Genkend det som en SHA3-224-hashværdi", en: "Know it as a SHA3-224 digest" },
        "sha3-256" => Text { da: "Genkend det som en SHA3-256-hashværdi", en: "Know it as a SHA3-256 digest" },
        "sha3-384" => Text { da: "Genkend det som en SHA3-384-hashværdi", en: "Know it as a SHA3-384 digest" },
        "sha3-512" => Text { da: "Genkend det som en SHA3-512-hashværdi", en: "Know it as a SHA3-512 digest" },
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
    fn a_number_put_together_is_taken_from_both_places() {
        assert_eq!(steps("query[fdato+lbnr]", Lang::En), ["Take the parameters “fdato” and “lbnr” together"]);
        assert_eq!(steps("form[fdato+lbnr]", Lang::Da), ["Se formularfelterne »fdato« og »lbnr« sammen"]);
        assert_eq!(steps("query[a+]", Lang::En), ["Take the address's parameter “a+”"]);
    }

    #[test]
    fn what_is_numbered_is_told_by_its_number() {
        assert_eq!(steps("message[0]", Lang::En), ["Take WebSocket message no. 0 (counted from 0)"]);
        assert_eq!(steps("line[3]", Lang::Da), ["Se linje nr. 3"]);
    }

    #[test]
    fn every_place_every_digest_and_every_decoder_has_its_words() {
        let places = "path query fragment host userinfo header cookie body form json part xml line message title mailto \
                      local-storage session-storage indexed-db cache-storage data-layer";
        let digests = "md5 sha1 sha224 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512";
        let decoders = "gzip zstd zlib multipart envelope utf16 latin1 json jsonp xml entities url form percent-u percent \
                        escapes digits jwt lz-string-uri lz-string-base64 lz-string-utf16 hex base32 base64 deflate \
                        brotli binary quoted-printable";
        for id in [places, digests, decoders].iter().flat_map(|ids| ids.split(' ')) {
            assert!(knows(id), "{id}");
        }
        assert!(!knows("rot13"));
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
