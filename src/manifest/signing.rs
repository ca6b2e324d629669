//! Signatures of manifests with a key that the authority owns, in minisign's format: `minisign -V` checks them, too.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use minisign::{PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};

use crate::fault::Fault;

/// Where the password of a protected key is looked for: not on the command line, where others see it.
pub(crate) const PASSWORD: &str = "CPRVAGT_SIGN_PASSWORD";

/// Longer than any key or signature of minisign.
const MAX_FILE: u64 = 64 << 10;

/// Signs manifests.
pub(crate) struct Signer(SecretKey);

/// Checks their signatures.
pub(crate) struct Verifier(PublicKey);

/// What is wrong with a signature.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    #[error("it is no signature of minisign's")]
    NoSignature(#[source] minisign::PError),
    #[error("it is not of this key, or the manifest was changed")]
    Wrong(#[source] minisign::PError),
}

impl Signer {
    /// The secret key in a file that `minisign -G` made.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = read(path)?;
        let key = SecretKeyBox::from_string(&text).map_err(|error| no_key(path, "secret", &error))?;
        let opened = match std::env::var(PASSWORD) {
            Ok(password) => key.into_secret_key(Some(password)),
            Err(_) => key.into_unencrypted_secret_key(),
        };
        let help = format!("is its password in {PASSWORD}? A key without one is made by `minisign -G -W`");
        let unopened =
            |error| anyhow::Error::from(error).context(Fault::new(format!("cannot open {}", path.display()), help));
        Ok(Self(opened.map_err(unopened)?))
    }

    /// A signature of `manifest`, with a comment that it covers.
    pub(crate) fn sign(&self, manifest: &[u8], comment: &str) -> anyhow::Result<Vec<u8>> {
        let signature = minisign::sign(None, &self.0, Cursor::new(manifest), Some(comment), None)?;
        Ok(signature.into_string().into_bytes())
    }
}

impl Verifier {
    /// The public key in a file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = read(path)?;
        let key = PublicKeyBox::from_string(&text).and_then(PublicKeyBox::into_public_key);
        // The key alone, as it stands in a letter or on a page.
        let key = key.or_else(|_| PublicKey::from_base64(text.trim()));
        key.map(Self).map_err(|error| no_key(path, "public", &error))
    }

    /// Whether `signature` is of this key and of `manifest`.
    pub(crate) fn check(&self, manifest: &[u8], signature: &str) -> Result<(), SignError> {
        let signature = SignatureBox::from_string(signature).map_err(SignError::NoSignature)?;
        minisign::verify(&self.0, &signature, Cursor::new(manifest), true, false, false).map_err(SignError::Wrong)
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let unreadable = |error: std::io::Error| {
        let help = "name a file that `minisign -G` made, or that you were given";
        anyhow::Error::from(error).context(Fault::new(format!("cannot read {}", path.display()), help))
    };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE {
        let help = "name a file that `minisign -G` made";
        return Err(Fault::new(format!("{} is too long for a key", path.display()), help).into());
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// Without what was read: it may be the other key.
fn no_key(path: &Path, kind: &str, _error: &minisign::PError) -> anyhow::Error {
    let help = "minisign's files end in .key (secret) and .pub (public)";
    Fault::new(format!("{} is no {kind} key of minisign's", PathBuf::from(path).display()), help).into()
}
