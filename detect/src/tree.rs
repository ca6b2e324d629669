//! The views of one part, as a tree: those done, those to come, and what was found in them.
//!
//! A number is told once for every place it stands in. Found in a view and in what that view decodes to, the innermost
//! trail says most; found by two decoders in one view, the surer decoder's trail does. Either is told with the best
//! evidence of them all.

use std::collections::BTreeMap;
use std::iter::successors;

use model::{Evidence, Place, Score, WrittenForm};

use crate::decoders::binary::is_noise;
use crate::decoders::{DECODERS, Decoded, Decoder as _, Percent, Piece, RawStep, Reads};
use crate::glance::Glance;
use crate::number::Number;
use crate::opaque::is_opaque_as;

/// Encodings within encodings, percent aside: the deepest seen in real telemetry is 6 (sdk-facts).
pub(crate) const MAX_DEPTH: usize = 16;

/// Layers of percent-encoding. Each undoes some bytes, so this bounds work, not honesty: 3 is the most seen.
const MAX_PERCENT: usize = 64;

/// Views of one part. A large session replay has some ten thousand strings.
const MAX_VIEWS: usize = 200_000;

/// Bytes of all views of one part together.
const MAX_BYTES: usize = 64 << 20;

/// Longest name kept for trails, in bytes. A name may be as long as a request, and each number below it tells its trail.
const MAX_NAME: usize = 300;

/// Unreadable bytes within a part are told from here on: fewer are a hash or an id.
const SHORTEST_OPAQUE: usize = 33;

/// What found a number in the view's own bytes: after every decoder.
const RAW: usize = usize::MAX;

/// A view still to be looked at.
pub(crate) struct View {
    pub(crate) piece: Piece,
    parent: Option<usize>,
    /// The decoder that made it, by its place in the row.
    via: usize,
    depth: usize,
    percents: usize,
}

/// A view that was looked at: what a trail needs of it.
struct Done {
    steps: Vec<RawStep>,
    parent: Option<usize>,
    via: usize,
}

/// What is still to be searched of a view that was decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing: its pieces are all there is.
    Nothing,
    /// All of it.
    All,
    /// All of it for numbers that text does not part from what is around them; what is text stands in its pieces.
    Noise,
}

/// A number found in a view.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) view: usize,
    pub(crate) number: Number,
    pub(crate) form: WrittenForm,
    pub(crate) evidence: Evidence,
    pub(crate) scores: Vec<Score>,
}

/// The views of a part.
#[derive(Default)]
pub(crate) struct Tree {
    done: Vec<Done>,
    waiting: Vec<View>,
    bytes: usize,
    pub(crate) problems: Vec<String>,
    pub(crate) opaque: Option<String>,
}

/// Whether its name is longer than is kept.
fn is_long(step: &RawStep) -> bool {
    matches!(step, RawStep::Into(_, name) if name.len() > MAX_NAME)
}

/// A step with its name cut to the bound, at the end of a word: half a number would show as what it is not.
fn shortened(step: RawStep) -> RawStep {
    match step {
        RawStep::Into(place, name) if name.len() > MAX_NAME => {
            let end = (0..=MAX_NAME).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
            let kept = name.get(..end).unwrap_or_default();
            let kept = kept.trim_end_matches(|c: char| c.is_alphanumeric() || "-+/=%\\._ ".contains(c));
            RawStep::Into(place, format!("{kept}…"))
        }
        step => step,
    }
}

impl Tree {
    /// Begins with `part`, whatever was before; what room there is for views stays.
    pub(crate) fn begin(&mut self, part: Piece) {
        let Self { done, waiting, bytes, problems, opaque } = self;
        done.clear();
        waiting.clear();
        (*bytes, *problems, *opaque) = (0, Vec::new(), None);
        self.add(View { piece: part, parent: None, via: RAW, depth: 0, percents: 0 });
    }

