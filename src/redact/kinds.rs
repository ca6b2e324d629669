//! What is no text and not written anew: captures of the network, and flows that mitmproxy has saved. Their bytes say how long
//! they are and what they add up to, and a number in them may stand in two packets.

use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::Path;

use inputs::{Kind, Member, kind_of, unpack};

use crate::fault::Fault;
use crate::file_name::file_name;
use crate::own_words::without_numbers;

/// Bytes looked at to tell what a file is: those in which a flow has one of its names, and what packs them.
pub(super) const HEAD: usize = 64 * 1024;

/// Refuses a file, or member of an archive, that begins with `head`, where it is no text.
pub(super) fn refuse(member: &Member, head: &[u8]) -> Result<(), Fault> {
    let name = without_numbers(&member.name);
    let (what, help) = match kind_of(&member.plain, head) {
        Kind::Har | Kind::Log => return Ok(()),
        Kind::Capture => (
            "a capture of the network, in which a number may stand in two packets",
            "hand on the servers' logs instead, redacted; or what was sent in clear as a HAR or text, exported and then redacted".to_owned(),
        ),
        Kind::Flows => (
            "flows that mitmproxy has saved, of which a byte that is changed breaks all behind it",
            format!("export them first, and redact that: mitmdump -nr {name} --set hardump={name}.har"),
        ),
    };
    Err(Fault::new(format!("{name} is not redacted: it is {what}"), help))
}

/// The same of the file at `path`, packed or not, before anything is written. What cannot be read is told when it is its turn.
pub(super) fn refuse_file(path: &Path) -> Result<(), Fault> {
    let name = file_name(path);
    let mut head = Vec::new();
    // A pipe is read once, and looked at then.
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    if !is_file || File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head)).is_err() {
        return Ok(());
    }
    let mut refused = Ok(());
    unpack(&name, &mut head.as_slice(), &mut |member, plain| {
        let mut begin = Vec::new();
        let _ = plain.take(HEAD as u64).read_to_end(&mut begin);
        refused = refuse(member, &begin);
        ControlFlow::Break(())
    });
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_by_its_first_bytes() {
        let named = |name: &str| Member { name: name.to_owned(), plain: name.to_owned(), is_unpacked: false };
        for head in [&b"\xd4\xc3\xb2\xa1\x02\0"[..], b"\x0a\x0d\x0d\x0a\x1c\0\0\0", b"18:7:version;2:21#"] {
            let fault = refuse(&named("a.log"), head).unwrap_err();
            assert!(fault.to_string().starts_with("a.log is not redacted: "), "{fault}");
        }
        for head in [&b"192.0.2.1 - - ["[..], b"{\"log\":{\"entries\":[]}}", b"", b"\0\0\0"] {
            assert!(refuse(&named("a.pcap"), head).is_ok());
        }
    }
}
