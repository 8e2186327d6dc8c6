//! The link to the stick: frames, acknowledgements and retransmission (Serial API host
//! application programming guide, INS12350 section 5).