    /// The next view, with its number.
    pub(crate) fn next(&mut self) -> Option<(usize, View)> {
        let mut view = self.waiting.pop()?;
        let number = self.done.len();
        let mut steps = std::mem::take(&mut view.piece.steps);
        if steps.iter().any(is_long) {
            steps = steps.into_iter().map(shortened).collect();
        }
        self.done.push(Done { steps, parent: view.parent, via: view.via });
        Some((number, view))
    }

    /// Undoes what can be undone of a view. What comes out is handed to `siblings`, decoder by decoder, and then waits
    /// for its turn. Returns what of the view's own bytes is still to be searched.
    pub(crate) fn decode(
        &mut self,
        number: usize,
        view: &View,
        glance: &Glance<'_>,
        mut siblings: impl FnMut(&mut Self, &mut [Piece]),
    ) -> Rest {
        // Each of many small bombs grows within its own bound; together they do not.
        if self.bytes > MAX_BYTES && view.parent.is_some() {
            self.problem(format!("more than {MAX_VIEWS} views or {MAX_BYTES} decoded bytes in one part"));
            return Rest::All;
        }
        let from = self.waiting.len();
        let mut is_all = false;
        let mut is_told = false;
        let is_noise = is_noise(glance);
        let rows = DECODERS.iter().enumerate().filter(|(_, (wanted, reads, _))| {
            glance.has(*wanted)
                && match reads {
                    Reads::Bytes => true,
                    Reads::Text => !is_noise,
                }
        });
        for (via, (_, _, decoder)) in rows {
            let Some(Decoded { mut pieces, is_all: covers, problem }) = decoder.decode(glance) else { continue };
            if view.depth >= MAX_DEPTH || view.percents >= MAX_PERCENT {
                let id = decoder.id();
                self.problem(format!("{id} below {MAX_DEPTH} other encodings or {MAX_PERCENT} of percent"));
                break;
            }
            if let Some(problem) = problem {
                is_told = true;
                self.problem(problem);
            }
            siblings(self, &mut pieces);
            for piece in pieces {
                self.add_piece(number, via, view, piece);
            }
            if covers {
                is_all = true;
                break;
            }
        }
        // Taken from the end, and meant to come in order.
        if let Some(added) = self.waiting.get_mut(from..) {
            added.reverse();
        }
        if !is_all && !is_told && !glance.is_plain() {
            self.look_for_opaque(number, view, glance, is_noise);
        }
        match (is_all, is_noise) {
            (true, _) => Rest::Nothing,
            (false, false) => Rest::All,
            (false, true) => Rest::Noise,
        }
    }

    fn add_piece(&mut self, parent: usize, via: usize, view: &View, mut piece: Piece) {
        let is_percent = piece.steps == [RawStep::Undo(Percent.id())];
        if piece.context.is_empty() && piece.steps.iter().all(|step| matches!(step, RawStep::Undo(_))) {
            piece.context.clone_from(&view.piece.context);
        }
        let depth = view.depth + usize::from(!is_percent);
        let percents = view.percents + usize::from(is_percent);
        self.add(View { piece, parent: Some(parent), via, depth, percents });
    }

    fn add(&mut self, view: View) {
        self.bytes = self.bytes.saturating_add(view.piece.bytes.len());
        if self.done.len() + self.waiting.len() >= MAX_VIEWS || (self.bytes > MAX_BYTES && view.parent.is_some()) {
            self.problem(format!("more than {MAX_VIEWS} views or {MAX_BYTES} decoded bytes in one part"));
            return;
        }
        self.waiting.push(view);
    }

    /// A place below a view that was made of several of its pieces.
    pub(crate) fn place_below(&mut self, view: usize, steps: Vec<RawStep>) -> usize {
        self.done.push(Done { steps, parent: Some(view), via: 0 });
        self.done.len() - 1
    }

