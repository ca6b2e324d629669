//! A part and everything it decodes to, searched for numbers.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use model::{CprNumber, Evidence, Score, WrittenForm};

use crate::altered::altered;
use crate::candidate::{Candidate, candidates};
use crate::decoders::{Decoder as _, Percent, Piece, RawStep};
use crate::digests::canaries::CanaryDigests;
use crate::digests::tokens::{DigestToken, DigestTokens, tokens};
use crate::evidence::{Judgement, judge};
use crate::features::Clue;
use crate::found::{Found, Gathered, Hit};
use crate::glance::{BLANK, DASH, DIGIT, DOT, Glance, LETTER, UNDERSCORE};
use crate::letters::{Lettered, with_letters};
use crate::loose::loose;
use crate::names::{is_named_in_text, is_strong};
use crate::number::Number;
use crate::sensitive::is_title;
use crate::siblings::name_by_siblings;
use crate::split::{Joined, joined};
use crate::tree::{Rest, Spot, Tree, View};

/// Layers of percent-encoding undone in a name before it is judged.
const MAX_NAME_PERCENT: usize = 4;

/// Sightings in one part, and ten-digit tokens of it kept for the statistics of its slots.
const MAX_HITS: usize = 10_000;

/// Shorter words of letters hold no number: the densest encoding of ten digits in text, lz-string, takes eleven characters
/// at the least.
const SHORTEST_ENCODED: usize = 11;

/// Shorter views hold not even a declared number that was cut.
const SHORTEST_CUT: usize = 7;

/// Shorter views hold no number: a JSON number that lost its zero has nine digits.
const SHORTEST: usize = 9;

/// Finds numbers: the declared ones for certain, others by their shape.
#[derive(Clone, Debug)]
pub(crate) struct Searcher {
    canaries: BTreeSet<CprNumber>,
    digests: Arc<CanaryDigests>,
    today: Date,
}

impl Searcher {
    pub(crate) fn new(canaries: impl IntoIterator<Item = CprNumber>, today: Date) -> Self {
        let canaries: BTreeSet<CprNumber> = canaries.into_iter().collect();
        let digests = Arc::new(CanaryDigests::new(&canaries));
        Self { canaries, digests, today }
    }

    /// Whether the number is a declared test person's.
    pub(crate) fn is_canary(&self, number: &CprNumber) -> bool {
        self.canaries.contains(number)
    }

    /// The declared numbers.
    pub(crate) fn canaries(&self) -> impl Iterator<Item = CprNumber> {
        self.canaries.iter().copied()
    }

    /// Whether nothing comes of `part`, not even something that is in doubt or could not be read.
    pub(crate) fn finds_nothing(&self, part: Piece, tree: &mut Tree) -> bool {
        let found = self.search_sent(part, self.today, tree);
        let has_numbers = !found.hits.is_empty() || !found.doubtful.is_empty() || !found.tens.is_empty();
        let has_more = !found.altered.is_empty() || !found.digests.is_empty();
        !has_numbers && !has_more && found.suspects == 0 && found.problems.is_empty() && found.opaque.is_none()
    }

    /// Undoes what it can of `part` and finds the numbers in it.
    pub(crate) fn search(&self, part: Piece) -> Found {
        self.search_sent(part, self.today, &mut Tree::default())
    }

    /// The same for a part that was sent on the day `sent`: time stamps are of that time. The tree is taken for its room.
    pub(crate) fn search_sent(&self, part: Piece, sent: Date, tree: &mut Tree) -> Found {
        let shortest = if self.canaries.is_empty() { SHORTEST } else { SHORTEST_CUT };
        // Most parameters are flags, languages and sizes.
        if holds_nothing(&Glance::new(&part.bytes), shortest) {
            return Found { telling: short_title(&part).into_iter().collect(), ..Found::default() };
        }
        tree.begin(part);
        let mut gathered = Gathered::default();
        while let Some((number, view)) = tree.next() {
            let glance = Glance::new(&view.piece.bytes);
            gathered.look_for_page(number, &view.piece, tree);
            if holds_nothing(&glance, shortest) {
                continue;
            }
            let rest = tree.decode(number, &view, &glance, |tree, pieces| {
                self.join(number, tree, pieces, &mut gathered);
            });
            if rest == Rest::Nothing {
                continue;
            }
            self.search_view(number, &view, &glance, sent, tree, &mut gathered);
            if rest == Rest::All {
                self.search_spellings(number, &view.piece, &glance, tree, &mut gathered);
                self.search_digests(number, &glance, tree, &mut gathered);
            }
        }
        gathered.found(tree)
    }

