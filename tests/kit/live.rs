//! A program that goes on until it is stopped: its output is waited for line by line, and it is asked by curl.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{Bench, Ran};

/// Longer than anything here takes on a loaded machine; a test that waits for it has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program, running.
pub(crate) struct Live {
    child: Child,
    lines: Receiver<(Stream, String)>,
    stdout: String,
    stderr: String,
    /// Where its proxy listens.
    pub(crate) address: String,
}

enum Stream {
    Out,
    Err,
}

impl Live {
    /// Starts the program and waits until its proxy listens.
    pub(crate) fn start(bench: &Bench, arguments: &[&str]) -> Self {
        let mut live = Self::spawn(bench.command(arguments));
        let line = live.wait_for("proxy on http://");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(';').next()).expect("an address");
        address.clone_into(&mut live.address);
        live
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = channel();
        let other = sender.clone();
        let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        read(stdout, move |line| other.send((Stream::Out, line)).is_ok());
        read(stderr, move |line| sender.send((Stream::Err, line)).is_ok());
        Self { child, lines, stdout: String::new(), stderr: String::new(), address: String::new() }
    }

    /// Waits for a line that holds `text`, and returns it.
    #[track_caller]
    #[expect(clippy::panic, reason = "this is a test")]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            match self.lines.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
                Ok((stream, line)) => {
                    let found = line.contains(text);
                    self.keep(&stream, &line);
                    if found {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("`{text}` was not said:\n{}\n{}", self.stdout, self.stderr)
                }
            }
        }
    }

    /// Sends it a signal: `INT`, `TERM`, `KILL`.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ended(mut self) -> Ran {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not stop:\n{}\n{}", self.stdout, self.stderr);
            std::thread::sleep(Duration::from_millis(10));
        };
        while let Ok((stream, line)) = self.lines.recv() {
            self.keep(&stream, &line);
        }
        Ran { code: status.code(), stdout: std::mem::take(&mut self.stdout), stderr: std::mem::take(&mut self.stderr) }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed to standard output so far.
    pub(crate) fn stdout(&self) -> &str {
        &self.stdout
    }

    /// Asks through its proxy, trusting the certificate in `ca`; what curl prints, with the head of the answer.
    #[track_caller]
    pub(crate) fn curl(&self, bench: &Bench, ca: &str, arguments: &[&str]) -> String {
        let proxy = format!("http://{}", self.address);
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--include", "--max-time", "50", "--proxy", &proxy, "--cacert", ca])
            .args(arguments)
            .current_dir(bench.folder.path())
            .env_remove("no_proxy")
            .env_remove("NO_PROXY")
            .output()
            .expect("curl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn keep(&mut self, stream: &Stream, line: &str) {
        let text = match stream {
            Stream::Out => &mut self.stdout,
            Stream::Err => &mut self.stderr,
        };
        text.push_str(line);
        text.push('\n');
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(stream: impl Read + Send + 'static, tell: impl Fn(String) -> bool + Send + 'static) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            if !tell(line) {
                return;
            }
        }
    });
}
