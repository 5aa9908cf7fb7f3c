//! The help texts.

use crate::folder;

#[test]
fn every_verb_has_an_example() {
    let folder = folder();
    let help = folder.run("--help").fine().stdout;
    let verbs: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    assert_eq!(verbs.len(), 18, "{help}");
    for verb in verbs {
        let help = folder.run(&format!("{verb} --help")).fine().stdout;
        let (_, examples) = help
            .split_once("\nExample")
            .unwrap_or_else(|| panic!("{help}"));
        assert!(examples.contains(&format!("migrate {verb}")), "{help}");
    }
}

/// An example that is wrong is worse than none.
#[test]
fn the_examples_are_understood() {
    let folder = folder();
    let help = folder.run("man").fine().stdout;
    let mut seen = 0;
    for line in help
        .lines()
        .filter(|line| line.trim_start().starts_with("migrate ") && !line.contains("migrate \\- "))
    {
        let line = line.replace("\\-", "-").replace("\\*(Aq", "'");
        let line = line
            .split(['#', '|', '>'])
            .next()
            .unwrap_or_default()
            .trim();
        let mut arguments = Vec::new();
        for (i, part) in line.split('"').enumerate() {
            match i % 2 {
                0 => arguments.extend(part.split_whitespace()),
                _ => arguments.push(part),
            }
        }
        let ran = folder.run_with(&arguments[1..]);
        assert!(!ran.stderr.contains("Usage:"), "{line}\n{ran}");
        seen += 1;
    }
    assert!(seen > 25, "{seen}");
}
