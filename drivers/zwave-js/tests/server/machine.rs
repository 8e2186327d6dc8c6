//! What the machine makes of messages and wishes that the emulated network does not bring about.

use std::time::Duration;

use driver_api::run::drain_events;
use driver_api::{
    DriverCommand, DriverEvent, DriverRequest, LinkState, Machine, ManageAction, ManageError, ProvisionAction,
};
use driver_zwave_js::machine::ZWaveJs;
use driver_zwave_js::message::NEWEST_SCHEMA;
use hub_model::command::{ConfirmedBy, Setting};
use hub_model::event::DriverState;
use hub_model::pairing::{PairingAction, PairingStage};
use hub_model::{CommandId, DeviceId, DriverId, Now, SessionId, Value};
use serde_json::{Value as Json, json};

/// A machine with a thermostat (node 7) and a part of a parameter (node 8).
struct Script {
    machine: ZWaveJs,
    now: Now,
    sent: Vec<Json>,
}

fn number(unit: &str) -> Json {
    json!({"type": "number", "readable": true, "writeable": true, "min": 5, "max": 30, "unit": unit, "ccSpecific": {"setpointType": 1}})
}

fn node(id: u16, classes: &[u16], values: &Json) -> Json {
    let classes: Vec<Json> = classes.iter().map(|class| json!({"id": class, "version": 3})).collect();
    json!({"nodeId": id, "status": 4, "ready": true, "isListening": true, "interviewStage": "Complete",
        "deviceConfig": {"manufacturer": "Maker", "label": "Model"}, "name": "Kitchen",
        "endpoints": [{"index": 0, "commandClasses": classes}], "values": values})
}

fn device(node: u16) -> DeviceId {
    DeviceId::new(format!("zwave:0x00000001-{node}"))
}

impl Script {
    fn new() -> Self {
        let machine = ZWaveJs::new(DriverId::new("zwave"), Vec::new(), NEWEST_SCHEMA);
        let mut script = Self { machine, now: Now::default(), sent: Vec::new() };
        script.machine.handle_link(script.now, LinkState::Up);
        script
    }

    fn listening() -> Self {
        let mut script = Self::new();
        let setpoint = json!([{"commandClass": 67, "endpoint": 0, "property": "setpoint", "propertyKey": 1, "value": 20,
            "metadata": number("°C")}]);
        let states = json!({"0": "Off", "1": "On"});
        let part = json!([{"commandClass": 112, "endpoint": 0, "property": 4, "propertyKey": 16, "value": 0,
            "metadata": {"type": "number", "readable": true, "writeable": true, "states": states, "allowManualEntry": false}}]);
        let nodes = [node(7, &[67], &setpoint), node(8, &[112], &part)];
        script.hear(&json!({"type": "version", "homeId": 1, "driverVersion": "15.0.0", "serverVersion": "3.0.0",
            "minSchemaVersion": 0, "maxSchemaVersion": 50}));
        script.answer("initialize", &json!({}));
        script.answer(
            "start_listening",
            &json!({"state": {"controller": {"homeId": 1, "ownNodeId": 1}, "nodes": nodes}}),
        );
        script
    }

    fn hear(&mut self, message: &Json) -> Vec<DriverEvent> {
        self.machine.handle_received(self.now, message.to_string());
        self.drain()
    }

    fn event(&mut self, event: Json) -> Vec<DriverEvent> {
        self.hear(&json!({"type": "event", "event": event}))
    }

    fn drain(&mut self) -> Vec<DriverEvent> {
        while let Some(text) = self.machine.poll_transmit() {
            self.sent.push(serde_json::from_str(&text).unwrap());
        }
        drain_events(&mut self.machine)
    }

    /// Answers the oldest request of this kind.
    fn answer(&mut self, command: &str, result: &Json) -> Vec<DriverEvent> {
        let request = self.taken(command);
        self.hear(&json!({"type": "result", "success": true, "messageId": request["messageId"], "result": result}))
    }

    fn taken(&mut self, command: &str) -> Json {
        let sent: Vec<_> = self.sent.iter().map(|request| request["command"].to_string()).collect();
        let at = self.sent.iter().position(|request| request["command"] == command);
        self.sent.remove(at.unwrap_or_else(|| panic!("{command} is not among {sent:?}")))
    }

