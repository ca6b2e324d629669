//! What a part held, and what of it is gathered while its views are gone through.

use model::{Evidence, Score, WrittenForm};

use crate::altered::Alteration;
use crate::decoders::{Piece, RawStep};
use crate::digests::Digest;
use crate::number::Number;
use crate::sensitive::is_title;
use crate::tree::{Spot, Tree};

/// Addresses and titles of pages kept of one part, and how long they may be. A request tells one or two; a batch of events some hundred.
const MAX_TELLING: usize = 2_000;
const LONGEST_TELLING: usize = 2_000;

/// A number in a part.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) steps: Vec<RawStep>,
    pub(crate) number: Number,
    pub(crate) form: WrittenForm,
    pub(crate) evidence: Evidence,
    pub(crate) scores: Vec<Score>,
}

/// Ten digits on their own, for the statistics of the slot they stand in.
#[derive(Clone)]
pub(crate) struct Ten {
    pub(crate) steps: Vec<RawStep>,
    pub(crate) digits: [u8; 10],
}

/// What a part held.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) hits: Vec<Hit>,
    /// Dates by chance, judged as if they were possible: what a slot's statistics may bring back.
    pub(crate) doubtful: Vec<Hit>,
    /// Digits passed over: dates by chance.
    pub(crate) look_alikes: u64,
    /// All that may be an undeclared number, whatever it was judged: what a redactor must not let through.
    pub(crate) suspects: u64,
    /// Tokens of ten digits without separator.
    pub(crate) tens: Vec<Ten>,
    /// Declared numbers that came masked, cut or with another digit, and where.
    pub(crate) altered: Vec<(Vec<RawStep>, Alteration)>,
    /// Addresses and titles of pages, with the name they stand under: what may tell a sensitive matter.
    pub(crate) telling: Vec<(String, String)>,
    /// What is shaped as a digest, and is of no declared number.
    pub(crate) digests: Vec<(Vec<RawStep>, Digest)>,
    /// What was not undone or searched, in words.
    pub(crate) problems: Vec<String>,
    /// Bytes that are neither text nor in an encoding known here, in words: the first of them.
    pub(crate) opaque: Option<String>,
}

/// What is gathered while the views of a part are gone through.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) spots: Vec<Spot>,
    pub(crate) doubtful: Vec<Spot>,
    pub(crate) tens: Vec<(usize, [u8; 10])>,
    pub(crate) altered: Vec<(usize, Alteration)>,
    pub(crate) digests: Vec<(usize, Digest)>,
    pub(crate) telling: Vec<(String, String)>,
    pub(crate) look_alikes: u64,
    pub(crate) suspects: u64,
}

impl Found {
    /// Whether there is nothing at all to tell, on whatever day it was sent: days only judge what is shaped as a number.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { hits, doubtful, look_alikes, suspects, tens, altered, telling, digests, problems, opaque } = self;
        let has_numbers = !hits.is_empty() || !doubtful.is_empty() || !tens.is_empty() || !altered.is_empty();
        let is_told = !telling.is_empty() || !digests.is_empty() || !problems.is_empty() || opaque.is_some();
        *look_alikes == 0 && *suspects == 0 && !has_numbers && !is_told
    }
}

impl Gathered {
    /// Whether nothing was gathered that is told with where it stands.
    fn is_bare(&self) -> bool {
        let Self { spots, doubtful, tens, altered, digests, telling: _, look_alikes: _, suspects: _ } = self;
        spots.is_empty() && doubtful.is_empty() && tens.is_empty() && altered.is_empty() && digests.is_empty()
    }

    /// Keeps what may be the address or the title of a page.
    pub(crate) fn look_for_page(&mut self, view: usize, piece: &Piece, tree: &mut Tree) {
        let is_url = piece.bytes.starts_with(b"http") || piece.bytes.starts_with(b"/");
        let name = tree.name(view);
        if piece.bytes.len() > LONGEST_TELLING || !(is_url || is_title(name)) {
            return;
        }
        if self.telling.len() >= MAX_TELLING {
            tree.problem(format!("more than {MAX_TELLING} addresses and titles of pages in one part"));
        } else if let Ok(text) = std::str::from_utf8(&piece.bytes) {
            self.telling.push((name.to_owned(), text.to_owned()));
        }
    }

    /// All of it, each with its trail. Takes the tree's problems.
    pub(crate) fn found(self, tree: &mut Tree) -> Found {
        let (problems, opaque) = (std::mem::take(&mut tree.problems), tree.opaque.take());
        // Most parts hold nothing that has a trail.
        if self.is_bare() {
            return Found {
                telling: self.telling,
                look_alikes: self.look_alikes,
                suspects: self.suspects,
                problems,
                opaque,
                ..Found::default()
            };
        }
        let hit = |spot: Spot| Hit {
            steps: tree.trail(spot.view),
            number: spot.number,
            form: spot.form,
            evidence: spot.evidence,
            scores: spot.scores,
        };
        let hits = tree.settle(self.spots).into_iter().map(hit).collect();
        let doubtful = tree.settle(self.doubtful).into_iter().map(hit).collect();
        let tens = self.tens.into_iter().map(|(view, digits)| Ten { steps: tree.trail(view), digits }).collect();
        let altered = self.altered.into_iter().map(|(view, found)| (tree.trail(view), found)).collect();
        let digests = self.digests.into_iter().map(|(view, digest)| (tree.trail(view), digest)).collect();
        Found {
            hits,
            doubtful,
            look_alikes: self.look_alikes,
            suspects: self.suspects,
            tens,
            altered,
            telling: self.telling,
            digests,
            problems,
            opaque,
        }
    }
}
