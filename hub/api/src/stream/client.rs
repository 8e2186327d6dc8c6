//! One listener.

use std::collections::BTreeSet;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hub_model::{AccountId, DeviceId, Event};
use hyper::upgrade::OnUpgrade;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::Data;
use tokio_util::sync::CancellationToken;

use crate::api::App;
use crate::auth::Grant;
use crate::guard::Identity;
use crate::seen::hears;
use crate::stream::distributor::{Heard, Interest, Mailbox};
use crate::stream::message::{ClientMessage, Cursor, ServerMessage};
use crate::stream::picture;
use crate::stream::socket::{Gone, Socket};
use crate::wire::event::{device_of, is_for, is_for_some};

/// How long a client may take to say who it is.
const AUTH_WITHIN: Duration = Duration::from_secs(10);
/// How often a quiet client is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// A client that says nothing for so long, not even to a ping, is gone.
const SILENT_MAX: Duration = Duration::from_secs(75);
/// How long a filtered client waits at most to hear how far the events are, if few listen.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);
/// How many are few. With more it takes longer in proportion, so that all together hear of it equally often.
const FEW: usize = 100;
/// The most subscriptions of one client.
const SUBSCRIPTIONS_MAX: usize = 16;
/// The most devices that all subscriptions of one client name together, and the most bytes of their ids: somebody who
/// lists a whole home over and over would take the memory and the time of all others.
const DEVICES_MAX: usize = 500;
const DEVICE_IDS_MAX: usize = 32 * 1024;
/// How many events are put together before they are sent off.
const BATCH: usize = 128;

/// Why the conversation ends.
enum End {
    /// The other end is gone.
    Gone,
    /// With a word: close code, stable word, sentence, hint.
    Said(u16, &'static str, &'static str, &'static str),
}

const SHUTTING_DOWN: End = End::Said(1001, "going_away", "The hub is stopping.", "Connect again in a few seconds.");
const NOT_WELCOME: End = End::Said(
    1008,
    "unauthorized",
    "The token is not valid (any more).",
    "Log in, connect, and send {\"type\":\"auth\",\"token\":…}.",
);
const SAID_NOTHING: End =
    End::Said(1008, "unauthorized", "Nobody said who you are.", "Send {\"type\":\"auth\",\"token\":…} within 10 s.");

type Step = Result<(), End>;

/// What happens to a listener.
enum Input {
    Received(Result<Message, Gone>),
    Heard(Heard),
    /// Time has passed.
    Alarm,
}

struct Subscription {
    id: u64,
    /// Only these; none = all.
    devices: Option<BTreeSet<DeviceId>>,
    /// Whether its pictures are compressed.
    gzip: bool,
    /// The last event that is taken care of: sent, or not for this subscription.
    seq: u64,
    /// How far the client knows that it is.
    told: u64,
}

impl Subscription {
    /// Whether events up to `seq` were left out and the client does not know yet.
    fn owes_progress(&self) -> bool {
        self.told < self.seq
    }
}

struct Client {
    app: App,
    socket: Socket,
    identity: Identity,
    subscriptions: Vec<Subscription>,
    /// From the first subscription on.
    mailbox: Option<Mailbox>,
    last_heard: Instant,
    opened: Instant,
    next_ping: Instant,
    next_progress: Instant,
    /// When the token ends, as far as is known now.
    token_ends: Option<Instant>,
    /// Somebody said who they are since it was last looked.
    is_somebody_else: bool,
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Talks to a listener until one of both ends has enough.
pub(crate) async fn open(app: App, upgrade: OnUpgrade, identity: Identity) {
    let Ok(upgraded) = upgrade.await else { return };
    app.streams.fetch_add(1, Ordering::Relaxed);
    let now = Instant::now();
    let mut client = Client {
        app,
        socket: Socket::new(upgraded).await,
        identity,
        subscriptions: Vec::new(),
        mailbox: None,
        last_heard: now,
        opened: now,
        next_ping: now + PING_EVERY,
        next_progress: now + PROGRESS_EVERY,
        token_ends: None,
        is_somebody_else: true,
    };
    let end = client.run().await;
    client.close(end).await;
    client.app.streams.fetch_sub(1, Ordering::Relaxed);
}

impl Client {
    async fn run(&mut self) -> End {
        // What all listeners share (the tokens, the timer) is registered with once, not anew at each event: there they
        // would wait for one another.
        let mut closing = pin!(self.app.closing.clone().cancelled_owned());
        let mut ended = pin!(CancellationToken::new().cancelled_owned());
        let mut alarm = pin!(tokio::time::sleep_until(self.opened + AUTH_WITHIN));
        loop {
            if std::mem::take(&mut self.is_somebody_else) {
                self.look_at_token();
                let ends = self.grant().map_or_else(CancellationToken::new, |grant| grant.ended.clone());
                ended.set(ends.cancelled_owned());
            }
            let deadline = self.deadline();
            if alarm.is_elapsed() || deadline < alarm.deadline() {
                alarm.as_mut().reset(deadline);
            }
            let input = tokio::select! {
                biased;
                () = &mut closing => return SHUTTING_DOWN,
                () = &mut ended => {
                    // The account may only have changed: then the same token goes on.
                    let renewed = self.grant().and_then(|grant| self.app.sessions.renewed(grant, self.app.now()));
                    let Some(grant) = renewed else { return NOT_WELCOME };
                    self.identity = Identity::Token(grant);
                    self.is_somebody_else = true;
                    continue;
                }
                input = self.input(alarm.as_mut()) => input,
            };
            let (app, mut grant) = (self.app.clone(), self.grant().cloned());
            let mut is_renewed = false;
            let step = {
                // Only an end may break off what was begun: an event that was taken is not given again.
                let mut step = pin!(self.step(input));
                loop {
                    tokio::select! {
                        biased;
                        () = &mut closing => return SHUTTING_DOWN,
                        () = &mut ended => {
                            grant = grant.and_then(|grant| app.sessions.renewed(&grant, app.now()));
                            let Some(grant) = &grant else { return NOT_WELCOME };
                            ended.set(grant.ended.clone().cancelled_owned());
                            is_renewed = true;
                        }
                        step = &mut step => break step,
                    }
                }
            };
            if let Err(end) = step {
                return end;
            }
            // Unless the message that came says that it is somebody else.
            if let (true, false, Some(grant)) = (is_renewed, self.is_somebody_else, grant) {
                self.identity = Identity::Token(grant);
                self.is_somebody_else = true;
            }
        }
    }

