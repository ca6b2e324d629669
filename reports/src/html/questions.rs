//! The authority's questions for a page: tables of a few leaks each, so that they fit a sheet of paper.

use model::registry::{Asked, Question};

use crate::card::standing;
use crate::dossier::State;
use crate::dossier::answers::{Sheet, answer_words, by};
use crate::lang::Lang;
use crate::naming::{count, who};
use crate::summary::Extract;
use crate::texts::phrases as p;
use crate::texts::questions::{self as q, question, source, state};

/// Leaks beside each other on a sheet of A4.
const LEAKS_PER_TABLE: usize = 3;

/// The section of a page.
#[derive(Clone, Debug)]
pub(super) struct QuestionsView {
    pub(super) counts: Vec<(&'static str, String)>,
    pub(super) tables: Vec<TableView>,
    /// How many leaks have no column; empty when all have one.
    pub(super) left: String,
    /// What was answered besides.
    pub(super) others: Vec<OtherView>,
    /// How many answers nobody can attribute; empty when there are none.
    pub(super) unattributed: String,
    pub(super) has_registry: bool,
}

/// Some of the leaks.
#[derive(Clone, Debug)]
pub(super) struct TableView {
    pub(super) caption: String,
    pub(super) leaks: Vec<LeakView>,
    pub(super) rows: Vec<RowView>,
}

/// The head of a column.
#[derive(Clone, Debug)]
pub(super) struct LeakView {
    /// `Lækage 1`: nothing from outside, so that it may stand in an attribute.
    pub(super) name: String,
    pub(super) recipient: String,
    pub(super) system: String,
    pub(super) standing: &'static str,
    pub(super) transmissions: String,
}

/// A question and its answers.
#[derive(Clone, Debug)]
pub(super) struct RowView {
    pub(super) number: usize,
    pub(super) question: &'static str,
    pub(super) is_from_account: bool,
    pub(super) cells: Vec<CellView>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct CellView {
    /// Of which leak, for a narrow screen.
    pub(super) leak: String,
    pub(super) of: String,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) state: &'static str,
    pub(super) statements: Vec<(&'static str, String)>,
    pub(super) against: Vec<String>,
}

/// An answer that concerns none of the leaks.
#[derive(Clone, Debug)]
pub(super) struct OtherView {
    pub(super) question: &'static str,
    pub(super) source: &'static str,
    pub(super) text: String,
}

impl QuestionsView {
    pub(super) fn new(part: &Extract<'_>, sheet: &Sheet<'_>, lang: Lang) -> Self {
        let count_of = |one: State| sheet.counts.get(&one).copied().unwrap_or_default();
        let counts = State::ALL.map(|one| (state(one).to(lang), lang.number(count_of(one)))).to_vec();
        let heads: Vec<LeakView> = sheet
            .leaks
            .iter()
            .zip(1..)
            .map(|(leak, number)| LeakView {
                name: format!("{} {}", q::LEAK.to(lang), lang.number(number)),
                recipient: who(leak.recipient),
                system: leak.system_name(lang),
                transmissions: p::TRANSMISSIONS.of(leak.transmissions(), lang),
                standing: standing(leak.recipient.standing, part.scan, lang),
            })
            .collect();
        let mut tables = Vec::new();
        for (turn, leaks) in heads.chunks(LEAKS_PER_TABLE).enumerate() {
            let first = turn * LEAKS_PER_TABLE;
            tables.push(TableView {
                caption: caption(first, leaks.len(), heads.len(), lang),
                rows: rows(sheet, first, leaks, lang),
                leaks: leaks.to_vec(),
            });
        }
        Self {
            counts,
            tables,
            left: left(sheet.left, lang),
            others: sheet
                .others
                .iter()
                .map(|answer| OtherView {
                    question: question(answer.question).to(lang),
                    source: source(by(answer)).to(lang),
                    text: answer_words(answer, lang),
                })
                .collect(),
            unattributed: unattributed(sheet.unattributed, lang),
            has_registry: sheet.has_registry,
        }
    }
}

fn rows(sheet: &Sheet<'_>, first: usize, leaks: &[LeakView], lang: Lang) -> Vec<RowView> {
    let mut rows = Vec::new();
    for (number, (asked, cells)) in (1..).zip(&sheet.rows) {
        let cells = leaks.iter().zip(cells.iter().skip(first)).map(|(leak, cell)| {
            let (class, sign) = look(cell.state);
            CellView {
                leak: leak.name.clone(),
                of: leak.recipient.clone(),
                class,
                sign,
                state: state(cell.state).to(lang),
                statements: cell.statements.iter().map(|one| (source(one.source).to(lang), one.text.clone())).collect(),
                against: cell.against.clone(),
            }
        });
        rows.push(RowView {
            number,
            question: question(*asked).to(lang),
            is_from_account: Question::asked(*asked) == Asked::ToldInAccount,
            cells: cells.collect(),
        });
    }
    rows
}

/// Class and sign of a state; an answer may be a bad one, so it is no tick.
fn look(state: State) -> (&'static str, &'static str) {
    match state {
        State::Answered => ("answered", "sign-clean"),
        State::Contradicted => ("contradicted", "sign-warn"),
        State::Unanswered => ("unanswered", "sign-unknown"),
    }
}

fn caption(first: usize, shown: usize, all: usize, lang: Lang) -> String {
    let number = |at: usize| lang.number(count(at));
    let (from, to, all) = (number(first + 1), number(first + shown), number(all));
    match (shown, lang) {
        (1, Lang::Da) => format!("Lækage {from} af {all}: spørgsmål og svar"),
        (1, Lang::En) => format!("Leak {from} of {all}: questions and answers"),
        (_, Lang::Da) => format!("Lækage {from}–{to} af {all}: spørgsmål og svar"),
        (_, Lang::En) => format!("Leaks {from}–{to} of {all}: questions and answers"),
    }
}

fn left(left: u64, lang: Lang) -> String {
    let counted = lang.number(left);
    match (left, lang) {
        (0, Lang::Da | Lang::En) => String::new(),
        (_, Lang::Da) => format!("{counted} lækager mere har ingen kolonne her. Alle fund står i scan.json."),
        (_, Lang::En) => format!("{counted} more leaks have no column here. All findings are in scan.json."),
    }
}

fn unattributed(answers: u64, lang: Lang) -> String {
    let counted = lang.number(answers);
    match (answers, lang) {
        (0, Lang::Da | Lang::En) => String::new(),
        (_, Lang::Da) => format!(
            "{counted} svar fra leverandører i registret nævner hverken et system eller en modtager, der viser, hvis det \
             er, og er udeladt her."
        ),
        (_, Lang::En) => format!(
            "{counted} answers of vendors in the registry name neither a system nor a recipient that tells whose they \
             are, and are left out here."
        ),
    }
}

impl OtherView {
    /// Whose it is, before its words.
    pub(super) fn said(&self) -> String {
        format!("{}: {}", self.source, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn many_leaks_are_several_tables_and_each_has_every_question() {
        let mut scan = sample::scan();
        let first = scan.findings[0].clone();
        for name in ["A", "B", "C", "D"] {
            let mut finding = first.clone();
            finding.recipient.legal_name = Some(name.to_owned());
            scan.findings.push(finding);
        }
        let part = Extract::whole(&scan);
        let view = QuestionsView::new(&part, &Sheet::new(&part, Lang::Da), Lang::Da);
        let columns: Vec<usize> = view.tables.iter().map(|table| table.leaks.len()).collect();
        assert_eq!(columns, [3, 3, 1]);
        assert!(view.tables.iter().all(|table| table.rows.len() == 14));
        assert_eq!(view.tables[2].caption, "Lækage 7 af 7: spørgsmål og svar");
        assert!(view.tables.iter().all(|table| table.rows.iter().all(|row| row.cells.len() == table.leaks.len())));
        assert_eq!(view.tables[1].rows[0].cells[2].of, view.tables[1].leaks[2].recipient);
    }

    #[test]
    fn each_state_has_a_sign_of_its_own() {
        let mut signs = State::ALL.map(|state| look(state).1);
        signs.sort_unstable();
        assert!(signs.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
