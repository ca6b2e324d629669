//! The documentation: every console block is run, every link leads somewhere, and what is said of rules is what reports say.

#[path = "docs/console.rs"]
mod console;
mod kit;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kit::served::Served;
use model::{BlindSpotKind, Remedy, Rule, Standing};
use sites::{HostedSite, Reply};

/// Blocks in other languages than `console`. They are not run: `text` is for what takes a container engine, a service
/// or a site of one's own, the others are files. Pipeline files are linted where they stand (`tests/pipelines.rs`).
const NOT_RUN: [&str; 4] = ["text", "yaml", "toml", "groovy"];

/// Made-up recordings and files that the pages speak of, by the name they have there.
const FILES: [(&str, &str); 6] = [
    ("tests.sh", include_str!("docs/tests.sh")),
    ("tastselv.har", include_str!("recordings/minimal-ga4.leak.har")),
    ("tastselv-mended.har", include_str!("recordings/minimal-ga4.clean.har")),
    ("tastselv.toml", include_str!("docs/tastselv.toml")),
    ("wrong.toml", include_str!("docs/wrong.toml")),
    ("logs/access.log", include_str!("docs/access.log")),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README and the pages below docs/, by their paths from the root.
fn pages() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join("docs")).expect("docs/");
    let names = folder.map(|entry| entry.expect("an entry").file_name().into_string().expect("letters"));
    let mut pages: Vec<String> = names.map(|name| format!("docs/{name}")).chain(["README.md".to_owned()]).collect();
    pages.sort();
    let read = |page: String| {
        let text = fs::read_to_string(root().join(&page)).expect("text");
        (page, text)
    };
    pages.into_iter().map(read).collect()
}

/// Runs the console blocks of a page, in order, in a folder of their own.
#[track_caller]
fn run(page: &str) {
    run_in(tempfile::tempdir().expect("a temporary folder").path(), page);
}

#[track_caller]
fn run_in(folder: &Path, page: &str) {
    let text = fs::read_to_string(root().join(page)).expect("the page");
    fs::create_dir_all(folder.join("logs")).expect("the folder is writable");
    for (name, text) in FILES {
        fs::write(folder.join(name), text).expect("the folder is writable");
    }
    let program = Path::new(env!("CARGO_BIN_EXE_cprvagt")).parent().expect("a folder").display().to_string();
    let path = format!("{}:{program}:{}", folder.join("bin").display(), std::env::var("PATH").expect("a PATH"));
    let blocks = console::blocks(&text);
    assert!(!blocks.is_empty(), "{page} has no console block");
    let faults: Vec<String> = blocks.iter().flat_map(|block| console::faults(block, folder, &path)).collect();
    assert!(faults.is_empty(), "{page}\n{}", faults.join("\n\n"));
}

#[test]
fn readme() {
    run("README.md");
}

/// The page's site and the third party it calls are served here, and `cprvagt run` is told where: a reader's are found
/// by their names.
#[cfg(unix)]
#[test]
fn ci() {
    let served = Served::start(vec![
        HostedSite::new("selvbetjening.test", |_| Reply::html("<!doctype html><title>Kvittering</title>")),
        HostedSite::new("maaling.test", |_| Reply::no_content()),
    ]);
    let (folder, program) = (served.bench.folder.path(), env!("CARGO_BIN_EXE_cprvagt"));
    fs::create_dir(folder.join("bin")).expect("the folder is writable");
    let places: Vec<String> = served.arguments(&[]).iter().map(|argument| format!("'{argument}'")).collect();
    let stand_in = served.bench.write(
        "bin/cprvagt",
        &format!(
            "#!/bin/sh\n[ \"$1\" = run ] || exec {program} \"$@\"\nshift\nexec {program} run {} \"$@\"\n",
            places.join(" ")
        ),
    );
    fs::set_permissions(&stand_in, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
    run_in(folder, "docs/ci.md");
}

#[test]
fn supervisor() {
    run("docs/supervisor.md");
}

#[test]
fn tester() {
    run("docs/tester.md");
}

#[test]
fn registry() {
    run("docs/registry.md");
}

#[test]
fn privacy() {
    run("docs/privacy.md");
}

#[test]
fn troubleshooting() {
    if kit::no_browser() {
        return;
    }
    run("docs/troubleshooting.md");
}

#[test]
fn every_page_with_a_console_block_is_run() {
    let with = pages().into_iter().filter(|(_, text)| !console::blocks(text).is_empty()).map(|(page, _)| page);
    let own = include_str!("docs.rs");
    for page in with {
        assert!(own.contains(&format!("\"{page}\");")), "{page} has console blocks, and no test runs them");
    }
}

#[test]
fn every_other_block_is_of_a_language_that_is_not_run() {
    for (page, text) in pages() {
        for (line, language) in console::languages(&text) {
            // README and older pages have blocks without one.
            let known = language == "console" || language.is_empty() || NOT_RUN.contains(&language);
            assert!(known, "{page}:{line}: `{language}` is neither run nor known not to be");
        }
    }
}

#[test]
fn rules_are_told_in_the_reports_own_words() {
    let mends = |rule: Rule| -> Vec<Remedy> { detect::remedies(rule, Standing::Own, false) };
    let page = reports::rules_page(mends);
    let path = root().join("docs/rules.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("docs/ is writable");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "run UPDATE_DOCS=1 cargo test --test docs rules, and read what changed");
}

#[test]
fn every_blind_spot_that_is_spoken_of_is_one() {
    let known: BTreeSet<&str> = BlindSpotKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let text = fs::read_to_string(root().join("docs/troubleshooting.md")).expect("the page");
    let rows = text.lines().skip_while(|line| !line.starts_with("| blind spot |")).skip(2);
    let named: Vec<&str> = rows.map_while(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    assert!(named.len() > 3);
    for kind in named {
        assert!(known.contains(kind), "there is no blind spot `{kind}`");
    }
}

#[test]
fn every_link_leads_somewhere() {
    for (page, text) in pages() {
        let folder = root().join(&page).parent().expect("a folder").to_owned();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() { root().join(&page) } else { folder.join(file) };
            assert!(to.exists(), "{page}: {target} leads nowhere");
            if !anchor.is_empty() {
                let text = fs::read_to_string(&to).expect("a page");
                assert!(anchors(&text).contains(anchor), "{page}: {target}: there is no such heading");
            }
        }
    }
}

/// What can be linked to in a page: its headings, as they are spelled in links, and ids.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    });
    let ids = text.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    headings.chain(ids).collect()
}