    fn grant(&self) -> Option<&Arc<Grant>> {
        if let Identity::Token(grant) = &self.identity { Some(grant) } else { None }
    }

    /// The next thing that happens. May be dropped while it waits: nothing is lost.
    async fn input(&mut self, alarm: Pin<&mut Sleep>) -> Input {
        tokio::select! {
            received = self.socket.receive() => Input::Received(received),
            heard = next_event(&mut self.mailbox) => Input::Heard(heard),
            () = alarm => Input::Alarm,
        }
    }

    async fn step(&mut self, input: Input) -> Step {
        match input {
            Input::Received(received) => self.hear(received?).await,
            Input::Heard(heard) => self.events_came(heard).await,
            Input::Alarm => self.time_passed().await,
        }
    }

    fn deadline(&self) -> Instant {
        let mut deadline = self.next_ping;
        if matches!(self.identity, Identity::Nobody) {
            deadline = deadline.min(self.opened + AUTH_WITHIN);
        }
        if self.subscriptions.iter().any(|subscription| subscription.devices.is_some() || subscription.owes_progress())
        {
            deadline = deadline.min(self.next_progress);
        }
        self.token_ends.map_or(deadline, |ends| deadline.min(ends))
    }

    /// The wall clock may jump, so a far end is looked at again from time to time: at each ping.
    fn look_at_token(&mut self) {
        let until = self.grant().and_then(|grant| grant.ends_at());
        self.token_ends = until.map(|until| Instant::now() + until.since(self.app.now()));
    }

