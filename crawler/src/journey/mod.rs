//! Journeys: what a person recorded with the browser's own Recorder, made again as a test person.
//!
//! The files are `DevTools` Recorder JSON as exported, unmodified. They are read whole before any browser starts, so
//! that a step which cannot be made is told at once. What a journey leads to is visited in [`crate::visit`].

mod assert;
mod entry;
mod fault;
mod members;
mod mouse;
mod pane;
mod parse;
mod placeholders;
mod select;
mod steps;

use std::time::Duration;

use crate::keys::Key;
pub use fault::{JourneyError, JourneyProblem};
use placeholders::Text;
pub use placeholders::{Lookup, Placeholder, SECRETS};

/// A recorded journey, every placeholder filled in.
#[derive(Clone, Debug)]
pub struct Journey {
    /// As the person who recorded it called it.
    title: String,
    /// What is done, in order. The first that acts is a navigation.
    steps: Vec<Step>,
    /// What was filled in from the environment, and what to say in its place.
    secrets: Vec<(String, String)>,
}

/// One step of a journey.
#[derive(Clone, Debug)]
struct Step {
    /// Its place in the file, from 1.
    number: usize,
    /// Its `type`, as written.
    kind: String,
    /// Which window.
    target: PaneName,
    /// The way to its frame: places of frames in frames.
    frame: Vec<usize>,
    /// How long to try; `None` where neither step nor journey says.
    timeout: Option<Duration>,
    /// What it leads to.
    navigations: Vec<Navigation>,
    action: Action,
}

/// Which window a step is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PaneName {
    /// The tab itself.
    Main,
    /// A window that it opened, by its address.
    Popup(String),
}

/// A navigation that a step must lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Navigation {
    /// Where to; `None` for anywhere.
    url: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug)]
enum Action {
    SetViewport(Viewport),
    Navigate(Text),
    Click(Selectors, Click),
    DoubleClick(Selectors, Click),
    Hover(Selectors),
    Change(Selectors, Text),
    KeyDown(Key),
    KeyUp(Key),
    Scroll {
        element: Option<Selectors>,
        x: f64,
        y: f64,
    },
    Close,
    EmulateNetworkConditions {
        download: f64,
        upload: f64,
        latency: f64,
    },
    WaitForElement(Selectors, Awaited),
    WaitForExpression(String),
    ExpectPage(Expected),
    /// A question for consent stands here, and is answered as the pass wants it.
    Consent,
}

#[derive(Clone, Debug, PartialEq)]
struct Viewport {
    width: u64,
    height: u64,
    scale: f64,
    is_mobile: bool,
    has_touch: bool,
    is_landscape: bool,
}

/// How the mouse is used.
#[derive(Clone, Debug, PartialEq)]
struct Click {
    button: Button,
    device: Device,
    /// How long the button is held.
    duration: Duration,
    /// From the element's upper left corner.
    offset: (f64, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Button {
    Primary,
    Auxiliary,
    Secondary,
    Back,
    Forward,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Device {
    Mouse,
    Pen,
    Touch,
}

/// How many elements to wait for, and what they are like.
#[derive(Clone, Debug, PartialEq)]
struct Awaited {
    operator: Operator,
    count: u64,
    visible: Option<bool>,
    attributes: serde_json::Value,
    properties: serde_json::Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    AtLeast,
    Exactly,
    AtMost,
}

/// What the page of `cprvagt.expectPage` must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Expected {
    url: Option<String>,
    title: Option<String>,
    text: Option<String>,
}

/// Ways to one element, tried in order; each leads through shadow roots.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Selectors(Vec<Vec<String>>);

/// Why a step did not work, in words that may hold numbers: whoever shows them redacts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepFailed {
    /// Its place in the file, from 1.
    pub(crate) number: usize,
    /// Its `type`.
    pub(crate) kind: String,
    /// The first way to its element, if it has any.
    pub(crate) selector: Option<String>,
    /// Where it was tried.
    pub(crate) page: String,
    /// What did not work.
    pub(crate) why: String,
    /// What was on the page, in short.
    pub(crate) seen: String,
}

impl Journey {
    /// As the person who recorded it called it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// `text` without what came from the environment.
    fn conceal(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, (secret, name)| text.replace(secret, name))
    }
}

impl Step {
    /// The ways to its element, if it has one.
    fn selectors(&self) -> Option<&Selectors> {
        match &self.action {
            Action::Click(selectors, _)
            | Action::DoubleClick(selectors, _)
            | Action::Hover(selectors)
            | Action::Change(selectors, _)
            | Action::WaitForElement(selectors, _) => Some(selectors),
            Action::Scroll { element, .. } => element.as_ref(),
            Action::SetViewport(_)
            | Action::Navigate(_)
            | Action::KeyDown(_)
            | Action::KeyUp(_)
            | Action::Close
            | Action::EmulateNetworkConditions { .. }
            | Action::WaitForExpression(_)
            | Action::ExpectPage(_)
            | Action::Consent => None,
        }
    }

    /// Whether the tab itself will show another page.
    fn leads_on(&self) -> bool {
        self.target == PaneName::Main && (self.is_navigate() || !self.navigations.is_empty())
    }

    /// Whether it closes the tab itself.
    fn closes_tab(&self) -> bool {
        self.target == PaneName::Main && matches!(self.action, Action::Close)
    }

    fn is_navigate(&self) -> bool {
        matches!(self.action, Action::Navigate(_))
    }
}

impl Selectors {
    /// The first way, as it is shown.
    fn shown(&self) -> String {
        self.0.first().map(|chain| chain.join(" >>> ")).unwrap_or_default()
    }
}

impl StepFailed {
    /// All of it in one line.
    fn line(&self, journey: &str) -> String {
        let Self { number, kind, selector, page: _, why, seen } = self;
        let at = selector.as_ref().map(|selector| format!(" {selector}")).unwrap_or_default();
        format!("step {number} ({kind}{at}) of the journey {journey}: {why}; on the page: {seen}")
    }
}
