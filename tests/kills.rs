//! An audit whose program and browser are killed with -9 at random moments: what it finds and covers is what an undisturbed
//! one does.
//!
//! `CPRVAGT_KILLS` says how many kills there are, `CPRVAGT_SEED` when and of what (`ci/kills`).
#![cfg(target_os = "linux")]
#![expect(clippy::indexing_slicing, reason = "these are tests")]

mod kit;
#[path = "kills/life.rs"]
mod life;
#[path = "kills/site.rs"]
mod site;
#[path = "kills/told.rs"]
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use kit::served::Served;
use kit::{assert_absent, no_browser, one_browser};
use life::{JOURNAL, Journal, Life, Page, Victim};
use told::Told;

/// How often a page may be begun when the program is killed: one more, and it is left out for being what ends the program.
const MOST_BEGUN: u32 = 3;

/// How often the session is got back in one crawl, which is when a browser is lost.
const MOST_LOST: u32 = 2;

/// How long after a page was done something is killed, at the most: a page takes some two seconds.
const AFTER_PAGE: u64 = 2_500;

/// How long after the start: by then the self-test is made.
const AFTER_START: u64 = 6_000;

/// How soon a page is done at the latest that was left before a kill; one that was hit takes a new browser.
const STILL_OPEN: Duration = Duration::from_millis(300);

/// A spread of numbers that is the same for the same seed (splitmix64).
struct Spread(u64);

impl Spread {
    /// One below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What was killed so far, over all audits.
#[derive(Default)]
struct Kills {
    most: u64,
    done: u64,
    of: BTreeMap<Victim, u64>,
    /// Those of the audit at hand: number, victim, when.
    told: Vec<String>,
    /// Whether the report of the audit at hand must tell of a lost browser.
    must_tell: bool,
}

impl Kills {
    fn are_over(&self) -> bool {
        self.done >= self.most
    }

