//! The report as HTML: an overview and one page per vendor, each in both languages, linked to each other.
//!
//! Each page stands alone: its style and pictures inlined, no script, and a policy that forbids every request. Templates only lay
//! out; what they show is made ready here, inert, and escaped by the engine on top.

mod actions;
mod address;
mod annex;
mod comparison;
mod finding;
mod flow;
mod frame;
mod index;
mod log_figure;
mod logs;
mod mending;
mod overview;
mod persons;
mod processors;
mod questions;
mod runs;
mod session;
mod system;
mod timeline;
mod unseen;
mod vendor;

use std::collections::BTreeSet;

use askama::Template;
use frame::Links;
use model::{Scan, VendorId};

use crate::lang::Lang;
use crate::summary::vendors;
use crate::{Choices, Format, ReportError, ReportFile};

pub use overview::overview_files;

/// The format `html`: `index.<lang>.html`, and for each vendor `vendor-<id>.<lang>.html`. What belongs to no vendor
/// (a bare URL, a file) is in `vendor-report.<lang>.html`.
#[derive(Clone, Copy, Debug)]
pub struct Html;

/// The file name, without language, of what belongs to no vendor.
const WITHOUT_VENDOR: &str = "vendor-report";

/// Longest vendor id taken into a file name; file systems allow 255 bytes.
const MAX_ID_IN_NAME: usize = 80;

impl Format for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "pages for people; always written"
    }

    fn files(&self, scan: &Scan, _: Choices) -> Result<Vec<ReportFile>, ReportError> {
        let pages = page_stems(scan);
        let mut files = Vec::new();
        for lang in Lang::ALL {
            files.push(file("index", lang, &index::IndexPage::new(scan, &pages, lang))?);
        }
        for (vendor, stem) in &pages {
            for lang in Lang::ALL {
                files.push(file(stem, lang, &vendor::VendorPage::new(scan, *vendor, stem, lang))?);
            }
        }
        Ok(files)
    }
}

/// The pages of `scan` in `lang` alone, to be opened without the others: that of its vendor where there is but one, else
/// the overview and behind it those of the vendors.
pub fn pages_alone(scan: &Scan, lang: Lang) -> Result<Vec<ReportFile>, ReportError> {
    let pages = page_stems(scan);
    if let [(vendor, stem)] = pages.as_slice() {
        return Ok(vec![file(stem, lang, &vendor::VendorPage::new(scan, *vendor, stem, lang).linked(Links::None))?]);
    }
    let mut files = vec![file("index", lang, &index::IndexPage::new(scan, &pages, lang).in_one_language())?];
    for (vendor, stem) in &pages {
        let page = vendor::VendorPage::new(scan, *vendor, stem, lang);
        files.push(file(stem, lang, &page.linked(Links::Overview))?);
    }
    Ok(files)
}

fn file(stem: &str, lang: Lang, page: &impl Template) -> Result<ReportFile, ReportError> {
    let name = file_name(stem, lang);
    match page.render() {
        Ok(text) => Ok(ReportFile { name, bytes: text.into_bytes() }),
        Err(error) => Err(ReportError::Page(name, error)),
    }
}

fn file_name(stem: &str, lang: Lang) -> String {
    format!("{stem}.{lang}.html")
}

/// The vendors with the file names of their pages. A registry's ids are plain; those of an edited scan need not be.
fn page_stems(scan: &Scan) -> Vec<(Option<&VendorId>, String)> {
    let mut taken = BTreeSet::new();
    let stem = |vendor: Option<&VendorId>| {
        let plain = vendor.map_or_else(|| WITHOUT_VENDOR.to_owned(), |id| format!("vendor-{}", plain_id(&id.0)));
        let mut stem = plain.clone();
        let mut turn = 1;
        while !taken.insert(stem.clone()) {
            turn += 1;
            stem = format!("{plain}-{turn}");
        }
        stem
    };
    let vendors = vendors(scan);
    let stems: Vec<String> = vendors.iter().copied().map(stem).collect();
    vendors.into_iter().zip(stems).collect()
}

