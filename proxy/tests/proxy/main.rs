//! The proxy between real sockets: a site of our own on one side, a client of our own or curl on the other.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod authorities;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod client_certs;
#[cfg(test)]
mod entrances;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod own_site;
#[cfg(test)]
mod passthrough;
#[cfg(test)]
mod pitfalls;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod redial;
#[cfg(test)]
mod reverse;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod socks;
#[cfg(test)]
mod tunnels;
#[cfg(test)]
mod uploads;
#[cfg(test)]
mod upstream;
#[cfg(test)]
mod websocket_clients;
#[cfg(test)]
mod websockets;