    fn count(&mut self, victim: Victim, life: &Life<'_>) {
        self.done += 1;
        *self.of.entry(victim).or_default() += 1;
        let open: Vec<&Page> = life.journal.open.iter().collect();
        let (number, done, plans) = (self.done, life.journal.done, life.journal.plans);
        self.told.push(format!("{number}: {victim:?} after {done} pages and {plans} plans, during {open:?}"));
    }
}

#[test]
fn random_kills_change_nothing() {
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (most, seed) = (number("CPRVAGT_KILLS", 6), number("CPRVAGT_SEED", 1));
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let begun = Instant::now();
    let undisturbed = site::served();
    assert!(!Life::start(&undisturbed, Journal::default()).wait(|_, _| false), "it ends by itself");
    let expected = Told::of(&undisturbed.bench.scan());
    assert_eq!(expected.lost, 0);
    println!("an undisturbed audit takes {:.1?}", begun.elapsed());
    let (mut kills, mut spread) = (Kills { most, ..Kills::default() }, Spread(seed));
    while !kills.are_over() {
        let (served, before) = (site::served(), kills.of.clone());
        (kills.told, kills.must_tell) = (Vec::new(), false);
        disturb(&served, &mut kills, &mut spread);
        let scan = served.bench.scan();
        let told = Told::of(&scan);
        let mut differences = told.differences(&expected);
        if told.lost > 0 && kills.of == before {
            differences.push("it tells of a browser that was lost, and none was".to_owned());
        }
        if told.lost == 0 && kills.must_tell {
            differences.push("it does not tell of a browser that was lost".to_owned());
        }
        let log = || std::fs::read_to_string(served.bench.path("log")).unwrap_or_default();
        assert!(
            differences.is_empty(),
            "seed {seed}, after {} kills:\n{}\nkilled in this audit:\n{}\nvisits:\n{}\nlog:\n{}",
            kills.done,
            differences.join("\n"),
            kills.told.join("\n"),
            told::visits(&scan),
            log()
        );
        for (path, bytes) in served.bench.files() {
            assert_absent(site::UNDECLARED, &bytes, &path.display().to_string());
        }
        println!("{} kills, {:?}, in {:.1?}", kills.done, kills.of, begun.elapsed());
    }
}

#[test]
#[cfg(unix)]
fn a_run_that_lost_its_browser_for_good_is_gone_on_with() {
    use std::os::unix::fs::PermissionsExt as _;
    let _alone = one_browser();
    let Some(browser) = crawler::find_browser().filter(|_| !no_browser()) else { return };
    let served = site::served();
    let script = format!(
        "#!/bin/sh\n[ -e {} ] && exit 1\nexec {} \"$@\"\n",
        served.bench.path("no").display(),
        browser.display()
    );
    let script = served.bench.write("browser.sh", &script);
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("a file of ours");
    let more = ["--browser-path", "./browser.sh", "--consent", "untouched"];
    let mut life = Life::start_with(&served, Journal::default(), &more);
    assert!(life.wait(|journal, _| journal.done > 0), "a page is done");
    served.bench.write("no", "");
    assert!(life.kill_in_browser(Victim::Browser, 0), "there was one");
    assert!(!life.wait(|_, _| false), "it ends by itself");
    let (journal, spots) = (std::mem::take(&mut life.journal), served.bench.scan()["blind_spots"].to_string());
    assert!(spots.contains("\"interrupted\"") && served.bench.path(JOURNAL).exists(), "{spots}");
    std::fs::remove_file(served.bench.path("no")).expect("it is there");
    assert!(!Life::start_with(&served, journal, &more).wait(|_, _| false), "it ends by itself");
    let scan = served.bench.scan();
    assert!(!scan["blind_spots"].to_string().contains("\"interrupted\"") && !served.bench.path(JOURNAL).exists());
    for (system, count) in [(0, 12), (1, 4)] {
        let pages = scan["systems"][system]["coverage"]["pages"].as_array().expect("pages").len();
        assert!(pages >= count, "{pages} pages of system {system}");
    }
}

/// An audit that is killed and gone on with until it ends, or until there were kills enough.
fn disturb(served: &Served, kills: &mut Kills, spread: &mut Spread) {
    let mut journal = Journal::default();
    loop {
        let mut life = Life::start(served, journal);
        let ended = !live(&mut life, kills, spread);
        kills.must_tell |= life.must_tell;
        if ended && !served.bench.path(JOURNAL).exists() {
            return;
        }
        assert!(!ended || !kills.told.is_empty(), "it ended, and is not done");
        journal = std::mem::take(&mut life.journal);
    }
}

/// Lets the program run, and kills parts of its browser, until it is killed itself; then true, and false if it ended.
fn live(life: &mut Life<'_>, kills: &mut Kills, spread: &mut Spread) -> bool {
    // Pages that a kill in the browser hit are visited once more, and not twice.
    let mut hit: BTreeSet<Page> = BTreeSet::new();
    let (mut lost, mut plans) = (0, life.journal.plans);
    while !kills.are_over() {
        let victim = match spread.below(20) {
            0..8 => Victim::Program,
            8..12 => Victim::Browser,
            12..15 => Victim::Network,
            15..18 => Victim::Renderer,
            _ => Victim::Gpu,
        };
        let after_start = (victim == Victim::Program && spread.below(5) == 0).then(|| spread.below(AFTER_START));
        let (pages, later) = (u32::from(spread.below(2) == 1), Duration::from_millis(spread.below(AFTER_PAGE)));
        let pick = usize::try_from(spread.below(100)).expect("it is small");
        let is_running = if let Some(time) = after_start {
            life.wait(|_, run| run >= Duration::from_millis(time))
        } else {
            let enough = life.journal.done + pages;
            // Something is begun by this start of the program.
            let is_on = |journal: &Journal| journal.done >= enough && !journal.open.is_empty();
            life.wait(|journal, _| is_on(journal)) && {
                let due = Instant::now() + later;
                life.wait(|_, _| Instant::now() >= due)
            }
        };
        if !is_running {
            return false;
        }
        match victim {
            Victim::Program => {
                while !life.kill(MOST_BEGUN) {
                    let pages = life.journal.done;
                    if !life.wait(|journal, _| journal.done > pages) {
                        return false;
                    }
                }
                kills.count(victim, life);
                return true;
            }
            Victim::Gpu => {
                if life.kill_in_browser(victim, pick) {
                    kills.count(victim, life);
                }
            }
            Victim::Browser | Victim::Network | Victim::Renderer => {
                if !life.wait(|journal, _| journal.open.is_disjoint(&hit)) {
                    return false;
                }
                if life.journal.plans != plans {
                    (lost, plans) = (0, life.journal.plans);
                }
                let takes_session = victim != Victim::Renderer;
                if takes_session && lost >= MOST_LOST {
                    continue;
                }
                if !life.kill_in_browser(victim, pick) {
                    continue;
                }
                let open = life.journal.open.clone();
                hit.extend(open.iter().cloned());
                kills.count(victim, life);
                if takes_session {
                    lost += 1;
                    // A page that was just about to be done was not hit.
                    let soon = Instant::now() + STILL_OPEN;
                    if !life.wait(|_, _| Instant::now() >= soon) {
                        return false;
                    }
                    life.struck.extend(open.intersection(&life.journal.open).cloned());
                }
            }
        }
    }
    life.wait(|_, _| false)
}