    async fn time_passed(&mut self) -> Step {
        let now = Instant::now();
        if matches!(self.identity, Identity::Nobody) && now >= self.opened + AUTH_WITHIN {
            return Err(SAID_NOTHING);
        }
        if self.grant().is_some_and(|grant| grant.ends_at().is_some_and(|until| until <= self.app.now())) {
            return Err(NOT_WELCOME);
        }
        self.look_at_token();
        if now >= self.last_heard + SILENT_MAX {
            return Err(End::Gone);
        }
        if now >= self.next_ping {
            self.next_ping = now + PING_EVERY;
            if let Identity::Token(grant) = &self.identity {
                self.app.sessions.note_use(&self.app.core, grant, self.app.now());
            }
            self.feed(Message::Ping(bytes::Bytes::new())).await?;
        }
        if now >= self.next_progress {
            self.next_progress = now + self.progress_period();
            self.look_how_far();
            for index in 0..self.subscriptions.len() {
                self.pay_progress(index).await?;
            }
        }
        self.flush().await
    }

    async fn hear(&mut self, message: Message) -> Step {
        self.last_heard = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(End::Gone),
            // A frame alone is never read.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
            Message::Binary(_) => {
                return self.complain(None, "not_text", "The message is not text.", "Send JSON as text.").await;
            }
        };
        let message: ClientMessage = match serde_json::from_str(&text) {
            Ok(message) => message,
            Err(error) => {
                let detail = format!("The message was not understood: {error}.");
                let hint = "Send {\"type\":\"auth\"|\"subscribe\"|\"unsubscribe\"|\"ping\", …}.";
                return self.complain(None, "bad_message", &detail, hint).await;
            }
        };
        match message {
            ClientMessage::Auth { token } => match self.app.sessions.find(token.reveal(), self.app.now()) {
                Some(grant) => {
                    self.identity = Identity::Token(grant);
                    self.is_somebody_else = true;
                    Ok(())
                }
                None => Err(NOT_WELCOME),
            },
            ClientMessage::Ping { id } => self.say(&ServerMessage::Pong { id }).await,
            _ if matches!(self.identity, Identity::Nobody) => Err(SAID_NOTHING),
            ClientMessage::Subscribe { id, since, devices, gzip } => {
                let devices = devices.map(|devices| devices.into_iter().map(DeviceId::new).collect());
                Box::pin(self.subscribe(id, since, devices, gzip)).await
            }
            ClientMessage::Unsubscribe { id } => {
                self.subscriptions.retain(|subscription| subscription.id != id);
                self.listen(None);
                Ok(())
            }
        }
    }

    /// Which events are wanted, with those of a subscription that is to come.
    fn interest<'a>(&'a self, also: Option<&'a Option<BTreeSet<DeviceId>>>) -> Option<Interest> {
        let wanted = || self.subscriptions.iter().map(|subscription| &subscription.devices).chain(also);
        wanted().next()?;
        let devices: Option<Vec<&BTreeSet<DeviceId>>> = wanted().map(Option::as_ref).collect();
        Some(match devices {
            Some(devices) => Interest::Devices(devices.into_iter().flatten().cloned().collect()),
            None => Interest::Everything,
        })
    }

    /// Listens to what is wanted, and to nothing else.
    fn listen(&mut self, also: Option<&Option<BTreeSet<DeviceId>>>) {
        match (self.interest(also), &self.mailbox) {
            (Some(interest), Some(mailbox)) => mailbox.want(&interest),
            (Some(interest), None) => {
                self.mailbox = Some(self.app.distributor.listen(&self.app.core, interest));
            }
            (None, _) => self.mailbox = None,
        }
    }

    /// Whether these devices are too many, together with those of the other subscriptions.
    fn are_too_many(&self, id: u64, devices: &BTreeSet<DeviceId>) -> bool {
        let others = self.subscriptions.iter().filter(|subscription| subscription.id != id);
        let all = || others.clone().filter_map(|other| other.devices.as_ref()).chain([devices]).flatten();
        all().count() > DEVICES_MAX || all().map(|device| device.as_str().len()).sum::<usize>() > DEVICE_IDS_MAX
    }

