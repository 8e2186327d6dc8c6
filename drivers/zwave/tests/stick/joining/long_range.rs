//! Long Range: wide numbers, keys of their own, and nothing of a mesh.

use std::time::Duration;

use driver_api::network::{Network, Role};
use driver_api::{DriverEvent, ManageAction, ManageError, ProvisionAction};
use driver_zwave::security::SecurityClass;
use hub_model::pairing::PairingStage;

use super::node::SecureNode;
use super::stick::{Home, Node};

fn home() -> Home {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x25]).with(300, &[0x5E, 0x25]);
    home.has_long_range = true;
    home.open()
}

#[test]
fn nodes_with_long_range_are_found_and_spoken_with() {
    let mut home = home();
    let known = |home: &Home, node: u16| {
        home.log.iter().any(
            |event| matches!(event, DriverEvent::Device(device) if device.id == Home::device(node) && device.interviewed),
        )
    };
    home.until("both are known", |home| known(home, 2) && known(home, 300));
    assert!(home.count(0x13, &[0x01, 0x2C]) > 0, "with 16 bits");
    let map = Network::from_value(&home.manage(ManageAction::NetworkMap).unwrap()).unwrap();
    let far = map.nodes.iter().find(|node| &*node.id == "300").unwrap();
    assert_eq!((far.role, far.neighbours.len()), (Role::EndDevice, 1));
    assert_eq!(home.count(0x80, &[0x01, 0x2C]), 0, "the stick is not asked for its neighbours");
    let repair = home.manage(ManageAction::RepairRoutes { device: Some(Home::device(300)) });
    assert!(matches!(repair, Err(ManageError::NotPossible(_))));
}

#[test]
fn a_device_joins_by_long_range_with_keys_of_its_own() {
    let mut home = home();
    // It asks for all that there is; by Long Range it gets what is authenticated.
    let secure = SecureNode::new(5, 0x87);
    let dsk = secure.dsk();
    let add = ProvisionAction::Add { code: dsk.to_string().into(), name: None };
    home.manage(ManageAction::Provision(add)).unwrap();
    home.newcomer = Some((301, Node { classes: vec![0x5E, 0x9F], secure: Some(secure), ..Node::default() }));
    home.announce(dsk, true);
    let has_ended = |home: &Home| home.pairings().iter().any(|progress| progress.stage == PairingStage::Closed);
    home.until("it has joined", has_ended);
    assert_eq!(home.count(0x4A, &[0xE8]), 1, "by Long Range");
    let secure = home.nodes[&301].secure.as_ref().unwrap();
    assert!(secure.has_joined);
    let classes: Vec<SecurityClass> = secure.keys.keys().copied().collect();
    assert_eq!(classes, [SecurityClass::S2Authenticated, SecurityClass::S2AccessControl]);
    for (class, name) in
        [(SecurityClass::S2Authenticated, "s2_authenticated"), (SecurityClass::S2AccessControl, "s2_access_control")]
    {
        let got: String = secure.keys[&class].0.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(home.kept[&*format!("key/long_range/{name}")].reveal(), got);
        assert_ne!(home.kept[&*format!("key/{name}")].reveal(), got);
    }
    home.run(Duration::from_secs(60));
    for function in [0x46, 0x48, 0x51] {
        assert_eq!(home.count(function, &[0x01, 0x2D]), 0, "it has no routes");
    }
}
