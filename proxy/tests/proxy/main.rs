//! The proxy between real sockets: a site of our own on one side, a client of our own or curl on the other.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod tunnels;