    /// The numbers that pieces of one view make together, as if they stood in that view.
    pub(crate) fn joined_parts<'a>(&self, pieces: impl IntoIterator<Item = &'a Piece>) -> Vec<Hit> {
        joined(pieces)
            .into_iter()
            .map(|joined| {
                let (evidence, scores) = self.joined_evidence(&joined);
                Hit { steps: joined.steps, number: joined.number.into(), form: WrittenForm::Split, evidence, scores }
            })
            .collect()
    }

    fn join(&self, view: usize, tree: &mut Tree, pieces: &mut [Piece], gathered: &mut Gathered) {
        // One alone has no other to be named by, nor to make a number with.
        if pieces.len() < 2 {
            return;
        }
        name_by_siblings(pieces);
        for joined in joined(&*pieces) {
            let (evidence, scores) = self.joined_evidence(&joined);
            gathered.suspects += u64::from(!self.is_canary(&joined.number));
            let number = joined.number.into();
            let view = tree.place_below(view, joined.steps);
            gathered.spots.push(Spot { view, number, form: WrittenForm::Split, evidence, scores });
        }
    }

    /// Both names say what it is; of two segments of a path only a name before them does.
    fn joined_evidence(&self, joined: &Joined) -> (Evidence, Vec<Score>) {
        if self.is_canary(&joined.number) {
            return (Evidence::E1, Vec::new());
        }
        let has_digit = joined.number.passes_mod11();
        let named = (joined.best < Evidence::E4).then_some(Score { id: "named", points: 6 });
        let digit = if has_digit { Score { id: "mod-11", points: 2 } } else { Score { id: "no-mod-11", points: -1 } };
        let evidence = if has_digit { Evidence::E2 } else { Evidence::E3 };
        (evidence.max(joined.best), named.into_iter().chain([digit]).collect())
    }

    fn search_view(
        &self,
        view: usize,
        of: &View,
        glance: &Glance<'_>,
        sent: Date,
        tree: &mut Tree,
        gathered: &mut Gathered,
    ) {
        let piece = &of.piece;
        if !glance.has(DIGIT) {
            return;
        }
        let mut name: Option<Cow<'_, str>> = None;
        for candidate in candidates(&piece.bytes) {
            if candidate.form == WrittenForm::Compact && gathered.tens.len() < MAX_HITS {
                gathered.tens.push((view, candidate.digits));
            }
            let Ok(number) = CprNumber::from_digits(candidate.digits) else { continue };
            gathered.suspects += u64::from(!self.is_canary(&number));
            let name = name.get_or_insert_with(|| Cow::Owned(unescaped(tree.name(view)).into_owned()));
            let (judgement, scores) = self.judge(&candidate, number, piece, name, sent);
            let mut spot = Spot { view, number: number.into(), form: candidate.form, evidence: Evidence::E4, scores };
            match judgement {
                Judgement::LookAlike => {
                    gathered.look_alikes += 1;
                    if gathered.doubtful.len() < MAX_HITS {
                        gathered.doubtful.push(spot);
                    }
                }
                Judgement::Sure(_) if gathered.spots.len() >= MAX_HITS => {
                    tree.problem(format!("more than {MAX_HITS} numbers in one part"));
                    return;
                }
                Judgement::Sure(evidence) => {
                    spot.evidence = evidence;
                    gathered.spots.push(spot);
                }
            }
        }
    }

    /// Numbers in other shapes than ten digits.
    fn search_spellings(
        &self,
        view: usize,
        piece: &Piece,
        glance: &Glance<'_>,
        tree: &mut Tree,
        gathered: &mut Gathered,
    ) {
        if !glance.has(DIGIT) {
            return;
        }
        if gathered.spots.last().is_none_or(|spot| spot.view != view) {
            self.search_loose(view, piece, tree, gathered);
        }
        if !self.canaries.is_empty() && gathered.altered.len() < MAX_HITS {
            gathered.altered.extend(altered(&piece.bytes, &self.canaries).into_iter().map(|found| (view, found)));
        }
        if glance.has(LETTER) {
            let Lettered { found, is_cut } = with_letters(&piece.bytes);
            if is_cut {
                tree.problem("more numbers with letters in one place than are looked at".to_owned());
            }
            for text in found {
                let name = unescaped(tree.name(view));
                let at = piece.bytes.windows(6).position(|six| text.starts_with(six)).unwrap_or(0);
                if is_strong(&name) || is_strong(&piece.context) || is_named_in_text(&piece.bytes, at) {
                    gathered.suspects += 1;
                    let scores = vec![Score { id: "named", points: 6 }];
                    let (number, form, evidence) = (Number::Letters(text), WrittenForm::Letters, Evidence::E3);
                    gathered.spots.push(Spot { view, number, form, evidence, scores });
                }
            }
        }
    }

    /// A value that is one number with other signs between its digits than are known, or without the zero it begins with:
    /// some programs drop it (sdk-facts 1.15). Told when it is named, or declared and only lost its zero.
    fn search_loose(&self, view: usize, piece: &Piece, tree: &Tree, gathered: &mut Gathered) {
        let Some((number, form)) = loose(&piece.bytes) else { return };
        let is_canary = self.is_canary(&number);
        let name = unescaped(tree.name(view));
        let is_told = is_canary && form == WrittenForm::Compact;
        if is_told || is_strong(&name) || is_strong(&piece.context) {
            let (evidence, scores) = self.joined_evidence(&Joined { number, best: Evidence::E2, steps: Vec::new() });
            gathered.suspects += u64::from(!is_canary);
            gathered.spots.push(Spot { view, number: number.into(), form, evidence, scores });
        }
    }

    /// Digests of declared numbers, and others that may be of a number that nobody declared.
    fn search_digests(&self, view: usize, glance: &Glance<'_>, tree: &mut Tree, gathered: &mut Gathered) {
        let DigestTokens { found, is_cut } = tokens(glance);
        if is_cut || gathered.digests.len() + found.len() > MAX_HITS {
            tree.problem("more digests in one place than are looked at".to_owned());
        }
        for DigestToken { digest, .. } in found {
            let Some(known) = self.digests.find(&digest) else {
                if gathered.digests.len() < MAX_HITS {
                    gathered.digests.push((view, digest));
                }
                continue;
            };
            let Some(form) = known.layers.first().copied() else { continue };
            let steps = known.layers.iter().map(|layer| RawStep::Undo(layer.as_str()));
            let view = tree.place_below(view, steps.collect());
            let (number, evidence, scores) = (known.number.into(), Evidence::E1, Vec::new());
            gathered.spots.push(Spot { view, number, form, evidence, scores });
        }
    }

    fn judge(
        &self,
        candidate: &Candidate,
        number: CprNumber,
        piece: &Piece,
        name: &str,
        sent: Date,
    ) -> (Judgement, Vec<Score>) {
        if self.is_canary(&number) {
            return (Judgement::Sure(Evidence::E1), Vec::new());
        }
        let Piece { bytes, context, .. } = piece;
        judge(&Clue {
            candidate,
            number,
            text: bytes,
            name,
            context,
            today: self.today,
            sent,
            is_named: OnceCell::new(),
        })
    }
}

