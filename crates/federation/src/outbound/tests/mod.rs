//! The client against real servers on this machine.

mod addresses;
mod bounds;
mod exchange;
mod loopback;
mod redirects;
mod silence;
mod trust;

use std::time::Duration;

use tokio::net::TcpSocket;

use super::client::PATIENCE;
use super::resolver::System;
use super::{Networks, Outbound, OutboundRules, Roots};

/// Loopback is allowed, and the system's resolver is asked.
fn outbound() -> Outbound {
    patient(PATIENCE)
}

fn patient(patience: Duration) -> Outbound {
    Outbound::with(rules("127.0.0.0/8, ::1"), System, patience).unwrap()
}

fn rules(allow: &str) -> OutboundRules {
    OutboundRules { allow: Networks::parse(allow).unwrap(), roots: Roots::default() }
}

/// A port that is taken, and where nobody listens.
fn deaf() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket
}
