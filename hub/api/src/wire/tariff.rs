//! What energy costs, on the wire.

use hub_model::Said;
use hub_model::household::EnergyRate;
use hub_model::zone::Weekday;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

const MOST_RATES: usize = 32;
/// No money is worth so little that a kilowatt hour would cost more.
const DEAREST: f64 = 1e9;

/// What a kilowatt hour costs at a time of day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EnergyRate)]
pub(crate) struct EnergyRateBody {
    /// From when (included) by the home's clocks: `22:00`.
    from: String,
    /// Until when (excluded); not later than `from` = on the next day.
    to: String,
    /// In the home's currency.
    price: f64,
    /// The days on which it begins, `mon` to `sun`; left out or empty = every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    weekdays: Vec<Weekday>,
}

impl EnergyRateBody {
    pub(crate) fn new(rate: &EnergyRate) -> Self {
        Self {
            from: rate.from.to_string(),
            to: rate.to.to_string(),
            price: rate.price,
            weekdays: rate.weekdays.clone(),
        }
    }

    fn checked(self) -> Result<EnergyRate, Problem> {
        let clock = |text: &str| {
            text.parse().map_err(|error| bad("energy_rates", format!("A rate has a time that cannot be: {error}.")))
        };
        let mut weekdays = self.weekdays;
        weekdays.sort_unstable();
        weekdays.dedup();
        Ok(EnergyRate { from: clock(&self.from)?, to: clock(&self.to)?, price: price(self.price)?, weekdays })
    }
}

/// The rates that are to be; the first that fits counts.
pub(crate) fn rates(wanted: Vec<EnergyRateBody>) -> Result<Vec<EnergyRate>, Problem> {
    if wanted.len() > MOST_RATES {
        return Err(bad("energy_rates", format!("There are more than {MOST_RATES} rates.")));
    }
    wanted.into_iter().map(EnergyRateBody::checked).collect()
}

/// A price that can be. What is negative is paid to the home.
pub(crate) fn price(price: f64) -> Result<f64, Problem> {
    if price.is_finite() && price.abs() <= DEAREST {
        return Ok(price);
    }
    Err(bad("energy_price", format!("The price {price} cannot be.")))
}

fn bad(field: &'static str, detail: String) -> Problem {
    let hint = "Give a price for each kWh, and rates like {\"from\":\"22:00\",\"to\":\"06:00\",\"price\":0.21}.";
    Problem::invalid("bad_value", Said::new("price", detail), hint).with("field", field.into())
}
