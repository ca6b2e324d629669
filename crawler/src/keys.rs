//! Keys by their characters or by the names that recordings give them, and what a keyboard does for each.

use serde_json::{Value, json};

/// Named keys: name, code, number, and what they type.
const NAMED: [(&str, &str, u32, &str); 33] = [
    ("Enter", "Enter", 13, "\r"),
    ("NumpadEnter", "NumpadEnter", 13, "\r"),
    ("Tab", "Tab", 9, ""),
    ("Escape", "Escape", 27, ""),
    ("Backspace", "Backspace", 8, ""),
    ("Delete", "Delete", 46, ""),
    ("Insert", "Insert", 45, ""),
    ("Space", "Space", 32, " "),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("Home", "Home", 36, ""),
    ("End", "End", 35, ""),
    ("PageUp", "PageUp", 33, ""),
    ("PageDown", "PageDown", 34, ""),
    ("Shift", "ShiftLeft", 16, ""),
    ("Control", "ControlLeft", 17, ""),
    ("Alt", "AltLeft", 18, ""),
    ("AltGraph", "AltRight", 18, ""),
    ("Meta", "MetaLeft", 91, ""),
    ("CapsLock", "CapsLock", 20, ""),
    ("ContextMenu", "ContextMenu", 93, ""),
    ("F1", "F1", 112, ""),
    ("F2", "F2", 113, ""),
    ("F3", "F3", 114, ""),
    ("F4", "F4", 115, ""),
    ("F5", "F5", 116, ""),
    ("F6", "F6", 117, ""),
    ("F7", "F7", 118, ""),
    ("F8", "F8", 119, ""),
    ("F9", "F9", 120, ""),
    ("F10", "F10", 121, ""),
];

/// Keys that change what others do, and their bits.
const MODIFIERS: [(&str, u32); 4] = [("Alt", 1), ("Control", 2), ("Meta", 4), ("Shift", 8)];

/// All but the last of them: a letter pressed with one of these is a command and types nothing.
const COMMANDS: u32 = 1 | 2 | 4;

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    name: String,
    code: String,
    number: u32,
    text: String,
}

impl Key {
    /// The key of this name: a character, a key's name, or a code such as `KeyA`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut characters = name.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            return Some(Self::of(character));
        }
        if let Some(letter) = name.strip_prefix("Key").or_else(|| name.strip_prefix("Digit")) {
            let mut letters = letter.chars();
            let (Some(only), None) = (letters.next(), letters.next()) else { return None };
            return Some(Self::of(only.to_ascii_lowercase()));
        }
        let (_, code, number, text) = NAMED.into_iter().find(|(known, ..)| *known == name)?;
        let name = match name {
            "Space" => " ",
            "NumpadEnter" => "Enter",
            other => other,
        };
        Some(Self { name: name.to_owned(), code: code.to_owned(), number, text: text.to_owned() })
    }

    /// The key that types `character`; the line's end is Enter.
    pub(crate) fn of(character: char) -> Self {
        let (name, text) = match character {
            '\n' | '\r' => ("Enter".to_owned(), "\r".to_owned()),
            other => (other.to_string(), other.to_string()),
        };
        let (code, number) = match character {
            '0'..='9' => (format!("Digit{character}"), u32::from(character)),
            'a'..='z' | 'A'..='Z' => {
                let upper = character.to_ascii_uppercase();
                (format!("Key{upper}"), u32::from(upper))
            }
            ' ' => ("Space".to_owned(), 32),
            '-' => ("Minus".to_owned(), 189),
            '\n' | '\r' => ("Enter".to_owned(), 13),
            _ => (String::new(), 0),
        };
        Self { name, code, number, text }
    }

    /// The bit that is held while this key is down; 0 for a key that changes nothing.
    pub(crate) fn modifier(&self) -> u32 {
        MODIFIERS.iter().find(|(name, _)| *name == self.name).map_or(0, |(_, bit)| *bit)
    }

    /// What the browser is told when it goes down.
    pub(crate) fn down(&self, modifiers: u32) -> Value {
        let text = if modifiers & COMMANDS == 0 { self.text.as_str() } else { "" };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        json!({
            "type": kind, "key": self.name, "code": self.code, "windowsVirtualKeyCode": self.number,
            "modifiers": modifiers, "text": text, "unmodifiedText": text,
        })
    }

    /// The same when it comes up.
    pub(crate) fn up(&self, modifiers: u32) -> Value {
        json!({
            "type": "keyUp", "key": self.name, "code": self.code, "windowsVirtualKeyCode": self.number,
            "modifiers": modifiers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_name_character_and_code() {
        for (name, key, code) in
            [("Enter", "Enter", "Enter"), ("a", "a", "KeyA"), ("KeyA", "a", "KeyA"), ("Digit7", "7", "Digit7")]
        {
            let down = Key::parse(name).unwrap().down(0);
            assert_eq!((&down["key"], &down["code"]), (&key.into(), &code.into()), "{name}");
        }
        // Letters that no key is known for still have their text.
        let down = Key::parse("å").unwrap().down(0);
        assert_eq!((&down["text"], &down["key"]), (&"å".into(), &"å".into()));
        assert_eq!(Key::parse("Hokus"), None);
        assert_eq!(Key::parse("Keyboard"), None);
    }

    #[test]
    fn a_key_goes_down_with_its_text_and_up_without() {
        let key = Key::of('7');
        let (down, up) = (key.down(0), key.up(0));
        assert_eq!((&down["type"], &down["text"], &down["code"]), (&"keyDown".into(), &"7".into(), &"Digit7".into()));
        assert_eq!((&up["type"], up.get("text")), (&"keyUp".into(), None));
    }

    #[test]
    fn a_letter_with_control_is_a_command() {
        let control = Key::parse("Control").unwrap().modifier();
        let down = Key::parse("a").unwrap().down(control);
        assert_eq!((&down["type"], &down["text"]), (&"rawKeyDown".into(), &"".into()));
        assert_eq!(Key::parse("a").unwrap().down(8)["text"], "a");
    }
}