    fn set(&mut self, node: u16, attribute: &str, value: Value) -> Vec<DriverEvent> {
        let command = DriverCommand {
            id: CommandId::new("command"),
            device: device(node),
            settings: vec![Setting { endpoint: 0, attribute: attribute.into(), value }],
            transition: None,
            deadline: self.now.mono,
            by_person: false,
        };
        self.machine.handle_request(self.now, DriverRequest::Command(command));
        self.drain()
    }

    fn manage(&mut self, action: ManageAction) -> Vec<DriverEvent> {
        self.machine.handle_request(self.now, DriverRequest::Manage { request: 1, action });
        self.drain()
    }

    fn pass(&mut self, seconds: u64) -> Vec<DriverEvent> {
        self.now.mono = self.now.mono.plus(Duration::from_secs(seconds));
        self.machine.handle_timeout(self.now);
        self.drain()
    }
}

fn managed(events: &[DriverEvent]) -> Option<Result<Value, ManageError>> {
    events.iter().find_map(|event| match event {
        DriverEvent::Managed { result, .. } => Some(result.clone()),
        _ => None,
    })
}

fn told(events: &[DriverEvent]) -> Vec<(String, Value, ConfirmedBy)> {
    let reports = events.iter().filter_map(|event| match event {
        DriverEvent::Report(report) => Some(report),
        _ => None,
    });
    let readings = reports.flat_map(|report| report.readings.iter().map(|reading| (reading, report.confirms)));
    readings.map(|(reading, confirms)| (reading.attribute.to_string(), reading.value.clone(), confirms)).collect()
}

#[test]
fn what_was_just_set_is_an_echo_and_then_a_report() {
    let mut script = Script::listening();
    script.set(7, "heating_setpoint", Value::Number(21.5));
    let request = script.taken("node.set_value");
    assert_eq!(request["value"], 21.5);
    let args = json!({"commandClass": 67, "endpoint": 0, "property": "setpoint", "propertyKey": 1, "newValue": 21.5});
    let event = json!({"source": "node", "event": "value updated", "nodeId": 7, "args": args});
    let name = "heating_setpoint".to_owned();
    assert_eq!(told(&script.event(event.clone())), [(name.clone(), Value::Number(21.5), ConfirmedBy::Echo)]);
    assert_eq!(told(&script.event(event)), [(name, Value::Number(21.5), ConfirmedBy::Report)]);
}

#[test]
fn a_value_that_is_new_is_asked_what_it_is() {
    let mut script = Script::listening();
    let args = json!({"commandClass": 49, "endpoint": 0, "property": "Air temperature", "newValue": 20});
    let events = script.event(json!({"source": "node", "event": "value added", "nodeId": 7, "args": args}));
    assert_eq!(events, [], "nothing is told of what is not known");
    let metadata =
        json!({"type": "number", "readable": true, "unit": "°F", "ccSpecific": {"sensorType": 1, "scale": 1}});
    let events = script.answer("node.get_value_metadata", &metadata);
    assert!(matches!(&events[0], DriverEvent::Device(device) if device.attribute(0, "temperature").is_some()));
    let [(name, Value::Number(celsius), _)] = &told(&events)[..] else { panic!("{events:?}") };
    assert!(name == "temperature" && (celsius + 6.667).abs() < 0.01, "{celsius}");
}

#[test]
fn a_part_of_a_parameter_is_words_and_can_be_set() {
    let mut script = Script::listening();
    let events = script.set(8, "parameter_4_bits_10", Value::text("on"));
    assert!(matches!(&events[..], [DriverEvent::Command(_)]), "{events:?}");
    let request = script.taken("node.set_value");
    assert_eq!(request["value"], 1);
    assert_eq!(request["valueId"], json!({"commandClass": 112, "endpoint": 0, "property": 4, "propertyKey": 16}));
}

#[test]
fn a_device_is_named_by_the_database_and_by_people() {
    let mut script = Script::listening();
    let events =
        script.event(json!({"source": "node", "event": "ready", "nodeId": 7, "nodeState": node(7, &[67], &json!([]))}));
    let DriverEvent::Device(device) = &events[0] else { panic!("{events:?}") };
    let names = [&device.native_name, &device.manufacturer, &device.model].map(|name| name.as_deref().unwrap());
    assert_eq!(names, ["Kitchen", "Maker", "Model"]);
}

