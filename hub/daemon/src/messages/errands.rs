//! What the messages want of the core, in order. The loop does not wait for the disk.

use hub_core::{CoreHandle, Edit, Telling};
use hub_model::event::Alert;
use hub_model::{AccountId, Cause, ChannelId, NotificationId};
use tokio::sync::mpsc;

/// How many may wait.
const ERRANDS: usize = 1_024;

/// Something that the core is to do.
#[derive(Debug)]
pub(super) enum Errand {
    Alert(Alert),
    Tell(Telling),
    TellToo(NotificationId, AccountId),
    RemoveChannel(ChannelId),
}

/// Takes errands until nobody has any more.
pub(super) fn start(core: CoreHandle) -> mpsc::Sender<Errand> {
    let (sender, mut errands) = mpsc::channel(ERRANDS);
    tokio::spawn(async move {
        while let Some(errand) = errands.recv().await {
            run(&core, errand).await;
        }
    });
    sender
}

async fn run(core: &CoreHandle, errand: Errand) {
    match errand {
        Errand::Alert(alert) => core.alert(alert).await,
        Errand::Tell(telling) => core.tell(telling).await,
        Errand::TellToo(id, account) => core.tell_too(id, account).await,
        Errand::RemoveChannel(id) => {
            let snapshot = core.snapshot();
            let Some(channel) = snapshot.channels.iter().find(|channel| channel.id == id) else { return };
            let edit = Edit::RemoveChannel { account: channel.account.clone(), id };
            if let Err(error) = core.edit(Cause::System, edit).await {
                tracing::info!(%error, "A channel that does not exist any more stays in the list.");
            }
        }
    }
}
