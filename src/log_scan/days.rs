//! The days of which logs have lines, and those in between of which they have none.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::LogGap;
use serde::{Deserialize, Serialize};

/// Days remembered: a century. Times come from strangers, and some are any.
const MAX_DAYS: usize = 36_525;

/// Gaps told one by one.
const MAX_TOLD: usize = 5;

const SECONDS_OF_DAY: i64 = 86_400;

/// Days with a line, since 1970, in UTC.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Days {
    days: BTreeSet<i64>,
    span: Option<(Timestamp, Timestamp)>,
}

impl Days {
    /// There is a line of that time.
    pub(super) fn note(&mut self, time: Timestamp) {
        if self.days.len() < MAX_DAYS {
            self.days.insert(day_of(time));
        }
        self.widen((time, time));
    }

    /// Those of another log, too.
    pub(super) fn absorb(&mut self, other: &Self) {
        for day in &other.days {
            if self.days.len() < MAX_DAYS {
                self.days.insert(*day);
            }
        }
        if let Some(span) = other.span {
            self.widen(span);
        }
    }

    /// The first time and the last.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// The gaps: the first day and the last of each.
    fn gaps(&self) -> Vec<(i64, i64)> {
        let next = self.days.iter().skip(1);
        self.days
            .iter()
            .zip(next)
            .filter(|(day, next)| *next - *day > 1)
            .map(|(day, next)| (day + 1, next - 1))
            .collect()
    }

    /// The gaps, for a report.
    pub(super) fn missing_days(&self) -> Vec<LogGap> {
        self.gaps().into_iter().map(|(first, last)| LogGap { first: date(first), last: date(last) }).collect()
    }

    /// What is to be said of the gaps that lie within none of `spans`.
    pub(super) fn told_beyond(&self, spans: &[(Timestamp, Timestamp)]) -> Option<String> {
        let is_within = |day: i64| spans.iter().any(|(first, last)| (day_of(*first)..=day_of(*last)).contains(&day));
        let mut beyond = self.clone();
        for (first, last) in self.gaps() {
            if is_within(first) {
                beyond.days.extend((first..=last).take(MAX_DAYS));
            }
        }
        beyond.told()
    }

    /// How many days within the span have no line.
    pub(super) fn missing(&self) -> u64 {
        self.gaps().iter().map(|(first, last)| u64::try_from(last - first + 1).unwrap_or_default()).sum()
    }

    /// What is to be said of the gaps, if there are any.
    pub(super) fn told(&self) -> Option<String> {
        let gaps = self.gaps();
        let told = gaps.iter().take(MAX_TOLD).map(|(first, last)| {
            let until = if first == last { String::new() } else { format!(" – {}", date(*last)) };
            format!("{}{until}", date(*first))
        });
        let told = told.collect::<Vec<_>>().join(", ");
        let told = match gaps.len().saturating_sub(MAX_TOLD) {
            0 => told,
            more => format!("{told}, … (+{more})"),
        };
        (!gaps.is_empty()).then(|| match self.missing() {
            1 => format!("no line of 1 day: {told}"),
            days => format!("no line of {days} days: {told}"),
        })
    }

    fn widen(&mut self, (first, last): (Timestamp, Timestamp)) {
        let (known_first, known_last) = self.span.unwrap_or((first, last));
        self.span = Some((known_first.min(first), known_last.max(last)));
    }
}

/// The day of a time, since 1970.
pub(super) fn day_of(time: Timestamp) -> i64 {
    time.as_second().div_euclid(SECONDS_OF_DAY)
}

fn date(day: i64) -> Date {
    Timestamp::from_second(day.saturating_mul(SECONDS_OF_DAY)).unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_between_without_a_line_are_gaps() {
        let mut days = Days::default();
        assert_eq!((days.missing(), days.told()), (0, None));
        for time in ["2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z", "2026-11-25T12:00:00Z", "2026-11-27T12:00:00Z"] {
            days.note(time.parse().unwrap());
        }
        assert_eq!(days.missing(), 4);
        assert_eq!(days.told().as_deref(), Some("no line of 4 days: 2026-11-22 – 2026-11-24, 2026-11-26"));
        let gap = |first: &str, last: &str| LogGap { first: first.parse().unwrap(), last: last.parse().unwrap() };
        assert_eq!(days.missing_days(), [gap("2026-11-22", "2026-11-24"), gap("2026-11-26", "2026-11-26")]);
        let mut one = Days::default();
        for day in [20, 22] {
            one.note(format!("2026-11-{day}T00:00:00Z").parse().unwrap());
        }
        assert_eq!(one.told().as_deref(), Some("no line of 1 day: 2026-11-21"));
        for day in [24, 26, 28, 30] {
            one.note(format!("2026-11-{day}T00:00:00Z").parse().unwrap());
        }
        one.note("2026-12-02T00:00:00Z".parse().unwrap());
        assert!(one.told().unwrap().ends_with("2026-11-29, … (+1)"));
        let mut other = Days::default();
        for day in 22..=26 {
            other.note(format!("2026-11-{day}T00:00:00Z").parse().unwrap());
        }
        days.absorb(&other);
        assert_eq!(days.told(), None);
    }
}
