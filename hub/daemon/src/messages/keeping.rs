//! What of the messages is to be on the disk, until it is: one whose end is not written down would be sent again after a
//! restart.

use std::collections::BTreeMap;
use std::time::Duration;

use hub_core::CoreHandle;
use hub_model::NotificationId;
use hub_model::record::{Change, KeepError, Record, RecordKey};
use tokio::sync::mpsc;

/// How many changes may wait to be looked at.
const WAITING: usize = 1_024;
/// Messages of which something is not on the disk yet, at most; of more, nothing is kept.
const MOST_OPEN: usize = 1_024;
/// The first pause after a change could not be kept; each one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Keeps changes in their order, the newest of each message, for as long as it takes.
pub(super) fn start(core: CoreHandle) -> mpsc::Sender<Vec<Change>> {
    let (sender, changes) = mpsc::channel(WAITING);
    tokio::spawn(run(changes, async move |changes| core.keep(changes).await));
    sender
}

async fn run(mut changes: mpsc::Receiver<Vec<Change>>, keep: impl AsyncFn(Vec<Change>) -> Result<(), KeepError>) {
    let mut open: BTreeMap<NotificationId, Change> = BTreeMap::new();
    while let Some(more) = changes.recv().await {
        add(&mut open, more);
        let mut pause = FIRST_PAUSE;
        while !open.is_empty() {
            while let Ok(more) = changes.try_recv() {
                add(&mut open, more);
            }
            match keep(open.values().cloned().collect()).await {
                Ok(()) => open.clear(),
                // Nobody is there any more: the hub is stopping.
                Err(_) if changes.is_closed() => return,
                Err(error) => {
                    if pause == FIRST_PAUSE {
                        tracing::warn!(%error, "How messages stand cannot be kept now; it is tried again.");
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

fn add(open: &mut BTreeMap<NotificationId, Change>, changes: Vec<Change>) {
    for change in changes {
        let id = match &change {
            Change::Put(Record::PendingMessage(message)) => message.id.clone(),
            Change::Remove(RecordKey::PendingMessage(id)) => id.clone(),
            _ => continue,
        };
        if open.len() < MOST_OPEN || open.contains_key(&id) {
            open.insert(id, change);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_kept_now_is_kept_later() {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (sender, changes) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(changes, {
            let (kept, tries) = (Arc::clone(&kept), Mutex::new(0));
            async move |changes| {
                let mut tries = tries.lock().unwrap();
                *tries += 1;
                match *tries {
                    1 => Err(KeepError::Full),
                    2..10 => Err(KeepError::Busy),
                    _ => {
                        kept.lock().unwrap().extend(changes);
                        Ok(())
                    }
                }
            }
        }));
        let removed = |number: usize| Change::Remove(RecordKey::PendingMessage(number.to_string().into()));
        for number in [1, 2, 1] {
            sender.send(vec![removed(number)]).await.unwrap();
        }
        drop(sender.clone());
        while kept.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(*kept.lock().unwrap(), [removed(1), removed(2)]);
        drop(sender);
        task.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_with_the_hub_and_is_bounded() {
        let (sender, changes) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(changes, async |changes: Vec<Change>| {
            assert!(changes.len() <= MOST_OPEN);
            Err(KeepError::Busy)
        }));
        for number in 0..3_000_usize {
            sender.send(vec![Change::Remove(RecordKey::PendingMessage(number.to_string().into()))]).await.unwrap();
        }
        drop(sender);
        task.await.unwrap();
    }
}
