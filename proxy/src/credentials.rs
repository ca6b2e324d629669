//! Who may use the proxy: names and passwords, and what a client shows of them.

use std::fmt;
use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;

use data_encoding::BASE64_NOPAD;
use http::header::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

/// A name or password in SOCKS5 has its length in one byte (RFC 1929 §2).
const LONGEST_WORD: usize = 255;

/// Those who may use the proxy, each by a name and a password. The passwords themselves are not kept.
///
/// ```
/// let testers: proxy::Credentials = "anna:correct horse\n# since May\nbo:battery staple".parse().unwrap();
/// assert_eq!(testers.users().collect::<Vec<_>>(), ["anna", "bo"]);
/// ```
#[derive(Clone)]
pub struct Credentials {
    users: Vec<User>,
}

#[derive(Clone)]
struct User {
    name: Arc<str>,
    /// SHA-256 of `name:password`.
    digest: [u8; 32],
}

/// What is wrong with a list of users; never the text itself, which holds passwords.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// There is no user in it.
    #[error("it names no user")]
    Empty,
    /// A line is not `user:password`.
    #[error("line {0} is not user:password")]
    Shape(usize),
    /// A name or password is too long for some ways of sending it.
    #[error("line {0} has a name or password of more than 255 bytes")]
    Long(usize),
    /// Two lines are for one user.
    #[error("line {0} names a user again")]
    Twice(usize),
}

/// What a client shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// No name and password.
    Nothing,
    /// One that is not on the list.
    Wrong,
    /// This user's.
    Of(Arc<str>),
}

impl Credentials {
    /// The users' names, in the order given.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.iter().map(|user| &*user.name)
    }

    /// Whose `name:password` this is. Takes as long for a wrong one as for a right one.
    pub(crate) fn whose(&self, pair: &[u8]) -> Shown {
        let digest: [u8; 32] = Sha256::digest(pair).into();
        let mut found = Shown::Wrong;
        // To the end of the list in any case: how long it takes must not tell which names there are.
        for user in &self.users {
            if is_same(&user.digest, &digest) {
                found = Shown::Of(Arc::clone(&user.name));
            }
        }
        found
    }

    /// What a request shows in `field`, by the scheme Basic (RFC 7617).
    pub(crate) fn shown_in(&self, head: &HeaderMap, field: HeaderName) -> Shown {
        let mut shown = Shown::Nothing;
        for value in head.get_all(field) {
            shown = match basic(value.as_bytes()) {
                Some(pair) => self.whose(&pair),
                None => Shown::Wrong,
            };
            if matches!(shown, Shown::Of(_)) {
                break;
            }
        }
        shown
    }
}

/// One `user:password` per line; empty lines and lines that begin with `#` do not count.
impl FromStr for Credentials {
    type Err = CredentialsError;

    fn from_str(text: &str) -> Result<Self, CredentialsError> {
        let mut users: Vec<User> = Vec::new();
        for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r'))) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, password) = line.split_once(':').ok_or(CredentialsError::Shape(at))?;
            if name.is_empty() || password.is_empty() || line.contains(char::is_control) {
                return Err(CredentialsError::Shape(at));
            }
            if name.len() > LONGEST_WORD || password.len() > LONGEST_WORD {
                return Err(CredentialsError::Long(at));
            }
            if users.iter().any(|user| &*user.name == name) {
                return Err(CredentialsError::Twice(at));
            }
            users.push(User { name: name.into(), digest: Sha256::digest(line).into() });
        }
        if users.is_empty() { Err(CredentialsError::Empty) } else { Ok(Self { users }) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.users()).finish()
    }
}

/// The `name:password` in `Basic ...`.
fn basic(value: &[u8]) -> Option<Vec<u8>> {
    let (scheme, token) = value.split_at_checked(b"basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let token = token.trim_ascii();
    let unpadded = token.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    BASE64_NOPAD.decode(token.get(..unpadded)?).ok()
}

/// Compares to the end, whatever comes first.
fn is_same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    let differing = left.iter().zip(right).fold(0, |differing, (left, right)| differing | (left ^ right));
    black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use http::header::PROXY_AUTHORIZATION;

    use super::*;

    fn testers() -> Credentials {
        "anna:a:b\n\n# nobody:x\r\nbo:ø\r\n".parse().unwrap()
    }

    #[track_caller]
    fn case(values: &[&str], user: Option<&str>) {
        let mut head = HeaderMap::new();
        for value in values {
            head.append(PROXY_AUTHORIZATION, value.parse().unwrap());
        }
        let expected = match (values, user) {
            ([], _) => Shown::Nothing,
            (_, None) => Shown::Wrong,
            (_, Some(user)) => Shown::Of(user.into()),
        };
        assert_eq!(testers().shown_in(&head, PROXY_AUTHORIZATION), expected, "{values:?}");
    }

    #[test]
    fn a_name_and_its_password_go_together() {
        case(&[], None);
        case(&["Basic YW5uYTphOmI="], Some("anna"));
        case(&["bAsIc  YW5uYTphOmI"], Some("anna"));
        case(&["Basic Ym86w7g="], Some("bo"));
        case(&["Basic YW5uYTphOmI=", "Basic eHg="], Some("anna"));
        // anna:ø, anna:a, anna, nobody:x, nothing, and no base64.
        for wrong in ["YW5uYTrDuA==", "YW5uYTph", "YW5uYQ==", "bm9ib2R5Ong=", "", "====", "*"] {
            case(&[&format!("Basic {wrong}")], None);
        }
        case(&["Bearer YW5uYTphOmI="], None);
        case(&["Basic"], None);
    }

    #[test]
    fn a_list_says_what_is_wrong_with_it_and_repeats_none_of_it() {
        let of = |text: &str| text.parse::<Credentials>().unwrap_err();
        assert_eq!(of("\n# x:y\n"), CredentialsError::Empty);
        assert_eq!(of("a:b\nhunter2"), CredentialsError::Shape(2));
        assert_eq!(
            (of(":b"), of("a:"), of("a:b\tc")),
            (CredentialsError::Shape(1), CredentialsError::Shape(1), CredentialsError::Shape(1))
        );
        assert_eq!(of("a:b\na:c"), CredentialsError::Twice(2));
        assert_eq!(of(&format!("a:{}", "b".repeat(256))), CredentialsError::Long(1));
        assert!(!of("a:b\nhunter2").to_string().contains("hunter2"));
        assert_eq!(format!("{:?}", testers()), r#"["anna", "bo"]"#);
    }
}