/// Whether there can be no number in any encoding: too short, or a short word without digits, for the letters of an
/// encoding take more room than the digits they stand for.
fn holds_nothing(view: &Glance<'_>, shortest: usize) -> bool {
    let length = view.bytes.len();
    length < shortest || (length < SHORTEST_ENCODED && view.has_only(LETTER | BLANK | DASH | UNDERSCORE | DOT))
}

/// The title of a page, in a word too short for a number.
fn short_title(part: &Piece) -> Option<(String, String)> {
    match part.steps.last()? {
        RawStep::Into(_, name) if is_title(name) => {
            Some((name.clone(), String::from_utf8_lossy(&part.bytes).into_owned()))
        }
        RawStep::Into(..) | RawStep::Undo(_) => None,
    }
}

/// A name as it is meant: `person%5Bssn%5D` is `person[ssn]`.
pub(crate) fn unescaped(name: &str) -> Cow<'_, str> {
    let mut name = Cow::Borrowed(name);
    for _ in 0..MAX_NAME_PERCENT {
        let decoded = Percent.decode(&Glance::new(name.as_bytes()));
        let Some(piece) = decoded.and_then(|decoded| decoded.pieces.into_iter().next()) else { break };
        name = Cow::Owned(String::from_utf8_lossy(&piece.bytes).into_owned());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MAX_DEPTH;

    fn searcher() -> Searcher {
        Searcher::new(["0101901234".parse().unwrap()], jiff::civil::date(2026, 11, 22))
    }

    fn trails(text: &[u8]) -> Vec<String> {
        let found = searcher().search(Piece::new(vec![], text.to_vec()));
        let step = |step: &RawStep| match step {
            RawStep::Into(place, name) => format!("{place:?}[{name}]"),
            RawStep::Undo(id) => (*id).to_owned(),
        };
        let trail = |hit: &Hit| hit.steps.iter().map(step).collect::<Vec<_>>().join(" > ");
        found.hits.iter().map(|hit| format!("{} {}", trail(hit), hit.evidence)).collect()
    }

    #[test]
    fn the_innermost_trail_is_told_and_no_other() {
        assert_eq!(
            trails(b"data=eyJ1cmwiOiJodHRwczovL3gudGVzdC8/Y3ByPTAxMDE5MDEyMzQifQ%3D%3D"),
            ["Form[data] > percent > base64 > json > Json[url] > Query[cpr] E1"]
        );
        assert_eq!(
            trails(b"https://x.test/?u=https%253A%252F%252Fy%252F%253Fcpr%253D0101901234"),
            ["Query[u] > percent > percent > Query[cpr] E1"]
        );
    }

    #[test]
    fn a_named_value_is_a_number_whatever_stands_between_its_digits() {
        for value in ["07 07 61 42 85", "070761\u{202f}4285", "070761:4285", "70761-4285", "707.614.285"] {
            let evidence = |name: &str| {
                let part =
                    Piece::new(vec![RawStep::Into(model::Place::Query, name.to_owned())], value.as_bytes().to_vec());
                Searcher::new([], jiff::civil::date(2026, 11, 22)).search(part).hits.first().map(|hit| hit.evidence)
            };
            assert_eq!(evidence("cpr"), Some(Evidence::E2), "{value}");
            assert_eq!(evidence("x"), None, "{value}");
        }
    }

    #[test]
    fn letters_are_named_by_text_too() {
        for text in ["CPR: 0203291WQ3", "urn:oid:1.2.208.176.1.6.1.1|0203291WQ3"] {
            let found = searcher().search(Piece::new(vec![], text.as_bytes().to_vec()));
            assert_eq!(found.hits.len(), 1, "{text}");
        }
    }

    #[test]
    fn a_name_as_long_as_a_request_is_cut_in_trails() {
        let name = "cpr=0101901234,".repeat(5_000).replace('=', "%3D");
        let found = searcher().search(Piece::new(vec![], format!("{name}=0101901234").into_bytes()));
        assert!(!found.hits.is_empty());
        for hit in &found.hits {
            for step in &hit.steps {
                assert!(matches!(step, RawStep::Undo(_)) || matches!(step, RawStep::Into(_, name) if name.len() < 400));
            }
        }
    }

    #[test]
    fn escapes_glue_nothing_together() {
        assert_eq!(trails(b"x=%2012345678"), Vec::<String>::new());
        assert_eq!(trails(b"x=%200101901234"), ["Form[x] > percent E1"]);
        assert_eq!(trails(b"x=%E2%80%930101901234"), ["Form[x] > percent E1"]);
        assert_eq!(trails(b"x=010190%E2%80%931234"), ["Form[x] > percent E1"]);
    }

    #[test]
    fn a_number_before_and_after_decoding_counts_once_each_place() {
        assert_eq!(trails(b"a=0101901234&b=MDEwMTkwMTIzNA==").len(), 2);
    }

    #[test]
    fn the_innermost_is_told_with_the_best_evidence() {
        let found = Searcher::new([], jiff::civil::date(2026, 11, 22))
            .search(Piece::new(vec![], b"{\"ref\":\"0101901234\"}\ncpr=010190-1234".to_vec()));
        let told: Vec<(WrittenForm, Evidence)> = found.hits.iter().map(|hit| (hit.form, hit.evidence)).collect();
        assert_eq!(told, [(WrittenForm::Dashed, Evidence::E3)]);
    }

    #[test]
    fn an_escaped_name_is_judged_as_it_is_meant() {
        for name in ["person%5Bssn%5D", "person%255Bssn%255D", "%63pr"] {
            let found = Searcher::new([], jiff::civil::date(2026, 11, 22))
                .search(Piece::new(vec![], format!("{name}=0101901234").into_bytes()));
            assert_eq!(found.hits[0].evidence, Evidence::E3, "{name}");
        }
    }

    #[test]
    fn percent_of_any_depth_is_undone_and_its_bound_is_a_problem() {
        let mut text = "010190-1234".replace('-', "%2D");
        for _ in 0..40 {
            text = text.replace('%', "%25");
        }
        assert_eq!(trails(text.as_bytes()).len(), 1);
        let found = searcher().search(Piece::new(vec![], format!("%{}41", "25".repeat(5_000)).into_bytes()));
        assert_eq!(found.problems.len(), 1);
    }

    #[test]
    fn json_in_json_ends_at_the_bound_and_is_said() {
        let mut text = "010190-1234".to_owned();
        for _ in 0..MAX_DEPTH + 2 {
            text = serde_json::to_string(&[text]).unwrap();
            if text.len() > 1 << 20 {
                break;
            }
        }
        let found = searcher().search(Piece::new(vec![], text.into_bytes()));
        assert_eq!(found.hits.len(), 1, "the raw text is still searched");
        assert_eq!(found.problems.len(), 1);
    }
}
