//! Multipart bodies (RFC 2046 §5.1, RFC 7578), known by what they begin with: senders name them by other types, too.
//!
//! How a part is encoded for transfer is left to the other decoders, which sniff as well.

use model::Place;

use super::{Decoded, Decoder, Piece, RawStep, is_worth};
use crate::glance::{DASH, Glance};

/// Longest boundary (RFC 2046 §5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// Parts of one body; a form of a citizen's has some tens, a batch of events some hundreds.
const MAX_PARTS: usize = 10_000;

/// Lines of one part's head; three are the most seen.
const MAX_HEAD: usize = 50;

/// Parameters of one line of a head, such as `name` and `filename`.
const MAX_PARAMETERS: usize = 20;

pub(crate) struct Multipart;

impl Decoder for Multipart {
    fn id(&self) -> &'static str {
        "multipart"
    }

    fn decode(&self, view: &Glance<'_>) -> Option<Decoded> {
        if !view.has(DASH) {
            return None;
        }
        let start = view.bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
        let body = view.bytes.get(start..).filter(|body| body.starts_with(b"--"))?;
        let (delimiter, first) = line(body);
        let boundary = delimiter.trim_ascii_end();
        let is_boundary = (3..=LONGEST_BOUNDARY + 2).contains(&boundary.len())
            && boundary.iter().all(|byte| matches!(byte, b' '..=b'~'));
        // Much text begins with dashes; a head is what makes it a part.
        if !is_boundary || !line(first).0.to_ascii_lowercase().starts_with(b"content-") {
            return None;
        }
        let mut pieces = Vec::new();
        let mut rest = first;
        for _ in 0..MAX_PARTS {
            let (part, behind) = until(rest, boundary);
            take_part(part, &mut pieces);
            match behind {
                Behind::Part(behind) => rest = behind,
                Behind::End(behind) => {
                    take(&mut pieces, vec![into("")], behind.trim_ascii());
                    return Some(Decoded::parts(pieces));
                }
            }
        }
        let problem = Some(format!("a multipart body of more than {MAX_PARTS} parts"));
        Some(Decoded { pieces, is_all: false, problem })
    }
}

/// What stands behind a part.
enum Behind<'a> {
    Part(&'a [u8]),
    /// No part any more: what stands behind the last boundary, nothing where the body is cut.
    End(&'a [u8]),
}

/// The part that `bytes` begin with, up to the next line that is the boundary, or to the end.
fn until<'a>(bytes: &'a [u8], boundary: &[u8]) -> (&'a [u8], Behind<'a>) {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let (this, behind) = line(rest);
        if let Some(tail) = this.strip_prefix(boundary) {
            let tail = tail.trim_ascii_end();
            // The line break before a boundary is the boundary's.
            let part = bytes.get(..at).unwrap_or_default();
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            let part = part.strip_suffix(b"\r").unwrap_or(part);
            match tail {
                b"" => return (part, Behind::Part(behind)),
                b"--" => return (part, Behind::End(behind)),
                // Another boundary that begins like this one.
                _ => {}
            }
        }
        at = bytes.len() - behind.len();
    }
    (bytes, Behind::End(&[]))
}

/// The first line of `bytes` and what stands behind it.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    (first.strip_suffix(b"\r").unwrap_or(first), lines.next().unwrap_or_default())
}

/// Head and content of a part. A head without an end is looked into as it is.
fn take_part(part: &[u8], pieces: &mut Vec<Piece>) {
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut rest = part;
    let content = loop {
        let (this, behind) = line(rest);
        if this.is_empty() {
            break behind;
        }
        if lines.len() >= MAX_HEAD || !this.contains(&b':') && !this.starts_with(b" ") && !this.starts_with(b"\t") {
            break rest;
        }
        lines.push(this);
        rest = behind;
    };
    let disposition = lines.iter().find(|line| line.to_ascii_lowercase().starts_with(b"content-disposition:"));
    let name = disposition.and_then(|line| parameters(line).find(|(key, _)| key == "name"));
    let name = name.map(|(_, value)| String::from_utf8_lossy(&value).into_owned()).unwrap_or_default();
    for head in lines {
        take_line(head, &name, pieces);
    }
    take(pieces, vec![into(&name)], content);
}

