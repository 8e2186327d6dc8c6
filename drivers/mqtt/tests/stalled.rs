//! A broker that takes nothing any more, though its socket stays open: it hangs, or its machine does.
//!
//! The driver takes no more commands then; the machine by itself, without the run loop, has a bound of its own.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use driver_api::driver::DriverCommand;
use driver_api::{CommandStage, DriverEvent, DriverRequest, Machine, ManageAction, ManageError};
use hub_model::command::{FailureReason, Setting};
use hub_model::event::DriverState;
use hub_model::pairing::{PairingAction, PairingStage};
use hub_model::{DeviceId, Monotonic, SessionId, Value};
use serde_json::json;
use tokio::time::timeout;

use crate::broker::{LIMIT, config, run};
use crate::mosquitto::packet;
use crate::script::{Script, lamp, list};

/// How large one command is.
const TEXT: usize = 10_000;
/// What may be on its way before the driver takes no more: its own queues, and those of the kernel on both ends.
const MOST_ON_THE_WAY: usize = 48 << 20;

/// A broker (MQTT 5) with one lamp, that reads nothing after the first subscription; it goes on talking.
fn start() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    port
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    read(&mut stream)?;
    stream.write_all(&[0x20, 3, 0, 0, 0])?;
    let subscribe = read(&mut stream)?;
    stream.write_all(&packet(0x90, &[subscribe[0], subscribe[1], 0, 0]))?;
    for (topic, payload) in [("state", "online"), ("devices", &list(&[noted_lamp()])), ("groups", "[]")] {
        stream.write_all(&publish(&format!("zigbee2mqtt/bridge/{topic}"), payload, true))?;
    }
    loop {
        stream.write_all(&publish("zigbee2mqtt/lamp", r#"{"brightness":254,"linkquality":9}"#, false))?;
    }
}

/// A lamp that one can write on.
fn noted_lamp() -> serde_json::Value {
    let mut lamp = lamp("0x01", "lamp");
    let note = json!({"type": "text", "name": "note", "property": "note", "access": 3});
    lamp["definition"]["exposes"].as_array_mut().unwrap().push(note);
    lamp
}

fn publish(topic: &str, payload: &str, retain: bool) -> Vec<u8> {
    let mut body = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
    body.extend(topic.as_bytes());
    body.push(0);
    body.extend(payload.as_bytes());
    packet(0x30 | u8::from(retain), &body)
}

/// The body of the next packet, which is short.
fn read(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    assert!(head[1] < 128, "a long packet");
    let mut body = vec![0; usize::from(head[1])];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn command(number: usize, length: usize) -> DriverRequest {
    DriverRequest::Command(DriverCommand {
        id: number.to_string().as_str().into(),
        device: DeviceId::new("zigbee:0x01"),
        settings: vec![Setting { endpoint: 1, attribute: "note".into(), value: Value::text("x".repeat(length)) }],
        transition: None,
        deadline: Monotonic(Duration::from_secs(3_600)),
        by_person: true,
    })
}

/// What came first for each command.
#[derive(Default)]
struct Outcomes(BTreeMap<String, CommandStage>);

impl Outcomes {
    fn note(&mut self, event: &DriverEvent) {
        if let DriverEvent::Command(progress) = event {
            self.0.entry(progress.command.to_string()).or_insert_with(|| progress.stage.clone());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_takes_nothing_is_given_up_and_memory_stays_bounded() {
    let mut driver = run(config(&format!("mqtt://127.0.0.1:{}", start())));
    driver.wait(|event| matches!(event, DriverEvent::Device(_)).then_some(())).await;
    let mut outcomes = Outcomes::default();
    let mut count = 0;
    // Commands are given as long as any is taken, until the driver gives the broker up.
    let given_up = async {
        loop {
            tokio::select! {
                event = driver.events.recv() => {
                    let event = event.expect("the driver runs");
                    outcomes.note(&event);
                    match event {
                        DriverEvent::Status(status) if status.state == DriverState::Offline => break status.detail,
                        _ => {}
                    }
                }
                permit = driver.requests.reserve() => {
                    permit.unwrap().send(command(count, TEXT));
                    count += 1;
                    assert!(count * TEXT < MOST_ON_THE_WAY, "{count} commands were taken");
                }
            }
        }
    };
    let detail = timeout(3 * LIMIT, given_up).await.expect("it must give up");
    assert!(detail.contains("takes nothing"), "{detail}");
    // What waited is answered for.
    let all = driver.wait(|event| {
        outcomes.note(event);
        (outcomes.0.len() == count).then_some(())
    });
    all.await;
    let sent = outcomes.0.values().filter(|stage| **stage == CommandStage::Sent).count();
    assert!(sent > 0 && sent < count, "{sent} of {count} were sent");
    driver.cancel.cancel();
    timeout(LIMIT, driver.task).await.unwrap().unwrap().unwrap();
}

/// What became of commands of this length that the machine was given while nothing left it.
fn pushed(script: &mut Script, length: usize) -> (usize, Option<CommandStage>) {
    for number in 0..1_000 {
        script.machine.handle_request(script.now, command(number, length));
        let event = script.machine.poll_event();
        match event {
            Some(DriverEvent::Command(progress)) if progress.stage == CommandStage::Sent => {}
            Some(DriverEvent::Command(progress)) => return (number, Some(progress.stage)),
            other => panic!("{other:?}"),
        }
    }
    (1_000, None)
}

fn failed(reason: FailureReason, detail: &str) -> Option<CommandStage> {
    Some(CommandStage::Failed { reason, detail: Some(detail.into()) })
}

#[test]
fn the_machine_keeps_so_many_messages_and_so_many_bytes() {
    let busy = failed(FailureReason::Busy, "the broker takes nothing at the moment; try again when it does");
    for (length, count) in [(1, 256), (100_000, 10)] {
        let mut script = Script::online(&[noted_lamp()]);
        assert_eq!(pushed(&mut script, length), (count, busy.clone()));
        assert_eq!(script.drain().lines().count(), count);
        // With room again all is well.
        assert_eq!(pushed(&mut script, length).0, count);
    }
    let mut script = Script::online(&[noted_lamp()]);
    let refused = failed(FailureReason::Refused, "a message may have 256 KiB at most; send less at once");
    assert_eq!(pushed(&mut script, 300_000), (0, refused));
}

#[test]
fn what_finds_no_room_is_said() {
    let mut script = Script::online(&[noted_lamp()]);
    pushed(&mut script, 1);
    let device = DeviceId::new("zigbee:0x01");
    let read = DriverRequest::Read { device: device.clone(), attributes: vec![(1, "on".into())] };
    script.machine.handle_request(script.now, read);
    assert_eq!(script.machine.counters().unasked, 1);
    let manage = |request, action| DriverRequest::Manage { request, action };
    script.machine.handle_request(script.now, manage(1, ManageAction::Interview { device }));
    let session = SessionId::new("s");
    let action = PairingAction::Include { via: None, code: None };
    let pairing = ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) };
    script.machine.handle_request(script.now, manage(2, pairing));
    let mut said = Vec::new();
    while let Some(event) = script.machine.poll_event() {
        said.push(event);
    }
    let refused =
        |event: &DriverEvent| matches!(event, DriverEvent::Managed { result: Err(ManageError::NotPossible(_)), .. });
    assert!(
        matches!(&said[..], [first, DriverEvent::Pairing(pairing), last]
        if refused(first) && refused(last) && pairing.stage == PairingStage::Failed),
        "{said:#?}"
    );
}

/// Devices are asked for their states when there is room again, not never.
#[test]
fn questions_after_the_start_wait_for_room() {
    let mut script = Script::online(&[noted_lamp()]);
    pushed(&mut script, 1);
    script.now.mono = script.machine.poll_timeout().unwrap();
    script.machine.handle_timeout(script.now);
    assert_eq!(script.drain().matches("/get").count(), 0);
    assert_eq!(script.pass(10), "> zigbee2mqtt/0x01/get {\"brightness\":\"\",\"state\":\"\"}\n");
}

#[test]
fn what_had_not_left_when_the_connection_was_lost_has_failed() {
    let mut script = Script::online(&[noted_lamp()]);
    script.pass(60);
    for number in 0..3 {
        script.machine.handle_request(script.now, command(number, 1));
    }
    while script.machine.poll_event().is_some() {}
    script.machine.poll_transmit().expect("the first leaves");
    let said = script.down("mqtt://x:1883: the broker takes nothing any more");
    let failed: Vec<&str> = said.lines().filter(|line| line.starts_with("command")).collect();
    assert_eq!(
        failed,
        [
            r#"command 1 failed driver_offline "the connection to the broker was lost before it was sent""#,
            r#"command 2 failed driver_offline "the connection to the broker was lost before it was sent""#,
        ]
    );
    assert!(!said.contains('>'), "{said}");
}
