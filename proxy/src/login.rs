//! A user's name and password at an upstream proxy. Never printed.

use std::fmt;

use data_encoding::BASE64;
use http::HeaderValue;

/// The longest name and password that SOCKS5 can say (RFC 1929 §2); more than anybody types.
const LONGEST: usize = 255;

/// Name and password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    user: String,
    password: String,
}

impl Login {
    /// From `user:password`, as in a file or an environment variable.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':')?;
        Self::new(user.to_owned(), password.to_owned())
    }

    /// From the part of a URL before its `@`, where odd characters are percent-encoded.
    pub(crate) fn of_userinfo(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        Self::new(decoded(user)?, decoded(password)?)
    }

    fn new(user: String, password: String) -> Option<Self> {
        // The Basic scheme ends the name at the first colon (RFC 7617 §2).
        let is_sayable = !user.contains(':') && !format!("{user}{password}").contains(char::is_control);
        let fits = (1..=LONGEST).contains(&user.len()) && password.len() <= LONGEST;
        (is_sayable && fits).then_some(Self { user, password })
    }

    /// The value of a `Proxy-Authorization` line.
    pub(crate) fn basic(&self) -> Option<HeaderValue> {
        let pair = BASE64.encode(format!("{}:{}", self.user, self.password).as_bytes());
        let mut value = HeaderValue::from_str(&format!("Basic {pair}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The message of RFC 1929 §2.
    pub(crate) fn socks(&self) -> Vec<u8> {
        let mut message = vec![1];
        for part in [&self.user, &self.password] {
            message.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
            message.extend(part.bytes().take(LONGEST));
        }
        message
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            bytes.push(digit(rest.next())? << 4 | digit(rest.next())?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_are_decoded_in_a_url_alone() {
        let login = Login::of_userinfo("ann:p%40ss%3A%25").unwrap();
        assert_eq!(login, Login::parse("ann:p@ss:%").unwrap());
        assert_eq!(login.basic().unwrap(), "Basic YW5uOnBAc3M6JQ==");
        assert_eq!(login.socks(), b"\x01\x03ann\x06p@ss:%");
        assert_eq!(Login::of_userinfo("ann"), Login::parse("ann:"));
    }

    #[test]
    fn what_cannot_be_said_is_refused() {
        for text in ["", ":x", "%4", "%zz", "a%3Ab:c", "a:b%0d%0aX", "%ff:x"] {
            assert_eq!(Login::of_userinfo(text), None, "{text}");
        }
        assert_eq!((Login::parse("no colon"), Login::parse(&format!("a:{}", "x".repeat(256)))), (None, None));
    }

    #[test]
    fn it_is_never_printed() {
        assert_eq!(format!("{:?}", Login::parse("ann:secret")), "Some(Login(..))");
    }
}
