//! A service that brings its PostgreSQL database up to date when it starts.
//!
//! `cargo run --example service_postgres -- postgres://app@localhost/links` waits
//! for the server, applies what is pending, and saves a link. With `--plan` it
//! says what it would apply, with `--verify` whether database and migrations
//! agree; neither writes anything.

use clap::Parser;
use migrate_runtime::embed_migrations;
use migrate_runtime::postgres::Connector;
use migrate_runtime::tokio_postgres::{self, Client};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

embed_migrations!("../migrations-postgres", engine = "postgres");

/// A service that keeps links
#[derive(Parser)]
#[command(name = "service_postgres")]
struct Cli {
    /// Where the database is: `postgres://user:password@host/name`
    url: String,
    /// Say what would be applied, and apply nothing
    #[arg(long)]
    plan: bool,
    /// Say whether database and migrations agree
    #[arg(long, conflicts_with = "plan")]
    verify: bool,
    /// For how many seconds to wait for a server that is not there yet
    #[arg(long, default_value_t = 60)]
    patience: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> Result<ExitCode, Box<dyn Error>> {
    let connector = Connector::parse(&cli.url)?.connect_timeout(Duration::from_secs(cli.patience));
    // A server that comes up, or that others fill, is tried again with pauses
    // that grow; a wrong password is an error at once.
    let mut client = connector.connect().await?;
    println!("database: {}", connector.shown());

    let commit = option_env!("GIT_COMMIT").unwrap_or("unknown");
    let migrator = Migration::migrator()
        .git_commit(commit)
        .connector(connector);
    if cli.plan {
        println!("{}", migrator.plan(&client).await?);
        return Ok(ExitCode::SUCCESS);
    }
    if cli.verify {
        let verification = migrator.verify(&client).await?;
        println!("{verification}");
        return Ok(ExitCode::from(u8::from(!verification.is_clean())));
    }
    println!("{}\n", migrator.up(&mut client).await?);
    println!("{}\n", migrator.status(&client).await?);

    let user = user(&client, "Example & Sons", "ada@example.org").await?;
    let manual = "https://www.postgresql.org/docs/";
    save(&client, user, manual, "The PostgreSQL manual").await?;
    for row in client
        .query("SELECT title, domain FROM links.recent ORDER BY at", &[])
        .await?
    {
        let (title, domain): (&str, &str) = (row.get(0), row.get(1));
        println!("found: {title} ({domain})");
    }
    Ok(ExitCode::SUCCESS)
}

/// The user of this address, who is new or not.
async fn user(
    client: &Client,
    organization: &str,
    email: &str,
) -> Result<i64, tokio_postgres::Error> {
    client
        .execute(
            "INSERT INTO accounts.organizations (name) VALUES ($1) ON CONFLICT DO NOTHING",
            &[&organization],
        )
        .await?;
    client
        .execute(
            "INSERT INTO accounts.users (organization_id, email)
             SELECT id, $2 FROM accounts.organizations WHERE name = $1 ON CONFLICT DO NOTHING",
            &[&organization, &email],
        )
        .await?;
    let sql = "SELECT id FROM accounts.users WHERE lower(email) = lower($1)";
    Ok(client.query_one(sql, &[&email]).await?.get(0))
}

/// Saves a link, or gives one that is known already its new title.
async fn save(
    client: &Client,
    user: i64,
    url: &str,
    title: &str,
) -> Result<(), tokio_postgres::Error> {
    client
        .execute(
            "INSERT INTO links.links (user_id, url, title) VALUES ($1, $2, $3)
             ON CONFLICT (user_id, url) DO UPDATE SET title = excluded.title",
            &[&user, &url, &title],
        )
        .await
        .map(drop)
}
