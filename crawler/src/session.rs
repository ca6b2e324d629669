//! The session of a citizen: what came of signing in, and how it is noticed that the site ended it.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{BlindSpotKind, SignIn, Target, VisitOutcome};
use serde_json::Value;

use crate::BrowserError;
use crate::browser::Running;
use crate::fields::{asks_for_cpr, asks_for_password};
use crate::frontier::Waiting;
use crate::links::signs_out;
use crate::page::Page;
use crate::visit::{Seen, Visitor};

/// How often a crawl signs in again: a site that ends the session more often ends it on every page.
const MAX_AGAIN: u32 = 2;

/// Most pages that are seen again after a session was lost unnoticed.
const MAX_UNSURE: usize = 20;

/// What is known of the session of one lane.
#[derive(Debug, Default)]
pub(crate) struct Session {
    sign_in: SignIn,
    /// The way in is being taken: what wants a login there is the way itself.
    is_on_the_way: bool,
    /// How it ended, once it has.
    gone: Option<Gone>,
    /// It is gone, and there is no way back.
    is_over: bool,
    again: u32,
    home: Option<Home>,
    /// Pages that something was typed into on the way in.
    doors: BTreeSet<String>,
    unsure: Vec<Waiting>,
    seen_again: BTreeSet<String>,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gone {
    BySite,
    /// Lost with the browser, whose losses have a bound of their own.
    WithBrowser,
}

/// A page that was seen signed in, on which the session is tried.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) target: Target,
    /// Whether it offers to sign out.
    pub(crate) shows_exit: bool,
}

impl Session {
    /// One that was handed over, if it `is_handed_over`.
    pub(crate) fn new(is_handed_over: bool) -> Self {
        Self { sign_in: if is_handed_over { SignIn::Done } else { SignIn::NotTried }, ..Self::default() }
    }

    /// What came of signing in.
    pub(crate) fn sign_in(&self) -> SignIn {
        self.sign_in
    }

    /// Whether pages are to be those of a citizen who is signed in.
    pub(crate) fn is_in(&self) -> bool {
        self.sign_in == SignIn::Done && !self.is_on_the_way
    }

