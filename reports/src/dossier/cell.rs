//! An answer in the making: what each side says to one question about one leak, and where the sides do not agree.

use crate::lang::Lang;
use crate::texts::questions::side;

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The scan saw it.
    Scanner,
    /// The authority declares it.
    Registry,
    /// The vendor has answered so.
    Vendor,
    /// The authority has answered so.
    Authority,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Somebody answers it, and nobody says otherwise.
    Answered,
    /// Two sides do not agree.
    Contradicted,
    /// Nobody answers it.
    Unanswered,
}

/// What one side says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) source: Source,
    pub(crate) text: String,
}

/// The answer to one question about one leak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) state: State,
    /// In the order in which the sides are asked.
    pub(crate) statements: Vec<Statement>,
    /// Where two sides do not agree, a sentence for each that names both.
    pub(crate) against: Vec<String>,
}

/// A cell that is being filled.
#[derive(Debug)]
pub(super) struct Draft {
    lang: Lang,
    is_answered: bool,
    statements: Vec<Statement>,
    against: Vec<String>,
}

impl Source {
    /// Every source.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::Scanner, Self::Registry, Self::Vendor, Self::Authority];
}

impl State {
    /// Every state, in the order of the counts.
    pub(crate) const ALL: [Self; 3] = [Self::Answered, Self::Contradicted, Self::Unanswered];
}

impl Draft {
    pub(super) fn new(lang: Lang) -> Self {
        Self { lang, is_answered: false, statements: Vec::new(), against: Vec::new() }
    }

    /// `source` answers the question.
    pub(super) fn answers(&mut self, source: Source, text: String) {
        self.is_answered = true;
        self.notes(source, text);
    }

    /// `source` has something to say that does not answer it.
    pub(super) fn notes(&mut self, source: Source, text: String) {
        self.statements.push(Statement { source, text });
    }

    /// Two sides do not agree.
    pub(super) fn contradict(&mut self, one: (Source, &str), other: (Source, &str)) {
        let told = |(source, text): (Source, &str)| format!("{}: {text}.", side(source).to(self.lang));
        self.against.push(format!("{} {}", told(one), told(other)));
    }

    pub(super) fn done(self) -> Cell {
        let state = match (self.against.is_empty(), self.is_answered) {
            (false, _) => State::Contradicted,
            (true, true) => State::Answered,
            (true, false) => State::Unanswered,
        };
        Cell { state, statements: self.statements, against: self.against }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_no_answer_and_a_contradiction_is_more_than_one() {
        let mut draft = Draft::new(Lang::En);
        draft.notes(Source::Scanner, "x".to_owned());
        assert_eq!(draft.done().state, State::Unanswered);
        let mut draft = Draft::new(Lang::En);
        draft.answers(Source::Vendor, "no".to_owned());
        draft.contradict((Source::Vendor, "no"), (Source::Scanner, "yes"));
        let cell = draft.done();
        assert_eq!(cell.state, State::Contradicted);
        assert_eq!(cell.against, ["The vendor answers: no. The scan saw: yes."]);
    }
}
