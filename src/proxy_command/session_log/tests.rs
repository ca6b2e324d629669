//! A session that was killed at any moment is taken up with all that was written.

use std::sync::Arc;

use detect::{Inspector, Parties, Setup};
use jiff::civil::date;
use model::{
    BlindSpot, BlindSpotKind, Body, Exchange, Headers, Host, Identity, RequestRecord, Sighting, Target, TestPerson,
};

use super::*;

/// Its number is declared.
const DECLARED: &str = "0101901234";

/// Nobody has declared it.
const UNDECLARED: &str = "0707614285";

const STARTED: Timestamp = Timestamp::UNIX_EPOCH;

fn recorder_with(key: [u8; 32]) -> Recorder {
    let person = TestPerson { id: "da-01".to_owned(), cpr: DECLARED.parse().unwrap(), scope: Vec::new() };
    let parties = Parties::first_party(vec![Host::parse("sag.test").unwrap().site()]);
    let setup = Setup { test_persons: vec![person], key, today: date(2026, 11, 22), parties: parties.clone() };
    Recorder::new(Inspector::new(setup), parties)
}

fn recorder() -> Recorder {
    recorder_with([7; 32]).taking_notes()
}

fn exchange(index: u64, tester: &str, number: &str) -> Exchange {
    let request = RequestRecord {
        method: "GET".to_owned(),
        target: Target::parse(&format!("https://maaling.test/c?cpr={number}&n={index}")).unwrap(),
        version: "HTTP/1.1".to_owned(),
        headers: Headers(vec![("referer".to_owned(), b"https://sag.test/side".to_vec())]),
        body: Body::default(),
    };
    let mut exchange = Exchange::begun(index, STARTED, request);
    exchange.connection.tester = Some(tester.to_owned());
    exchange
}

/// What came of three exchanges and a blind spot, each its own batch, and the recorder that has them.
fn session() -> (Recorder, Vec<Vec<Taken>>) {
    let mut recorder = recorder();
    let mut batches = Vec::new();
    for (index, tester, number) in [(0, "anna", UNDECLARED), (1, "bo", DECLARED), (2, "anna", UNDECLARED)] {
        recorder.exchange("live", &exchange(index, tester, number));
        batches.push(recorder.take_untold());
    }
    recorder.blind_spot(BlindSpot::new(BlindSpotKind::NotHttp, "a.test:443", "told"));
    batches.push(recorder.take_untold());
    assert!(batches.iter().all(|batch| batch.len() == 1));
    (recorder, batches)
}

fn mark(number: u64, text: &str) -> Mark {
    let text = Redacted::own_words(text);
    Mark { number, time: STARTED, tester: None, kind: console::MarkKind::Step, text }
}

fn open_with(folder: &Path, arguments: &str) -> (SessionLog, Before) {
    SessionLog::open(folder, &[Redacted::own_words(arguments)], STARTED, true, &Reporter::new()).unwrap()
}

fn open(folder: &Path) -> (SessionLog, Before) {
    open_with(folder, "proxy")
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE_NAME)
}

/// What a journal of sightings would say of them.
fn lines(sightings: &[Sighting]) -> String {
    let mut bytes = Vec::new();
    reports::jsonl(sightings, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn recalled(before: &Before) -> Recorder {
    let mut recorder = recorder();
    before.recall(&mut recorder, |_| {}).unwrap();
    recorder
}

#[test]
fn a_log_that_was_cut_anywhere_gives_back_its_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let (_, batches) = session();
    let (log, before) = open(folder.path());
    assert!(before.started().is_none());
    for (batch, number) in batches.iter().zip(1..) {
        log.append(batch);
        log.mark(&mark(number, "a step")).unwrap();
    }
    drop(log);
    let bytes = std::fs::read(path(folder.path())).unwrap();
    // Header, then four times what was judged and a mark.
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert_eq!(ends.len(), 9);
    for (line, end) in ends.iter().enumerate() {
        for cut in [*end, (end + 1).min(bytes.len()), (end + 40).min(bytes.len())] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(path(folder.path()), &bytes[..cut]).unwrap();
            let (log, before) = open(folder.path());
            assert_eq!(before.started(), Some(STARTED));
            let told = (before.taken(), before.marks().len());
            assert_eq!(told, ((line as u64).div_ceil(2), line / 2), "cut at {cut}");
            // And it goes on from there.
            log.append(&batches[0]);
            drop((log, before));
            let (_, again) = open(folder.path());
            assert_eq!(again.taken(), told.0 + 1, "cut at {cut}");
        }
    }
}

