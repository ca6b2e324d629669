//! A part and everything it decodes to: a tree of views, searched for numbers.
//!
//! A number found in a view is not told again for the views above it: the innermost trail says most, and is told with
//! the best evidence of them all. Where a decoder covers all of a view, its raw bytes are not searched: escapes would glue
//! digits together that do not belong so.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use jiff::civil::Date;
use model::{CprNumber, Evidence, Place, WrittenForm};

use crate::candidate::{Candidate, candidates};
use crate::decoders::{DECODERS, Decoded, Decoder as _, Percent, Piece, RawStep};
use crate::evidence::{Clue, Judgement, judge};
use crate::glance::Glance;
use crate::opaque::is_opaque;

/// Encodings within encodings, percent aside: the deepest seen in real telemetry is 6 (sdk-facts).
const MAX_DEPTH: usize = 16;

/// Layers of percent-encoding. Each undoes some bytes, so this bounds work, not honesty: 3 is the most seen.
const MAX_PERCENT: usize = 64;

/// Layers of percent-encoding undone in a name before it is judged.
const MAX_NAME_PERCENT: usize = 4;

/// Views of one part. A large session replay has some ten thousand strings.
const MAX_VIEWS: usize = 200_000;

/// Bytes of all views of one part together.
const MAX_BYTES: usize = 64 << 20;

/// Unreadable bytes within a part are told from here on: fewer are a hash or an id.
const SHORTEST_OPAQUE: usize = 33;

/// Sightings in one part.
const MAX_HITS: usize = 10_000;

/// Finds numbers: the declared ones for certain, others by their shape.
#[derive(Clone, Debug)]
pub(crate) struct Searcher {
    canaries: BTreeSet<CprNumber>,
    today: Date,
}

/// A number in a view.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) steps: Vec<RawStep>,
    pub(crate) number: CprNumber,
    pub(crate) form: WrittenForm,
    pub(crate) evidence: Evidence,
}

/// What a part held.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) hits: Vec<Hit>,
    /// Digits passed over: dates by chance.
    pub(crate) look_alikes: u64,
    /// All that may be an undeclared number, whatever it was judged: what a redactor must not let through.
    pub(crate) suspects: u64,
    /// What was not undone or searched, in words.
    pub(crate) problems: Vec<String>,
    /// Bytes that are neither text nor in an encoding known here, in words: the first of them.
    pub(crate) opaque: Option<String>,
}

struct View {
    piece: Piece,
    parent: Option<usize>,
    depth: usize,
    percents: usize,
}

/// The views of a part, those done and those to come.
struct Tree {
    /// Parents of the views done, by number.
    parents: Vec<Option<usize>>,
    waiting: Vec<View>,
    bytes: usize,
    hits: Vec<(usize, Hit)>,
    look_alikes: u64,
    suspects: u64,
    problems: Vec<String>,
    opaque: Option<String>,
}

impl Searcher {
    pub(crate) fn new(canaries: impl IntoIterator<Item = CprNumber>, today: Date) -> Self {
        Self { canaries: canaries.into_iter().collect(), today }
    }

    /// Whether the number is a declared test person's.
    pub(crate) fn is_canary(&self, number: &CprNumber) -> bool {
        self.canaries.contains(number)
    }

    /// Undoes what it can of `part` and finds the numbers in it.
    pub(crate) fn search(&self, part: Piece) -> Found {
        let mut tree = Tree {
            parents: Vec::new(),
            waiting: Vec::new(),
            bytes: 0,
            hits: Vec::new(),
            look_alikes: 0,
            suspects: 0,
            problems: Vec::new(),
            opaque: None,
        };
        tree.add(View { piece: part, parent: None, depth: 0, percents: 0 });
        while let Some(view) = tree.waiting.pop() {
            let number = tree.parents.len();
            tree.parents.push(view.parent);
            let decoded = tree.decode(&view);
            if decoded.as_ref().is_none_or(|decoded| !decoded.is_all) {
                self.search_view(number, &view.piece, &mut tree);
                let is_told = decoded.as_ref().is_some_and(|decoded| decoded.problem.is_some());
                if !is_told {
                    tree.look_for_opaque(&view);
                }
            }
            tree.add_pieces(number, &view, decoded);
        }
        tree.found()
    }

    fn search_view(&self, view: usize, piece: &Piece, tree: &mut Tree) {
        if let Some(number) = self.canary_without_zero(&piece.bytes) {
            let (form, evidence) = (WrittenForm::Compact, Evidence::E1);
            tree.hits.push((view, Hit { steps: piece.steps.clone(), number, form, evidence }));
        }
        for candidate in candidates(&piece.bytes) {
            let Ok(number) = CprNumber::from_digits(candidate.digits) else { continue };
            tree.suspects += u64::from(!self.is_canary(&number));
            let evidence = match self.judge(&candidate, number, piece) {
                Judgement::LookAlike => {
                    tree.look_alikes += 1;
                    continue;
                }
                Judgement::Sure(evidence) => evidence,
            };
            if tree.hits.len() >= MAX_HITS {
                tree.problem(format!("more than {MAX_HITS} numbers in one part"));
                return;
            }
            let hit = Hit { steps: piece.steps.clone(), number, form: candidate.form, evidence };
            tree.hits.push((view, hit));
        }
    }

    /// A declared number that was a number to some program, which drops the zero it begins with (sdk-facts 1.15).
    fn canary_without_zero(&self, bytes: &[u8]) -> Option<CprNumber> {
        let nine: &[u8; 9] = bytes.try_into().ok()?;
        let mut digits = [b'0'; 10];
        for (digit, from) in digits.iter_mut().skip(1).zip(nine) {
            *digit = *from;
        }
        CprNumber::from_digits(digits).ok().filter(|number| self.is_canary(number))
    }

