//! Security 2 and Security 0: keys, nonces, encapsulation.
