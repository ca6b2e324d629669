//! Writes what fuzzing begins with to `fuzz/seeds/`, from the recordings and the detector's corpus.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cprvagt_fuzz::written;
use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Longer seeds slow the search more than they help it.
const LONGEST: usize = 8 << 10;

/// Seeds of a target.
const MOST: usize = 400;

/// More than there are decoders: the first byte of a seed, in turn.
const DECODERS: usize = 32;

/// Seeds of one target, each once.
#[derive(Default)]
struct Seeds(BTreeSet<Vec<u8>>);

fn main() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut requests, mut bytes, mut files) = (Seeds::default(), Seeds::default(), Seeds::default());
    for path in in_folder(&root.join("detect/tests/corpus"), "json") {
        let case: Value = serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
        for request in [&case["request"], &case["lookalike"]["request"]] {
            requests.add(corpus_request(request));
            bytes.add(corpus_body(request));
            bytes.add(request["url"].as_str().unwrap_or_default().as_bytes().to_vec());
        }
    }
    for path in in_folder(&root.join("tests/recordings"), "har") {
        let text = fs::read(path).expect("a file");
        for exchange in inputs::read_har("", text.as_slice(), Timestamp::UNIX_EPOCH).exchanges {
            requests.add(written(&exchange));
            bytes.add(exchange.request.body.bytes.clone());
            for message in exchange.messages {
                bytes.add(message.bytes);
            }
        }
        let har: Value = serde_json::from_slice(&text).expect("JSON");
        for entry in har["log"]["entries"].as_array().into_iter().flatten() {
            files.add(json!({ "log": { "entries": [entry] } }).to_string().into_bytes());
        }
    }
    let picked = bytes.0.iter().enumerate();
    let picked = picked.map(|(at, bytes)| [&[u8::try_from(at % DECODERS).expect("a byte")], bytes.as_slice()].concat());
    let picked = Seeds(picked.collect());
    for (target, seeds) in [("finder", &bytes), ("decoders", &picked), ("inspect", &requests), ("har", &files)] {
        seeds.write(&root.join("fuzz/seeds").join(target));
    }
}

impl Seeds {
    fn add(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() && bytes.len() <= LONGEST {
            self.0.insert(bytes);
        }
    }

    /// As many as there may be, from all over.
    fn write(&self, folder: &Path) {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).expect("a folder");
        let step = self.0.len().div_ceil(MOST).max(1);
        for (at, bytes) in self.0.iter().step_by(step).enumerate() {
            fs::write(folder.join(format!("{at:04}")), bytes).expect("a file");
        }
    }
}

fn corpus_request(request: &Value) -> Vec<u8> {
    let word = |key: &str| request[key].as_str().unwrap_or_default();
    let mut text = format!("{} {}\n", word("method"), word("url")).into_bytes();
    for header in request["headers"].as_array().into_iter().flatten() {
        let part = |at: usize| header[at].as_str().unwrap_or_default();
        text.extend(format!("{}: {}\n", part(0), part(1)).into_bytes());
    }
    text.push(b'\n');
    text.extend(corpus_body(request));
    text
}

/// The body, or the first message that was sent.
fn corpus_body(request: &Value) -> Vec<u8> {
    let messages = request["messages"].as_array().into_iter().flatten();
    let plain = messages.clone().find_map(|message| message["sent"].as_str()).or(request["body"].as_str());
    let encoded =
        messages.clone().find_map(|message| message["sent-base64"].as_str()).or(request["body_base64"].as_str());
    let decoded = encoded.map(|text| BASE64.decode(text.as_bytes()).expect("base64"));
    plain.map(|text| text.as_bytes().to_vec()).or(decoded).unwrap_or_default()
}

fn in_folder(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    paths.sort();
    paths
}