/// What one line of a head says besides the part's name: a file's name above all.
fn take_line(head: &[u8], part: &str, pieces: &mut Vec<Piece>) {
    let mut fields = head.splitn(MAX_PARAMETERS, |byte| *byte == b';');
    take(pieces, vec![into(part)], fields.next().unwrap_or_default());
    for (key, value) in parameters(head) {
        let step = if key == "name" { part.to_owned() } else { format!("{part}; {key}") };
        take(pieces, vec![into(&step)], &value);
    }
}

/// The parameters of `Content-Disposition: form-data; name="a"`, in lower case, without quotes. What is beyond the bound
/// is the last one's.
fn parameters(head: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    head.splitn(MAX_PARAMETERS, |byte| *byte == b';').skip(1).map(|field| {
        let mut pair = field.splitn(2, |byte| *byte == b'=');
        let key = pair.next().unwrap_or_default().trim_ascii();
        let value = pair.next().unwrap_or_default().trim_ascii();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        let value = value.strip_suffix(b"\"").unwrap_or(value);
        // What is no pair is looked into whole.
        let value = if value.is_empty() { key } else { value };
        (String::from_utf8_lossy(key).to_ascii_lowercase(), value.to_vec())
    })
}

fn into(name: &str) -> RawStep {
    RawStep::Into(Place::Part, name.to_owned())
}

fn take(pieces: &mut Vec<Piece>, steps: Vec<RawStep>, bytes: &[u8]) {
    if is_worth(bytes) {
        pieces.push(Piece::new(steps, bytes.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<Vec<(String, String)>> {
        let decoded = Multipart.decode(&Glance::new(text.as_bytes()))?;
        assert!(decoded.is_all, "{text}");
        let part = |piece: Piece| match &piece.steps[..] {
            [RawStep::Into(Place::Part, name)] => (name.clone(), String::from_utf8(piece.bytes).unwrap()),
            other => panic!("{other:?}"),
        };
        let is_head = |(_, text): &(String, String)| text.to_ascii_lowercase().starts_with("content-");
        Some(decoded.pieces.into_iter().map(part).filter(|part| !is_head(part)).collect())
    }

    fn part(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    const BODY: &str = "--g\r\nContent-Disposition: form-data; name=\"cpr\"\r\n\r\n0101901234\r\n--g\r\n\
        Content-Type: text/plain\r\ncontent-disposition: form-data; name=fil; filename=\"010190-1234; x.txt\"\r\n\r\n\
        line 1\r\n--not\r\nline 2\r\n--g--\r\n";

    #[test]
    fn parts_and_file_names_are_cut_apart() {
        let expected =
            [part("cpr", "0101901234"), part("fil; filename", "010190-1234"), part("fil", "line 1\r\n--not\r\nline 2")];
        let found = parts(BODY).unwrap();
        assert_eq!(found.iter().filter(|part| part.1 != "x.txt\"").cloned().collect::<Vec<_>>(), expected);
        assert!(parts(&BODY.replace("\r\n", "\n")).unwrap().contains(&part("cpr", "0101901234")));
    }

    #[test]
    fn a_cut_body_gives_what_came() {
        let cut = BODY.find("line 2").unwrap();
        assert!(parts(BODY.get(..cut).unwrap()).unwrap().contains(&part("fil", "line 1\r\n--not\r\n")));
        assert!(parts(BODY.get(..20).unwrap()).is_some());
        let more = format!("{BODY}\r\nCPR 0101901234");
        assert!(parts(&more).unwrap().contains(&part("", "CPR 0101901234")));
    }

    #[test]
    fn a_part_without_name_or_head_is_still_a_part() {
        let text = "--g\nContent-Type: a/b\n\nfirst part\n--g\n\n0101901234\n--g\nno head 010190-1234\n--g--";
        let expected = [part("", "first part"), part("", "0101901234"), part("", "no head 010190-1234")];
        assert_eq!(parts(text).unwrap(), expected);
    }

    #[test]
    fn text_that_begins_with_dashes_is_no_body() {
        for text in [
            "--\ncontent-type: x",
            "-- \nJens\n0101901234",
            "---\ntitle: x\n---\n",
            "--main-color: red; --b: 0101901234",
            "-----BEGIN CERTIFICATE-----\nMIIB0101901234==\n-----END CERTIFICATE-----",
            "--g--",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn parts_without_end_are_a_problem() {
        let text = "--g\nContent-Type: a/b\n\nx\n".repeat(MAX_PARTS + 1);
        let decoded = Multipart.decode(&Glance::new(text.as_bytes())).unwrap();
        assert!(decoded.problem.is_some() && !decoded.is_all);
    }
}