#[test]
fn what_is_recalled_is_what_was_judged() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, batches) = session();
    let (log, _) = open(folder.path());
    for batch in &batches {
        log.append(batch);
    }
    drop(log);
    let (_, before) = open(folder.path());
    let mut heard = 0;
    let mut again = self::recorder();
    before.recall(&mut again, |taken| heard += taken.len()).unwrap();
    assert_eq!(heard, 4);
    assert_eq!(lines(again.sightings()), lines(recorder.sightings()));
    let testers: Vec<&str> =
        again.sightings().iter().map(|sighting| sighting.context.tester.as_ref().unwrap().as_str()).collect();
    assert_eq!(testers, ["anna", "bo", "anna"]);
    assert_eq!(again.take_new_blind_spots().len(), 1);
    // New exchanges are counted on from there.
    again.exchange("live", &exchange(0, "bo", DECLARED));
    assert_eq!(again.sightings().last().unwrap().index, 3);
    let text = std::fs::read_to_string(path(folder.path())).unwrap();
    assert!(!text.contains(UNDECLARED) && text.contains(DECLARED), "{text}");
}

#[test]
fn an_export_reads_what_is_there_while_more_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, batches) = session();
    let (log, _) = open(folder.path());
    log.append(&batches[0]);
    log.mark(&mark(1, "log in")).unwrap();
    let (so_far, marks) = log.replay(self::recorder).unwrap();
    assert_eq!((so_far.sightings().len(), marks.len()), (1, 1));
    // Half a line of another thread.
    log.writer().file.write_all(b"{\"taken\":{\"exch").unwrap();
    let (so_far, _) = log.replay(self::recorder).unwrap();
    assert_eq!(lines(so_far.sightings()), lines(&recorder.sightings()[..1]));
}

#[test]
fn what_is_judged_anew_counts_once_and_marks_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (_, batches) = session();
    let (log, _) = open(folder.path());
    log.under(vec![Redacted::own_words("anden.test")]);
    log.append(&batches[0]);
    log.mark(&mark(1, "log in")).unwrap();
    log.judged_anew();
    log.under(vec![Redacted::own_words("sag.test")]);
    log.append(&batches[1]);
    drop(log);
    let (_, before) = open(folder.path());
    assert_eq!((before.taken(), before.marks().len()), (1, 1));
    assert_eq!(before.under(), [Redacted::own_words("sag.test")]);
    let recorder = recalled(&before);
    assert_eq!(recorder.sightings()[0].context.tester, Some(Redacted::own_words("bo")));
}

#[test]
fn a_disk_that_is_full_ends_nothing_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (_, batches) = session();
    let (log, _) = open(folder.path());
    log.append(&batches[0]);
    // One that cannot be written to stands for it.
    let read_only = File::open(path(folder.path())).unwrap();
    let file = std::mem::replace(&mut log.writer().file, read_only);
    log.append(&batches[1]);
    assert!(log.mark(&mark(1, "lost")).is_err());
    assert_eq!(log.conditions().len(), 1);
    let told = |recorder: &mut Recorder| {
        let spots = recorder.take_new_blind_spots();
        spots.into_iter().find(|spot| spot.kind == BlindSpotKind::SessionNotKept).map(|spot| spot.detail.to_string())
    };
    let lost = Some("2 requests or notes could not be written or read back".to_owned());
    assert_eq!(told(&mut log.replay(recorder).unwrap().0), lost);
    // There is room again: the log says what it lacks.
    log.writer().file = file;
    log.append(&batches[2]);
    drop(log);
    let (_, before) = open(folder.path());
    let mut recorder = recalled(&before);
    assert_eq!(recorder.sightings().len(), 2);
    assert_eq!(told(&mut recorder), lost);
}