    /// Whether it is gone, and may be got back.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone.is_some() && !self.is_over
    }

    /// Whether it is gone for good.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// The way in begins.
    pub(crate) fn set_out(&mut self) {
        (self.is_on_the_way, self.gone) = (true, None);
        self.sign_in = SignIn::NotTried;
    }

    /// The page at its end is at hand.
    pub(crate) fn arrive(&mut self) {
        self.sign_in = SignIn::Done;
    }

    /// The way in was taken; whether it `is_in`.
    pub(crate) fn end_way(&mut self, is_in: bool) {
        self.is_on_the_way = false;
        self.sign_in = if is_in { SignIn::Done } else { SignIn::Failed };
        self.unsure.clear();
    }

    /// The page to try it on.
    pub(crate) fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// The session is tried on `target` from now on, which was seen signed in.
    pub(crate) fn settle_at(&mut self, target: Target, shows_exit: bool) {
        self.home = Some(Home { target, shows_exit });
    }

    /// Something was typed on the page at `url` on the way in.
    pub(crate) fn pass_door(&mut self, url: &str) {
        self.doors.extend(Target::parse(url).ok().as_ref().map(place));
    }

    /// It is gone; found out on a page that wants a login.
    pub(crate) fn go(&mut self) {
        if self.sign_in == SignIn::Done {
            self.gone.get_or_insert(Gone::BySite);
        }
    }

    /// It is gone with the browser.
    pub(crate) fn go_with_browser(&mut self) {
        self.go();
        self.gone = self.gone.map(|_| Gone::WithBrowser);
    }

    /// Whether it may be got back once more, which is counted where the site ended it. If not, it is over.
    pub(crate) fn may_return(&mut self, can_sign_in: bool) -> bool {
        let is_browsers_loss = self.gone == Some(Gone::WithBrowser);
        if can_sign_in && (is_browsers_loss || self.again < MAX_AGAIN) {
            self.again += u32::from(!is_browsers_loss);
            return true;
        }
        (self.is_over, self.sign_in) = (true, SignIn::Failed);
        false
    }

    /// The way back did not lead in; it may be tried again.
    pub(crate) fn fail(&mut self) {
        self.gone.get_or_insert(Gone::BySite);
    }

    /// A page was seen; whether it showed that the citizen is signed in.
    pub(crate) fn saw(&mut self, waiting: &Waiting, shows_exit: bool) {
        if !self.is_in() {
            return;
        }
        if shows_exit {
            // Where no page is known by its way out, this one is from now on.
            self.home.get_or_insert_with(|| Home { target: waiting.target.clone(), shows_exit });
            self.unsure.clear();
        } else if self.unsure.len() < MAX_UNSURE {
            self.unsure.push(waiting.clone());
        }
    }

    /// The session is sure at this moment.
    pub(crate) fn is_sure(&mut self) {
        self.unsure.clear();
    }

    /// Pages that may have been seen signed out, and were not seen again for that yet.
    pub(crate) fn take_unsure(&mut self) -> Vec<Waiting> {
        let mut unsure = std::mem::take(&mut self.unsure);
        // A single one was seen signed in: it is what ended the session, if any page did.
        if unsure.len() == 1 {
            unsure.clear();
        }
        unsure.retain(|waiting| self.seen_again.insert(place(&waiting.target)));
        unsure
    }

    /// Why `page`, reached when `asked` was asked for, is where the way in began.
    pub(crate) fn door(&self, page: &Page, asked: &Target) -> Option<String> {
        let reached = Target::parse(&page.url).ok()?;
        let is_door = self.is_in()
            && self.doors.contains(&place(&reached))
            && place(&reached) != place(asked)
            && page.forms.iter().any(|form| asks_for_password(form) || asks_for_cpr(form));
        let shown = if reached.host == asked.host { reached.path.clone() } else { reached.host.to_string() };
        is_door.then(|| format!("it sends visitors to {shown} to log in"))
    }
}

/// Whether a page offers to sign out: it is one of a citizen who is signed in.
pub(crate) fn shows_exit(page: &Page) -> bool {
    let buttons = page.forms.iter().flat_map(|form| &form.buttons).map(|button| &button.text);
    page.links.iter().map(|link| &link.text).chain(buttons).any(|text| signs_out(text))
}

/// A page whatever its query: what a login hands on differs each time.
fn place(target: &Target) -> String {
    format!("{}{}", target.origin(), target.path)
}

