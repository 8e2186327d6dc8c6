//! The functions of the Serial API, one file each.
