//! Encrypted connections.

use std::process::{Command, Output};

use migrate_servers::{Options, Proxy, Server};

fn psql(server: &Server, host: &str, port: u16, options: &str) -> std::io::Result<Output> {
    Command::new(server.binaries().join("psql"))
        .args(["-XAtq", "-c"])
        .arg("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        .arg(format!(
            "postgres://postgres@{host}:{port}/postgres?{options}"
        ))
        .output()
}

#[test]
fn the_certificate_is_verified_by_others() {
    let Some(server) = Server::start_with(&Options::new().tls()) else {
        return;
    };
    assert!(server.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    let root = server.folder().join("ca.pem");
    let strict = format!("sslmode=verify-full&sslrootcert={}", root.display());
    let proxy = Proxy::start(server.address());
    for (host, port) in [
        ("127.0.0.1", server.port()),
        ("localhost", server.port()),
        // The proxy cannot look inside and passes it on.
        ("127.0.0.1", proxy.address().port()),
    ] {
        let output = psql(&server, host, port, &strict).unwrap();
        assert_eq!(output.stdout, b"t\n", "{host}:{port}: {output:?}");
    }
    assert_eq!(proxy.queries(), [""; 0]);
    assert_eq!(proxy.connections(), 1);

    let other = Server::start_with(&Options::new().tls()).unwrap();
    let output = psql(&server, "127.0.0.1", other.port(), &strict).unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(other.psql("SHOW ssl"), "on");
}

#[test]
fn other_servers_have_none() {
    let Some(server) = Server::shared() else {
        return;
    };
    let output = psql(server, "127.0.0.1", server.port(), "sslmode=require").unwrap();
    assert!(!output.status.success(), "{output:?}");
}