    async fn subscribe(
        &mut self,
        id: u64,
        since: Option<Cursor>,
        devices: Option<BTreeSet<DeviceId>>,
        gzip: bool,
    ) -> Step {
        if devices.as_ref().is_some_and(|devices| self.are_too_many(id, devices)) {
            let hint = "Leave `devices` out to hear of all of them, or name fewer.";
            return self.complain(Some(id), "too_many_devices", "Too many devices are named.", hint).await;
        }
        self.subscriptions.retain(|subscription| subscription.id != id);
        if self.subscriptions.len() >= SUBSCRIPTIONS_MAX {
            let hint = "Send {\"type\":\"unsubscribe\",\"id\":…} for one that is no longer needed.";
            return self.complain(Some(id), "too_many_subscriptions", "There are too many subscriptions.", hint).await;
        }
        // First listen, then look: nothing falls between. What was seen is skipped by its number.
        self.listen(Some(&devices));
        let missed = since.map(|since| (since.seq, self.app.core.events_since(since.epoch, since.seq)));
        match missed {
            Some((seq, Some(events))) => {
                self.subscriptions.push(Subscription { id, devices, gzip, seq, told: seq });
                for event in events {
                    self.pass_on(self.subscriptions.len() - 1, &event).await?;
                }
            }
            missed => {
                if missed.is_some() {
                    self.feed_json(&ServerMessage::Resync { id, reason: "gone" }).await?;
                }
                let seq = self.send_picture(id, devices.as_ref(), gzip).await?;
                self.subscriptions.push(Subscription { id, devices, gzip, seq, told: seq });
            }
        }
        self.flush().await
    }

    async fn send_picture(&mut self, id: u64, devices: Option<&BTreeSet<DeviceId>>, gzip: bool) -> Result<u64, End> {
        if !gzip {
            let parts = picture::parts(&self.app, id, devices, &self.eyes());
            self.socket.send_large(Data::Text, parts.text().into()).await?;
            return Ok(parts.seq);
        }
        // Each that is being made takes some memory; who waits gets a newer one.
        let turn = self.app.compressing.acquire().await.map_err(|_| SHUTTING_DOWN)?;
        let parts = picture::parts(&self.app, id, devices, &self.eyes());
        let compressed = parts.gzip().await.map_err(|_| End::Gone)?;
        drop(turn);
        self.socket.send_large(Data::Binary, compressed.into()).await?;
        Ok(parts.seq)
    }

    async fn events_came(&mut self, first: Heard) -> Step {
        let mut next = Some(first);
        let mut passed_on = 0;
        while let Some(heard) = next {
            match heard {
                Heard::Event(event) => {
                    for index in 0..self.subscriptions.len() {
                        self.pass_on(index, &event).await?;
                    }
                }
                Heard::TooSlow => Box::pin(self.start_over()).await?,
            }
            passed_on += 1;
            next = self.mailbox.as_mut().filter(|_| passed_on < BATCH).and_then(Mailbox::next_at_once);
        }
        self.flush().await
    }

    /// The client was too slow: what it missed is gone. It gets a new picture.
    async fn start_over(&mut self) -> Step {
        self.mailbox = None;
        self.listen(None);
        for index in 0..self.subscriptions.len() {
            let Some(subscription) = self.subscriptions.get(index) else { break };
            let (id, devices, gzip) = (subscription.id, subscription.devices.clone(), subscription.gzip);
            self.feed_json(&ServerMessage::Resync { id, reason: "too_slow" }).await?;
            // Who still reads nothing gets no picture, which would be old before it is read and costs others time.
            self.flush().await?;
            let seq = self.send_picture(id, devices.as_ref(), gzip).await?;
            if let Some(subscription) = self.subscriptions.get_mut(index) {
                (subscription.seq, subscription.told) = (seq, seq);
            }
        }
        Ok(())
    }

