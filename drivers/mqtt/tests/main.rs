//! Tests of the MQTT driver through its public face.

mod broker;
mod commands;
mod corpus;
mod devices;
mod hostile;
mod managing;
mod mapping;
mod mosquitto;
mod script;
mod states;
mod transcript;
