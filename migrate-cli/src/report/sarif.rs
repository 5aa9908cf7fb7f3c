//! SARIF 2.1.0, the format of code scanning.

use super::text;
use crate::percent_encoding;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_tools::Check;
use serde_json::{Value, json};

pub(crate) fn document(check: &Check) -> Value {
    let errors = check.errors.iter().map(|it| ("error", it));
    let warnings = check.warnings.iter().map(|it| ("warning", it));
    let found: Vec<_> = errors.chain(warnings).collect();
    let mut codes: Vec<Code> = found.iter().map(|(_, it)| it.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = found
        .iter()
        .map(|(level, diagnostic)| result(level, diagnostic, &codes))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "migrate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    let mut rule = json!({ "id": code.as_str() });
    if let Some(name) = code.rule() {
        rule["name"] = json!(name.name);
    }
    rule
}

fn result(level: &str, diagnostic: &Diagnostic, codes: &[Code]) -> Value {
    let uri = percent_encoding::encode_path(&diagnostic.path);
    let mut place = json!({ "artifactLocation": { "uri": uri } });
    if let Some(excerpt) = &diagnostic.excerpt {
        let position = excerpt.position;
        place["region"] = json!({
            "startLine": position.line,
            "startColumn": position.column,
            "endColumn": position.column + excerpt.width,
            "snippet": { "text": excerpt.line },
        });
    }
    json!({
        "ruleId": diagnostic.code.as_str(),
        "ruleIndex": codes.binary_search(&diagnostic.code).ok(),
        "level": level,
        "message": { "text": text(diagnostic) },
        "locations": [{ "physicalLocation": place }],
    })
}