    /// Gives an event to a subscription, unless it has it already or did not want it.
    async fn pass_on(&mut self, index: usize, event: &Arc<Event>) -> Step {
        let is_for_them = self.hears(event);
        let Some(subscription) = self.subscriptions.get_mut(index) else { return Ok(()) };
        if event.seq <= subscription.seq {
            return Ok(());
        }
        let wanted = subscription
            .devices
            .as_ref()
            .is_none_or(|devices| device_of(event).is_some_and(|device| devices.contains(device)));
        if !wanted || !is_for_them {
            subscription.seq = event.seq;
            return Ok(());
        }
        let id = subscription.id;
        // What did not come by here was not wanted.
        subscription.seq = event.seq - 1;
        self.pay_progress(index).await?;
        if let Some(subscription) = self.subscriptions.get_mut(index) {
            (subscription.seq, subscription.told) = (event.seq, event.seq);
        }
        let text = self.app.frames.message(event, id);
        self.feed(Message::Text(text)).await
    }

    /// Who listens. The local socket is the owner.
    fn eyes(&self) -> AccountId {
        let account = match &self.identity {
            Identity::Token(grant) => Some(grant.account.id.clone()),
            Identity::Local => self.app.accounts.owner().map(|owner| owner.id.clone()),
            Identity::Nobody => None,
        };
        account.unwrap_or_else(|| AccountId::new("local"))
    }

    /// Whether an event is for the person who listens.
    fn hears(&self, event: &Event) -> bool {
        let eyes = self.eyes();
        let snapshot = self.app.core.snapshot();
        let sees_all = snapshot.permissions.sees_everything(&eyes) && !is_for_some(event);
        if !sees_all && !hears(&snapshot, event, &eyes, &self.app.clock.now()) {
            return false;
        }
        !is_for_some(event) || is_for(event, Some(&eyes))
    }

    /// With an empty mailbox everything is taken care of that was given out before.
    fn look_how_far(&mut self) {
        let newest = self.app.distributor.newest();
        if self.mailbox.as_ref().is_some_and(Mailbox::is_empty) {
            for subscription in &mut self.subscriptions {
                subscription.seq = subscription.seq.max(newest);
            }
        }
    }

    fn progress_period(&self) -> Duration {
        let listeners = self.app.streams.load(Ordering::Relaxed).max(FEW);
        PROGRESS_EVERY * u32::try_from(listeners / FEW).unwrap_or(u32::MAX)
    }

    /// Says up to where events were left out, if the client does not know yet.
    async fn pay_progress(&mut self, index: usize) -> Step {
        let Some(subscription) = self.subscriptions.get_mut(index).filter(|subscription| subscription.owes_progress())
        else {
            return Ok(());
        };
        subscription.told = subscription.seq;
        let progress = ServerMessage::Progress { id: subscription.id, seq: subscription.seq };
        self.feed_json(&progress).await
    }

    async fn complain(&mut self, id: Option<u64>, code: &str, detail: &str, hint: &str) -> Step {
        self.say(&ServerMessage::Error { id, code, detail, hint }).await
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Step {
        self.feed_json(message).await?;
        self.flush().await
    }

    async fn feed_json(&mut self, message: &ServerMessage<'_>) -> Step {
        let text = serde_json::to_string(message).unwrap_or_default();
        self.feed(Message::Text(text.into())).await
    }

    async fn feed(&mut self, message: Message) -> Step {
        Ok(self.socket.feed(message).await?)
    }

    async fn flush(&mut self) -> Step {
        Ok(self.socket.flush().await?)
    }

    async fn close(&mut self, end: End) {
        let End::Said(close_code, code, detail, hint) = end else { return };
        let goodbye = async {
            if close_code == 1008 {
                self.complain(None, code, detail, hint).await?;
            }
            self.feed(Message::Close(Some(CloseFrame { code: close_code.into(), reason: code.into() }))).await?;
            self.flush().await
        };
        // A client that does not listen gets no goodbye.
        let _ = tokio::time::timeout(Duration::from_secs(1), goodbye).await;
    }
}

async fn next_event(mailbox: &mut Option<Mailbox>) -> Heard {
    match mailbox {
        Some(mailbox) => mailbox.next().await,
        None => std::future::pending().await,
    }
}
