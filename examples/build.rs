fn main() {
    println!("cargo::rerun-if-changed=../migrations");
    println!("cargo::rustc-env=MIGRATIONS_WATCHED=../migrations");
}