    fn judge(&self, candidate: &Candidate, number: CprNumber, piece: &Piece) -> Judgement {
        if self.is_canary(&number) {
            return Judgement::Sure(Evidence::E1);
        }
        let name = unescaped(nearest_name(&piece.steps));
        let Piece { bytes, context, .. } = piece;
        judge(&Clue { candidate, number, text: bytes, name: &name, context, today: self.today })
    }
}

impl Tree {
    fn decode(&mut self, view: &View) -> Option<Decoded> {
        let glance = Glance::new(&view.piece.bytes);
        let (id, decoded) = DECODERS.iter().find_map(|decoder| decoder.decode(&glance).map(|d| (decoder.id(), d)))?;
        let too_deep = view.depth >= MAX_DEPTH || view.percents >= MAX_PERCENT;
        if too_deep {
            self.problem(format!("{id} below {MAX_DEPTH} other encodings or {MAX_PERCENT} of percent"));
            return None;
        }
        if let Some(problem) = &decoded.problem {
            self.problem(problem.clone());
        }
        Some(decoded)
    }

    /// In reverse, so that they are taken in order.
    fn add_pieces(&mut self, parent: usize, view: &View, decoded: Option<Decoded>) {
        for mut piece in decoded.map(|decoded| decoded.pieces).unwrap_or_default().into_iter().rev() {
            let is_percent = piece.steps == [RawStep::Undo("percent")];
            if piece.context.is_empty() && piece.steps.iter().all(|step| matches!(step, RawStep::Undo(_))) {
                piece.context.clone_from(&view.piece.context);
            }
            piece.steps = [view.piece.steps.as_slice(), piece.steps.as_slice()].concat();
            let depth = view.depth + usize::from(!is_percent);
            let percents = view.percents + usize::from(is_percent);
            self.add(View { piece, parent: Some(parent), depth, percents });
        }
    }

    fn add(&mut self, view: View) {
        self.bytes = self.bytes.saturating_add(view.piece.bytes.len());
        if self.parents.len() + self.waiting.len() >= MAX_VIEWS || (self.bytes > MAX_BYTES && view.parent.is_some()) {
            self.problem(format!("more than {MAX_VIEWS} views or {MAX_BYTES} decoded bytes in one part"));
            return;
        }
        self.waiting.push(view);
    }

    /// Whole parts and what was compressed are told however short they are.
    fn look_for_opaque(&mut self, view: &View) {
        let Piece { steps, bytes, .. } = &view.piece;
        let is_whole = view.parent.is_none() || matches!(steps.last(), Some(RawStep::Undo("gzip" | "zlib")));
        if self.opaque.is_none() && (is_whole || bytes.len() >= SHORTEST_OPAQUE) && is_opaque(bytes) {
            self.opaque = Some(format!("{} bytes that are neither text nor in an encoding known here", bytes.len()));
        }
    }

    fn problem(&mut self, problem: String) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn found(self) -> Found {
        let above = |view: usize| successors(self.parent(view), |view| self.parent(*view));
        let mut told_below = BTreeSet::new();
        for (view, hit) in &self.hits {
            for view in above(*view) {
                if !told_below.insert((view, hit.number)) {
                    break;
                }
            }
        }
        let (innermost, outer): (Vec<_>, Vec<_>) =
            self.hits.iter().cloned().partition(|(view, hit)| !told_below.contains(&(*view, hit.number)));
        // The first hit below each view, which speaks for those of its number above it.
        let mut heirs = BTreeMap::new();
        for (index, (view, hit)) in innermost.iter().enumerate() {
            for view in above(*view) {
                if heirs.contains_key(&(view, hit.number)) {
                    break;
                }
                heirs.insert((view, hit.number), index);
            }
        }
        let mut hits: Vec<Hit> = innermost.into_iter().map(|(_, hit)| hit).collect();
        for (view, hit) in outer {
            let heir = heirs.get(&(view, hit.number)).and_then(|index| hits.get_mut(*index));
            if let Some(heir) = heir.filter(|heir| hit.evidence < heir.evidence) {
                (heir.evidence, heir.form) = (hit.evidence, hit.form);
            }
        }
        Found {
            hits,
            look_alikes: self.look_alikes,
            suspects: self.suspects,
            problems: self.problems,
            opaque: self.opaque,
        }
    }

    fn parent(&self, view: usize) -> Option<usize> {
        self.parents.get(view).copied().flatten()
    }
}

/// The innermost name on the way to a view.
fn nearest_name(steps: &[RawStep]) -> &str {
    steps
        .iter()
        .rev()
        .find_map(|step| match step {
            RawStep::Into(
                Place::Query | Place::Form | Place::Part | Place::Cookie | Place::Header | Place::Json | Place::Xml,
                name,
            ) => Some(name.as_str()),
            RawStep::Into(
                Place::Path | Place::Fragment | Place::Host | Place::Userinfo | Place::Body | Place::Message,
                _,
            ) => Some(""),
            RawStep::Into(Place::Line, _) | RawStep::Undo(_) => None,
        })
        .unwrap_or_default()
}

/// A name as it is meant: `person%5Bssn%5D` is `person[ssn]`.
fn unescaped(name: &str) -> Cow<'_, str> {
    let mut name = Cow::Borrowed(name);
    for _ in 0..MAX_NAME_PERCENT {
        let Some(piece) =
            Percent.decode(&Glance::new(name.as_bytes())).and_then(|decoded| decoded.pieces.into_iter().next())
        else {
            break;
        };
        name = Cow::Owned(String::from_utf8_lossy(&piece.bytes).into_owned());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

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
