//! `--block third-party-cpr`: requests that carry a number to somebody else than the system itself are stopped.
//!
//! It judges with detectors of its own: the run's detector learns from what it sees in order, and sees what was stopped
//! like everything else.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use detect::{Inspector, Parties, Setup};
use model::{Channel, Evidence, Exchange, Host, Redacted, RequestRecord, Sighting, Standing, SystemId};
use proxy::{FirstLook, Guard, Refusal, Verdict};

/// What a detector learns is of no use here and grows: after so many requests a new one takes its place.
const LIFETIME: u32 = 2_000;

/// How an exchange names its source; nobody sees it.
const SOURCE: &str = "guard";

/// Stops numbers on their way to third parties.
pub(crate) struct ThirdPartyCpr {
    /// The detector that all others are made after.
    model: Mutex<Inspector>,
    parties: Parties,
    system: Option<SystemId>,
    exempt: Vec<Host>,
    /// Detectors that nobody uses right now, and how many requests each has judged.
    idle: Mutex<Vec<(Inspector, u32)>>,
}

impl ThirdPartyCpr {
    /// One that judges as the run does. `system` is the one that every request belongs to, if so; requests to the hosts
    /// in `exempt`, the self-test's, are none of its business.
    pub(crate) fn new(setup: Setup, system: Option<SystemId>, exempt: Vec<Host>) -> Self {
        let parties = setup.parties.clone();
        Self { model: Mutex::new(Inspector::new(setup)), parties, system, exempt, idle: Mutex::default() }
    }

    /// What must not leave, the surest first.
    fn worst(sightings: Vec<Sighting>) -> Option<Sighting> {
        let leaves = |sighting: &Sighting| {
            sighting.evidence < Evidence::E4
                && sighting.standing != Standing::Own
                && sighting.channel != Channel::UrlFragment
        };
        sightings.into_iter().filter(leaves).min_by_key(|sighting| sighting.evidence)
    }
}

impl Guard for ThirdPartyCpr {
    fn first_look(&self, request: &RequestRecord) -> FirstLook {
        let target = &request.target;
        let concerns = !self.exempt.contains(&target.host) && self.parties.may_be_third(target, self.system.as_ref());
        if concerns { FirstLook::Judge } else { FirstLook::Pass }
    }

    fn judge(&self, exchange: &Exchange) -> Verdict {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (mut inspector, judged) = idle.unwrap_or_else(|| {
            let model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
            (model.another(), 0)
        });
        let inspection = inspector.inspect(SOURCE, exchange, self.system.as_ref());
        if judged < LIFETIME {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((inspector, judged + 1));
        }
        match Self::worst(inspection.sightings) {
            Some(sighting) => Verdict::Stop(Refusal {
                rule: sighting.rule,
                recipient: sighting.recipient,
                // Made of redacted names.
                parameter: Redacted::own_words(sighting.trail.parameter()),
            }),
            None => Verdict::Pass,
        }
    }
}

impl fmt::Debug for ThirdPartyCpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThirdPartyCpr").field("system", &self.system).finish_non_exhaustive()
    }
}