#[test]
fn a_node_that_is_replaced_stays_a_device() {
    let mut script = Script::listening();
    let removed =
        |reason: u8| json!({"source": "controller", "event": "node removed", "node": {"nodeId": 7}, "reason": reason});
    assert_eq!(script.event(removed(3)), []);
    let events = script.event(removed(0));
    assert_eq!(events, [DriverEvent::DeviceRemoved(device(7))]);
}

#[test]
fn routes_are_found_anew_for_one_and_for_all() {
    let mut script = Script::listening();
    script.manage(ManageAction::RepairRoutes { device: Some(device(7)) });
    let events = script.answer("controller.rebuild_node_routes", &json!({"success": true}));
    assert_eq!(managed(&events), Some(Ok(Value::Unknown)));

    script.manage(ManageAction::RepairRoutes { device: None });
    assert_eq!(script.answer("controller.begin_rebuilding_routes", &json!({"success": true})), []);
    let events = script
        .event(json!({"source": "controller", "event": "rebuild routes done", "result": {"7": "done", "8": "failed"}}));
    let counts = managed(&events).unwrap().unwrap();
    assert_eq!(counts.field("done"), Some(&Value::Number(1.0)));
    assert_eq!(counts.field("failed"), Some(&Value::Number(1.0)));
}

#[test]
fn the_network_is_drawn_from_all_answers() {
    let mut script = Script::listening();
    script.manage(ManageAction::NetworkMap);
    let mut events = Vec::new();
    for neighbours in [json!([7, 99]), json!([1, 8]), json!([])] {
        events = script.answer("controller.get_node_neighbors", &json!({"neighbors": neighbours}));
    }
    let network = driver_api::network::Network::from_value(&managed(&events).unwrap().unwrap()).unwrap();
    network.check(&DriverId::new("zwave")).unwrap();
    assert_eq!(network.nodes.len(), 3);
}

#[test]
fn devices_that_may_join_are_listed_after_each_change() {
    let mut script = Script::listening();
    let key = "51525-35455-41424-34445-31323-33435-21222-32425";
    let add = ProvisionAction::Add { code: key.into(), name: Some("Hall".into()) };
    script.manage(ManageAction::Provision(add));
    let entry = script.sent[0]["entry"].clone();
    assert_eq!((&entry["dsk"], &entry["name"]), (&json!(key), &json!("Hall")));
    script.answer("controller.provision_smart_start_node", &json!({}));
    let events = script.answer("controller.get_provisioning_entries", &json!({"entries": [entry]}));
    let list = managed(&events).unwrap().unwrap();
    assert!(list.field("entries").unwrap().to_string().contains(key), "{list}");
}

#[test]
fn a_key_is_sent_as_the_server_writes_it_and_a_code_with_its_name() {
    let key = "51525-35455-41424-34445-31323-33435-21222-32425";
    let typed = key.replace('-', "");
    let code = "900132782003515253545541424344453132333435212223242500100435301537022065520001000000300578";
    let mut script = Script::listening();
    let mut add = |code: &str, name: Option<&str>| {
        script.manage(ManageAction::Provision(ProvisionAction::Add { code: code.into(), name: name.map(Into::into) }));
        script.taken("controller.provision_smart_start_node")["entry"].clone()
    };
    assert_eq!(add(&typed, None), json!({"dsk": key, "securityClasses": [0, 1, 2]}));
    assert_eq!(add(code, None), json!(code), "the server reads it itself");
    let entry = add(code, Some("Hall"));
    assert_eq!((&entry["dsk"], &entry["name"]), (&json!(key), &json!("Hall")));
    script.manage(ManageAction::Provision(ProvisionAction::Remove { key: typed.as_str().into() }));
    assert_eq!(script.taken("controller.unprovision_smart_start_node")["dskOrNodeId"], key);
}

#[test]
fn what_is_no_code_is_said_at_once() {
    let mut script = Script::listening();
    for code in ["1234", "hello", "51525-35455", "90"] {
        let add = ManageAction::Provision(ProvisionAction::Add { code: code.into(), name: None });
        let action = PairingAction::Include { via: None, code: Some(code.into()) };
        let session = SessionId::new("session");
        let pair = ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) };
        for action in [add, pair] {
            let events = script.manage(action);
            assert!(matches!(managed(&events), Some(Err(ManageError::Invalid { field: "code", .. }))), "{events:?}");
        }
    }
    assert!(script.sent.is_empty(), "{:?}", script.sent);
}

