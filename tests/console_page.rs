//! The console's page in the real browser: axe-core finds no fault in either language or theme, keys alone suffice, a leak shows
//! at once, long lists stay small, and nothing that traffic says is run. The session is made; the script is `console.mjs`.

mod kit;
#[expect(dead_code, reason = "the crate's own tests use the rest")]
#[path = "../console/examples/made/sample.rs"]
mod sample;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use console::{Console, Desk as _, IDLE_DEFAULT, Lang, MarkKind, News, Session, Settings};
use jiff::Timestamp;
use kit::{no_browser, one_browser};
use model::Clock;
use sample::{HOSTILE, SampleDesk};

/// A page's name, its language, how many findings and exchanges it has, and what stands in every text.
const PAGES: [(&str, Lang, usize, usize, &str); 8] = [
    ("full-da", Lang::Da, 30, 400, ""),
    ("full-en", Lang::En, 30, 400, ""),
    ("empty-da", Lang::Da, 0, 0, ""),
    ("empty-en", Lang::En, 0, 0, ""),
    ("paused-da", Lang::Da, 3, 30, ""),
    ("paused-en", Lang::En, 3, 30, ""),
    ("hostile", Lang::En, 30, 300, HOSTILE),
    ("large", Lang::Da, 1_000, 100_000, ""),
];

struct Page {
    console: Console,
    session: Session,
    hours: Arc<AtomicI64>,
    next: usize,
}

impl Page {
    fn new((name, lang, findings, exchanges, spice): (&str, Lang, usize, usize, &str)) -> Self {
        let session = sample::spiced(findings, exchanges, spice);
        if findings > 0 {
            session.mark(sample::mark(1, 1, MarkKind::Step, &format!("sign in{spice}")));
            session.mark(sample::mark(2, 4, MarkKind::Note, &format!("odd receipt{spice}")));
        }
        let desk = Arc::new(SampleDesk::new(session.clone(), spice));
        if name.starts_with("paused") {
            desk.mark(MarkKind::Pause, None, "").expect("a mark");
        }
        let hours = Arc::new(AtomicI64::new(0));
        let told = hours.clone();
        let clock = Clock::new(move || Timestamp::from_second(told.load(Ordering::SeqCst) * 3_600).expect("a time"));
        let address = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings { address, idle: IDLE_DEFAULT, lang, clock };
        let console = Console::start(settings, session.clone(), desk).expect("it starts");
        Self { console, session, hours, next: findings }
    }

    fn leak(&mut self) {
        let mut found = sample::finding(self.next, "");
        found.severity = model::Severity::Critical;
        found.last_seen = sample::at(1_000_000 + sample::seconds(self.next));
        let carried = sample::row(self.next, std::slice::from_ref(&found.fingerprint));
        self.session.add(News { exchanges: vec![carried], findings: vec![found], ..News::default() }, []);
        self.next += 1;
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for the log of the tests")]
fn the_page_is_for_everybody_and_runs_nothing_of_strangers() {
    let _alone = one_browser();
    let Some(browser) = crawler::find_browser().filter(|_| !no_browser()) else { return };
    let mut pages: BTreeMap<String, Page> =
        PAGES.into_iter().map(|page| (page.0.to_owned(), Page::new(page))).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accessible/console.mjs");
    let addresses = pages.iter().map(|(name, page)| format!("{name}={}", page.console.url()));
    let mut checker = Command::new("node")
        .arg(script)
        .arg(browser)
        .args(addresses)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut answers = checker.stdin.take().expect("a pipe");
    let said = BufReader::new(checker.stdout.take().expect("a pipe"));
    let (mut faults, mut held) = (Vec::new(), 0);
    for line in said.lines() {
        let line = line.expect("text");
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            // What the script asks for; it goes on when it is done.
            ["!leak", name] => pages.get_mut(*name).expect("a page").leak(),
            ["!hour", name] => {
                pages.get(*name).expect("a page").hours.fetch_add(1, Ordering::SeqCst);
            }
            ["!held", count] => held = count.parse().expect("a number"),
            ["!figure", ..] => println!("{line}"),
            _ => faults.push(line.clone()),
        }
        if line.starts_with("!leak") || line.starts_with("!hour") {
            writeln!(answers, "done").expect("the script reads");
        }
    }
    let ended = checker.wait().expect("it ends");
    assert!(ended.success(), "is everything installed (ci/setup-clients)? {faults:#?}");
    assert!(faults.is_empty(), "{faults:#?}");
    // Where no rule was tried, none was held.
    assert!(held > 300, "{held}");
}
