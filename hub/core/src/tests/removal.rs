//! Taking a device out of its network, and what a network that forgot its devices says of them.

use super::*;
use hub_model::record::RecordKey;

/// A lamp that can be taken out of its network.
fn furnished() -> Bench {
    let mut bench = Bench::with_lamp();
    let mut device = lamp(&driver(), "hall-lamp");
    device.abilities.remove = true;
    bench.tell(DriverEvent::Device(Box::new(device)));
    bench.out = Output::default();
    bench
}

/// What becomes of a removal that the driver answers so.
fn removed(force: bool, result: Result<Value, ManageError>) -> (bool, Result<Edited, EditError>) {
    let mut bench = furnished();
    let mut answer = bench.edit(Edit::RemoveDevice { id: hall(), force });
    let Some((_, DriverRequest::Manage { request, .. })) = bench.out.sends.pop() else { panic!("nobody was asked") };
    bench.tell(DriverEvent::Managed { request, result });
    let keeps = |(_, changes): &(u64, Vec<Change>)| changes.contains(&Change::Remove(RecordKey::Device(hall())));
    let kept = bench.out.commits.iter().any(keeps);
    bench.kept(Ok(()));
    assert_eq!(bench.core.table.view(&hall()).is_none(), kept, "what is forgotten is kept as such");
    (kept, answer.try_recv().unwrap())
}

#[test]
fn a_device_that_its_network_does_not_know_is_removed() {
    for force in [false, true] {
        let (gone, answer) = removed(force, Err(ManageError::NotFound));
        assert!(gone && matches!(answer, Ok(Edited::Done)), "{answer:?}");
    }
}

#[test]
fn with_force_a_device_is_removed_whatever_its_driver_says() {
    for error in
        [ManageError::Refused("no".into()), ManageError::TimedOut(Duration::from_secs(1)), ManageError::Offline]
    {
        let (gone, answer) = removed(true, Err(error.clone()));
        assert!(gone && matches!(answer, Ok(Edited::Done)), "{answer:?}");
        let (gone, answer) = removed(false, Err(error.clone()));
        assert!(!gone && matches!(&answer, Err(EditError::Driver(told)) if *told == error), "{answer:?}");
    }
}

#[test]
fn a_name_that_is_only_an_address_takes_no_other_name_away() {
    let mut bench = furnished();
    let mut told = |name: &str| {
        let mut device = lamp(&driver(), "hall-lamp");
        device.native_name = Some(name.into());
        bench.tell(DriverEvent::Device(Box::new(device)));
        bench.core.table.view(&hall()).unwrap().record.name.to_string()
    };
    assert_eq!(told("Kitchen"), "Kitchen");
    assert_eq!(told("hall-lamp"), "Kitchen", "paired again, it has the name that its network made");
    assert_eq!(told("Cellar"), "Cellar");
}

#[test]
fn a_new_name_is_given_to_the_network_too_where_it_takes_names() {
    let mut bench = furnished();
    let rename = |bench: &mut Bench, name: &str| {
        drop(bench.edit(Edit::Device { id: hall(), name: Some(name.into()), area: None }));
        bench.kept(Ok(()));
        std::mem::take(&mut bench.out.sends)
    };
    assert_eq!(rename(&mut bench, "Ceiling"), [], "this network takes no names");
    let mut device = lamp(&driver(), "hall-lamp");
    device.abilities.rename = true;
    bench.tell(DriverEvent::Device(Box::new(device)));
    let sends = rename(&mut bench, "Pendant");
    let [(_, DriverRequest::Manage { request, action })] = &sends[..] else { panic!("{sends:?}") };
    assert_eq!(*action, ManageAction::Rename { device: hall(), name: "Pendant".into() });
    bench.tell(DriverEvent::Managed { request: *request, result: Err(ManageError::Refused("taken".into())) });
    assert_eq!(&*bench.core.table.view(&hall()).unwrap().record.name, "Pendant", "whatever the network says");
    assert_eq!(rename(&mut bench, "Pendant"), [], "only what is new");
    bench.tell(DriverEvent::Renamed { device: hall(), name: "Node 2".into() });
    assert_eq!(&*bench.core.table.view(&hall()).unwrap().record.name, "Pendant", "whatever it is called there");
}
