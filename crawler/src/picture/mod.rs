//! A picture of the page where a step of a journey did not work, with no digit of it legible.
//!
//! No pixel of the page is in it. The browser says what is laid out where; of that the boxes, and the texts with their
//! digits masked, are drawn anew on an empty page, and that page is photographed. Images, films, canvases and frames of
//! other processes are plain covers. What the page does meanwhile makes no difference.

mod drawing;
mod easel;
mod masked;
mod snapshot;

use std::time::Duration;

use model::Picture;
use serde_json::Value;

use crate::BrowserError;
use crate::devtools::DevTools;
use easel::Easel;
use snapshot::Snapshot;

/// How long a page may take to say what it shows.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// The command that a page is asked with.
pub(crate) const ASK: &str = "DOMSnapshot.captureSnapshot";

/// Why there is no picture.
pub(crate) type NoPicture = &'static str;

/// What [`ASK`] is asked with.
pub(crate) fn question() -> Value {
    snapshot::question()
}

/// Draws the page that gave `answer`, as the picture of a journey's step.
pub(crate) fn draw(
    devtools: &DevTools,
    step: usize,
    answer: Option<Value>,
    is_secret: &dyn Fn(&str) -> bool,
) -> Result<Result<Picture, NoPicture>, BrowserError> {
    let Some(answer) = answer else { return Ok(Err("the page does not answer")) };
    let Some(snapshot) = Snapshot::parse(answer) else { return Ok(Err("what the page shows is not understood")) };
    let Some(drawing) = snapshot.drawing(is_secret) else { return Ok(Err("there is too much on the page")) };
    let Some(easel) = Easel::set_up(devtools)? else { return Ok(Err("no tab to draw it in")) };
    let picture = easel.photograph(&drawing)?.and_then(|png| Picture::parse(step, png));
    Ok(picture.ok_or("it could not be drawn"))
}
