//! Encryption with rustls, and libpq's meaning of `sslmode`.
//!
//! The cryptography provider is always ring, never the process default that
//! another crate may have set.

mod verify;

use super::connector::{Mode, Roots, Ssl};
use crate::BoxError;
use crate::error::{ConnectKind, Error, Refusal};
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Creates the connector for encrypted connections.
pub(super) fn connector(ssl: &Ssl) -> Result<MakeRustlsConnect, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(ssl, &provider)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| unreadable("the settings of rustls", cause))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    // PostgreSQL 17 and later requires it for `sslnegotiation=direct`; other
    // servers ignore it.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn verifier(
    ssl: &Ssl,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let roots = match (ssl.mode, &ssl.roots) {
        (Mode::Disable | Mode::Prefer | Mode::Require, _) => None,
        (_, Roots::System) => Some(system()?),
        (_, Roots::File(path)) => Some(file(path)?),
    };
    Ok(Arc::new(verify::Verifier {
        provider: provider.clone(),
        roots,
        named: ssl.mode == Mode::VerifyFull,
    }))
}

fn system() -> Result<RootCertStore, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    // Some system certificates cannot be parsed by webpki. They would not be
    // usable anyway.
    let (added, _) = store.add_parsable_certificates(found.certs);
    match (added, found.errors.into_iter().next()) {
        (0, Some(cause)) => Err(unreadable("the system", cause)),
        (0, None) => Err(unreadable("the system", "there is none")),
        _ => Ok(store),
    }
}

fn file(path: &Path) -> Result<RootCertStore, Error> {
    let place = format!("`{}`", path.display());
    let mut store = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|cause| unreadable(&place, cause))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|cause| unreadable(&place, cause))?;
        store
            .add(certificate)
            .map_err(|cause| unreadable(&place, cause))?;
    }
    if store.is_empty() {
        Err(unreadable(&place, "it contains no certificate"))
    } else {
        Ok(store)
    }
}

fn unreadable(place: &str, cause: impl Into<BoxError>) -> Error {
    let place = place.to_owned();
    Error::with_source(ConnectKind::Roots { place }.into(), cause)
}

/// The meaning of an error of rustls, which is wrapped in an I/O error; `None`
/// for other errors.
pub(super) fn refusal(cause: &io::Error) -> Option<Refusal> {
    let error: &rustls::Error = cause.get_ref()?.downcast_ref()?;
    let rustls::Error::InvalidCertificate(problem) = error else {
        return Some(Refusal::Handshake);
    };
    Some(match problem {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Refusal::Untrusted,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Refusal::WrongName
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Refusal::OutOfDate,
        _ => Refusal::Handshake,
    })
}