fn plain_id(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_' { c } else { '-' };
    id.chars().take(MAX_ID_IN_NAME).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    /// How a picture begins; all of it stands on the page.
    const PICTURE: &str = r#"<img class="picture" alt=""#;

    fn pages(scan: &Scan) -> Vec<(String, String)> {
        let files = Html.files(scan, sample::IN_ENGLISH).unwrap();
        files.into_iter().map(|file| (file.name, String::from_utf8(file.bytes).unwrap())).collect()
    }

    #[test]
    fn there_is_an_overview_and_a_page_per_vendor_in_both_languages() {
        let names: Vec<String> = pages(&sample::scan()).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "index.da.html",
            "index.en.html",
            "vendor-nordia.da.html",
            "vendor-nordia.en.html",
            "vendor-fjordsoft.da.html",
            "vendor-fjordsoft.en.html",
        ];
        assert_eq!(names, expected);
        let bare: Vec<String> = pages(&sample::bare()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(bare, ["index.da.html", "index.en.html", "vendor-report.da.html", "vendor-report.en.html"]);
    }

    /// A page without its pictures, each of which is all there.
    fn without_pictures(page: &str) -> String {
        let mut pieces = page.split(PICTURE);
        let mut rest = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let (tag, after) = piece.split_once('>').unwrap();
            let (_, png) = tag.split_once("\" src=\"data:image/png;base64,").unwrap();
            assert!(png.trim_end_matches('"').chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)), "{png}");
            rest.push_str(after);
        }
        rest
    }

    /// The text of a page without its markup, a line for each piece.
    fn words(page: &str) -> String {
        let body = page.split("</head>").nth(1).unwrap();
        let pieces = body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
        pieces.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_words_of_the_overview() {
        insta::assert_snapshot!(words(&pages(&sample::scan())[0].1));
    }

    #[test]
    fn the_words_of_a_vendors_page_in_danish() {
        insta::assert_snapshot!(words(&pages(&sample::scan())[2].1));
    }

    #[test]
    fn the_words_of_a_vendors_page_in_english() {
        insta::assert_snapshot!(words(&pages(&sample::scan())[3].1));
    }

    #[test]
    fn headings_skip_no_level() {
        for scan in
            [sample::scan(), sample::bare(), sample::hostile(), sample::compared(), sample::session(), sample::logs()]
        {
            for (name, text) in pages(&scan) {
                let levels = text.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10));
                let levels: Vec<u32> = levels.collect();
                assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{name}");
                assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_structure() {
        for scan in
            [sample::scan(), sample::bare(), sample::hostile(), sample::compared(), sample::session(), sample::logs()]
        {
            for pair in pages(&scan).chunks(2) {
                for tag in
                    ["<section", "<h1", "<h2", "<h3", "<h4", "<table", "<tr", "<td", "<li", "<article", "<dt", "<dd"]
                {
                    let [da, en] = [0, 1].map(|at| pair[at].1.matches(tag).count());
                    assert_eq!(da, en, "{tag} in {}", pair[0].0);
                }
            }
        }
    }

    #[test]
    fn every_link_leads_to_a_file_of_the_report_or_a_place_on_the_page() {
        for scan in
            [sample::scan(), sample::bare(), sample::hostile(), sample::compared(), sample::session(), sample::logs()]
        {
            let pages = pages(&scan);
            for (name, text) in &pages {
                for link in text.split("href=\"").skip(1) {
                    let target = link.split('"').next().unwrap();
                    let found = match target.strip_prefix('#') {
                        Some(id) => text.matches(&format!("id=\"{id}\"")).count() == 1,
                        None => pages.iter().any(|(other, _)| other == target),
                    };
                    assert!(found, "{target} in {name}");
                }
            }
        }
    }

    #[test]
    fn a_page_by_itself_leads_nowhere_else() {
        for lang in Lang::ALL {
            let scans = [(sample::bare(), 1), (sample::session(), 3)];
            for (scan, expected) in scans {
                let files = pages_alone(&scan, lang).unwrap();
                let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
                assert_eq!(names.len(), expected, "{names:?}");
                for file in &files {
                    let text = String::from_utf8_lossy(&file.bytes);
                    for link in text.split("href=\"").skip(1) {
                        let target = link.split('"').next().unwrap();
                        assert!(target.starts_with('#') || names.contains(&target), "{target} in {}", file.name);
                    }
                }
            }
        }
    }

    #[test]
    fn a_step_leads_to_the_findings_seen_in_it() {
        let pages = pages(&sample::session());
        let (_, text) = pages.iter().find(|(name, _)| name == "vendor-nordia.en.html").unwrap();
        let section = text.split("<h2 id=\"session\">").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(section.contains("2: change address") && section.contains("anna"), "{section}");
        assert_eq!(section.matches("href=\"#finding-").count(), 2, "{section}");
        assert!(text.contains("<dt>In steps</dt>") && text.contains("anna · step 2: change address"));
    }

    /// The section on logs of a vendor's page.
    fn section_on_logs(scan: &Scan, page: &str) -> String {
        let pages = pages(scan);
        let (_, text) = pages.iter().find(|(name, _)| name == page).unwrap();
        let (contents, rest) = text.split_once("<h2 id=\"logs\">").unwrap();
        assert!(contents.contains("<a href=\"#logs\">"), "{page}");
        rest.split("</section>").next().unwrap().to_owned()
    }

    #[test]
    fn the_words_on_logs_in_both_languages() {
        let told = ["da", "en"].map(|lang| {
            let section = section_on_logs(&sample::logs(), &format!("vendor-nordia.{lang}.html"));
            words(&format!("</head>>{section}"))
        });
        insta::assert_snapshot!(told.join("\n\n"));
    }

    #[test]
    fn logs_tell_a_vendor_of_its_own_findings_and_of_all_files() {
        let mut scan = sample::logs();
        let own = section_on_logs(&scan, "vendor-nordia.en.html");
        assert_eq!(own.matches("href=\"#finding-").count(), 4, "{own}");
        assert_eq!(own.matches("class=\"own\"").count(), 43 + 1, "a bar each, and what it means");
        let other = section_on_logs(&scan, "vendor-fjordsoft.en.html");
        assert!(other.contains(crate::texts::logs::NOTHING.en) && !other.contains("<figure"), "{other}");
        assert!(other.contains("access-1.log.gz") && !other.contains("4,735"), "{other}");
        let overview = &pages(&scan)[1].1;
        assert!(
            overview.contains("<p>Logs: 4,735 different persons&#39; numbers in 9,162 transmissions"),
            "{overview}"
        );
        scan.logs = None;
        assert!(!pages(&scan).iter().any(|(_, text)| text.contains("id=\"logs\"")));
    }

    #[test]
    fn a_page_asks_for_nothing_and_runs_nothing() {
        for scan in [sample::scan(), sample::hostile(), sample::logs()] {
            for (name, text) in pages(&scan) {
                // Pictures are part of the page: nothing is asked for.
                let text = without_pictures(&text);
                assert!(text.contains(
                    r#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">"#
                ));
                for forbidden in
                    ["<script", "<img", "<link", "<iframe", "src=", "url(", "@import", " on", "javascript:"]
                {
                    let tags = text.split('<').skip(1).filter_map(|rest| rest.split('>').next());
                    let style = text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
                    let found =
                        tags.map(str::to_owned).any(|tag| format!("<{tag}").contains(forbidden) && tag.contains('='))
                            || (forbidden != " on" && style.contains(forbidden));
                    assert!(!found, "{forbidden} in {name}");
                }
            }
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        let scan = sample::hostile();
        let pages = pages(&scan);
        for (name, text) in &pages {
            let plain =
                name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'));
            assert!(plain && !name.contains(".."), "{name}");
            assert!(!text.contains("<script") && !without_pictures(text).contains("<img"), "{name}");
            assert_eq!(text.matches("</style>").count(), 1, "{name}");
            assert_eq!(text.matches("</title>").count(), text.matches("<title").count(), "{name}");
            let steers = |c: &char| {
                (c.is_control() && *c != '\n') || matches!(c, '\u{200b}' | '\u{202e}' | '\u{2066}' | '\u{feff}')
            };
            assert_eq!(text.chars().find(steers), None, "{name}");
            assert!(text.len() < 1_000_000, "{name}: {}", text.len());
        }
        assert!(pages.iter().any(|(_, text)| text.contains("script&#62;alert(1)")));
    }

    #[test]
    fn every_finding_and_blind_spot_is_on_a_page() {
        let scan = sample::scan();
        let all: String = pages(&scan).into_iter().map(|(_, text)| text).collect();
        for finding in &scan.findings {
            assert!(all.contains(&finding.fingerprint));
        }
        for spot in &scan.blind_spots {
            assert!(all.contains(spot.place.as_str()) && all.contains(spot.kind.as_str()));
        }
    }

    #[test]
    fn a_system_that_was_not_covered_is_never_called_clean() {
        let pages = pages(&sample::scan());
        let (_, text) = pages.iter().find(|(name, _)| name == "vendor-fjordsoft.en.html").unwrap();
        assert!(text.contains("Not covered: nothing can be said about Årsopgørelse Erhverv."));
        assert!(text.contains(crate::texts::page::NO_FINDINGS_UNCOVERED.en));
        assert_eq!(text.matches("<dd>–</dd>").count(), 3);
        assert!(!text.contains(" tone-clean\""));
    }

    #[test]
    fn a_failed_self_test_is_said_first_on_every_page() {
        let mut scan = sample::scan();
        scan.self_test.as_mut().unwrap().probes[0].found = false;
        for (name, text) in pages(&scan) {
            let notice = if name.contains(".da.") {
                crate::texts::page::NOTICE_VOID.da
            } else {
                crate::texts::page::NOTICE_VOID.en
            };
            assert!(text.contains(notice), "{name}");
        }
    }

    #[test]
    fn vendor_names_that_clash_get_files_of_their_own() {
        let mut scan = sample::scan();
        for (vendor, id) in scan.vendors.iter_mut().zip(["report", "re/port"]) {
            vendor.id = VendorId(id.to_owned());
        }
        scan.systems[2].vendor = None;
        let stems: BTreeSet<String> = page_stems(&scan).into_iter().map(|(_, stem)| stem).collect();
        assert_eq!(stems.len(), page_stems(&scan).len());
        assert!(stems.contains("vendor-re-port") && stems.contains("vendor-report-2"), "{stems:?}");
    }

    #[test]
    fn a_thousand_findings_stay_below_five_megabytes() {
        let mut scan = sample::scan();
        scan.findings = scan.findings.iter().cycle().take(1000).cloned().collect();
        let largest = Html.files(&scan, sample::IN_ENGLISH).unwrap().iter().map(|file| file.bytes.len()).max().unwrap();
        assert!(largest < 5_000_000, "{largest}");
    }
}
