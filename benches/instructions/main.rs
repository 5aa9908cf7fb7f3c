//! The cost of `up` in instructions, which does not depend on the load of the
//! machine: each case runs under valgrind's callgrind, by itself and as written
//! by hand.
//!
//! ```sh
//! cargo run --release -p migrate-benches --bin instructions            # print
//! cargo run --release -p migrate-benches --bin instructions -- --check # compare
//! cargo run --release -p migrate-benches --bin instructions -- --write # accept
//! ```

mod case;
mod committed;
mod valgrind;

use case::{Case, Runner};
use committed::Committed;
use std::error::Error;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        // What the driver runs under valgrind.
        ["run", case, count, runner] => {
            Case::parse(case, count)?.run(Runner::parse(runner)?)?;
            Ok(ExitCode::SUCCESS)
        }
        [] => {
            measure(&Case::ALL)?;
            Ok(ExitCode::SUCCESS)
        }
        ["--write"] => {
            let measured = measure(&Case::ALL)?;
            measured.write()?;
            Ok(ExitCode::SUCCESS)
        }
        ["--check"] => {
            let problems = measure(&Case::ALL)?.problems(&Committed::read()?);
            for problem in &problems {
                eprintln!("error: {problem}");
            }
            Ok(ExitCode::from(u8::from(!problems.is_empty())))
        }
        _ => Err("usage: instructions [--check | --write | run CASE COUNT ours|floor]".into()),
    }
}

fn measure(cases: &[Case]) -> Result<Committed, Box<dyn Error>> {
    let mut measured = Committed::new()?;
    println!("{}", committed::HEADING);
    for case in cases {
        let ours = valgrind::start(*case, Runner::Ours)?;
        let floor = valgrind::start(*case, Runner::Floor)?;
        println!("{}", measured.add(*case, ours.count()?, floor.count()?));
    }
    Ok(measured)
}