impl Visitor<'_> {
    /// The browser was lost, and is a new one, logged in nowhere: tells what that cost, unless it `is_told` already and
    /// the page is visited once more.
    pub(crate) fn lost(&mut self, target: &Target, reason: &str, is_told: bool, seen: &mut Seen) {
        self.forms.forget_logins();
        if self.plan.can_sign_in() {
            self.session.go_with_browser();
        }
        let reason = format!("the browser was lost on it and started anew: {reason}");
        let lost = self.untold.take();
        if !is_told || !self.tries_again {
            let visit = lost.as_ref().map(|step| step.id).or(self.visits.last().copied()).or(self.before);
            self.tell(BlindSpotKind::PageFailed, &target.to_string(), reason.clone(), visit);
        }
        if let Some(step) = lost {
            self.tell_visit(&step, None, VisitOutcome::Failed(reason.clone()), Vec::new(), 0);
        }
        // What the lost visit sent was sent under the answers given before it.
        self.answers.forget();
        seen.missed.get_or_insert(reason);
        (seen.again, seen.signed_out) = (false, None);
        (seen.crashed, seen.lost) = (true, true);
    }

    /// Goes on in a new browser, with the session that was handed over, if one was.
    pub(crate) fn move_to_session(&mut self, running: &Arc<Running>) -> Result<(), BrowserError> {
        self.context = running.open_context(self.wire.proxy_address())?;
        self.context.take_session(&self.plan.session_cookies()).map(drop)
    }

    /// Goes on in another context, of this browser or a new one, with the cookies of before.
    pub(crate) fn move_to(&mut self, running: &Arc<Running>, cookies: &[Value]) -> Result<(), BrowserError> {
        let context = running.open_context(self.wire.proxy_address())?;
        context.put_cookies(cookies)?;
        self.context = context;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Link, PageField, PageForm};

    fn target(url: &str) -> Target {
        Target::parse(url).unwrap()
    }

    fn page(url: &str, kind: &str) -> Page {
        let field = PageField { kind: kind.into(), visible: true, editable: true, ..PageField::default() };
        let forms = vec![PageForm { fields: vec![field], ..PageForm::default() }];
        Page { url: url.into(), status: 200, forms, ..Page::default() }
    }

    fn signed_in() -> Session {
        let mut session = Session::default();
        session.set_out();
        session.pass_door("https://a.test/velkommen?trin=1");
        session.arrive();
        session.end_way(true);
        session
    }

    #[test]
    fn being_sent_to_where_the_way_in_began_is_being_signed_out() {
        let (session, asked) = (signed_in(), target("https://a.test/sag"));
        let told = |url: &str, kind: &str, asked: &Target| session.door(&page(url, kind), asked);
        let why = told("https://a.test/velkommen?retur=/sag", "password", &asked).unwrap();
        assert_eq!(why, "it sends visitors to /velkommen to log in");
        assert_eq!(told("https://a.test/velkommen", "text", &asked), None, "it asks for nothing any more");
        assert_eq!(told("https://a.test/andet", "password", &asked), None);
        assert_eq!(told("https://a.test/velkommen", "password", &target("https://a.test/velkommen")), None);
        assert_eq!(Session::default().door(&page("https://a.test/velkommen", "password"), &asked), None);
    }

    #[test]
    fn a_session_comes_back_twice_and_is_over_then() {
        let mut session = signed_in();
        for _ in 0..MAX_AGAIN {
            session.go();
            assert!(session.is_gone() && session.may_return(true));
            session.set_out();
            session.end_way(true);
            assert!(session.is_in() && !session.is_gone());
        }
        // A browser's loss is not the site's doing.
        session.go_with_browser();
        assert!(session.may_return(true));
        session.set_out();
        session.end_way(true);
        session.go();
        assert!(!session.may_return(true) && session.is_over() && !session.is_in());
        assert!(!signed_in().may_return(false));
    }

    #[test]
    fn pages_since_the_last_sure_one_are_seen_again_once() {
        let mut session = signed_in();
        let waiting = |path: &str| Waiting { target: target(&format!("https://a.test/{path}")), depth: 1 };
        let taken = |session: &mut Session| session.take_unsure().len();
        session.saw(&waiting("a"), false);
        session.saw(&waiting("b"), true);
        session.saw(&waiting("c"), false);
        assert_eq!(taken(&mut session), 0, "it may be what ended the session, and was seen");
        for path in ["c", "d"] {
            session.saw(&waiting(path), false);
        }
        assert_eq!(taken(&mut session), 2);
        for path in ["c", "d"] {
            session.saw(&waiting(path), false);
        }
        assert_eq!(taken(&mut session), 0);
        assert_eq!(session.home().unwrap().target.path, "/b");
    }

    #[test]
    fn a_page_with_a_way_out_is_one_of_a_citizen() {
        let link = |text: &str| Page { links: vec![Link { text: text.into(), ..Link::default() }], ..Page::default() };
        for (text, expected) in
            [("Log ud", true), ("Log out", true), ("Logout", true), ("Log ind", false), ("Slet", false)]
        {
            assert_eq!(shows_exit(&link(text)), expected, "{text}");
        }
    }
}
