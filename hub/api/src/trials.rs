//! How many test messages each person may send: some at a time, and one more every few minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hub_model::{AccountId, Monotonic};

/// Who has sent none of late may send so many: all channels that a person can have, and a few again.
pub(crate) const TRIALS_AT_A_TIME: u32 = 20;
/// One more may be sent after this: in the long run as many in an hour as there are other messages.
const ONE_MORE_AFTER: Duration = Duration::from_secs(180);

/// Until when each person's allowance is not whole. There are not more than people who have an account.
#[derive(Debug, Default)]
pub(crate) struct Trials(Mutex<BTreeMap<AccountId, Monotonic>>);

impl Trials {
    /// Takes so many of a person's allowance; if there are not so many left, takes none and says after which time there
    /// will be.
    pub(crate) fn take(&self, account: &AccountId, count: usize, now: Monotonic) -> Result<(), Duration> {
        let mut whole_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        whole_at.retain(|_, at| *at > now);
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(TRIALS_AT_A_TIME);
        let before = whole_at.get(account).copied().unwrap_or(now);
        let after = before.plus(ONE_MORE_AFTER * count);
        let missing = after.since(now).saturating_sub(ONE_MORE_AFTER * TRIALS_AT_A_TIME);
        if !missing.is_zero() {
            return Err(missing);
        }
        whole_at.insert(account.clone(), after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_used_up_and_comes_back() {
        let trials = Trials::default();
        let at = |minutes: u64| Monotonic(Duration::from_secs(60 * minutes));
        let [anna, ben] = ["anna", "ben"].map(AccountId::new);
        assert_eq!(trials.take(&anna, 16, at(0)), Ok(()));
        assert_eq!(trials.take(&anna, 16, at(0)), Err(Duration::from_secs(12 * 180)));
        for _ in 0..4 {
            assert_eq!(trials.take(&anna, 1, at(0)), Ok(()));
        }
        assert_eq!(trials.take(&anna, 1, at(0)), Err(Duration::from_secs(180)));
        assert_eq!(trials.take(&anna, 1, at(2)), Err(Duration::from_secs(60)));
        assert_eq!(trials.take(&ben, 1, at(2)), Ok(()));
        assert_eq!(trials.take(&anna, 1, at(3)), Ok(()));
        assert_eq!(trials.take(&anna, 1_000, at(63)), Ok(()), "never more than all");
    }
}
