//! The ways to people, what they want to be told, and what the hub tells them.

use hub_model::household::{Account, Role, Secret};
use hub_model::message::{Channel, ChannelKind, MessagePreferences, WebhookShape};
use hub_model::notification::AlertNote;
use hub_model::record::RecordKey;

use super::*;
use crate::messages::Telling;

fn home() -> Bench {
    let account = |id: &str, role| Account::new(id.into(), id, role, Timestamp(0));
    let accounts = vec![account("anna", Role::Owner), account("ben", Role::Child)];
    Bench::new(&Kept { accounts, ..Kept::default() })
}

fn channel(account: &str, id: &str) -> Channel {
    Channel {
        id: id.into(),
        account: account.into(),
        name: "Hook".into(),
        kind: ChannelKind::Webhook { url: Secret::new("https://hook.example"), shape: WebhookShape::Json },
        least: Severity::Info,
        created_at: Timestamp(0),
    }
}

fn made(bench: &mut Bench, edit: Edit) -> Result<Edited, String> {
    let mut answer = bench.edit(edit);
    while !bench.out.commits.is_empty() {
        bench.kept(Ok(()));
    }
    answer.try_recv().unwrap().map_err(|error| error.to_string())
}

fn asked(bench: &mut Bench, request: Request) -> Vec<Change> {
    bench.core.step(&bench.now, Input::Request(request), &mut bench.out);
    let changes = bench.out.commits.iter().flat_map(|(_, changes)| changes.clone()).collect();
    bench.kept(Ok(()));
    changes
}

#[test]
fn channels_are_those_of_one_person() {
    let mut bench = home();
    let remove = |account: &str| Edit::RemoveChannel { account: account.into(), id: "1".into() };
    made(&mut bench, Edit::Channel(channel("anna", "1"))).unwrap();
    assert_eq!(made(&mut bench, Edit::Channel(channel("ben", "1"))).unwrap_err(), "there is no channel 1");
    assert_eq!(made(&mut bench, remove("ben")).unwrap_err(), "there is no channel 1");
    assert_eq!(made(&mut bench, Edit::Channel(channel("nobody", "2"))).unwrap_err(), "there is no person nobody");
    for number in 2..=16 {
        made(&mut bench, Edit::Channel(channel("anna", &number.to_string()))).unwrap();
    }
    let many = made(&mut bench, Edit::Channel(channel("anna", "17"))).unwrap_err();
    assert_eq!(many, "you have 16 channels already; remove one first");
    made(&mut bench, remove("anna")).unwrap();
    assert_eq!(bench.core.snapshot().channels.len(), 15);
}

#[test]
fn who_leaves_takes_their_channels_along() {
    let mut bench = home();
    made(&mut bench, Edit::Channel(channel("ben", "1"))).unwrap();
    made(&mut bench, Edit::MessagePreferences(MessagePreferences::of("ben".into()))).unwrap();
    let (reply, _answer) = oneshot::channel();
    let changes = vec![Change::Remove(RecordKey::Account("ben".into()))];
    // In one commit with the account: no power cut leaves a secret of theirs.
    let removed = asked(&mut bench, Request::Keep { changes, reply });
    assert!(removed.contains(&Change::Remove(RecordKey::Channel("1".into()))), "{removed:?}");
    assert!(removed.contains(&Change::Remove(RecordKey::MessagePreferences("ben".into()))));
    let snapshot = bench.core.snapshot();
    assert_eq!((snapshot.channels.len(), snapshot.message_preferences.len()), (0, 0));
}

#[test]
fn the_hub_tells_people_and_others_hear_of_it_too() {
    let mut bench = home();
    let alert = AlertNote { code: "smoke:a".into(), over: false };
    let to = vec!["anna".into(), "nobody".into()];
    let telling = Telling { title: "Smoke".into(), message: "Fire".into(), severity: Severity::Error, alert, to };
    let kept = asked(&mut bench, Request::Tell { telling });
    assert!(matches!(&kept[..], [Change::Put(Record::Notification(told))] if told.rule.is_none()), "{kept:?}");
    let told = bench.core.snapshot().notifications[0].clone();
    let is_said =
        |event: &Arc<hub_model::Event>| matches!(&event.kind, EventKind::Notification(said) if said.id == told.id);
    assert!(bench.out.events.iter().any(is_said));
    assert_eq!(told.to.len(), 1);
    for _ in 0..2 {
        asked(&mut bench, Request::TellToo { id: told.id.clone(), account: "ben".into() });
    }
    let both = bench.core.snapshot().notifications[0].clone();
    assert_eq!(both.to.len(), 2);
    let read = Edit::ReadNotification { id: told.id.clone(), account: "ben".into(), acknowledges: true };
    let Ok(Edited::Notification(seen)) = made(&mut bench, read) else { panic!("it is read") };
    assert!(seen.is_acknowledged());
    assert_eq!(seen.recipient(&"anna".into()).unwrap().read_at, None);
}