#[test]
fn a_line_that_is_damaged_is_told_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (_, batches) = session();
    let (log, _) = open(folder.path());
    for batch in &batches {
        log.append(batch);
    }
    drop(log);
    let text = std::fs::read_to_string(path(folder.path())).unwrap();
    let damaged: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, line)| if at == 2 { line.replacen("index", "inbex", 9) } else { line.to_owned() })
        .collect();
    std::fs::write(path(folder.path()), damaged.join("\n") + "\n").unwrap();
    let (_, before) = open(folder.path());
    let mut recorder = recalled(&before);
    assert_eq!(recorder.sightings().len(), 2);
    assert!(recorder.take_new_blind_spots().iter().any(|spot| spot.kind == BlindSpotKind::SessionNotKept));
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_session_with_other_arguments_is_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (_, batches) = session();
    let (log, _) = open_with(folder.path(), "proxy --sut a.test");
    log.append(&batches[0]);
    drop(log);
    let (_, before) = open_with(folder.path(), "proxy --sut b.test");
    assert!(before.started().is_none() && before.taken() == 0);
    drop(before);
    let kept = names(folder.path());
    assert_eq!(kept.len(), 2, "{kept:?}");
    let kept = kept.iter().find(|name| *name != FILE_NAME).unwrap();
    assert!(kept.starts_with("session-"), "{kept}");
    // Put back, it is taken up.
    std::fs::rename(folder.path().join(kept), path(folder.path())).unwrap();
    let (_, before) = open_with(folder.path(), "proxy --sut a.test");
    assert_eq!(before.taken(), 1);
}

#[test]
fn what_is_no_log_is_kept_aside_and_one_without_content_is_not() {
    for text in ["{}\n", "no\n", "{\"taken\":{}}\n"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(path(folder.path()), text).unwrap();
        assert!(open(folder.path()).1.started().is_none(), "{text}");
        assert_eq!(names(folder.path()).len(), 2, "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    drop(open_with(folder.path(), "one"));
    drop(open_with(folder.path(), "another"));
    assert_eq!(names(folder.path()), [FILE_NAME]);
}

#[test]
fn two_sessions_do_not_share_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let (_log, _before) = open(folder.path());
    let Err(fault) = SessionLog::open(folder.path(), &[], STARTED, true, &Reporter::new()) else { panic!("it is one") };
    assert!(fault.to_string().contains("another session"), "{fault}");
}

#[test]
fn a_session_that_is_over_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    log.append(&session().1[0]);
    log.end().unwrap();
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_session_that_is_taken_up_has_the_key_that_it_began_with() {
    if folder_of_keys().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let open = || SessionLog::open(folder.path(), &[], STARTED, false, &Reporter::new()).unwrap();
    let (log, before) = open();
    let mut recorder = recorder_with(before.key.unwrap()).taking_notes();
    recorder.exchange("live", &exchange(0, "anna", UNDECLARED));
    log.append(&recorder.take_untold());
    drop(log);
    let (log, again) = open();
    assert_eq!(again.key, before.key);
    assert!(again.conditions().is_empty());
    let mut recorder = recorder_with(again.key.unwrap());
    again.recall(&mut recorder, |_| {}).unwrap();
    recorder.exchange("live", &exchange(1, "anna", UNDECLARED));
    let persons: Vec<&Identity> = recorder.sightings().iter().map(|sighting| &sighting.identity).collect();
    assert_eq!(persons[0], persons[1], "the same person");
    log.end().unwrap();
}

#[test]
fn who_judges_and_who_notes_may_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (_, batches) = session();
    let (log, _) = open(folder.path());
    let batches = Arc::new(batches);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..50).for_each(|_| log.append(&batches[0])));
        }
        scope.spawn(|| (0..20).for_each(|number| log.mark(&mark(number, "a step")).unwrap()));
    });
    drop(log);
    let (_, before) = open(folder.path());
    assert_eq!((before.taken(), before.marks().len()), (100, 20));
}
