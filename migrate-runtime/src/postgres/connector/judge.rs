//! What a connection error means: whether a retry may succeed, and how to
//! report it.

use crate::error::{Passing, Refusal};
use std::error::Error as _;
use std::io;
use tokio_postgres::Error;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::error::SqlState;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// Worth another attempt.
    Passing(Passing),
    /// A retry does not help.
    Final(Refusal),
}

/// A retry may succeed if nothing listens, the connection breaks, or the server
/// is starting, stopping or full. Otherwise it does not.
pub(super) fn judge(error: &Error, attributes: TargetSessionAttrs) -> Verdict {
    if let Some(code) = error.code() {
        return by_code(code);
    }
    let cause = io_cause(error);
    // tokio-postgres shows the kind of an error only in its text.
    match (error.to_string().as_str(), cause) {
        ("error connecting to server", Some(cause)) => by_socket(cause, attributes),
        ("error communicating with the server", Some(cause)) => by_stream(cause),
        ("error performing TLS handshake", Some(cause)) => by_handshake(cause),
        ("error performing TLS handshake", None) => Verdict::Final(by_negotiation(error)),
        ("authentication error", _) => Verdict::Final(Refusal::Authentication),
        ("invalid configuration", _) => Verdict::Final(by_configuration(error)),
        ("error parsing response from server", Some(cause))
            if cause.kind() == io::ErrorKind::UnexpectedEof =>
        {
            Verdict::Passing(Passing::Lost)
        }
        ("error parsing response from server" | "unexpected message from server", _) => {
            Verdict::Final(Refusal::NotPostgres)
        }
        _ if error.is_closed() => Verdict::Passing(Passing::Lost),
        _ => Verdict::Final(Refusal::Other),
    }
}

/// Whether an attempt without encryption may succeed where `prefer` allows one:
/// the handshake failed, or the server accepts no encryption for this user.
pub(super) fn may_be_the_encryption(error: &Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
        || error.to_string() == "error performing TLS handshake" && io_cause(error).is_some()
}

fn io_cause(error: &Error) -> Option<&io::Error> {
    error.source()?.downcast_ref()
}

fn by_code(code: &SqlState) -> Verdict {
    match code.code() {
        "57P03" => Verdict::Passing(Passing::StartingUp),
        "57P01" | "57P02" => Verdict::Passing(Passing::ShuttingDown),
        "53300" => Verdict::Passing(Passing::Full),
        "28P01" => Verdict::Final(Refusal::Password),
        "3D000" => Verdict::Final(Refusal::NoDatabase),
        "42501" => Verdict::Final(Refusal::NoPrivilege),
        code if code.starts_with("08") => Verdict::Passing(Passing::Troubled),
        code if code.starts_with("28") => Verdict::Final(Refusal::NotLetIn),
        _ => Verdict::Final(Refusal::Other),
    }
}

fn by_socket(cause: &io::Error, attributes: TargetSessionAttrs) -> Verdict {
    use io::ErrorKind as K;
    // tokio-postgres reports this for a server that does not match
    // `target_session_attrs`. Errors of the system have a number.
    if cause.kind() == K::PermissionDenied && cause.raw_os_error().is_none() {
        return Verdict::Passing(match attributes {
            TargetSessionAttrs::ReadOnly => Passing::NotReadOnly,
            _ => Passing::ReadOnly,
        });
    }
    match cause.kind() {
        K::PermissionDenied | K::InvalidInput => Verdict::Final(Refusal::ForbiddenSocket),
        K::ConnectionRefused => Verdict::Passing(Passing::NobodyListens),
        K::NotFound => Verdict::Passing(Passing::NoSocket),
        K::TimedOut => Verdict::Passing(Passing::Silent),
        K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown | K::AddrNotAvailable => {
            Verdict::Passing(Passing::NoRoute)
        }
        _ => Verdict::Passing(Passing::Lost),
    }
}

/// For an established connection: it broke, or the answer is not understood.
/// With TLS 1.3 the server rejects our side only here.
fn by_stream(cause: &io::Error) -> Verdict {
    match cause.kind() {
        io::ErrorKind::InvalidData if by_certificate(cause).is_some() => by_handshake(cause),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Verdict::Final(Refusal::NotPostgres)
        }
        _ => Verdict::Passing(Passing::Lost),
    }
}

fn by_handshake(cause: &io::Error) -> Verdict {
    match cause.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Verdict::Final(by_certificate(cause).unwrap_or(Refusal::Handshake))
        }
        _ => Verdict::Passing(Passing::Lost),
    }
}

fn by_negotiation(error: &Error) -> Refusal {
    match error.source().map(ToString::to_string).as_deref() {
        Some("server does not support TLS") => Refusal::NotEncrypted,
        _ => Refusal::Handshake,
    }
}

fn by_configuration(error: &Error) -> Refusal {
    match error.source().map(ToString::to_string).as_deref() {
        Some("password missing") => Refusal::NoPassword,
        _ => Refusal::Configuration,
    }
}

/// The meaning of an error of rustls, if it is one.
#[cfg(feature = "rustls")]
fn by_certificate(cause: &io::Error) -> Option<Refusal> {
    crate::postgres::tls::refusal(cause)
}

#[cfg(not(feature = "rustls"))]
fn by_certificate(_: &io::Error) -> Option<Refusal> {
    None
}
