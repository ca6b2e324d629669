//! What must stay silent: recordings without a number, ours and those of others, judged on days on which ids and time
//! stamps look like dates or do not.

mod kit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use inputs::Recording;
use jiff::civil::{Date, date};
use kit::recorded::{Judge, folder, own, recordings};
use model::{Evidence, Site};
use sha2::{Digest as _, Sha256};

/// A folder with the recordings of `tests/recordings/elsewhere.tsv`, which hold strangers' cookies and are not kept here.
const ELSEWHERE: &str = "CPRVAGT_RECORDINGS_ELSEWHERE";

/// An ordinary day, and one on which seconds since 1970 are birth dates (cpr-facts, "Date bomb").
fn days() -> [Date; 2] {
    [date(2026, 11, 22), date(2027, 3, 1)]
}

#[test]
fn recordings_without_a_number_raise_nothing_above_a_mere_date() {
    let mut all = recordings(&folder());
    all.retain(|file, _| file.ends_with(".clean.har") || file.ends_with(".hard.har"));
    assert!(all.len() > 40, "the recordings are not where they were");
    stays_silent(&all, |_| own());
}

#[test]
fn recordings_of_strangers_raise_nothing_above_a_mere_date() {
    let Some(folder) = std::env::var_os(ELSEWHERE).map(PathBuf::from) else {
        println!("skipped: {ELSEWHERE} names no folder");
        return;
    };
    for (file, digest) in listed() {
        let bytes = std::fs::read(folder.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let found = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
        assert!(found.starts_with(&digest), "{file} is not the one listed");
    }
    let all = recordings(&folder);
    // As the program does: the site of the first page is the one looked at. And as if it were somebody else's.
    stays_silent(&all, |recording| {
        recording.exchanges.iter().take(1).map(|exchange| exchange.request.target.host.site()).collect()
    });
    stays_silent(&all, |_| Vec::new());
}

/// Asserts that nothing of `all` is told as more than possible, and prints how much as possible.
#[track_caller]
#[expect(clippy::print_stdout, reason = "for the log of the tests")]
fn stays_silent(all: &BTreeMap<String, Recording>, own: impl Fn(&Recording) -> Vec<Site>) {
    for (today, declares) in days().into_iter().flat_map(|day| [(day, false), (day, true)]) {
        let mut possible: BTreeMap<&str, usize> = BTreeMap::new();
        let mut alarms = BTreeSet::new();
        for (file, recording) in all {
            let mut judge = Judge::new(&own(recording), today, declares);
            for sighting in judge.sightings(file, recording) {
                if sighting.evidence == Evidence::E4 {
                    *possible.entry(file).or_default() += 1;
                } else {
                    let (evidence, index, host) = (sighting.evidence, sighting.index, &sighting.host);
                    alarms.insert(format!("{file} {index} {host} {} {evidence}\n", sighting.trail));
                }
            }
        }
        let (count, files) = (possible.values().sum::<usize>(), all.len());
        println!("{today}, planted numbers declared: {declares}: {count} at E4 in {files} files");
        for (file, count) in possible {
            println!("{count:>5}  {file}");
        }
        let alarms: Vec<String> = alarms.into_iter().collect();
        assert!(alarms.is_empty(), "{today}: {} alarms\n{}", alarms.len(), alarms.concat());
    }
}

/// The files kept elsewhere and the beginnings of their digests.
fn listed() -> Vec<(String, String)> {
    let table = std::fs::read_to_string(folder().join("elsewhere.tsv")).expect("the list is there");
    let row = |line: &str| {
        let [file, _, _, _, digest]: [&str; 5] = line.split('\t').collect::<Vec<_>>().try_into().expect("five columns");
        (file.to_owned(), digest.to_owned())
    };
    table.lines().skip(1).map(row).collect()
}
