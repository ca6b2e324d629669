//! `--format jsonl`: one object per sighting and line, in the order given (DESIGN.md, "Formats").

use std::io::{self, Write};

use model::Sighting;

/// Writes `sightings`, one JSON object per line.
pub fn jsonl(sightings: &[Sighting], out: &mut dyn Write) -> io::Result<()> {
    for sighting in sightings {
        serde_json::to_writer(&mut *out, sighting)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_sighting_is_one_line_as_documented() {
        let mut out = Vec::new();
        jsonl(&[sample::sighting()], &mut out).unwrap();
        let expected = concat!(
            r#"{"v":1,"source":"file.har","index":12,"time":"2026-11-22T04:00:00Z","rule":"cpr-in-third-party-request","#,
            r#""host":"www.google-analytics.com","recipient":"google-analytics.com","standing":"unknown","#,
            r#""channel":"url-query","trail":"query[dl] > percent > query[cpr]","form":"compact","evidence":"E1","#,
            r#""identity":"canary:0101904321","page":"https://www.tastselv.test/aarsopgoerelse","blocked":false}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_line_break_from_the_wire_does_not_break_the_line() {
        let mut sighting = sample::sighting();
        sighting.host = model::Redacted::own_words("a\n{\"v\":1}\u{2028}\u{1b}[2J");
        let mut out = Vec::new();
        jsonl(&[sighting.clone(), sighting], &mut out).unwrap();
        assert_eq!(String::from_utf8_lossy(&out).matches('\n').count(), 2);
        assert!(!out.contains(&0x1b));
    }

    #[test]
    fn no_sightings_are_no_lines() {
        let mut out = Vec::new();
        jsonl(&[], &mut out).unwrap();
        assert!(out.is_empty());
    }
}
