//! What a connection error means: whether a retry may succeed, and how to
//! report it.

use crate::error::{Refusal, TransientCause};
use std::error::Error as _;
use std::io;
use tokio_postgres::Error;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::error::SqlState;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// Worth another attempt.
    Transient(TransientCause),
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
        // With TLS 1.3 the server rejects our side only here.
        ("error communicating with the server", Some(cause)) => {
            by_stream(cause, Refusal::NotPostgres)
        }
        ("error performing TLS handshake", Some(cause)) => by_stream(cause, Refusal::Handshake),
        ("error performing TLS handshake", None) => by_text(error, Refusal::Handshake),
        ("authentication error", _) => Verdict::Final(Refusal::Authentication),
        ("invalid configuration", _) => by_text(error, Refusal::Configuration),
        ("error parsing response from server", Some(cause))
            if cause.kind() == io::ErrorKind::UnexpectedEof =>
        {
            Verdict::Transient(TransientCause::Lost)
        }
        ("error parsing response from server" | "unexpected message from server", _) => {
            Verdict::Final(Refusal::NotPostgres)
        }
        _ if error.is_closed() => Verdict::Transient(TransientCause::Lost),
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
        "57P03" => Verdict::Transient(TransientCause::StartingUp),
        "57P01" | "57P02" => Verdict::Transient(TransientCause::ShuttingDown),
        "53300" => Verdict::Transient(TransientCause::Full),
        "28P01" => Verdict::Final(Refusal::Password),
        "3D000" => Verdict::Final(Refusal::NoDatabase),
        "42501" => Verdict::Final(Refusal::NoPrivilege),
        code if code.starts_with("08") => Verdict::Transient(TransientCause::Other),
        code if code.starts_with("28") => Verdict::Final(Refusal::NotLetIn),
        _ => Verdict::Final(Refusal::Other),
    }
}

fn by_socket(cause: &io::Error, attributes: TargetSessionAttrs) -> Verdict {
    use io::ErrorKind as K;
    // tokio-postgres reports this for a server that does not match
    // `target_session_attrs`. Errors of the system have a number.
    if cause.kind() == K::PermissionDenied && cause.raw_os_error().is_none() {
        return Verdict::Transient(match attributes {
            TargetSessionAttrs::ReadOnly => TransientCause::NotReadOnly,
            _ => TransientCause::ReadOnly,
        });
    }
    match cause.kind() {
        K::PermissionDenied | K::InvalidInput => Verdict::Final(Refusal::ForbiddenSocket),
        K::ConnectionRefused => Verdict::Transient(TransientCause::NobodyListens),
        K::NotFound => Verdict::Transient(TransientCause::NoSocket),
        K::TimedOut => Verdict::Transient(TransientCause::Silent),
        K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown | K::AddrNotAvailable => {
            Verdict::Transient(TransientCause::NoRoute)
        }
        _ => Verdict::Transient(TransientCause::Lost),
    }
}

/// For an established connection: it broke, or the answer is not understood.
fn by_stream(cause: &io::Error, not_understood: Refusal) -> Verdict {
    match cause.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Verdict::Final(by_certificate(cause).unwrap_or(not_understood))
        }
        _ => Verdict::Transient(TransientCause::Lost),
    }
}

/// For an error whose reason is only in the text of its cause.
fn by_text(error: &Error, otherwise: Refusal) -> Verdict {
    let cause = error.source().map(ToString::to_string);
    Verdict::Final(match cause.as_deref() {
        Some("server does not support TLS") => Refusal::NotEncrypted,
        Some("password missing") => Refusal::NoPassword,
        _ => otherwise,
    })
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
