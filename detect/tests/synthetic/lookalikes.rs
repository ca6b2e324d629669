//! What looks like a number and is none (cpr-facts 1.5), in the places where it is met.

use jiff::civil::{Date, date};
use model::{Evidence, Exchange};

use super::patterns::{Patterns, raw};
use super::table::Alarms;
use crate::kit::{With as _, get};
use crate::random::Random;

/// Of each kind. Enough that one in a thousand shows.
const COUNT: usize = 1_000;

/// A kind of look-alike, and how one is made on a day.
type Kind = (&'static str, fn(&mut Random, Date) -> Exchange);

const KINDS: &[Kind] = &[
    ("analytics client id", |random, today| {
        let id = random.between(1_000_000_000, 2_147_483_647);
        get(&format!("https://maaling.test/c?v=2&cid={id}.{}", seconds(random, today)))
    }),
    ("analytics cookie", |random, today| {
        let id = random.between(1_000_000_000, 2_147_483_647);
        get("https://maaling.test/c").header("Cookie", &format!("_ga=GA1.2.{id}.{}", seconds(random, today)))
    }),
    ("pixel cookie", |random, today| {
        let (ms, id) = (seconds(random, today) * 1000, random.between(1_000_000_000, 2_147_483_647));
        get("https://maaling.test/c").header("Cookie", &format!("_fbp=fb.1.{ms}.{id}"))
    }),
    ("cache-buster of ten digits", |random, _| {
        get(&format!("https://maaling.test/c?rnd={}", random.between(1_000_000_000, 9_999_999_999)))
    }),
    ("seconds since 1970", |random, today| get(&format!("https://maaling.test/c?ts={}", seconds(random, today)))),
    ("seconds since 1970 in JSON", |random, today| {
        let body = format!("{{\"events\":[{{\"time\":{},\"n\":1}}]}}", seconds(random, today));
        get("https://maaling.test/c").body(body)
    }),
    ("milliseconds since 1970", |random, today| {
        get(&format!("https://maaling.test/c?t={}", seconds(random, today) * 1000 + random.between(0, 999)))
    }),
    ("order number", |random, _| {
        get(&format!("https://maaling.test/c?ordre={}", random.between(1_000_000_000, 9_999_999_999)))
    }),
    ("production unit number", |random, _| {
        get(&format!("https://maaling.test/c?pnr={}", random.between(1_000_000_000, 1_031_000_000)))
    }),
    ("company number and telephone", |random, _| {
        let (cvr, phone) = (random.between(10_000_000, 49_999_999), random.between(20_000_000, 99_999_999));
        get(&format!("https://maaling.test/c?cvr={cvr}&tlf=%2B45{phone}"))
    }),
    ("bank account", |random, _| {
        let (bank, account) = (random.between(1_000, 9_999), random.between(1_000_000_000, 9_999_999_999));
        get("https://maaling.test/c").body(format!("{{\"konto\":\"{bank}-{account}\"}}"))
    }),
    ("file stamp YYMMDD-HHMM", |random, _| {
        let (year, month, day) = (random.between(10, 26), random.between(1, 12), random.between(1, 28));
        let (hour, minute) = (random.between(0, 23), random.between(0, 59));
        get(&format!("https://billeder.test/tp3-{year:02}{month:02}{day:02}-{hour:02}{minute:02}.jpg"))
    }),
    ("hex id", |random, _| {
        let id = format!("{:016x}{:016x}", random.between(0, u64::MAX - 1), random.between(0, u64::MAX - 1));
        get(&format!("https://maaling.test/c?id={id}"))
    }),
    ("UUID", |random, _| {
        let part = |random: &mut Random, digits: u32| random.between(0, 16_u64.pow(digits) - 1);
        let [a, b, c, d, e] = [8, 4, 4, 4, 12].map(|digits| part(random, digits));
        get(&format!("https://maaling.test/c?uuid={a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}"))
    }),
];

/// An ordinary day, and one on which seconds since 1970 are dates.
pub(super) fn days() -> [Date; 2] {
    [date(2026, 11, 22), date(2027, 3, 1)]
}

/// Alarms at what is no number, by kind.
pub(super) fn alarms(today: Date, patterns: &Patterns) -> Alarms {
    let mut random = Random::new();
    let mut inspector = super::inspector(Vec::new(), today);
    let kinds = KINDS.iter().map(|(name, make)| {
        let mut counts = [0; 5];
        for _ in 0..COUNT {
            let exchange = make(&mut random, today);
            let sightings = inspector.inspect("made-up", &exchange, None).sightings;
            let hits = patterns.hits(&raw(&exchange), today);
            let rings = [
                sightings.iter().any(|sighting| sighting.evidence < Evidence::E4),
                sightings.iter().any(|sighting| sighting.evidence == Evidence::E4),
                !hits.all.is_empty(),
                !hits.dated.is_empty(),
                !hits.checked.is_empty(),
            ];
            for (count, rings) in counts.iter_mut().zip(rings) {
                *count += usize::from(rings);
            }
        }
        (*name, counts)
    });
    Alarms { today, count: COUNT, kinds: kinds.collect() }
}

/// A moment of the last thirty days.
fn seconds(random: &mut Random, today: Date) -> u64 {
    let days = today.since(date(1970, 1, 1)).unwrap().get_days();
    (u64::try_from(days).unwrap() - 30) * 86_400 + random.between(0, 30 * 86_400)
}
