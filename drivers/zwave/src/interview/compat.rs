//! Where a model does not do what the specification says: the one place that obeys it on the way in.

#[cfg(test)]
mod tests;

use super::known::Known;
use super::queries::Query;
use crate::attributes::Endpoint;
use crate::command_class::{Command, CommandClass as C, binary_switch, notification, thermostat_mode};
use crate::device_database::{AlarmMapping, AlarmParameter, Compat, OverriddenQuery};

/// A question of which the answer is known: the class, its name in the table, the command, and what its answer says.
type Row = (C, &'static str, u8, fn(&mut Endpoint, &OverriddenQuery));

#[rustfmt::skip]
const QUERIES: &[Row] = &[
    (C::THERMOSTAT_MODE, "getSupportedModes", 0x04, |endpoint, query| endpoint.thermostat_modes = query.bytes().collect()),
    (C::THERMOSTAT_SETPOINT, "getSupportedSetpointTypes", 0x04, |endpoint, query| {
        endpoint.setpoints.retain(|setpoint, _| query.bytes().any(|known| known == *setpoint));
        query.bytes().for_each(|setpoint| { endpoint.setpoints.entry(setpoint).or_default(); });
    }),
    (C::COLOR_SWITCH, "getSupported", 0x01, |endpoint, query| {
        endpoint.colors.retain(|color, _| query.bytes().any(|known| known == *color));
        query.bytes().for_each(|color| { endpoint.colors.entry(color).or_default(); });
    }),
    (C::USER_CODE, "getUsersCount", 0x04, |endpoint, query| endpoint.users = query.result.first().copied().unwrap_or_default()),
    (C::MULTILEVEL_SENSOR, "getSupportedScales", 0x03, |endpoint, query| {
        if let (Some(sensor), Some(scale)) = (query.arguments.first(), query.bytes().next()) {
            endpoint.sensors.insert(*sensor, scale);
        }
    }),
];

/// Classes that say how the home is; what others say is about the node that says it.
const OF_THE_HOME: &[C] = &[
    C::BASIC,
    C::BINARY_SWITCH,
    C::MULTILEVEL_SWITCH,
    C::BINARY_SENSOR,
    C::MULTILEVEL_SENSOR,
    C::METER,
    C::NOTIFICATION,
    C::BATTERY,
    C::THERMOSTAT_MODE,
    C::THERMOSTAT_SETPOINT,
    C::THERMOSTAT_OPERATING_STATE,
];

fn row(query: &OverriddenQuery) -> Option<&'static Row> {
    QUERIES.iter().find(|row| row.0 == query.class && *row.1 == *query.method)
}

impl OverriddenQuery {
    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.result.iter().filter_map(|number| u8::try_from(*number).ok())
    }
}

impl Known {
    fn compat(&self) -> Option<&Compat> {
        self.model().map(|model| &model.compat)
    }

    /// Whether the answer to a question is known, or nobody wants it.
    pub(super) fn knows_better(&self, query: &Query) -> bool {
        let (Some(compat), [class, command, rest @ ..]) = (self.compat(), query.command.as_slice()) else {
            return false;
        };
        let class = C(u16::from(*class));
        let is_skipped = class == C::CONFIGURATION
            && (compat.skip_configuration_name_query && *command == 0x0A
                || compat.skip_configuration_info_query && *command == 0x0C);
        let is_overridden = |overridden: &OverriddenQuery| {
            let row = row(overridden).filter(|row| (row.0, row.2) == (class, *command));
            row.is_some() && overridden.endpoint == query.endpoint && rest.starts_with(&overridden.arguments)
        };
        is_skipped || compat.override_queries.iter().any(is_overridden)
    }

    /// Whether an endpoint is of no use.
    pub(super) fn is_removed(&self, endpoint: u8) -> bool {
        let removed = self.compat().and_then(|compat| compat.remove_endpoints.as_ref());
        endpoint != 0 && removed.is_some_and(|removed| removed.is_empty() || removed.contains(&endpoint))
    }

    /// The endpoint that a command of a class is about; none = the class does not work there.
    pub fn endpoint_of(&self, endpoint: u8, class: C) -> Option<u8> {
        let Some(compat) = self.compat() else { return Some(endpoint) };
        let has = |endpoint: &u8| self.node.endpoints.get(endpoint).is_some_and(|endpoint| endpoint.has(class));
        let target = compat.map_root_reports_to_endpoint;
        let target = target.filter(|target| endpoint == 0 && OF_THE_HOME.contains(&class) && has(target));
        let endpoint = target.unwrap_or(endpoint);
        // Basic is not a class of its own: it means others.
        let is_removed =
            class != C::BASIC && compat.remove_classes.iter().any(|removed| removed.is_at(class, endpoint));
        (!is_removed).then_some(endpoint)
    }

