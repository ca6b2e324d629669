//! Serves a made session, for the page's own tests and for looking at it: `made [FINDINGS [EXCHANGES [en|da [hostile|paused]]]]`.
//! Prints the address. Lines on standard input: `leak` adds a finding, `idle` lets an hour go by, `stop` ends it.

mod sample;

use std::io::BufRead as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use console::{Console, Desk as _, IDLE_DEFAULT, Lang, MarkKind, News, Session, Settings};
use jiff::Timestamp;
use model::Clock;
use sample::{HOSTILE, SampleDesk, finding, row, session, spiced};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (findings, exchanges): (usize, usize) = (number(0), number(1));
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let lang = if has("da") { Lang::Da } else { Lang::En };
    let spice = if has("hostile") { HOSTILE } else { "" };
    let made: Session =
        if spice.is_empty() { session(findings, exchanges) } else { spiced(findings, exchanges, spice) };
    if findings > 0 {
        made.mark(sample::mark(1, 1, MarkKind::Step, &format!("step 1: sign in{spice}")));
        made.mark(sample::mark(2, 4, MarkKind::Note, &format!("the receipt looks odd\nsecond line{spice}")));
        made.mark(sample::mark(3, 6, MarkKind::Step, &format!("step 2: change address{spice}")));
    }
    let desk = Arc::new(SampleDesk::new(made.clone(), spice));
    if has("paused") {
        desk.mark(MarkKind::Pause, None, "")?;
    }
    let later = Arc::new(AtomicI64::new(0));
    let hours = later.clone();
    let clock = Clock::new(move || Timestamp::UNIX_EPOCH + jiff::Span::new().hours(hours.load(Ordering::Relaxed)));
    let settings = Settings { address: "127.0.0.1:0".parse()?, idle: IDLE_DEFAULT, lang, clock };
    let console = Console::start(settings, made.clone(), desk)?;
    #[expect(clippy::print_stdout, reason = "an example: its caller reads the address")]
    {
        println!("{}", console.url());
    }
    let mut next = findings;
    for line in std::io::stdin().lock().lines() {
        match line?.as_str() {
            "leak" => {
                let mut found = finding(next, spice);
                // Worse than nothing, and the newest.
                found.severity = model::Severity::Critical;
                found.last_seen = sample::at(1_000_000 + i64::try_from(next)?);
                let carried = row(next, std::slice::from_ref(&found.fingerprint));
                made.add(News { exchanges: vec![carried], findings: vec![found], ..News::default() }, []);
                next += 1;
            }
            "idle" => {
                later.fetch_add(1, Ordering::Relaxed);
            }
            "stop" => break,
            _ => {}
        }
    }
    console.stop();
    Ok(())
}
