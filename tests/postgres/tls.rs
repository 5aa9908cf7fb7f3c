//! Encrypted connections: `sslmode` as libpq means it.

use crate::{authenticate, block, message, value};
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Error, ErrorKind};
use migrate_servers::{Options, Server};
use std::path::Path;
use std::time::Duration;

fn encrypting() -> Option<Server> {
    Server::start_with(&Options::new().tls())
}

/// Whether the connection is encrypted.
fn encrypted(url: &str) -> Result<bool, Error> {
    // What does not pass is told at once, however long this is.
    let connector = Connector::parse(url)?.connect_timeout(Duration::from_secs(60));
    block(async {
        let client = connector.connect().await?;
        let sql = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        Ok(value(&client, sql).await == "true")
    })
}

fn fails(url: &str) -> String {
    let error = encrypted(url).unwrap_err();
    assert!(
        !error.is_unreachable() && error.kind() != ErrorKind::PermissionDenied,
        "{error}"
    );
    message(&error)
}

/// The URL of a server by a name that its certificate does not hold.
fn misnamed(server: &Server, query: &str) -> String {
    let port = server.port();
    format!("host=db.internal hostaddr=127.0.0.1 port={port} user=postgres dbname=postgres {query}")
}

#[test]
fn a_server_that_can_encrypt() {
    let Some(server) = encrypting() else {
        return;
    };
    let root = server.folder().join("ca.pem").display().to_string();
    let url = |query: &str| format!("{}?{query}", server.url("postgres"));
    for (query, expected) in [
        ("sslmode=disable", false),
        ("", true),
        ("sslmode=allow", true),
        ("sslmode=prefer", true),
        ("sslmode=require", true),
        (&format!("sslmode=require&sslrootcert={root}"), true),
        (&format!("sslmode=verify-ca&sslrootcert={root}"), true),
        (&format!("sslrootcert={root}&sslmode=verify-full"), true),
    ] {
        assert_eq!(encrypted(&url(query)).unwrap(), expected, "{query}");
    }
    // Neither tells who is there; only the last does.
    assert!(encrypted(&misnamed(&server, "sslmode=require")).unwrap());
    let query = format!("sslmode=verify-ca sslrootcert={root}");
    assert!(encrypted(&misnamed(&server, &query)).unwrap());
    let query = format!("sslmode=verify-full sslrootcert={root}");
    insta::assert_snapshot!(fails(&misnamed(&server, &query)), @r#"the certificate of `db.internal:PORT` is for another name; use the name in the certificate, or `sslmode=verify-ca` if any server of that authority will do: error performing TLS handshake: invalid peer certificate: certificate not valid for name "db.internal"; certificate is only valid for DnsName("localhost") or IpAddress(127.0.0.1)"#);
    // By address alone.
    let port = server.port();
    let address = format!("hostaddr=127.0.0.1 port={port} user=postgres {query}");
    assert!(encrypted(&address).unwrap());
    // A socket is never encrypted, whatever is asked for.
    let folder = server.folder().display();
    let socket = format!("host={folder} port={port} user=postgres {query}");
    assert!(!encrypted(&socket).unwrap());
}

#[test]
fn an_authority_that_is_not_trusted() {
    let (Some(server), Some(other)) = (encrypting(), encrypting()) else {
        return;
    };
    let root = other.folder().join("ca.pem").display().to_string();
    let url = |mode: &str| format!("{}?sslmode={mode}", server.url("postgres"));
    let verified = fails(&format!("{}&sslrootcert={root}", url("verify-full")));
    insta::assert_snapshot!(verified, @"the certificate of `127.0.0.1:PORT` is not signed by a trusted authority; name the certificate of its authority in `sslrootcert`: error performing TLS handshake: invalid peer certificate: BadSignature");
    for mode in ["verify-ca", "require"] {
        let text = fails(&format!("{}&sslrootcert={root}", url(mode)));
        assert_eq!(text, verified);
    }
    // The authorities of the system do not vouch for it either, if there are any.
    fails(&url("verify-full"));
    fails(&format!("{}?sslrootcert=system", server.url("postgres")));
}

#[test]
fn certificates_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let shown = |path: &Path| path.display().to_string();
    let missing = folder.path().join("missing.pem");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing\n").unwrap();
    for (path, text) in [
        (&missing, "missing"),
        (&empty, "it contains no certificate"),
    ] {
        let url = format!(
            "postgres://app@db/orders?sslmode=verify-ca&sslrootcert={}",
            shown(path)
        );
        let text_seen = fails(&url).replace(&shown(folder.path()), "FOLDER");
        assert!(text_seen.contains(text));
        match text {
            "missing" => {
                insta::assert_snapshot!(text_seen, @"the trusted certificates cannot be read from `FOLDER/missing.pem`; name a readable PEM file in `sslrootcert`: I/O error: No such file or directory (os error 2)");
            }
            _ => {
                insta::assert_snapshot!(text_seen, @"the trusted certificates cannot be read from `FOLDER/empty.pem`; name a readable PEM file in `sslrootcert`: it contains no certificate");
            }
        }
    }
}

