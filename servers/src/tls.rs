//! A certificate authority that signs for one server.

use std::fs;

use crate::keeper::Keeper;
use crate::server::{Server, shown};

/// The lines of `postgresql.conf` for certificates that this makes.
pub(crate) fn settings(keeper: &Keeper) -> String {
    let file = |name: &str| keeper.folder().join(name);
    let (authority, authority_key) = (file("ca.pem"), file("ca.key"));
    let (certificate, key, request) = (file("server.pem"), file("server.key"), file("server.csr"));
    // Clients do not take the certificate of an authority for that of a server,
    // so that one that signs itself would not do.
    let names = keeper.write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    let fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    let openssl = |words: &[&str]| keeper.once(&[&["openssl"], words].concat());
    openssl(
        &[
            &["req", "-x509", "-nodes", "-days", "2"],
            &fresh[..],
            &["-subj", "/CN=authority for a test"],
            &["-keyout", shown(&authority_key), "-out", shown(&authority)],
        ]
        .concat(),
    );
    openssl(
        &[
            &["req", "-nodes"],
            &fresh[..],
            &["-subj", "/CN=server for a test"],
            &["-keyout", shown(&key), "-out", shown(&request)],
        ]
        .concat(),
    );
    openssl(&[
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        shown(&request),
        "-CA",
        shown(&authority),
        "-CAkey",
        shown(&authority_key),
        "-CAcreateserial",
        "-extfile",
        shown(&names),
        "-out",
        shown(&certificate),
    ]);
    format!(
        "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
        shown(&certificate),
        shown(&key)
    )
}

impl Server {
    /// The certificate of the authority that has signed for this server, which
    /// was started with [`Options::tls`](crate::Options::tls). It is valid for
    /// `localhost` and 127.0.0.1.
    ///
    /// # Panics
    ///
    /// When it was started without.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        fs::read_to_string(self.folder().join("ca.pem")).expect("the server was started with TLS")
    }
}
