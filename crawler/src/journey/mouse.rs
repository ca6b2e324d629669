//! What a person does with hands: the pointer goes to an element and presses it, keys go down and up.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::pane::{Handle, Pane, Place, pair};
use super::{Button, Click, Device};
use crate::BrowserError;
use crate::keys::Key;

/// How long one movement or key may take to be taken in: a handler may block it with a dialog, which is answered.
const INPUT_DEADLINE: Duration = Duration::from_secs(5);

/// How long an element must stay where it is before it is pointed at.
const STANDS_STILL: Duration = Duration::from_millis(30);

/// How often that is looked at: what moves for ever is pressed where it is.
const MAX_LOOKS: u32 = 30;

/// The wheel and buttons, as the browser calls them, and the bit of each.
fn name_of(button: Button) -> (&'static str, u32) {
    match button {
        Button::Primary => ("left", 1),
        Button::Secondary => ("right", 2),
        Button::Auxiliary => ("middle", 4),
        Button::Back => ("back", 8),
        Button::Forward => ("forward", 16),
    }
}

impl Pane<'_> {
    /// Whether `element` was pressed: it has a place in the view.
    pub(super) fn click(
        &self,
        place: &Place<'_>,
        element: &Handle,
        click: &Click,
        presses: u32,
        modifiers: u32,
    ) -> Result<bool, BrowserError> {
        let Some((x, y)) = standing(place, element, Some(click.offset))? else { return Ok(false) };
        if click.device == Device::Touch {
            for _ in 0..presses {
                let finger = json!([{"x": x, "y": y}]);
                self.input("Input.dispatchTouchEvent", &json!({"type": "touchStart", "touchPoints": finger}))?;
                thread::sleep(click.duration);
                self.input("Input.dispatchTouchEvent", &json!({"type": "touchEnd", "touchPoints": []}))?;
            }
            return Ok(true);
        }
        let pointer = match click.device {
            Device::Pen => "pen",
            Device::Mouse | Device::Touch => "mouse",
        };
        let (button, bit) = name_of(click.button);
        let event = |kind: &str, button: &str, bits: u32, count: u32| {
            json!({
                "type": kind, "x": x, "y": y, "button": button, "buttons": bits, "clickCount": count,
                "modifiers": modifiers, "pointerType": pointer,
            })
        };
        self.input("Input.dispatchMouseEvent", &event("mouseMoved", "none", 0, 0))?;
        for count in 1..=presses {
            self.input("Input.dispatchMouseEvent", &event("mousePressed", button, bit, count))?;
            thread::sleep(click.duration);
            self.input("Input.dispatchMouseEvent", &event("mouseReleased", button, 0, count))?;
        }
        Ok(true)
    }

    /// The same, resting on it.
    pub(super) fn hover(&self, place: &Place<'_>, element: &Handle, modifiers: u32) -> Result<bool, BrowserError> {
        let Some((x, y)) = standing(place, element, None)? else { return Ok(false) };
        let event = json!({"type": "mouseMoved", "x": x, "y": y, "modifiers": modifiers});
        self.input("Input.dispatchMouseEvent", &event)?;
        Ok(true)
    }

    /// Presses a key, or lets it go.
    pub(super) fn key(&self, event: &Value) -> Result<bool, BrowserError> {
        self.input("Input.dispatchKeyEvent", event)
    }

    /// Types `text` into what has the focus; whether the page took all keys in.
    pub(super) fn type_text(&self, text: &str) -> Result<bool, BrowserError> {
        for character in text.chars() {
            let key = Key::of(character);
            if !(self.key(&key.down(0))? && self.key(&key.up(0))?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn input(&self, method: &str, event: &Value) -> Result<bool, BrowserError> {
        Ok(self.call(method, event, INPUT_DEADLINE)?.is_some())
    }
}

/// Where `element` is in the pane's view, once it stands still.
fn standing(
    place: &Place<'_>,
    element: &Handle,
    offset: Option<(f64, f64)>,
) -> Result<Option<(f64, f64)>, BrowserError> {
    let offset = offset.map_or(Value::Null, |(x, y)| json!([x, y]));
    let look = || -> Result<Option<(f64, f64)>, BrowserError> {
        let told = place.tell("point", &[element.argument(), json!({"value": offset})])?;
        Ok(told.as_ref().and_then(pair).map(|(x, y)| (place.corner.0 + x, place.corner.1 + y)))
    };
    let mut before = look()?;
    for _ in 0..MAX_LOOKS {
        thread::sleep(STANDS_STILL);
        let now = look()?;
        if now == before {
            break;
        }
        before = now;
    }
    Ok(before)
}