#[test]
fn health_that_cannot_be_read_is_an_error() {
    let mut script = Script::listening();
    script.manage(ManageAction::CheckHealth { device: device(7) });
    let events = script.answer("node.check_lifeline_health", &json!({"summary": {"results": []}}));
    assert!(matches!(managed(&events), Some(Err(ManageError::NotPossible(_)))), "{events:?}");
}

#[test]
fn a_device_that_takes_the_place_of_another_gets_keys_or_somebody_is_told() {
    let mut script = Script::listening();
    let action = PairingAction::Replace { device: device(7) };
    let session = SessionId::new("session");
    script.manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) });
    let request = script.taken("controller.replace_failed_node");
    assert_eq!((&request["nodeId"], &request["options"]["strategy"]), (&json!(7), &json!(4)), "Security 2");
    let opened =
        json!({"type": "result", "success": true, "messageId": request["messageId"], "result": {"success": true}});
    script.hear(&opened);
    script.event(json!({"source": "controller", "event": "node found", "node": {"nodeId": 7}}));
    let requested = json!({"securityClasses": [0, 1], "clientSideAuth": false});
    let events =
        script.event(json!({"source": "controller", "event": "grant security classes", "requested": requested}));
    let asked = |event: &DriverEvent| matches!(event, DriverEvent::Pairing(progress) if progress.ask.is_some());
    assert!(events.iter().any(asked), "{events:?}");
    let result = json!({"lowSecurity": true});
    let added = json!({"source": "controller", "event": "node added", "node": {"nodeId": 7}, "result": result});
    let events = script.event(added);
    let failed = |event: &DriverEvent| {
        matches!(event, DriverEvent::Pairing(progress)
            if progress.stage == PairingStage::Failed && progress.next_step.contains("without Security 2"))
    };
    assert!(events.iter().any(failed), "{events:?}");
}

#[test]
fn a_pin_that_was_given_with_the_start_is_not_asked_for() {
    let mut script = Script::listening();
    let action = PairingAction::Include { via: None, code: Some("12345".into()) };
    let session = SessionId::new("session");
    script.manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) });
    script.answer("controller.begin_inclusion", &json!({"success": true}));
    script.event(json!({"source": "controller", "event": "node found", "node": {"nodeId": 9}}));
    let events = script.event(json!({"source": "controller", "event": "validate dsk and enter pin", "dsk": "-1"}));
    assert_eq!(events, []);
    assert_eq!(script.taken("controller.validate_dsk_and_enter_pin")["pin"], "12345");
    let added =
        json!({"source": "controller", "event": "node added", "node": {"nodeId": 9}, "result": {"lowSecurity": true}});
    let events = script.event(added);
    let failed =
        |event: &DriverEvent| matches!(event, DriverEvent::Pairing(progress) if progress.stage == PairingStage::Failed);
    assert!(events.iter().any(failed), "less security than it should have is said: {events:?}");
}

#[test]
fn nobody_who_comes_ends_a_pairing() {
    let mut script = Script::listening();
    let session = SessionId::new("session");
    let action = PairingAction::Exclude;
    script.manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) });
    script.answer("controller.begin_exclusion", &json!({"success": true}));
    let events = script.pass(61);
    let closed =
        |event: &DriverEvent| matches!(event, DriverEvent::Pairing(progress) if progress.stage == PairingStage::Closed);
    assert!(events.iter().any(closed), "{events:?}");
    script.taken("controller.stop_exclusion");
}

#[test]
fn something_else_that_listens_there_is_said() {
    let mut script = Script::new();
    let events = script.pass(61);
    let [.., DriverEvent::Status(status)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(status.state, DriverState::Offline);
    assert!(status.detail.contains("check url"), "{}", status.detail);
}

#[test]
fn what_the_server_refuses_is_said_in_its_words() {
    let mut script = Script::listening();
    script.manage(ManageAction::Remove { device: device(7), force: false });
    let request = script.taken("controller.remove_failed_node");
    let words = "The node removal process could not be started because the node responded to a ping.";
    let events = script.hear(&json!({"type": "result", "success": false, "messageId": request["messageId"],
        "errorCode": "zwave_error", "zwaveErrorCode": 360, "zwaveErrorMessage": words}));
    assert_eq!(managed(&events), Some(Err(ManageError::Refused(words.into()))));
}
