//! A scan of nothing, for the words of single findings: they depend on what kind of run it is and on what is declared.

use std::sync::Arc;

use jiff::Timestamp;
use model::{DigestDepth, Registry, Scan, ScanKind};

use crate::live::Owner;
use crate::record::{Assignment, Recorder, Subject};

/// That of a session of `owner` which began at `started`, made by a recorder that has seen nothing.
pub(super) fn frame(owner: &Owner, started: Timestamp, recorder: Recorder) -> Scan {
    let registry = owner.registry();
    let systems = registry.map(|registry| registry.systems.as_slice()).unwrap_or_default();
    let assignment = Assignment {
        kind: ScanKind::Proxy,
        targets: Vec::new(),
        started,
        ended: started,
        controller: registry.and_then(Registry::controller_name),
        vendors: registry.map(crate::scan::vendors).unwrap_or_default(),
        subjects: systems.iter().map(Subject::System).collect(),
        test_persons: &[],
        canaries: &[],
        self_test: None,
        digests: (DigestDepth::Off, Arc::default()),
        command: None,
        conditions: Vec::new(),
        registry,
        baseline: None,
    };
    recorder.finish(assignment).scan
}
