//! What the command line makes of accounts and the audit log.

use expect_test::expect;

use crate::canned::check;

/// What is asked of accounts, and what is answered; none = it is about something else.
pub(crate) fn answer(request: &str) -> Option<(u16, String)> {
    Some(match request {
        "GET /api/v1/users?limit=1000" => (
            200,
            r#"{"items":[{"id":"user-1","username":"Anna","display_name":null,"role":"owner","state":"active",
                "created_at":"2026-11-20T18:00:05.120Z","expires_at":null,"invited_until":null,"second_factor":true,
                "recovery_codes":9},
                {"id":"user-2","username":"Gus","display_name":"Gustav","role":"guest","state":"invited",
                "created_at":"2026-11-20T18:00:05.120Z","expires_at":"2026-11-27T18:00:05.120Z",
                "invited_until":"2026-11-27T18:00:05.120Z","second_factor":false,"recovery_codes":0}],"next_cursor":null}"#
                .to_owned(),
        ),
        "GET /api/v1/users/user-1" | "GET /api/v1/users/me" => (
            200,
            r#"{"id":"user-1","username":"Anna","display_name":"Anna M.","role":"owner","state":"active",
                "created_at":"2026-11-20T18:00:05.120Z","expires_at":null,"invited_until":null,"second_factor":true,
                "recovery_codes":9}"#
                .to_owned(),
        ),
        "GET /api/v1/users/user-1/sessions?limit=1000" => (
            200,
            r#"{"items":[{"id":"0c1d2e3f","kind":"tokens","current":true,"created_at":"2026-11-20T18:00:05.120Z",
                "last_used_at":"2026-11-20T18:00:05.120Z","user_agent":"hearth/0.1.0","address":"192.168.1.20"},
                {"id":"4f5a6b7c","kind":"cookie","current":false,"created_at":"2026-11-19T18:00:05.120Z",
                "last_used_at":"2026-11-20T18:00:05.120Z","user_agent":null,"address":null}],"next_cursor":null}"#
                .to_owned(),
        ),
        "GET /api/v1/permissions" => (
            200,
            r#"{"items":[{"id":"hall","who":{"person":"user-2"},"allow":["see","control"],"what":{"areas":["hallway"],
                "devices":["zigbee:0x01","zigbee:0x09"]},"only_while_home":["adult","user-1"],"until":null}],
                "ready_made":[{"id":"adult","who":{"role":"adult"},"allow":["see"],"note":"Everything that is not protected."},
                {"id":"child-see","who":{"role":"child"},"allow":["see"],"note":"Everything that is not protected."},
                {"id":"child-media","who":{"role":"child"},"allow":["control"],"what":{"types":["media"]},
                "note":"Music and television."}],
                "choices":[{"who":{"role":"child"},"ready_made":false}]}"#
                .to_owned(),
        ),
        "DELETE /api/v1/users/user-2" => (
            200,
            r#"{"removed":"user-2","rules":[{"id":"hall","name":"Hall"}],"note":"These rules stay."}"#.to_owned(),
        ),
        "POST /api/v1/users/user-2/password" => (
            200,
            r#"{"id":"user-2","username":"Gus","role":"guest","state":"invited","expires_at":"2026-11-27T18:00:05.120Z",
                "invitation":{"code":"ABCD-EFGH-JKMN-PQRS-TVWX","expires_at":"2026-11-27T18:00:05.120Z"},"note":null}"#
                .to_owned(),
        ),
        "GET /api/v1/users/user-2" => (200, r#"{"id":"user-2","username":"Gus","state":"invited"}"#.to_owned()),
        "GET /api/v1/audit?limit=2" => (
            200,
            r#"{"items":[{"number":9,"at":"2026-11-20T18:00:05.120Z","who":"unknown","name":null,"via":"api",
                "source":"203.0.113.7","action":"login_failed","what":null,"outcome":"refused",
                "detail":"7 tries for unknown from 203.0.113.7"},
                {"number":8,"at":"2026-11-20T18:00:04.120Z","who":"user-1","name":"Anna","via":"api","source":"192.168.1.20",
                "action":"rule_saved","what":"hall","outcome":"ok","detail":null}],"next_cursor":"x"}"#
                .to_owned(),
        ),
        "GET /api/v1/audit/check" => {
            (200, r#"{"whole":false,"entries":16,"first":1,"broken_at":17}"#.to_owned())
        }
        "GET /api/v1/can?user=anna&action=control&device=zigbee:0x01&attribute=on&value=true"
        | "GET /api/v1/can?user=anna&action=control&device=zigbee:0x01&attribute=on&value=true&at=2026-11-20T20:30:00.000Z" => {
            (200, r#"{"allowed":true,"rule":"hall","reasons":[],"approvable":false,"pin":false}"#.to_owned())
        }
        "GET /api/v1/can?user=gus&action=control&device=zigbee:0x01&attribute=on" => (
            200,
            r#"{"allowed":false,"rule":null,"reasons":[{"code":"outside_window","text":"It is allowed from 07:00 to 20:30."}],
                "approvable":true,"pin":false}"#
                .to_owned(),
        ),
        "GET /api/v1/can?user=gus&action=see&part=rules" => (
            200,
            r#"{"allowed":false,"rule":null,"reasons":[{"code":"no_rule","text":"Nothing allows it."}],"approvable":false,
                "pin":true}"#
                .to_owned(),
        ),
        _ => return None,
    })
}