#[test]
fn a_server_that_cannot_encrypt() {
    let Some(server) = Server::shared() else {
        return;
    };
    let url = server.url("postgres");
    assert!(!encrypted(&url).unwrap());
    insta::assert_snapshot!(fails(&format!("{url}?sslmode=require")), @"`127.0.0.1:PORT` does not support encryption, but `sslmode` requires it; turn `ssl` on in its configuration, or choose another `sslmode`: error performing TLS handshake: server does not support TLS");
    assert!(!encrypted(&format!("{url}?sslmode=prefer")).unwrap());
}

#[test]
fn prefer_takes_what_there_is() {
    let Some(server) = encrypting() else {
        return;
    };
    server.psql("CREATE ROLE plain LOGIN");
    server.psql("CREATE ROLE wrapped LOGIN");
    authenticate(
        &server,
        "hostnossl all plain 127.0.0.1/32 trust\nhostssl all wrapped 127.0.0.1/32 trust",
    );
    let url = |user: &str, mode: &str| {
        format!(
            "postgres://{user}@{}/postgres?sslmode={mode}",
            server.address()
        )
    };
    assert!(!encrypted(&url("plain", "prefer")).unwrap());
    assert!(encrypted(&url("wrapped", "prefer")).unwrap());
    let error = encrypted(&url("plain", "require")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    insta::assert_snapshot!(message(&error), @r#"`127.0.0.1:PORT` does not accept the user `plain`; create the role, or allow it this connection in `pg_hba.conf`: db error: FATAL: no pg_hba.conf entry for host "127.0.0.1", user "plain", database "postgres", SSL encryption"#);
    let error = encrypted(&url("wrapped", "disable")).unwrap_err();
    insta::assert_snapshot!(message(&error), @r#"`127.0.0.1:PORT` does not accept the user `wrapped`; create the role, or allow it this connection in `pg_hba.conf`: db error: FATAL: no pg_hba.conf entry for host "127.0.0.1", user "wrapped", database "postgres", no encryption"#);
    // Where neither is taken, the way that was preferred is told of.
    let error = encrypted(&url("nobody", "prefer")).unwrap_err();
    insta::assert_snapshot!(message(&error), @r#"`127.0.0.1:PORT` does not accept the user `nobody`; create the role, or allow it this connection in `pg_hba.conf`: db error: FATAL: no pg_hba.conf entry for host "127.0.0.1", user "nobody", database "postgres", SSL encryption"#);
}

#[test]
fn encryption_from_the_first_byte_is_no_matter_of_preference() {
    let Some(server) = encrypting() else {
        return;
    };
    let url = format!("{}?sslnegotiation=direct", server.url("postgres"));
    insta::assert_snapshot!(fails(&url), @r#"no encrypted connection to `127.0.0.1:PORT` could be made; check its certificate and its log: error performing TLS handshake: weak sslmode "prefer" may not be used with sslnegotiation=direct (use "require")"#);
}

#[test]
fn no_version_in_common() {
    let old = Options::new()
        .tls()
        .setting("ssl_min_protocol_version", "TLSv1")
        .setting("ssl_max_protocol_version", "TLSv1.1");
    let Some(server) = Server::start_with(&old) else {
        return;
    };
    let url = server.url("postgres");
    insta::assert_snapshot!(fails(&format!("{url}?sslmode=require")), @"no encrypted connection to `127.0.0.1:PORT` could be made; check its certificate and its log: error performing TLS handshake: received fatal alert: ProtocolVersion");
    assert!(!encrypted(&url).unwrap());
}

#[test]
fn a_password_is_bound_to_the_channel() {
    let Some(server) = encrypting() else {
        return;
    };
    server.psql("CREATE ROLE app LOGIN PASSWORD 'right'");
    authenticate(&server, "host all app 127.0.0.1/32 scram-sha-256");
    let at = server.address();
    let url = format!("postgres://app:right@{at}/postgres?channel_binding=require");
    assert!(encrypted(&url).unwrap());
}

#[test]
fn a_statement_is_cancelled_through_it() {
    let Some(server) = encrypting() else {
        return;
    };
    authenticate(
        &server,
        "hostnossl all all 127.0.0.1/32 reject\nhostssl all all 127.0.0.1/32 trust",
    );
    let root = server.folder().join("ca.pem").display().to_string();
    let url = format!(
        "{}?sslmode=verify-full&sslrootcert={root}",
        server.url("postgres")
    );
    let connector = Connector::parse(&url).unwrap();
    block(async {
        let client = connector.connect().await.unwrap();
        let sleeping = client.batch_execute("SELECT pg_sleep(60)");
        let cancelling = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            connector.cancel(client.cancel_token()).await.unwrap();
            std::future::pending::<()>().await;
        };
        let error = tokio::select! {
            error = sleeping => error.unwrap_err(),
            () = cancelling => unreachable!(),
        };
        assert_eq!(error.code().unwrap().code(), "57014");
    });
}
