//! A whole crawl: from the starts outwards, then what must be visited, then what was left out.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use model::{BlindSpotKind, Clock, LaneId, Target};

use crate::board::Board;
use crate::consent::Answers;
use crate::forms::FormBook;
use crate::lane::Lane;
use crate::robots::Robots;
use crate::session::Session;
use crate::supervisor::Supervisor;
use crate::visit::Visitor;
use crate::{Browser, BrowserError, Plan, Tell, VisitCounter, Wires};

/// Visits what `plan` names, with cookies of its own, and tells everything as it happens.
///
/// Makes the journeys, sets out from where they ended and from the starts, follows the links that promise most, and ends
/// with the pages that must be visited and were not met. Log-out and delete links are left alone, which is no blind
/// spot; everything else that was not seen is one. When `stop` is set the crawl ends after the step at hand.
///
/// What a site's `robots.txt` closes is left alone if the plan says so, but for the pages that the plan names; these are
/// visited as a person would who typed their addresses.
///
/// [`Plan::tabs`] lanes visit at the same time, each on a thread of its own, with cookies and a port of its own. Once a
/// form with a number has led on, the lane that sent it may be signed in: it goes on, and the others end.
///
/// A browser that is lost on the way, or was before, is started anew from the calling thread; that costs the session, and
/// is told. The pages at hand are visited once more, each alone, and so is one whose tab crashes. A browser that is worn
/// out is started anew as well, and its cookies are carried over. An error means that starting did not help; what was told
/// until then holds.
///
/// Of the forms told with a visit, the one that was sent there comes first. A form that asks for a CPR number is sent
/// once: met again, on whatever page and in whatever lane, it counts as submitted. One of several on a page is told with
/// the visit in which its turn comes.
pub fn crawl(
    browser: &Browser,
    plan: &Plan,
    wires: &dyn Wires,
    clock: &Clock,
    stop: &AtomicBool,
    ids: &VisitCounter,
    tell: &Tell<'_>,
) -> Result<(), BrowserError> {
    let running = browser.running()?;
    let (forms, robots, sitemaps_read) = (FormBook::default(), Robots::default(), AtomicUsize::new(0));
    let board = Board::new(plan, stop, &forms, running.generation());
    let cookies = plan.session_cookies();
    let mut lanes = Vec::new();
    for lane in (0..plan.tabs()).map(LaneId) {
        let wire = wires.lane(lane);
        let context = running.open_context(wire.proxy_address())?;
        let refused = context.take_session(&cookies)?;
        let mut visitor = Visitor {
            lane,
            context,
            plan,
            wire,
            clock,
            stop,
            ids,
            tell,
            forms: &forms,
            restless: None,
            untold: None,
            session: Session::new(!cookies.is_empty()),
            facts: None,
            answers: Answers::default(),
            robots: &robots,
            sitemaps_read: &sitemaps_read,
            tries_again: false,
            visits: Vec::new(),
            before: None,
            news: RefCell::default(),
        };
        if refused > 0 && lane == LaneId::default() {
            let place = plan.starts.first().map(Target::origin).unwrap_or_default();
            let detail = format!("{refused} of the {} cookies handed over were refused by the browser", cookies.len());
            visitor.tell(BlindSpotKind::LoginRequired, &place, detail, None);
        }
        lanes.push(Lane::new(visitor, &board));
    }
    let mut supervisor = Supervisor::new(browser, &board);
    if plan.can_sign_in() {
        supervisor.run(&mut lanes, Lane::sign_in)?;
    }
    board.set_out();
    board.recall(&plan.before);
    if let Some(lane) = lanes.first_mut() {
        lane.tell_given_up();
    }
    supervisor.run(&mut lanes, Lane::follow_links)?;
    let signed_in = usize::from(forms.signed_in().unwrap_or_default().0);
    if let Some(lane) = lanes.get_mut(signed_in..=signed_in) {
        supervisor.run(lane, Lane::insist)?;
    }
    supervisor.run(&mut lanes, Lane::follow_links)?;
    if let Some(lane) = lanes.first_mut() {
        lane.visitor.tell_left_waiting();
        let place = plan.starts.first().map(Target::origin).unwrap_or_default();
        for (kind, detail) in board.unseen() {
            lane.visitor.tell(kind, &place, detail, None);
        }
    }
    Ok(())
}
