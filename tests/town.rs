//! An audit of a whole made-up self-service, signed in by a recorded journey: what is found, and what was seen.

mod kit;

use kit::served::Served;
use kit::{no_browser, one_browser};
use sites::town;

const JOURNEY: &str = include_str!("journeys/town-log-ind.json");

fn served(options: town::Options) -> Served {
    let served = Served::start(town::hosts(options));
    served.bench.write("cprvagt.toml", &town::registry());
    served.bench.write("log-ind.json", JOURNEY);
    served
}

fn audit(served: &Served) -> kit::Ran {
    let arguments = served.arguments(&["audit", town::SYSTEM, "--lang", "en"]);
    let mut command = served.bench.command(&arguments);
    kit::Ran::from(command.env("CPRVAGT_TOWN_PASSWORD", town::PASSWORD).output().expect("the program runs"))
}

#[test]
fn all_that_is_planted_is_found_and_nothing_is_destroyed() {
    let _alone = one_browser();
    if no_browser() {
        return;
    }
    let served = served(town::Options::default());
    let begun = std::time::Instant::now();
    let ran = audit(&served);
    println!("{:?} {:?}\n{}\n{}", begun.elapsed(), ran.code, ran.stdout, ran.stderr);
    let scan = served.bench.scan();
    std::fs::write("/tmp/town_scan.json", scan.to_string()).unwrap();
    let asked: Vec<String> =
        served.received().iter().map(|r| format!("{} {}{}", r.method, r.host, r.path_and_query)).collect();
    std::fs::write("/tmp/town_asked.txt", asked.join("\n")).unwrap();
}