    /// Whole parts and what was compressed are told however short they are. Bytes with readable strings in them are not
    /// all unreadable, and still: what stands between the strings was not understood.
    fn look_for_opaque(&mut self, number: usize, view: &View, glance: &Glance<'_>, is_noise: bool) {
        if self.opaque.is_some() {
            return;
        }
        let bytes = glance.bytes;
        let last = self.done.get(number).and_then(|done| done.steps.last());
        let is_inflated = matches!(last, Some(RawStep::Undo("gzip" | "zlib" | "zstd" | "deflate" | "brotli")));
        let is_whole = view.parent.is_none() || is_inflated;
        if is_noise || (is_whole || bytes.len() >= SHORTEST_OPAQUE) && is_opaque_as(bytes, glance.text()) {
            self.opaque = Some(format!("{} bytes that are neither text nor in an encoding known here", bytes.len()));
        }
    }

    pub(crate) fn problem(&mut self, problem: String) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// The steps of a view and those above it, innermost first.
    pub(crate) fn steps_up(&self, view: usize) -> impl Iterator<Item = &RawStep> {
        self.up(view).filter_map(|view| self.done.get(view)).flat_map(|done| done.steps.iter().rev())
    }

    /// The innermost name on the way to a view, as it stands there; empty where a place has none.
    pub(crate) fn name(&self, view: usize) -> &str {
        let named = self.steps_up(view).find_map(|step| match step {
            RawStep::Into(
                Place::Query
                | Place::Form
                | Place::Part
                | Place::Cookie
                | Place::Header
                | Place::Json
                | Place::Xml
                | Place::Local
                | Place::Session
                | Place::Database
                | Place::DataLayer
                | Place::Log,
                name,
            ) => Some(name.as_str()),
            RawStep::Into(
                Place::Path
                | Place::Fragment
                | Place::Host
                | Place::Userinfo
                | Place::Body
                | Place::Message
                | Place::Title
                | Place::Mailto
                | Place::Cache,
                _,
            ) => Some(""),
            RawStep::Into(Place::Line, _) | RawStep::Undo(_) => None,
        });
        named.unwrap_or_default()
    }

    /// All steps from the part to a view.
    pub(crate) fn trail(&self, view: usize) -> Vec<RawStep> {
        let mut steps: Vec<RawStep> = self.steps_up(view).cloned().collect();
        steps.reverse();
        steps
    }

    /// The view and those above it.
    fn up(&self, view: usize) -> impl Iterator<Item = usize> {
        successors(Some(view), |view| self.done.get(*view)?.parent)
    }

    /// The views from `view` up, each with what found the number below it.
    fn ways(&self, view: usize) -> impl Iterator<Item = (usize, usize)> {
        let mut via = RAW;
        self.up(view).map(move |view| {
            let way = (view, via);
            via = self.done.get(view).map_or(RAW, |done| done.via);
            way
        })
    }

    /// The spots that are told: one for each place, by the innermost and surest way, with the best evidence.
    pub(crate) fn settle(&self, spots: Vec<Spot>) -> Vec<Spot> {
        if spots.len() < 2 {
            return spots;
        }
        let mut surest: BTreeMap<(usize, Number), usize> = BTreeMap::new();
        for spot in &spots {
            for (view, via) in self.ways(spot.view) {
                let known = surest.entry((view, spot.number)).or_insert(via);
                *known = via.min(*known);
            }
        }
        let is_surest = |spot: &Spot| {
            self.ways(spot.view).all(|(view, via)| surest.get(&(view, spot.number)).is_some_and(|known| via <= *known))
        };
        let (mut told, others): (Vec<Spot>, Vec<Spot>) = spots.into_iter().partition(is_surest);
        // The first spot below each view speaks for those that are not told.
        let mut heirs: BTreeMap<(usize, Number), usize> = BTreeMap::new();
        for (index, spot) in told.iter().enumerate() {
            for view in self.up(spot.view) {
                heirs.entry((view, spot.number)).or_insert(index);
            }
        }
        for spot in others {
            let heir = self.up(spot.view).find_map(|view| heirs.get(&(view, spot.number)));
            if let Some(heir) = heir.and_then(|index| told.get_mut(*index))
                && spot.evidence < heir.evidence
            {
                (heir.evidence, heir.form, heir.scores) = (spot.evidence, spot.form, spot.scores);
            }
        }
        told
    }
}
