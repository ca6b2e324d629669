//! Sites and clients that break off, keep silent or mean harm: what is left afterwards, and what was said of it.
//!
//! Descriptors, tasks and memory are those of the whole process, so these tests run one at a time.

#[cfg(test)]
mod alone;
#[cfg(test)]
mod crowds;
#[cfg(test)]
mod floods;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod h2_answers;
#[cfg(test)]
mod h2_frames;
#[cfg(test)]
mod h2_requests;
#[cfg(test)]
#[path = "../proxy/kit.rs"]
#[expect(dead_code, reason = "shared with the other tests, which need all of it")]
mod kit;
#[cfg(test)]
mod lengths;
#[cfg(test)]
mod resets;
#[cfg(test)]
mod silence;
