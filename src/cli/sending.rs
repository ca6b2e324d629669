//! What an audit may send, as typed.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(next_help_heading = "Crawl")]
pub(crate) struct SendingArgs {
    /// Whether third parties get what the pages send them; `sink` answers them here, for tests that must leave no trace
    ///
    /// Everything is judged alike. With `sink`, scripts, styles, fonts and frames are still fetched, so that the pages do
    /// what they do for a citizen; what they then tell by requests of their own is answered by the proxy and not sent.
    #[arg(long, value_name = "WHAT", default_value = "forward", hide_short_help = true)]
    pub(crate) third_party: ThirdParty,
    /// A request that may be sent although it could change something, as in "POST /login/*". Repeatable
    ///
    /// Outside of test systems only GET, HEAD and OPTIONS reach the site under test: everything else is judged, answered
    /// by the proxy and told as held back. The registry says the same with `allow_write`.
    #[arg(long, value_name = "METHOD PATH", value_parser = request, hide_short_help = true)]
    pub(crate) allow_write: Vec<String>,
}

/// What becomes of requests to third parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThirdParty {
    /// They are sent.
    Forward,
    /// They are answered here.
    Sink,
}

fn request(text: &str) -> Result<String, String> {
    if model::registry::names_request(text) {
        Ok(text.to_owned())
    } else {
        Err("write the method and the path, as in \"POST /login/*\"".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_method_and_a_path() {
        assert!(request("POST /login/*").is_ok());
        for text in ["/login", "POST", "post /login", "POST login", ""] {
            assert!(request(text).is_err(), "{text}");
        }
    }
}
