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
