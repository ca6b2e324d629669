//! Which page a request is told to come from.

use detect::Inspector;
use model::Exchange;

use crate::kit::{CANARY, With as _, get, plain_inspector};

fn document(url: &str) -> Exchange {
    get(url).header("sec-fetch-dest", "document")
}

fn page(inspector: &mut Inspector, exchange: &Exchange) -> Option<String> {
    inspector.inspect("live", exchange, None).page.map(|page| page.to_string())
}

#[track_caller]
fn case(exchanges: &[Exchange], expected: Option<&str>) {
    let mut inspector = plain_inspector();
    let pages: Vec<Option<String>> = exchanges.iter().map(|exchange| page(&mut inspector, exchange)).collect();
    assert_eq!(pages.last().unwrap().as_deref(), expected);
}

#[test]
fn a_document_is_its_own_page() {
    let referer = "https://www.selvbetjening.test/before";
    case(
        &[document("https://www.selvbetjening.test/sag/17?cpr=010145-5001").header("referer", referer)],
        Some("https://www.selvbetjening.test/sag/{n}"),
    );
}

#[test]
fn a_telling_referer_is_the_page() {
    let first = document("https://www.selvbetjening.test/a");
    let told = get("https://maaling.test/c").header("referer", "https://www.selvbetjening.test/b?x=1");
    case(&[first, told], Some("https://www.selvbetjening.test/b"));
}

#[test]
fn a_referer_of_a_host_alone_says_less_than_the_visit() {
    let bare = || get("https://maaling.test/c").header("referer", "https://www.selvbetjening.test/");
    case(&[document("https://www.selvbetjening.test/a"), bare()], Some("https://www.selvbetjening.test/a"));
    case(&[bare()], Some("https://www.selvbetjening.test/"));
    let mut told = bare();
    told.page = Some("https://www.selvbetjening.test/c".to_owned());
    case(&[document("https://www.selvbetjening.test/a"), told], Some("https://www.selvbetjening.test/c"));
}

#[test]
fn a_visit_without_a_page_yet_is_on_the_one_that_its_own_lane_is_leaving() {
    let url = |name: &str| format!("https://www.selvbetjening.test/{name}");
    let start = [document(&url("a")).lane(0).visit(1), document(&url("b")).lane(1).visit(2)];
    let after = |exchange: Exchange| [start.as_slice(), &[exchange]].concat();
    case(&after(get("https://maaling.test/c").lane(0).visit(3)), Some(&url("a")));
    case(&after(get("https://maaling.test/c").lane(1).visit(3)), Some(&url("b")));
    case(&after(get("https://maaling.test/c").lane(2).visit(3)), None);
}

#[test]
fn each_visit_has_its_own_page_and_the_last_document_is_current() {
    let url = |name: &str| format!("https://www.selvbetjening.test/{name}");
    let start = [document(&url("a")).visit(1), document(&url("b")).visit(2)];
    let after = |exchange: Exchange| [start.as_slice(), &[exchange]].concat();
    case(&after(get("https://maaling.test/c").visit(1)), Some(&url("a")));
    case(&after(get("https://maaling.test/c").visit(2)), Some(&url("b")));
    let moved = [start.as_slice(), &[document(&url("d")).visit(1), get("https://maaling.test/c").visit(1)]].concat();
    case(&moved, Some(&url("d")));
}

#[test]
fn a_frame_is_no_page_of_its_own() {
    let frame = get("https://ramme.test/i").header("sec-fetch-dest", "iframe");
    case(&[document("https://www.selvbetjening.test/a"), frame], Some("https://www.selvbetjening.test/a"));
}

#[test]
fn nothing_known_is_no_page() {
    case(&[get("https://maaling.test/c")], None);
    case(&[get("https://maaling.test/c").header("referer", "about:client")], None);
}

#[test]
fn a_number_in_a_referer_is_told_on_the_page_that_the_referer_names() {
    let mut inspector = plain_inspector();
    inspector.inspect("live", &document("https://www.selvbetjening.test/a"), None);
    let library = get("https://bibliotek.test/j.js")
        .header("referer", &format!("https://www.selvbetjening.test/borger/{CANARY}/?cpr={CANARY}"));
    let sightings = inspector.inspect("live", &library, None).sightings;
    assert_eq!(sightings.len(), 2);
    for sighting in sightings {
        assert_eq!(sighting.page.unwrap().as_str(), "https://www.selvbetjening.test/borger/{cpr}/");
    }
}

#[test]
fn a_title_is_no_page() {
    let mut titled = get("https://maaling.test/c");
    titled.page = Some("Årsopgørelse Jens Hansen".to_owned());
    case(&[document("https://www.selvbetjening.test/a"), titled.clone()], Some("https://www.selvbetjening.test/a"));
    case(&[titled], None);
}

#[test]
fn a_crawl_begins_on_no_page_of_the_one_before() {
    let mut inspector = plain_inspector();
    page(&mut inspector, &document("https://www.selvbetjening.test/a").lane(0).visit(1));
    inspector.begin_crawl();
    assert_eq!(page(&mut inspector, &get("https://anden.test/robots.txt").lane(0).visit(2)), None);
}
