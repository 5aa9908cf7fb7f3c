//! `--format json` has the same shape as on SQLite.

use crate::Shop;
use serde_json::Value;

#[test]
fn every_verb_prints_what_the_schema_says() {
    let Some(shop) = Shop::new() else { return };
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/output.schema.json");
    let text = std::fs::read_to_string(path).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let document = |arguments: &str| -> Value {
        let ran = shop.run(&format!("{arguments} --format json"));
        let document: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{arguments}: {error} in\n{ran}"));
        assert_eq!(ran.stderr, "", "{arguments}");
        assert_eq!(document["exit_code"], Value::from(ran.code), "{arguments}");
        if let Err(error) = schema.validate(&document) {
            panic!("{arguments}: {error}\n{document:#}");
        }
        document
    };
    for arguments in [
        "status --exit-code",
        "plan",
        "up --dry-run --steps 1",
        "up --steps 2",
        "up",
        "verify",
        "down --dry-run",
        "down --yes",
        "redo --yes",
        "repair 1",
        "reset --yes",
        "check",
        "lock --freeze",
    ] {
        drop(document(arguments));
    }
    shop.folder.remove("migrations/migrations.lock");
    shop.psql("CREATE TABLE users (id bigint PRIMARY KEY)");
    drop(document("baseline 1"));
    let server = shop.server.address();
    let shown = format!("{server}/{}", shop.database.name());
    assert_eq!(document("status")["database"], Value::from(shown));
    shop.folder.write(
        "migrations/004_wrong.sql",
        "SELECT 1;\nSELECT x\n  FROM nowhere;\n",
    );
    let wrong = document("up");
    assert_eq!(wrong["error"]["location"]["line"], 3);
    assert_eq!(wrong["error"]["applied"][0]["version"], 2);
}