    /// What is known of the model counts, whatever the node said.
    pub(super) fn obey_compat(&mut self) {
        let Some(model) = self.model().cloned() else { return };
        let compat = &model.compat;
        self.node.basic_set = compat.map_basic_set.unwrap_or_default();
        self.node.basic_report = compat.map_basic_report.unwrap_or_default();
        self.node.keeps_root_values = compat.preserve_root_application_cc_value_ids;
        if let Some(removed) = &compat.remove_endpoints {
            self.node.endpoints.retain(|number, _| *number == 0 || !(removed.is_empty() || removed.contains(number)));
        }
        for added in &compat.add_classes {
            let Some(endpoint) = self.node.endpoints.get_mut(&added.endpoint) else { continue };
            if added.is_supported || endpoint.has(added.class) {
                let version = endpoint.versions.entry(added.class).or_default();
                *version = added.version.unwrap_or(*version);
            }
        }
        for (number, endpoint) in &mut self.node.endpoints {
            endpoint.versions.retain(|class, _| !compat.remove_classes.iter().any(|row| row.is_at(*class, *number)));
        }
        for query in &compat.override_queries {
            if let (Some(row), Some(endpoint)) = (row(query), self.node.endpoints.get_mut(&query.endpoint)) {
                row.3(endpoint, query);
            }
        }
        if let Some(root) = self.node.endpoints.get_mut(&0) {
            for mapping in compat.alarm_mapping.iter().filter(|mapping| mapping.event != notification::IDLE) {
                root.notifications.entry(mapping.notification_type).or_default().insert(mapping.event);
            }
        }
    }

    /// A command as the model means it.
    pub(super) fn as_meant(&self, command: Command) -> Command {
        let Some(compat) = self.compat() else { return command };
        match command {
            Command::Notification(notification::Command::AlarmReport(alarm)) => {
                mapped(compat, alarm).map_or(Command::Notification(notification::Command::AlarmReport(alarm)), report)
            }
            Command::Notification(notification::Command::Report(said)) => {
                // Type 0 is that of a notification that has no old alarm.
                let alarm = Some(said.alarm).filter(|alarm| alarm.alarm_type != 0);
                report(alarm.and_then(|alarm| mapped(compat, alarm)).unwrap_or_else(|| remapped(compat, said)))
            }
            Command::BinarySwitch(binary_switch::Command::Set { target, .. })
                if means_report(compat, "BinarySwitchCCSet") =>
            {
                Command::BinarySwitch(binary_switch::Command::Report { current: target, target: None })
            }
            Command::ThermostatMode(thermostat_mode::Command::Set { mode, manufacturer_data })
                if means_report(compat, "ThermostatModeCCSet") =>
            {
                Command::ThermostatMode(thermostat_mode::Command::Report { mode, manufacturer_data })
            }
            other => other,
        }
    }
}

fn means_report(compat: &Compat, name: &str) -> bool {
    compat.treat_set_as_report.iter().any(|set| **set == *name)
}

fn report(notification: notification::Notification) -> Command {
    Command::Notification(notification::Command::Report(notification))
}

/// The notification that an old alarm is.
fn mapped(compat: &Compat, alarm: notification::Alarm) -> Option<notification::Notification> {
    let is_it = |mapping: &&AlarmMapping| {
        mapping.alarm_type == alarm.alarm_type && mapping.alarm_level.is_none_or(|level| level == alarm.level)
    };
    let mapping = compat.alarm_mapping.iter().find(is_it)?;
    let parameters = mapping.parameters.values().map(|parameter| match parameter {
        AlarmParameter::Number(number) => *number,
        AlarmParameter::Level(_) => alarm.level,
    });
    Some(notification::Notification {
        notification_type: mapping.notification_type,
        status: 0xff,
        event: mapping.event,
        parameters: parameters.collect(),
        sequence_number: None,
        // It was told as what it means.
        alarm: notification::Alarm::default(),
    })
}

/// The notification that another one is.
fn remapped(compat: &Compat, said: notification::Notification) -> notification::Notification {
    let is_it = |(kind, event): (u8, u8)| (kind, event) == (said.notification_type, said.event);
    let row =
        compat.remap_notifications.iter().find(|row| is_it((row.from.notification_type, row.from.notification_event)));
    let Some(row) = row else { return said };
    match (row.to, row.idle.as_slice()) {
        (Some(to), _) => {
            notification::Notification { notification_type: to.notification_type, event: to.notification_event, ..said }
        }
        // A state that is over is told as idle, with its event.
        (None, [over, ..]) => notification::Notification {
            notification_type: over.notification_type,
            event: notification::IDLE,
            parameters: vec![over.notification_event],
            ..said
        },
        (None, []) => said,
    }
}
