//! Secrets that a browser shows to be let in.

use data_encoding::HEXLOWER;

/// Random bytes, as hex. Prints as nothing.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// A new one of 256 bits; `None` when the system gives no random bytes.
    pub(crate) fn new() -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(HEXLOWER.encode(&bytes)))
    }

    /// Whether `told` is it. Takes as long for every text of its length, so that no time tells how much of it is right.
    pub(crate) fn is(&self, told: &str) -> bool {
        if told.len() != self.0.len() {
            return false;
        }
        let differing = self.0.bytes().zip(told.bytes()).fold(0, |all, (ours, theirs)| all | (ours ^ theirs));
        std::hint::black_box(differing) == 0
    }

    /// The secret itself, for the address on the terminal and for the cookie alone.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// A name that nobody guesses and that is no secret: the folder of a browser's session.
pub(crate) fn random_name() -> Option<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).ok()?;
    Some(HEXLOWER.encode(&bytes))
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_knows_itself_and_nothing_else() {
        let secret = Secret::new().unwrap();
        assert!(secret.is(secret.reveal()));
        assert_eq!(secret.reveal().len(), 64);
        assert!(!secret.is(""));
        assert!(!secret.is(secret.reveal().get(..63).unwrap()));
        assert!(!secret.is(&"0".repeat(64)));
        assert!(!secret.is(Secret::new().unwrap().reveal()));
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
