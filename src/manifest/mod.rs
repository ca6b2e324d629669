//! The list of a report's files with a SHA-256 of each, by which anybody can see later that they are as they were written.
//!
//! The digests are of whole reports, in which every number is masked, so nobody can be found by trying.

mod signing;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use model::Scan;
use reports::ReportFile;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(crate) use signing::{Signer, Verifier};

/// The manifest's own name.
pub(crate) const NAME: &str = "manifest.json";

/// Its signature's name, as minisign has it.
pub(crate) const SIGNATURE: &str = "manifest.json.minisig";

/// Of the format.
const VERSION: u32 = 1;

/// A report has some dozens of files; a thousand vendors would have 4,000. Ten times that is none of ours.
const MAX_MANIFEST: u64 = 8 << 20;

/// What is read at a time.
const CHUNK: usize = 1 << 16;

/// A report's files, and who made it when from what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    version: u32,
    /// The program and its version.
    tool: String,
    /// The scan that it shows.
    scan: String,
    /// When that scan began and ended.
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    /// When the files were written.
    pub(crate) written: Timestamp,
    /// Who had them written, as they said or as the system names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) written_by: Option<String>,
    /// SHA-256 of the registry that was used, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registry_sha256: Option<String>,
    files: BTreeMap<String, Entry>,
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    bytes: u64,
    sha256: String,
}

/// Who and what stands behind a report, beside its scan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) written_by: Option<String>,
    pub(crate) registry_sha256: Option<String>,
}

/// Why a manifest says nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    #[error("cannot read it")]
    Unread(#[from] io::Error),
    #[error("it is longer than {MAX_MANIFEST} bytes")]
    TooLong,
    #[error("it is no manifest, or was cut off")]
    NoManifest(#[source] serde_json::Error),
    #[error("it has version {0}; this program reads version {VERSION}")]
    OtherVersion(u32),
    #[error("it lists {0:?}, which is no name of a report's file")]
    OddName(String),
}

/// What became of the files of a report. Empty lists: nothing.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) changed: Vec<String>,
    pub(crate) missing: Vec<String>,
    /// In the folder, and not of the report.
    pub(crate) added: Vec<String>,
    /// With the reason.
    pub(crate) unread: Vec<(String, io::Error)>,
    pub(crate) unchanged: usize,
}

impl Manifest {
    /// That of `files`, which show `scan`.
    pub(crate) fn of(files: &[ReportFile], scan: &Scan, origin: &Origin, written: Timestamp) -> Self {
        let entry = |file: &ReportFile| {
            let bytes = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
            (file.name.clone(), Entry { bytes, sha256: HEXLOWER.encode(&Sha256::digest(&file.bytes)) })
        };
        Self {
            version: VERSION,
            tool: format!("{} {}", scan.tool.name, scan.tool.version),
            scan: scan.id.clone(),
            started: scan.started,
            ended: scan.ended,
            written,
            written_by: origin.written_by.clone(),
            registry_sha256: origin.registry_sha256.clone(),
            files: files.iter().map(entry).collect(),
        }
    }

    /// As it is written.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// That of a folder, with its bytes, which a signature is of.
    pub(crate) fn read(folder: &Path) -> Result<(Self, Vec<u8>), ManifestError> {
        let mut bytes = Vec::new();
        File::open(folder.join(NAME))?.take(MAX_MANIFEST + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_MANIFEST) {
            return Err(ManifestError::TooLong);
        }
        let Version { version } = serde_json::from_slice(&bytes).map_err(ManifestError::NoManifest)?;
        if version != VERSION {
            return Err(ManifestError::OtherVersion(version));
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(ManifestError::NoManifest)?;
        match manifest.files.keys().find(|name| !is_plain(name)) {
            Some(name) => Err(ManifestError::OddName(name.clone())),
            None => Ok((manifest, bytes)),
        }
    }

    /// Holds it against the files of `folder`.
    pub(crate) fn compare(&self, folder: &Path) -> io::Result<Differences> {
        let mut differences = Differences::default();
        for (name, entry) in &self.files {
            match sha256_of(&folder.join(name)) {
                Ok(found) if found == (entry.bytes, entry.sha256.clone()) => differences.unchanged += 1,
                Ok(_) => differences.changed.push(name.clone()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => differences.missing.push(name.clone()),
                Err(error) => differences.unread.push((name.clone(), error)),
            }
        }
        let known: BTreeSet<&str> = self.files.keys().map(String::as_str).chain([NAME, SIGNATURE]).collect();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !known.contains(name.as_str()) {
                differences.added.push(name);
            }
        }
        differences.added.sort();
        Ok(differences)
    }

    /// What a signature says beside the manifest, and covers.
    pub(crate) fn comment(&self) -> String {
        format!("scan {} of {}, {}", self.scan, self.started, self.tool)
    }

    /// The scan's name.
    pub(crate) fn scan(&self) -> &str {
        &self.scan
    }

    /// The names of the files.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The program that wrote it.
    pub(crate) fn tool(&self) -> &str {
        &self.tool
    }
}

impl Differences {
    /// Whether all is as it was written.
    pub(crate) fn is_none(&self) -> bool {
        let Self { changed, missing, added, unread, unchanged: _ } = self;
        changed.is_empty() && missing.is_empty() && added.is_empty() && unread.is_empty()
    }
}

/// Length and digest of a file.
pub(crate) fn sha256_of(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut digest, mut length, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        let read = file.read(&mut chunk)?;
        let Some(piece) = chunk.get(..read).filter(|piece| !piece.is_empty()) else { break };
        digest.update(piece);
        length += u64::try_from(read).unwrap_or_default();
    }
    Ok((length, HEXLOWER.encode(&digest.finalize())))
}

/// As reports name their files: a manifest that came from somewhere must not lead out of its folder.
fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.starts_with('.') && !name.is_empty() && name.bytes().all(is_plain)
}
