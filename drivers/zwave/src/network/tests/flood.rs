//! Nodes that ask without end.

use super::*;

/// How many answers wait after a thousand times the same.
fn answers(message: impl Fn(u8) -> Vec<u8>) -> usize {
    let mut air = Air::new();
    air.ends[0].set_security(THERE, None);
    for number in 0..1_000_u32 {
        let [number, ..] = number.to_le_bytes();
        air.ends[0].handle_command(air.now, THERE, &message(number), true);
    }
    let mut now = air.now;
    let mut sent = 0;
    while air.ends[0].poll_transmission(now).is_some() {
        sent += 1;
        now = now.plus(AIR);
        air.ends[0].handle_transmitted(now, Transmitted::Arrived);
    }
    sent
}

#[test]
fn a_thousand_questions_get_few_answers() {
    assert_eq!(answers(|number| vec![0x9F, 0x01, number]), 1, "the one that waits will do");
    assert_eq!(answers(|_| vec![0x98, 0x40]), 8);
    assert_eq!(answers(|number| vec![0x6C, 0x01, number & 0x3F, 0x02, 0x25, 0x02]), 8);
    assert_eq!(answers(|number| vec![0x55, 0xE0, 100, number << 4, 39, 1, 2, 3, 0, 0]), 0, "it is damaged");
}

#[test]
fn who_asks_without_end_leaves_time_for_others() {
    let mut air = Air::new();
    air.ends[0].set_security(THERE, None);
    for number in 0..1_000_u32 {
        let [number, ..] = number.to_le_bytes();
        air.ends[0].handle_command(air.now, THERE, &[0x6C, 0x01, number & 0x3F, 0x02, 0x25, 0x02], true);
        air.run(Duration::from_millis(10));
    }
    // In ten seconds; the radio alone would carry 600.
    assert!((150..=180).contains(&air.sent.len()), "{} answers", air.sent.len());
}

#[test]
fn a_thousand_messages_that_cannot_be_read_get_one_answer() {
    let message = |number| [&[0x9F, 0x03, number, 0x00], &[0; 20][..]].concat();
    assert_eq!(answers(message), 1);
}
