//! Windows of the list of exchanges. Which rows match a filter is remembered, and only new rows are looked at; the
//! session is held for moments only, while some rows are copied.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::exchange::ExchangeRow;
use crate::filter::{Asked, Filter};
use crate::session::{MAX_EXCHANGES, Session, State};

/// Rows of one window: three screens.
pub(crate) const MAX_WINDOW: usize = 200;

/// Rows copied while the session is held: a tenth of a millisecond.
const CHUNK: usize = 2_000;

/// Filters remembered: what a few testers look at. Each takes 8 bytes for a row that matches.
const MAX_REMEMBERED: usize = 8;

/// The filters that were asked for last, and what matches them.
#[derive(Debug, Default)]
pub(crate) struct Index(Mutex<VecDeque<Matches>>);

/// A window of the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    /// How many rows match.
    pub(crate) total: u64,
    /// The place of the first row among them.
    pub(crate) from: u64,
    /// Each with its number in the session.
    pub(crate) rows: Vec<(u64, Arc<ExchangeRow>)>,
}

#[derive(Debug)]
struct Matches {
    filter: Filter,
    /// The revision in which the session was last judged anew.
    anew: u64,
    /// The number of the first row that was not looked at.
    next: u64,
    /// Numbers of rows, oldest first.
    numbers: Vec<u64>,
}

impl Index {
    /// What is asked for.
    pub(crate) fn window(&self, asked: &Asked, session: &Session) -> Window {
        let count = asked.count.min(MAX_WINDOW) as u64;
        let filter = {
            let state = session.state();
            let filter = Filter::new(asked, &state);
            if filter.is_open() {
                let total = state.exchanges.len() as u64;
                let from = asked.from.min(total);
                let numbers = (from..total.min(from + count)).map(|place| state.first() + place);
                return Window { total, from, rows: numbers.filter_map(|number| numbered(&state, number)).collect() };
            }
            filter
        };
        let mut matches = self.take(filter);
        matches.look(session);
        let state = session.state();
        if matches.anew != state.anew {
            // Judged anew just now: the page is told, and asks again.
            return Window::default();
        }
        matches.drop_before(state.first());
        let total = matches.numbers.len() as u64;
        let from = asked.from.min(total);
        let numbers = matches.numbers.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)).take(count as usize);
        let rows = numbers.filter_map(|number| numbered(&state, *number)).collect();
        drop(state);
        self.put(matches);
        Window { total, from, rows }
    }

    /// Taken out while it is worked with, so that others do not wait.
    fn take(&self, filter: Filter) -> Matches {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|matches| matches.filter == filter);
        let known = place.and_then(|place| all.remove(place));
        known.unwrap_or(Matches { filter, anew: 0, next: 0, numbers: Vec::new() })
    }

    fn put(&self, matches: Matches) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| known.filter != matches.filter);
        all.push_back(matches);
        if all.len() > MAX_REMEMBERED {
            all.pop_front();
        }
    }
}

impl Matches {
    fn look(&mut self, session: &Session) {
        // The bound is what a session holds; what comes meanwhile is looked at the next time.
        for _ in 0..=MAX_EXCHANGES / CHUNK {
            let rows: Vec<Arc<ExchangeRow>> = {
                let state = session.state();
                if self.anew != state.anew {
                    (self.anew, self.next) = (state.anew, 0);
                    self.numbers.clear();
                }
                self.next = self.next.max(state.first());
                let place = usize::try_from(self.next - state.first()).unwrap_or(usize::MAX);
                let end = place.saturating_add(CHUNK).min(state.exchanges.len());
                state.exchanges.range(place.min(end)..end).cloned().collect()
            };
            if rows.is_empty() {
                return;
            }
            for row in rows {
                if self.filter.matches(&row) {
                    self.numbers.push(self.next);
                }
                self.next += 1;
            }
        }
    }

    fn drop_before(&mut self, first: u64) {
        let gone = self.numbers.partition_point(|number| *number < first);
        self.numbers.drain(..gone);
    }
}

