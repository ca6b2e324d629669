//! Tasks with an eye on something that hardly ever happens.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use atomic_waker::AtomicWaker;
use pin_project_lite::pin_project;

/// `task` until it ends; `None` when `event` happened before.
pub(crate) fn unless<T: Future, E: Future<Output = ()>>(task: T, event: E) -> Unless<T, E> {
    Unless { task, event: Rare::new(event) }
}

/// `task` to its end; when `event` happens on the way, `tell` tells it, once.
pub(crate) fn told_when<T: Future, E: Future<Output = ()>, F: FnOnce(Pin<&mut T>)>(
    task: T,
    event: E,
    tell: F,
) -> ToldWhen<T, E, F> {
    ToldWhen { task, event: Rare::new(event), tell: Some(tell) }
}

pin_project! {
    /// What [`unless`] returns. No `async fn`: that would keep the task twice, as what it was given and as what it runs.
    pub(crate) struct Unless<T, E> {
        #[pin]
        task: T,
        #[pin]
        event: Rare<E>,
    }
}

pin_project! {
    /// What [`told_when`] returns.
    pub(crate) struct ToldWhen<T, E, F> {
        #[pin]
        task: T,
        #[pin]
        event: Rare<E>,
        tell: Option<F>,
    }
}

pin_project! {
    /// An event that is asked only when it has called: a task that is woken for every packet would otherwise take the lock
    /// behind a signal that all connections share, each time.
    struct Rare<E> {
        #[pin]
        event: E,
        call: Arc<Call>,
    }
}

impl<T: Future, E: Future<Output = ()>> Future for Unless<T, E> {
    type Output = Option<T::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.task.poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => this.event.poll(context).map(|()| None),
        }
    }
}

impl<T: Future, E: Future<Output = ()>, F: FnOnce(Pin<&mut T>)> Future for ToldWhen<T, E, F> {
    type Output = T::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        let mut this = self.project();
        // Before the task, which goes on by what it is told.
        if this.tell.is_some()
            && this.event.poll(context).is_ready()
            && let Some(tell) = this.tell.take()
        {
            tell(this.task.as_mut());
        }
        this.task.poll(context)
    }
}

impl<E> Rare<E> {
    fn new(event: E) -> Self {
        Self { event, call: Arc::new(Call { has_come: AtomicBool::new(true), task: AtomicWaker::new() }) }
    }
}

impl<E: Future<Output = ()>> Future for Rare<E> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        // Before the look, so that no call is missed in between.
        this.call.task.register(context.waker());
        if !this.call.has_come.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(Arc::clone(this.call));
        this.event.poll(&mut Context::from_waker(&waker))
    }
}

/// Tells the task that the event wants to be asked.
struct Call {
    has_come: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.has_come.store(true, Ordering::Release);
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, poll_fn, ready};
    use std::time::Duration;

    use tokio::sync::watch;
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn what_ends_first_counts() {
        assert_eq!(unless(ready(1), pending()).await, Some(1));
        assert_eq!(unless(ready(1), ready(())).await, Some(1));
        assert_eq!(unless(pending::<()>(), ready(())).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_ends_a_task_that_sleeps() {
        let (sender, mut receiver) = watch::channel(0);
        let until = async move { while receiver.changed().await.is_ok_and(|()| *receiver.borrow() < 2) {} };
        let task = tokio::spawn(unless(pending::<()>(), until));
        for number in 1..3 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(!task.is_finished());
            sender.send(number).unwrap();
        }
        assert_eq!(task.await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_event_is_asked_only_when_it_calls() {
        let asked = Cell::new(0);
        let event = poll_fn(|_| {
            asked.set(asked.get() + 1);
            Poll::<()>::Pending
        });
        let busy = async {
            for _ in 0..10 {
                yield_now().await;
            }
        };
        assert_eq!((unless(busy, event).await, asked.get()), (Some(()), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_is_told_once_and_goes_on() {
        let told = Cell::new(0);
        let task = tokio::time::sleep(Duration::from_secs(2));
        let begun = tokio::time::Instant::now();
        told_when(task, tokio::time::sleep(Duration::from_secs(1)), |mut sleep: Pin<&mut tokio::time::Sleep>| {
            told.set(told.get() + 1);
            let later = sleep.deadline() + Duration::from_secs(1);
            sleep.as_mut().reset(later);
        })
        .await;
        assert_eq!((told.get(), begun.elapsed().as_secs()), (1, 3));
    }
}
