//! The source files that `since --all` writes are compiled and asked, where there is a compiler.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    repo::Place,
    since::{tagged, with_a_gap},
};

/// A call, and what the file has to say of it.
const ASKED: [(&str, &str); 4] = [
    ("/acme.v1.Manager/Arrive", "v2.7.0"),
    ("/acme.v1.Manager/Later", "v2.8.2"),
    ("/acme.v1.Manager/Old", "none"),
    ("/acme.v1.Manager/Never", "none"),
];

/// Writes the file, adds `main` to it or beside it, and runs that.
fn answers(
    place: &Place,
    format: &str,
    file: &str,
    main: &str,
    commands: &[&[&str]],
) -> Option<String> {
    let source = place.run(&format!("since --all --format {format}"));
    source.answers();
    let beside = main.split_once('\n').filter(|(name, _)| name.starts_with("// file "));
    match beside {
        Some((name, text)) => {
            place.write(file, &source.stdout);
            place.write(name.trim_start_matches("// file "), text);
        }
        None => place.write(file, source.stdout + main),
    }
    let mut printed = String::new();
    for command in commands {
        printed = run(place.path(), command)?;
    }
    Some(printed)
}

/// What a command prints; `None` if there is no such program.
#[allow(clippy::print_stderr)]
fn run(folder: &Path, command: &[&str]) -> Option<String> {
    let program = if command[0].starts_with("./") {
        folder.join(command[0]).into_os_string()
    } else {
        command[0].into()
    };
    let ran =
        Command::new(program).args(&command[1..]).current_dir(folder).stdin(Stdio::null()).output();
    let Ok(ran) = ran else {
        eprintln!("`{}` is not here: its file was not compiled", command[0]);
        return None;
    };
    let stderr = String::from_utf8_lossy(&ran.stderr);
    // What a manager of versions puts in place of a program.
    if stderr.contains("command not found") {
        return None;
    }
    assert!(ran.status.success(), "{command:?}: {stderr}");
    Some(String::from_utf8(ran.stdout).unwrap())
}

fn expected() -> String {
    ASKED.iter().map(|(_, version)| format!("{version}\n")).collect()
}

fn asked(one: impl Fn(&str) -> String) -> String {
    ASKED.iter().map(|(method, _)| one(method)).collect()
}

#[test]
fn rust_compiles_and_answers() {
    let place = with_a_gap();
    let asked = asked(|it| {
        format!("println!(\"{{}}\", minimum_server_version(\"{it}\").unwrap_or(\"none\"));")
    });
    let main = format!("fn main() {{ {asked} }}");
    let rustc = option_env!("RUSTC").unwrap_or("rustc");
    let commands: &[&[&str]] = &[&[rustc, "--edition", "2021", "-D", "warnings", "m.rs"], &["./m"]];
    assert_eq!(answers(&place, "rust", "m.rs", &main, commands).unwrap(), expected());
}

#[test]
fn python_answers() {
    let asked = asked(|it| format!("print(minimum_server_version(\"{it}\") or \"none\")\n"));
    let printed = answers(&with_a_gap(), "python", "m.py", &asked, &[&["python3", "m.py"]]);
    assert!(printed.is_none_or(|it| it == expected()));
}

#[test]
fn java_compiles_and_answers() {
    let asked = asked(|it| {
        format!("System.out.println(MinimumServerVersion.of(\"{it}\").orElse(\"none\"));")
    });
    let main = format!(
        "// file Main.java\npublic class Main {{ public static void main(String[] a) {{ {asked} }} }}"
    );
    let commands: &[&[&str]] = &[
        &["javac", "-Xlint:all", "-Werror", "Main.java", "MinimumServerVersion.java"],
        &["java", "-cp", ".", "Main"],
    ];
    let printed = answers(&with_a_gap(), "java", "MinimumServerVersion.java", &main, commands);
    assert!(printed.is_none_or(|it| it == expected()));
}

#[test]
fn go_compiles_and_answers() {
    let asked = asked(|it| {
        format!(
            "if it, ok := minserver.Version(\"{it}\"); ok {{ fmt.Println(it) }} else {{ fmt.Println(\"none\") }}\n"
        )
    });
    let main = format!(
        "// file main.go\npackage main\nimport (\"fmt\"; \"m/minserver\")\nfunc main() {{ {asked} }}"
    );
    let place = with_a_gap();
    place.write("go.mod", "module m\n");
    let commands: &[&[&str]] = &[&["go", "vet", "./..."], &["go", "run", "."]];
    let printed = answers(&place, "go", "minserver/minserver.go", &main, commands);
    assert!(printed.is_none_or(|it| it == expected()));
}

/// By the compiler, where there is one; else by node, with the types cut out.
#[test]
fn typescript_compiles_and_answers() {
    let place = with_a_gap();
    let asked = asked(|it| format!("console.log(minimumServerVersion(\"{it}\") ?? \"none\");\n"));
    let source = place.run("since --all --format typescript");
    source.answers();
    place.write("m.ts", source.stdout.clone() + &asked);
    let strict = ["tsc", "--strict", "--target", "es2020", "--module", "es2020", "m.ts"];
    if run(place.path(), &strict).is_none() {
        let mut plain = source.stdout;
        for types in
            [": string): string | undefined", ": ReadonlyMap<string, string>", "<string, string>"]
        {
            assert!(plain.contains(types), "{types}");
            let by = if types.contains(')') { ")" } else { "" };
            plain = plain.replacen(types, by, 1);
        }
        place.write("m.js", plain + &asked);
    }
    let script = place.read("m.js");
    place.write("m.mjs", script);
    let printed = run(place.path(), &["node", "m.mjs"]);
    assert!(printed.is_none_or(|it| it == expected()));
}

/// The name of a tag may hold quotes, and what looks like an escape.
#[test]
fn names_are_text_in_every_language() {
    let tag = "v1.0.0-x\"');$(id)\u{e9}`{0}";
    let place = tagged(&[(tag, &["Arrive"])]);
    let ask = "/acme.v1.Manager/Arrive";
    let main =
        format!("fn main() {{ print!(\"{{}}\", minimum_server_version(\"{ask}\").unwrap()); }}");
    let rustc = option_env!("RUSTC").unwrap_or("rustc");
    let said = answers(&place, "rust", "m.rs", &main, &[&[rustc, "m.rs"], &["./m"]]);
    assert_eq!(said.unwrap(), tag);
    let main =
        format!("import sys\nsys.stdout.buffer.write(minimum_server_version('{ask}').encode())\n");
    let said = answers(&place, "python", "m.py", &main, &[&["python3", "m.py"]]);
    assert!(said.is_none_or(|it| it == tag));
    let main = format!(
        "// file Main.java\npublic class Main {{ public static void main(String[] a) throws Exception {{ \
         System.out.write(MinimumServerVersion.of(\"{ask}\").get().getBytes(\"UTF-8\")); \
         System.out.flush(); }} }}"
    );
    let commands: &[&[&str]] =
        &[&["javac", "Main.java", "MinimumServerVersion.java"], &["java", "-cp", ".", "Main"]];
    let said = answers(&place, "java", "MinimumServerVersion.java", &main, commands);
    assert!(said.is_none_or(|it| it == tag));
    let table = place.run("since --all --kind method --format markdown").stdout;
    assert!(table.contains("| `/acme.v1.Manager/Arrive` |"), "{table}");
}