/// The exchange of this number, if it is still listed.
pub(crate) fn numbered(state: &State, number: u64) -> Option<(u64, Arc<ExchangeRow>)> {
    let place = usize::try_from(number.checked_sub(state.first())?).ok()?;
    state.exchanges.get(place).map(|row| (number, row.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::News;
    use crate::made;

    fn asked(change: impl FnOnce(&mut Asked)) -> Asked {
        let mut asked = Asked { count: MAX_WINDOW, ..Asked::default() };
        change(&mut asked);
        asked
    }

    #[track_caller]
    fn case(session: &Session, expected: &[u64], change: impl FnOnce(&mut Asked)) {
        let index = Index::default();
        let asked = asked(change);
        for _ in 0..2 {
            // The second time from what is remembered.
            let window = index.window(&asked, session);
            let numbers: Vec<u64> = window.rows.iter().map(|(number, _)| *number).collect();
            assert_eq!((numbers.as_slice(), window.total), (expected, expected.len() as u64), "{asked:?}");
        }
    }

    #[test]
    fn each_filter_keeps_its_rows() {
        let session = made::session(2, 40);
        let all: Vec<u64> = (0..40).collect();
        case(&session, &all, |_| {});
        let state = session.state();
        let pick = |wanted: &dyn Fn(&ExchangeRow) -> bool| -> Vec<u64> {
            let rows = state.exchanges.iter().enumerate().filter(|(_, row)| wanted(row));
            rows.map(|(place, _)| place as u64).collect()
        };
        let numbers = pick(&|row| row.evidence == Some(model::Evidence::E1));
        let blocked = pick(&|row| row.blocked);
        let first = state.findings.values().next().unwrap().1.clone();
        let of_finding = pick(&|row| row.findings.contains(&first.fingerprint));
        let of_text = pick(&|row| row.url.as_str().contains("/Ordner/7"));
        let tester = pick(&|row| row.tester.as_ref().is_some_and(|tester| tester.as_str() == "mette"));
        drop(state);
        for rows in [&numbers, &blocked, &of_finding, &of_text, &tester] {
            assert!(!rows.is_empty() && rows.len() < 40);
        }
        case(&session, &numbers, |asked| asked.numbers = "1".to_owned());
        case(&session, &numbers, |asked| asked.level = "E1".to_owned());
        case(&session, &blocked, |asked| asked.blocked = "1".to_owned());
        case(&session, &of_finding, |asked| asked.finding = first.fingerprint.clone());
        case(&session, &of_text, |asked| asked.text = "/ordner/7".to_owned());
        case(&session, &tester, |asked| asked.tester = "mette".to_owned());
        case(&session, &all, |asked| asked.system = "tastselv".to_owned());
        case(&session, &[], |asked| asked.system = "another".to_owned());
        case(&session, &[], |asked| asked.finding = "no such".to_owned());
        case(&session, &[], |asked| asked.rule = "cpr-in-mailto".to_owned());
        case(&session, &[], |asked| asked.host = "nowhere.test".to_owned());
        case(&session, &[38, 39], |asked| asked.after = made::at(37).as_millisecond().to_string());
    }

    #[test]
    fn new_rows_join_and_judging_anew_begins_from_the_start() {
        let session = made::session(2, 40);
        let index = Index::default();
        let asked = asked(|asked| asked.host = "maaling".to_owned());
        let before = index.window(&asked, &session).total;
        session.add(News { exchanges: vec![made::row(0, &[])], ..News::default() }, []);
        assert_eq!(index.window(&asked, &session).total, before + 1);
        session.judge_anew();
        assert_eq!(index.window(&asked, &session).total, 0);
        session.add(News { exchanges: vec![made::row(0, &[])], ..News::default() }, []);
        assert_eq!(index.window(&asked, &session).total, 1);
    }

    #[test]
    fn a_window_is_bounded() {
        let session = made::session(1, 1_000);
        let index = Index::default();
        let window = |from, count| index.window(&Asked { from, count, ..Asked::default() }, &session);
        assert_eq!(window(0, 5_000).rows.len(), MAX_WINDOW);
        assert_eq!(window(995, 10).rows.len(), 5);
        assert_eq!(window(u64::MAX, usize::MAX).rows.len(), 0);
    }

    #[test]
    fn rows_that_are_no_longer_listed_match_no_more() {
        let session = made::session(1, 10);
        let index = Index::default();
        let asked = asked(|asked| asked.text = "https".to_owned());
        assert_eq!(index.window(&asked, &session).total, 10);
        let rows = || (0..10_000).map(|number| made::row(number, &[])).collect();
        for _ in 0..MAX_EXCHANGES / 10_000 {
            session.add(News { exchanges: rows(), ..News::default() }, []);
        }
        assert_eq!(session.state().first(), 10);
        assert_eq!(index.window(&asked, &session).total, MAX_EXCHANGES as u64);
        assert_eq!(index.window(&asked, &session).rows[0].0, 10);
    }
}
