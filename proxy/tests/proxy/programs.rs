//! Real clients, run as people run them.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::process::Command;

use crate::kit::Fixture;

/// Files that clients are pointed to; they go when it is dropped.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new(fixture: &Fixture) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), fixture.proxy.ca_pem()).unwrap();
        Self { folder }
    }

    /// The proxy's authority.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What curl printed, and what it said went wrong.
    pub(crate) async fn curl(&self, arguments: &str) -> (String, String) {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", "20", "--cacert"]).arg(self.ca()).args(arguments.split_whitespace());
        output(curl).await
    }

    /// What Python's own client got from `url`, or the fault, with `proxy` for both schemes.
    pub(crate) async fn python(&self, proxy: &str, url: &str) -> (String, String) {
        let mut python = Command::new("python3");
        python.arg("-c").arg(PYTHON).arg(self.ca()).args([proxy, url]);
        output(python).await
    }
}

const PYTHON: &str = "
import ssl, sys, urllib.request
ca, proxy, url = sys.argv[1:]
handlers = [urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)),
            urllib.request.ProxyHandler({'http': proxy, 'https': proxy} if proxy else {})]
try:
    print(urllib.request.build_opener(*handlers).open(url, timeout=20).read().decode(), end='')
except Exception as error:
    sys.exit(str(error))
";

async fn output(mut command: Command) -> (String, String) {
    let output = command.env_remove("no_proxy").env_remove("NO_PROXY").kill_on_drop(true).output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}
