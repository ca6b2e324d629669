//! A connection that becomes something else in the middle (RFC 9110 §7.8): a WebSocket, which is read as it passes, or
//! anything else, which is not.

use std::sync::Arc;

use http::{Request, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use model::BlindSpotKind;

use crate::headers::upgrade;
use crate::line::Protocol;
use crate::recording::{AnswerEnd, Recording};
use crate::session::Session;
use crate::splice::{Counts, splice};
use crate::websocket::converse;

/// A request that is going to be an upgrade, if the site agrees.
pub(crate) struct Upgrade {
    to: To,
    client: OnUpgrade,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Websocket,
    /// Not known here.
    Other,
}

impl Upgrade {
    /// What `request` asks for, if anything. HTTP/2 has no such thing: WebSockets over it (RFC 8441) are not offered, so
    /// that browsers open them over HTTP/1.1.
    pub(crate) fn wanted(session: &Session, request: &mut Request<Incoming>) -> Option<Self> {
        let protocol = upgrade(request.headers());
        // Taken out in any case: it would keep the client's connection alive from inside the request.
        let client = hyper::upgrade::on(&mut *request);
        if session.protocol == Protocol::H2 || request.version() != Version::HTTP_11 {
            return None;
        }
        let to = match protocol?.as_str() {
            "websocket" => To::Websocket,
            _ => To::Other,
        };
        Some(Self { to, client })
    }

    /// Whether it is to a WebSocket.
    pub(crate) fn is_websocket(&self) -> bool {
        self.to == To::Websocket
    }

    /// The site has agreed: lets everything pass, until one of both ends it.
    pub(crate) fn carry_out(self, session: &Session, recording: &Arc<Recording>, site: OnUpgrade) {
        let permit = Arc::clone(&session.client.permit);
        let tasks = session.client.tasks.clone();
        let passing = self.passing(Arc::clone(recording), site);
        session.client.tasks.start(async move {
            let _permit = permit;
            // It has no end of its own: there is nothing to wait for when the proxy stops.
            tokio::select! {
                () = passing => {}
                () = tasks.draining() => {}
            }
        });
    }

    /// Everything that passes; what is said of it is said by the time this is dropped.
    fn passing(self, recording: Arc<Recording>, site: OnUpgrade) -> impl Future<Output = ()> + Send + use<> {
        let conversation = if self.is_websocket() { recording.became_websocket() } else { None };
        let counts = Arc::new(Counts::default());
        if !self.is_websocket() {
            recording.spliced(BlindSpotKind::NotHttp, &counts);
        }
        let ending = Ending(recording);
        async move {
            let _ending = ending;
            let (Ok(client), Ok(site)) = tokio::join!(self.client, site) else { return };
            let (client, site) = (TokioIo::new(client), TokioIo::new(site));
            match conversation {
                Some(conversation) => converse(client, site, conversation).await,
                None => splice(client, site, counts).await,
            }
        }
    }
}

/// Ends the recording when dropped.
struct Ending(Arc<Recording>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.answer_ended(AnswerEnd::Whole);
    }
}
