//! Sightings counted instead of kept: what a finding needs of a million of them.

use std::collections::{BTreeMap, BTreeSet};

use detect::fingerprint;
use jiff::Timestamp;
use jiff::civil::Date;
use model::{CprNumber, Evidence, Identity, LogFinding, LogShared, Redacted, Sighting, WrittenForm};
use serde::{Deserialize, Serialize};

/// Days of one tally that are told apart: ten years and more.
const MAX_DAYS: usize = 4_000;

/// Status codes of one tally that are told apart: servers know some forty.
const MAX_STATUSES: usize = 100;

/// Where the others are counted.
const OTHER_STATUS: u16 = 0;

/// Hosts of one tally, logs, and names of what went along.
const MAX_NAMES: usize = 1_000;

const SECONDS_OF_DAY: i64 = 86_400;

/// What sightings that are counted together have in common: the finding, and all that may still change what is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    /// The finding's fingerprint.
    #[serde(with = "fingerprint_as_text")]
    pub(super) fingerprint: u128,
    /// Whether they were told at once, and not passed over.
    pub(super) is_told: bool,
    pub(super) evidence: Evidence,
    pub(super) is_compact: bool,
    pub(super) slot: Option<u64>,
}

/// Of what sort the line of a sighting is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sort {
    pub(super) status: Option<u16>,
    pub(super) is_robot: bool,
    /// Whether it does not say when: the time of the sighting is that of the run.
    pub(super) is_untimed: bool,
}

/// What is counted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Its number among all, for the persons.
    pub(super) number: u32,
    /// Requests.
    pub(super) requests: u64,
    pub(super) undelivered: u64,
    pub(super) blocked: u64,
    pub(super) span: Option<(Timestamp, Timestamp)>,
    pub(super) hosts: BTreeSet<Redacted>,
    pub(super) also_sent: BTreeSet<Redacted>,
    #[serde(with = "declared")]
    pub(super) test_persons: BTreeSet<CprNumber>,
    /// By days since 1970.
    pub(super) days: BTreeMap<i64, u64>,
    pub(super) statuses: BTreeMap<u16, u64>,
    pub(super) by_robots: u64,
    /// Requests that are in no day, as nobody knows when they were.
    pub(super) untimed: u64,
    /// Requests by the log they stand in.
    pub(super) files: BTreeMap<String, u64>,
    /// Sightings of it that are kept whole.
    pub(super) listed: u64,
}

/// Requests with sightings of several findings: each of them counts it, and all together once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Shared {
    pub(super) requests: u64,
    pub(super) undelivered: u64,
    pub(super) by_robots: u64,
    /// By days since 1970.
    pub(super) days: BTreeMap<i64, u64>,
    pub(super) untimed: u64,
}

impl Shared {
    /// Counts a request, by the first of its sightings.
    pub(super) fn add(&mut self, sighting: &Sighting, sort: Sort) {
        self.requests += 1;
        self.undelivered += u64::from(sighting.context.undelivered);
        self.by_robots += u64::from(sort.is_robot);
        if sort.is_untimed {
            self.untimed += 1;
        } else {
            self.count_day(day_of(sighting), 1);
        }
    }

    /// That of one request which `counts` has counted.
    pub(super) fn of(counts: &Tally) -> Self {
        let Tally { requests, undelivered, by_robots, untimed, .. } = *counts;
        Self { requests, undelivered, by_robots, untimed, days: counts.days.clone() }
    }

    /// Adds what another has counted.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self { requests, undelivered, by_robots, days, untimed } = other;
        self.requests += requests;
        self.untimed += untimed;
        self.undelivered += undelivered;
        self.by_robots += by_robots;
        for (day, count) in days {
            self.count_day(day, count);
        }
    }

    /// What a report tells of it.
    pub(super) fn shown(&self, findings: Vec<String>) -> LogShared {
        let days = self.days.iter().map(|(day, count)| (date(*day), *count)).collect();
        let Self { undelivered, by_robots, untimed, .. } = *self;
        LogShared { findings, days, undelivered, by_robots, untimed }
    }

    fn count_day(&mut self, day: i64, count: u64) {
        if self.days.len() < MAX_DAYS || self.days.contains_key(&day) {
            *self.days.entry(day).or_default() += count;
        }
    }
}

impl Key {
    pub(super) fn of(sighting: &Sighting, is_told: bool) -> Self {
        Self {
            fingerprint: number_of(&fingerprint(sighting)),
            is_told,
            evidence: sighting.evidence,
            is_compact: sighting.form == WrittenForm::Compact,
            slot: sighting.context.slot,
        }
    }
}

/// A fingerprint as a number.
pub(super) fn number_of(fingerprint: &str) -> u128 {
    u128::from_str_radix(fingerprint, 16).unwrap_or_default()
}

