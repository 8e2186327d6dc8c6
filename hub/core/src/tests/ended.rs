//! Whose account is over is not waited for.

use hub_model::household::{Account, Role};

use super::*;

fn kept() -> Kept {
    let account = |id: &str, role| Account::new(id.into(), id, role, Timestamp(0));
    let guest =
        Account { expires_at: Some(Timestamp(0).plus(Duration::from_secs(3_600))), ..account("gast", Role::Guest) };
    Kept { accounts: vec![account("anna", Role::Owner), guest], ..Kept::default() }
}

#[test]
fn everyone_is_those_who_have_an_account_still() {
    let mut bench = Bench::new(&kept());
    bench.now.wall.time = Timestamp(0).plus(Duration::from_secs(1_800));
    bench.pass(Duration::ZERO);
    let document = r#"{"name": "R", "triggers": [{"presence": {"everyone": true, "to": "away"}}],
        "actions": [{"notify": {"to": "anna", "message": "Nobody is there."}}]}"#;
    bench.edits("anna", Edit::Automation { id: None, document: document.into(), must_exist: None }).unwrap();
    let is_at = |bench: &mut Bench, who: &str, place: &str| {
        bench.edits(who, Edit::Presence { person: who.into(), place: place.into() }).unwrap();
        bench.core.table.household.notifications.len()
    };
    is_at(&mut bench, "gast", "home");
    is_at(&mut bench, "anna", "home");
    assert_eq!(is_at(&mut bench, "anna", "away"), 0);
    is_at(&mut bench, "anna", "home");
    bench.pass(Duration::from_secs(1_801));
    assert_eq!(is_at(&mut bench, "anna", "away"), 1);
    // An owner gives the guest another week: they are waited for again.
    is_at(&mut bench, "anna", "home");
    let guest =
        Account { expires_at: Some(bench.now.time().plus(Duration::from_secs(3_600))), ..kept().accounts[1].clone() };
    let (reply, _answer) = oneshot::channel();
    let changes = vec![Change::Put(Record::Account(guest))];
    bench.core.step(&bench.now, Input::Request(Request::Keep { changes, reply }), &mut bench.out);
    bench.kept(Ok(()));
    assert_eq!(is_at(&mut bench, "anna", "away"), 1);
}

#[test]
fn a_start_knows_whose_account_is_over() {
    let mut bench = Bench::new(&kept());
    bench.now.wall.time = Timestamp(0).plus(Duration::from_secs(7_200));
    bench.pass(Duration::ZERO);
    let waited_for: Vec<bool> = bench.core.snapshot().people.iter().map(|person| person.is_waited_for()).collect();
    assert_eq!(waited_for, [true, false]);
}
