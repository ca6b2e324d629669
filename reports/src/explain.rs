//! Why a number was told as surely as it was, or passed over: for those who want to argue with it.

use std::fmt::Write as _;

use model::{Evidence, Identity, MASKED, Score, Sighting, WrittenForm};

use crate::inert::Inert;
use crate::lang::{Lang, Text};
use crate::texts::{scores::score, terms, trail};
use crate::wrap::wrap;

/// Narrower than this nothing is readable; wider than the other the eye loses the line.
const MIN_WIDTH: usize = 40;
const MAX_WIDTH: usize = 120;

/// Sightings explained at once; whoever wants others names the entry.
const MAX_EXPLAINED: usize = 200;

/// What one is told: its number among the explained, and where its lines stand.
const INDENT: usize = 4;

/// The sightings told and those passed over, each with its trail and every point for and against it.
#[derive(Clone, Copy, Debug)]
pub struct Explanation<'a> {
    /// Sightings that were told.
    pub told: &'a [Sighting],
    /// Dates by chance that were not.
    pub passed_over: &'a [Sighting],
    /// The language.
    pub lang: Lang,
    /// The one entry that was asked for, of all that were read; `None` for all of them.
    pub entry: Option<u64>,
    /// The terminal's width; lines are at most this, and at least 40 and at most 120 columns.
    pub width: usize,
}

impl Explanation<'_> {
    /// The text, ending with a newline. No byte from an audited site steers the terminal.
    pub fn render(&self) -> String {
        let mut out = String::new();
        if self.told.is_empty() && self.passed_over.is_empty() {
            let text = match (self.entry, self.lang) {
                (None, Lang::Da) => "Der er ikke set noget, der ligner et personnummer.".to_owned(),
                (None, Lang::En) => "Nothing like a personal number was seen.".to_owned(),
                (Some(entry), Lang::Da) => format!("Intet, der ligner et personnummer, i post {entry}."),
                (Some(entry), Lang::En) => format!("Nothing like a personal number in entry {entry}."),
            };
            self.line(&mut out, 0, &text);
            return out;
        }
        let all = self.told.iter().map(|sighting| (sighting, true));
        let mut all: Vec<(&Sighting, bool)> =
            all.chain(self.passed_over.iter().map(|sighting| (sighting, false))).collect();
        all.sort_by(|(a, _), (b, _)| (&a.source, a.index).cmp(&(&b.source, b.index)));
        for (sighting, is_told) in all.iter().take(MAX_EXPLAINED) {
            self.sighting(&mut out, sighting, *is_told);
        }
        let left = all.len().saturating_sub(MAX_EXPLAINED);
        if left > 0 {
            let text = match self.lang {
                Lang::Da => format!("… og {left} til: nævn en post med --explain=NR"),
                Lang::En => format!("… and {left} more: name an entry with --explain=NR"),
            };
            self.line(&mut out, 0, &text);
        }
        out
    }

    fn sighting(&self, out: &mut String, sighting: &Sighting, is_told: bool) {
        let request = Inert::from(&sighting.context.request);
        self.line(out, 0, &format!("{} {}  {request}", Inert::new(&sighting.source), sighting.index));
        let form = form(sighting.form).to(self.lang);
        let level = if is_told { self.level(sighting.evidence) } else { self.passed_over_text() };
        self.line(out, INDENT, &format!("{} ({form}): {level}", shown(&sighting.identity)));
        self.line(out, INDENT, &Inert::new(&sighting.trail.to_string()).to_string());
        for step in trail::steps(&sighting.trail.to_string(), self.lang) {
            self.line(out, INDENT, &format!("  · {step}"));
        }
        for Score { id, points } in &sighting.context.scores {
            let words = score(id).map_or(*id, |text| text.to(self.lang));
            self.line(out, INDENT, &format!("{points:>+4} {id}: {words}"));
        }
        self.line(out, INDENT, &self.sum(sighting, is_told));
        out.push('\n');
    }

    fn level(&self, evidence: Evidence) -> String {
        format!("{evidence}, {}", terms::evidence(evidence).to(self.lang))
    }

    fn passed_over_text(&self) -> String {
        Text { da: "ikke meldt", en: "passed over" }.to(self.lang).to_owned()
    }

    /// What the points come to, and why that level.
    fn sum(&self, sighting: &Sighting, is_told: bool) -> String {
        let sum: i32 = sighting.context.scores.iter().map(|score| i32::from(score.points)).sum();
        let why = match (sighting.evidence, is_told) {
            (_, false) if sighting.context.scores.is_empty() => {
                let text = Text {
                    da: "det skal have et navn ved siden af sig og har intet. Talt med, ikke meldt",
                    en: "it needs a name beside it and has none. Counted, not told",
                };
                return text.to(self.lang).to_owned();
            }
            (_, false) => Text {
                da: "under -1: en tilfældig dato. Talt med, ikke meldt",
                en: "below -1: a date by chance. Counted, not told",
            },
            (Evidence::E1, _) => {
                let text = Text {
                    da: "et oplyst testnummer: det er sikkert, uanset hvor det står",
                    en: "a declared test number: certain, wherever it stands",
                };
                return text.to(self.lang).to_owned();
            }
            (Evidence::E2, _) if sighting.form.is_digest() => {
                let text = Text {
                    da: "et muligt personnummer har netop denne hashværdi",
                    en: "a plausible personal number has exactly this digest",
                };
                return text.to(self.lang).to_owned();
            }
            (Evidence::E2, _) => Text {
                da: "5 eller mere, og kontrolcifferet passer: sikkert",
                en: "5 or more, and the check digit fits: definite",
            },
            (Evidence::E3, _) => Text {
                da: "2 eller mere: sandsynligt (sikkert kun med mindst 5 og kontrolciffer, hos én der er født)",
                en: "2 or more: probable (definite only with 5, the check digit, and a birth that has been)",
            },
            (Evidence::E4, _) => Text {
                da: "mindst -1, under 2: muligt. Det får aldrig alene en kørsel til at fejle",
                en: "at least -1, below 2: possible. Never fails a run alone",
            },
        };
        format!("{sum:>+4} = {}", why.to(self.lang))
    }

    fn line(&self, out: &mut String, indent: usize, text: &str) {
        let width = self.width.clamp(MIN_WIDTH, MAX_WIDTH).saturating_sub(indent);
        for line in wrap(text, width) {
            let _ = writeln!(out, "{}{line}", " ".repeat(indent));
        }
    }
}