impl Tally {
    /// Counts a sighting. `is_first` of its finding in its request.
    pub(super) fn add(&mut self, sighting: &Sighting, sort: Sort, is_first: bool) {
        if let Identity::Canary(number) = &sighting.identity {
            self.test_persons.insert(*number);
        }
        if self.hosts.len() < MAX_NAMES && !self.hosts.contains(&sighting.host) {
            self.hosts.insert(sighting.host.clone());
        }
        for name in sighting.context.also_sent.iter() {
            if self.also_sent.len() < MAX_NAMES && !self.also_sent.contains(name) {
                self.also_sent.insert(name.clone());
            }
        }
        if !sort.is_untimed {
            self.widen((sighting.time, sighting.time));
        }
        if !is_first {
            return;
        }
        self.requests += 1;
        self.undelivered += u64::from(sighting.context.undelivered);
        self.blocked += u64::from(sighting.blocked);
        self.by_robots += u64::from(sort.is_robot);
        if sort.is_untimed {
            self.untimed += 1;
        } else {
            self.count_day(day_of(sighting), 1);
        }
        if let Some(status) = sort.status {
            self.count_status(status, 1);
        }
        self.count_file(&sighting.source, 1);
    }

    /// Takes out what it counts of requests. What it knows of its sightings otherwise stays.
    pub(super) fn take_requests(&mut self) -> Self {
        Self {
            requests: std::mem::take(&mut self.requests),
            undelivered: std::mem::take(&mut self.undelivered),
            blocked: std::mem::take(&mut self.blocked),
            by_robots: std::mem::take(&mut self.by_robots),
            days: std::mem::take(&mut self.days),
            untimed: std::mem::take(&mut self.untimed),
            statuses: std::mem::take(&mut self.statuses),
            files: std::mem::take(&mut self.files),
            ..Self::default()
        }
    }

    /// Adds what another has counted.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self {
            number: _,
            requests,
            undelivered,
            blocked,
            span,
            hosts,
            also_sent,
            test_persons,
            days,
            statuses,
            by_robots,
            untimed,
            files,
            listed: _,
        } = other;
        self.requests += requests;
        self.untimed += untimed;
        self.undelivered += undelivered;
        self.blocked += blocked;
        self.by_robots += by_robots;
        if let Some(span) = span {
            self.widen(span);
        }
        for (all, more) in [(&mut self.hosts, hosts), (&mut self.also_sent, also_sent)] {
            for name in more {
                if all.len() < MAX_NAMES {
                    all.insert(name);
                }
            }
        }
        self.test_persons.extend(test_persons);
        for (day, count) in days {
            self.count_day(day, count);
        }
        for (status, count) in statuses {
            self.count_status(status, count);
        }
        for (file, count) in files {
            self.count_file(&file, count);
        }
    }

    /// What a report tells of it beyond the finding.
    pub(super) fn shown(&self) -> LogFinding {
        LogFinding {
            days: self.days.iter().map(|(day, count)| (date(*day), *count)).collect(),
            statuses: self.statuses.clone(),
            by_robots: self.by_robots,
            untimed: self.untimed,
            files: self.files.iter().map(|(name, count)| (Redacted::own_words(name), *count)).collect(),
        }
    }

    fn widen(&mut self, (first, last): (Timestamp, Timestamp)) {
        let (known_first, known_last) = self.span.unwrap_or((first, last));
        self.span = Some((known_first.min(first), known_last.max(last)));
    }

    fn count_day(&mut self, day: i64, count: u64) {
        if self.days.len() < MAX_DAYS || self.days.contains_key(&day) {
            *self.days.entry(day).or_default() += count;
        }
    }

    fn count_file(&mut self, name: &str, count: u64) {
        if let Some(known) = self.files.get_mut(name) {
            *known += count;
        } else if self.files.len() < MAX_NAMES {
            self.files.insert(name.to_owned(), count);
        }
    }

    fn count_status(&mut self, status: u16, count: u64) {
        let is_known = self.statuses.len() < MAX_STATUSES || self.statuses.contains_key(&status);
        *self.statuses.entry(if is_known { status } else { OTHER_STATUS }).or_default() += count;
    }
}

/// The day of a sighting, since 1970.
fn day_of(sighting: &Sighting) -> i64 {
    sighting.time.as_second().div_euclid(SECONDS_OF_DAY)
}

fn date(day: i64) -> Date {
    let midnight = Timestamp::from_second(day.saturating_mul(SECONDS_OF_DAY)).unwrap_or_default();
    midnight.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// A number of 128 bits, which JSON readers do not take for granted.
mod fingerprint_as_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        u128::from_str_radix(&String::deserialize(deserializer)?, 16).map_err(serde::de::Error::custom)
    }
}

/// Declared numbers, which may be shown.
mod declared {
    use std::collections::BTreeSet;

    use model::{CprNumber, Identity};
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(numbers: &BTreeSet<CprNumber>, serializer: S) -> Result<S::Ok, S::Error> {
        // They are canaries' alone, which are shown in clear (DESIGN.md, "Numbers are people").
        serializer.collect_seq(numbers.iter().map(|number| Identity::Canary(*number)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<CprNumber>, D::Error> {
        let canary = |identity| match identity {
            Identity::Canary(number) => Some(number),
            Identity::Person(_) => None,
        };
        Ok(Vec::<Identity>::deserialize(deserializer)?.into_iter().filter_map(canary).collect())
    }
}
