//! How far the proxy is on its way down, and the tasks that go with it.

use std::future::Future;

use tokio::sync::watch;

use crate::unless::unless;

/// How far down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// All is open.
    Running,
    /// No new connection; what runs may finish.
    Draining,
    /// Everything ends now.
    Cut,
}

/// Turns the phase on; one per proxy.
pub(crate) struct Switch(watch::Sender<Phase>);

/// Starts tasks that end with the proxy; cheap to clone. As long as one exists, the proxy is not down.
#[derive(Clone)]
pub(crate) struct Tasks(watch::Receiver<Phase>);

impl Switch {
    /// Running.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Phase::Running))
    }

    /// Goes to `phase`, never back.
    pub(crate) fn turn(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let further = *now != Phase::Cut && *now != phase;
            if further {
                *now = phase;
            }
            further
        });
    }

    /// Whether everything is being cut.
    pub(crate) fn is_cut(&self) -> bool {
        *self.0.borrow() == Phase::Cut
    }

    /// Waits until every task has ended.
    pub(crate) async fn all_ended(&self) {
        self.0.closed().await;
    }

    /// A way to start tasks.
    pub(crate) fn tasks(&self) -> Tasks {
        Tasks(self.0.subscribe())
    }
}

impl Tasks {
    /// Runs `task` until it ends or everything is cut.
    pub(crate) fn start<F>(&self, task: F)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let own = self.clone();
        tokio::spawn(unless(task, async move { own.cut().await }));
    }

    /// Returns when no new work is to begin.
    pub(crate) async fn draining(&self) {
        // An error means that the switch is gone, and the proxy with it.
        let _ = self.0.clone().wait_for(|phase| *phase != Phase::Running).await;
    }

    async fn cut(&self) {
        let _ = self.0.clone().wait_for(|phase| *phase == Phase::Cut).await;
    }
}

impl<F: Future<Output: Send> + Send + 'static> hyper::rt::Executor<F> for Tasks {
    fn execute(&self, task: F) {
        self.start(task);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cut_ends_every_task() {
        let switch = Switch::new();
        let tasks = switch.tasks();
        tasks.start(std::future::pending::<()>());
        drop(tasks);
        switch.turn(Phase::Draining);
        switch.turn(Phase::Cut);
        switch.all_ended().await;
        assert!(switch.is_cut());
    }

    #[tokio::test]
    async fn there_is_no_way_back_up() {
        let switch = Switch::new();
        switch.turn(Phase::Cut);
        switch.turn(Phase::Running);
        assert!(switch.is_cut());
    }

    #[tokio::test]
    async fn a_task_that_ends_is_forgotten() {
        let switch = Switch::new();
        switch.tasks().start(async {});
        switch.all_ended().await;
    }
}