/// A declared number in clear, any other masked.
fn shown(identity: &Identity) -> String {
    match identity {
        // A declared test number is shown in clear (DESIGN.md, "Numbers are people").
        Identity::Canary(number) => number.reveal(),
        Identity::Person(_) => MASKED.to_owned(),
    }
}

fn form(form: WrittenForm) -> Text {
    match form {
        WrittenForm::Compact => Text { da: "ti cifre", en: "ten digits" },
        WrittenForm::Dashed => Text { da: "med bindestreg", en: "with a dash" },
        WrittenForm::Spaced => Text { da: "delt af et tegn", en: "parted by a sign" },
        WrittenForm::LongYear => Text { da: "med hele datoen", en: "with all of the date" },
        WrittenForm::Split => Text { da: "delt på to felter", en: "split over two fields" },
        WrittenForm::Letters => Text { da: "med bogstaver", en: "with letters" },
        WrittenForm::Md5 => Text { da: "som MD5-hashværdi", en: "as its MD5 digest" },
        WrittenForm::Sha1 => Text { da: "som SHA-1-hashværdi", en: "as its SHA-1 digest" },
        WrittenForm::Sha224 => Text { da: "som SHA-224-hashværdi", en: "as its SHA-224 digest" },
        WrittenForm::Sha256 => Text { da: "som SHA-256-hashværdi", en: "as its SHA-256 digest" },
        WrittenForm::Sha384 => Text { da: "som SHA-384-hashværdi", en: "as its SHA-384 digest" },
        WrittenForm::Sha512 => Text { da: "som SHA-512-hashværdi", en: "as its SHA-512 digest" },
        WrittenForm::Sha3_224 => Text { da: "som SHA3-224-hashværdi", en: "as its SHA3-224 digest" },
        WrittenForm::Sha3_256 => Text { da: "som SHA3-256-hashværdi", en: "as its SHA3-256 digest" },
        WrittenForm::Sha3_384 => Text { da: "som SHA3-384-hashværdi", en: "as its SHA3-384 digest" },
        WrittenForm::Sha3_512 => Text { da: "som SHA3-512-hashværdi", en: "as its SHA3-512 digest" },
    }
}

/// Whether a feature of the detector has its words here; for a test of the whole program.
pub fn knows_score(id: &str) -> bool {
    score(id).is_some()
}

/// Whether a step of a trail, a decoder's id, has its words here; for a test of the whole program.
pub fn knows_step(id: &str) -> bool {
    trail::knows(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn sighting(evidence: Evidence, scores: &[(&'static str, i8)]) -> Sighting {
        let mut sighting = sample::sighting();
        sighting.evidence = evidence;
        sighting.identity = Identity::Person(model::Token::new([7; 8]));
        sighting.context.scores = scores.iter().map(|(id, points)| Score { id, points: *points }).collect();
        sighting
    }

    fn explained(told: &[Sighting], passed_over: &[Sighting]) -> String {
        Explanation { told, passed_over, lang: Lang::En, entry: None, width: 80 }.render()
    }

    #[test]
    fn a_sighting_is_told_with_its_trail_and_its_points() {
        let text = explained(&[sighting(Evidence::E3, &[("named", 6), ("no-mod-11", -1)])], &[]);
        for line in [
            "    xxxxxx-xxxx (ten digits): E3, probable",
            "    query[dl] > percent > query[cpr]",
            "      +6 named: a name beside it says that it is a personal number",
            "      +5 = 2 or more: probable (definite only with 5, the check digit, and a",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn what_was_passed_over_is_told_as_such() {
        let text = explained(&[], &[sighting(Evidence::E4, &[("no-mod-11", -1), ("random-id-name", -3)])]);
        assert!(text.contains("passed over") && text.contains("  -4 = below -1"), "{text}");
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        assert_eq!(explained(&[], &[]), "Nothing like a personal number was seen.\n");
        let of_one = Explanation { told: &[], passed_over: &[], lang: Lang::En, entry: Some(99_999), width: 80 };
        assert_eq!(of_one.render(), "Nothing like a personal number in entry 99999.\n");
    }

    #[test]
    fn what_needs_a_name_and_has_none_is_said_so() {
        let text = explained(&[], &[sighting(Evidence::E4, &[])]);
        assert!(text.contains("needs a name beside it and has none") && !text.contains("+0"), "{text}");
    }
}