#[test]
fn a_no_to_a_question_of_permission_is_an_exit_code_too() {
    check(
        &["can", "anna", "control", "Hallway lamp", "on", "true"],
        0,
        expect![[r#"
        yes (permission hall)
    "#]],
    );
    check(
        &["can", "gus", "control", "Hallway lamp", "on"],
        5,
        expect![[r#"
        no
          It is allowed from 07:00 to 20:30.
          An adult can allow it.
    "#]],
    );
    check(
        &["can", "gus", "see", "rules", "--part"],
        5,
        expect![[r#"
        no
          Nothing allows it.
          The person's PIN makes it possible.
    "#]],
    );
    check(
        &["can", "gus", "see", "rules", "--part", "--json"],
        5,
        expect![[r#"
        {
          "allowed": false,
          "approvable": false,
          "pin": true,
          "reasons": [
            {
              "code": "no_rule",
              "text": "Nothing allows it."
            }
          ],
          "rule": null
        }
    "#]],
    );
    check(
        &["can", "nobody", "see", "rules", "--part"],
        4,
        expect![[r#"
        hearth: There is no such path. `list` and `history` show what there is.
    "#]],
    );
}

#[test]
fn owners_see_to_accounts() {
    check(
        &["user", "list"],
        0,
        expect![[r#"
        NAME  ROLE   STATE    ENDS                 SECOND FACTOR  ID
        Anna  owner  active                        yes            user-1
        Gus   guest  invited  2026-11-27 19:00:05  no             user-2
    "#]],
    );
    check(
        &["user", "show", "anna"],
        0,
        expect![[r#"
        name:          Anna
        called:        Anna M.
        role:          owner
        state:         active
        since:         19:00:05
        second factor: yes, 9 recovery codes left
        id:            user-1
    "#]],
    );
    check(
        &["user", "invite", "gus"],
        0,
        expect![[r#"
        gus sets a password with this code
        code: ABCD-EFGH-JKMN-PQRS-TVWX (works once, until 2026-11-27 19:00:05; it is not shown again)
    "#]],
    );
    check(
        &["user", "remove", "gus", "--yes"],
        0,
        expect![[r#"
        gus has no account any more
        Rules by this person: Hall. These rules stay.
    "#]],
    );
    check(
        &["user", "remove", "gustav"],
        4,
        expect![[r#"
        hearth: there is no account "gustav"; did you mean "Gus"?
    "#]],
    );
    check(
        &["audit", "-n", "2"],
        0,
        expect![[r#"
        TIME      WHO      ACTION        WHAT  FROM          OUTCOME  DETAIL
        19:00:05  unknown  login_failed        203.0.113.7   refused  7 tries for unknown from 203.0.113.7
        19:00:04  Anna     rule_saved    hall  192.168.1.20  ok
    "#]],
    );
    check(
        &["audit", "--verify"],
        1,
        expect![[r#"
        hearth: the audit log is not whole: entry 17 was changed or is missing (16 entries before it are as they were written)
    "#]],
    );
}

#[test]
fn people_see_where_they_are_logged_in() {
    check(
        &["session", "list"],
        0,
        expect![[r#"
            USER  SINCE                LAST USED  FROM            PROGRAM                  ID
            Anna  19:00:05             19:00:05   192.168.1.20    hearth/0.1.0 (this one)  0c1d2e3f
            Anna  2026-11-19 19:00:05  19:00:05   the hub itself                           4f5a6b7c
        "#]],
    );
    check(
        &["session", "end", "--all"],
        2,
        expect![[r#"
            hearth: Log you out everywhere? Tokens of programs go on. Say --yes to do it without being asked.
        "#]],
    );
}

#[test]
fn permissions_are_told_by_names() {
    check(
        &["permission", "list"],
        0,
        expect![[r#"
            WHO  MAY           WHAT                                                CONDITIONS               ID
            Ben  see, control  areas: Hallway; devices: Hallway lamp, zigbee:0x09  while home: adult, Anna  hall

            COMES WITH  IN FORCE  WHAT
            adults      yes       Everything that is not protected.
            children    no        Everything that is not protected. Music and television.
        "#]],
    );
    check(
        &["permission", "change", "hal", "--daily", "60"],
        4,
        expect![[r#"
            hearth: there is no permission "hal"; did you mean "hall"?
        "#]],
    );
}
