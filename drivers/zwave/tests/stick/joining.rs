//! Nodes join, take the place of others, get names and find their routes: the driver with a stick in virtual time.

mod keys;
mod long_range;
mod node;
mod replacing;
mod routes;
mod security;
mod smart_start;
mod stick;
mod woken;
