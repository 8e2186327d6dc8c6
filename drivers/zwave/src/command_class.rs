//! Command classes, one file each, named as in the specification.
