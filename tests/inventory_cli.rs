//! `mfsctl inventory` as a person types it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use mfsctl::inventory::{LoadOptions, load_text};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory").join(name)
}

/// Exit status, standard output, standard error.
fn mfsctl(directory: &Path, words: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("mfsctl"));
    let output = command.current_dir(directory).env_clear().env("HOME", directory).args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn check_counts_nodes_and_speaks_of_secrets() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::copy(example("reference.yaml"), directory.path().join("inventory.yaml")).unwrap();
    let (status, out, told) = mfsctl(directory.path(), &["inventory", "check", "--without-secrets"]);
    assert_eq!((status, out.as_str(), told.as_str()), (0, "ok: 8 nodes (2 masters, 2 metaloggers, 3 chunkservers, 3 clients)\n", ""));
    let (status, out, told) = mfsctl(directory.path(), &["inventory", "check"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(
        told.starts_with("error: 5 errors in the inventory\ninventory.yaml:26:11: drbd secret: cannot read secrets/drbd: No such file"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1 + 5 * 2, "{told}");
}

#[test]
fn check_as_json() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::copy(example("lab.yaml"), directory.path().join("inventory.yaml")).unwrap();
    let (_, out, _) = mfsctl(directory.path(), &["inventory", "check", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&value["ok"], &value["nodes"]), (&true.into(), &8.into()));
    std::fs::write(directory.path().join("inventory.yaml"), "name: mfs\n").unwrap();
    let (status, out, _) = mfsctl(directory.path(), &["inventory", "check", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &value["ok"], &value["errors"][0]["line"]), (2, &false.into(), &1.into()));
}

#[test]
fn show_masks_secrets() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::copy(example("lab.yaml"), directory.path().join("inventory.yaml")).unwrap();
    for format in ["table", "json"] {
        let (status, out, _) = mfsctl(directory.path(), &["inventory", "show", "--format", format]);
        assert_eq!(status, 0);
        for secret in ["lab-drbd-secret", "lab-auth-code", "lab-witness-secret", "lab-business-1"] {
            assert!(!out.contains(secret), "{format} shows {secret}");
        }
        assert!(out.contains("********") && out.contains("node8") && out.contains("promote_wait"), "{out}");
    }
    let (_, out, _) = mfsctl(directory.path(), &["inventory", "show", "--node", "node3"]);
    assert!(out.starts_with("name: node3\naddress: 172.16.0.43\n"), "{out}");
    let (status, _, told) = mfsctl(directory.path(), &["inventory", "show", "--node", "node9"]);
    assert_eq!(status, 2);
    assert!(told.contains("error: no node \"node9\" in the inventory\nhint: nodes: node1, node2"), "{told}");
}

#[test]
fn a_draft_is_not_blamed_for_secrets_in_clear() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("inventory.yaml");
    std::fs::copy(example("lab.yaml"), &path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let warnings = |draft: bool| {
        let options = LoadOptions { draft, ..LoadOptions::default() };
        load_text(&path, std::fs::read_to_string(&path).unwrap(), &options).unwrap().warnings.len()
    };
    assert_eq!((warnings(false), warnings(true)), (1, 0));
}

#[test]
fn a_named_pipe_is_no_inventory() {
    let directory = tempfile::tempdir().unwrap();
    assert!(std::process::Command::new("mkfifo").arg(directory.path().join("pipe")).status().unwrap().success());
    let (status, _, told) = mfsctl(directory.path(), &["-i", "pipe", "inventory", "check"]);
    assert!(status == 2 && told.contains("not a regular file") && told.contains("hint: name a file"), "{told}");
}

#[test]
fn init_writes_once_and_privately() {
    let directory = tempfile::tempdir().unwrap();
    let (status, _, told) = mfsctl(directory.path(), &["inventory", "init"]);
    assert_eq!(status, 0, "{told}");
    let file = directory.path().join("inventory.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let (status, out, told) = mfsctl(directory.path(), &["inventory", "check"]);
    assert_eq!((status, out.as_str(), told.as_str()), (0, "ok: 8 nodes (2 masters, 2 metaloggers, 3 chunkservers, 3 clients)\n", ""));
    let (status, _, told) = mfsctl(directory.path(), &["inventory", "init"]);
    assert_eq!(status, 2);
    assert!(told.contains("inventory.yaml exists already, it is left as it is"), "{told}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    mfsctl(directory.path(), &["-i", "second.yaml", "inventory", "init"]);
    let secrets = |text: &str| text.lines().filter(|l| l.contains("secret:") || l.contains("auth:")).map(str::to_owned).collect::<Vec<_>>();
    let second = std::fs::read_to_string(directory.path().join("second.yaml")).unwrap();
    assert!(secrets(&text).len() == 3 && secrets(&text).iter().all(|line| !second.contains(line)), "secrets repeat");
}

#[test]
fn init_takes_nodes_from_flags() {
    let directory = tempfile::tempdir().unwrap();
    let words = "-i prod.yaml inventory init --name prod --vip 10.0.0.10 --disk /dev/vdb --masters a=10.0.0.11,b=10.0.0.12 \
                 --chunkservers c=10.0.0.13,d=10.0.0.14,e=10.0.0.15 --clients f=10.0.0.16";
    let (status, _, told) = mfsctl(directory.path(), &words.split_whitespace().collect::<Vec<_>>());
    assert_eq!(status, 0, "{told}");
    let (_, out, told) = mfsctl(directory.path(), &["-i", "prod.yaml", "inventory", "check"]);
    assert_eq!((out.as_str(), told.as_str()), ("ok: 6 nodes (2 masters, 2 metaloggers, 3 chunkservers, 1 client)\n", ""));
    for wrong in [
        "--vip 10.0.0.10",
        "--masters a=10.0.0.11",
        "--clients a=10.0.0.11",
        "--masters a",
        "--masters a=b",
        "--name ../x",
        "--disk /dev/../x",
        "--vip 10.0.0.10 --masters a=10.0.0.11,a=10.0.0.12",
        "--vip 10.0.0.10 --masters a=10.0.0.11,b=10.0.0.11",
        "--vip 10.0.0.10 --masters a=10.0.0.11,b=10.0.0.12 --clients a=10.0.0.13",
        "--vip 10.0.0.11 --masters a=10.0.0.11,b=10.0.0.12",
        "--vip 172.16.0.41",
    ] {
        let mut words = vec!["-i", "wrong.yaml", "inventory", "init"];
        words.extend(wrong.split(' '));
        let (status, _, told) = mfsctl(directory.path(), &words);
        assert_eq!(status, 2, "{wrong}: {told}");
        assert!(!directory.path().join("wrong.yaml").exists(), "{wrong}");
    }
    let (status, _, told) = mfsctl(directory.path(), &["-i", "nodir/x.yaml", "inventory", "init"]);
    assert!(status == 1 && told.contains("hint: its directory must exist"), "{told}");
    let incomplete = "-i half.yaml inventory init --vip 10.0.0.10 --masters a=10.0.0.11,b=10.0.0.12";
    let (status, _, told) = mfsctl(directory.path(), &incomplete.split_whitespace().collect::<Vec<_>>());
    assert_eq!(status, 0);
    assert!(told.contains("still to do") && told.contains("no chunkserver"), "{told}");
}

/// `mfsctl inventory schema > inventory/schema.json` makes it current again.
#[test]
fn the_committed_schema_is_current() {
    let (status, out, _) = mfsctl(Path::new("/"), &["inventory", "schema"]);
    assert_eq!(status, 0);
    assert!(out == std::fs::read_to_string(example("schema.json")).unwrap(), "run: mfsctl inventory schema > inventory/schema.json");
}

#[test]
fn the_schema_knows_every_key_of_the_examples() {
    let schema = mfsctl::inventory::schema::schema();
    for name in ["minimal.yaml", "reference.yaml", "lab.yaml"] {
        let text = std::fs::read_to_string(example(name)).unwrap();
        let value: serde_json::Value = serde_yaml::from_str::<serde_yaml::Value>(&text).map(untagged).unwrap();
        let wrong = fits(&schema, &schema, &value, name);
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    let wrong: serde_json::Value = serde_json::json!({"name": "x", "colour": 1});
    assert!(!fits(&schema, &schema, &wrong, "").is_empty(), "the check can fail");
}

fn untagged(value: serde_yaml::Value) -> serde_json::Value {
    match value {
        serde_yaml::Value::Tagged(tagged) => untagged(tagged.value),
        serde_yaml::Value::Mapping(map) => map.into_iter().map(|(k, v)| (k.as_str().unwrap().to_owned(), untagged(v))).collect(),
        serde_yaml::Value::Sequence(items) => items.into_iter().map(untagged).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

/// The part of JSON Schema that ours uses: types, keys, enums, anyOf.
fn fits(root: &serde_json::Value, schema: &serde_json::Value, value: &serde_json::Value, at: &str) -> Vec<String> {
    use serde_json::Value;
    if let Some(name) = schema["$ref"].as_str() {
        return fits(root, &root["$defs"][name.trim_start_matches("#/$defs/")], value, at);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let all: Vec<_> = any.iter().map(|s| fits(root, s, value, at)).collect();
        return if all.iter().any(Vec::is_empty) { Vec::new() } else { all.concat() };
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) { Vec::new() } else { vec![format!("{at}: {value} is none of {words:?}")] };
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        _ => "string",
    };
    let allowed = schema["type"].to_string();
    if !(allowed.contains(kind) || kind == "integer" && allowed.contains("number")) {
        return vec![format!("{at}: {kind} where {allowed} belongs")];
    }
    match value {
        Value::Object(map) => {
            let missing = schema["required"].as_array().into_iter().flatten().filter(|k| !map.contains_key(k.as_str().unwrap()));
            let mut wrong: Vec<String> = missing.map(|k| format!("{at}: no {k}")).collect();
            for (key, inner) in map {
                let place = format!("{at}.{key}");
                match (&schema["properties"][key], &schema["additionalProperties"]) {
                    (Value::Null, Value::Bool(false) | Value::Null) => wrong.push(format!("{place}: unknown key")),
                    (Value::Null, other) => wrong.extend(fits(root, other, inner, &place)),
                    (known, _) => wrong.extend(fits(root, known, inner, &place)),
                }
            }
            wrong
        }
        Value::Array(items) => items.iter().enumerate().flat_map(|(i, v)| fits(root, &schema["items"], v, &format!("{at}[{i}]"))).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_tenant_that_does_not_fit_leaves_the_inventory_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("inventory.yaml");
    std::fs::create_dir(directory.path().join("secrets")).unwrap();
    for secret in ["drbd", "auth", "witness"] {
        std::fs::write(directory.path().join("secrets").join(secret), "a-secret-word").unwrap();
    }
    let minimal = std::fs::read_to_string(example("minimal.yaml")).unwrap();
    let flow = minimal.replace("nodes:\n", "tenants: [{name: a}]\nnodes:\n");
    for (text, words, said) in [
        (&minimal, &["tenant", "add", "t1", "--client", "node6", "--yes"][..], "would change more than the tenant"),
        (&minimal, &["tenant", "add", "t1", "--client", "node9", "--yes"], "error: --client node9: "),
        (&minimal, &["tenant", "add", "t1", "--quota", "lots", "--yes"], "error: --quota lots: expected a size for quota"),
        (&minimal, &["tenant", "add", "t1", "--trashtime", "1h30m", "--yes"], "trash time \"1h30m\" is not a time"),
        (&minimal, &["tenant", "add", "t1", "--goal", "99", "--yes"], "error: --goal 99: goal 99 is out of range\nhint: from 1 to 9"),
        (&minimal, &["tenant", "add", "t1", "--mode", "9", "--yes"], "error: --mode \"9\": mode"),
        (&minimal, &["tenant", "add", "a b", "--yes"], "error: tenant \"a b\": unsafe tenant name"),
        (&minimal, &["tenant", "remove", "t1", "--yes"], "has no tenant t1"),
        (&flow, &["tenant", "add", "t1", "--yes"], "put this under tenants by hand"),
        (&flow, &["tenant", "add", "a", "--goal", "2", "--yes"], "stands in the inventory already"),
        (&flow, &["tenant", "remove", "a", "--yes"], "is not a list with one"),
        (&minimal, &["client", "umount", "node3", "--yes"], "node3 is not a client"),
        (&minimal, &["client", "mount", "node9", "--yes"], "\"node9\" is no node"),
    ] {
        std::fs::write(&path, text).unwrap();
        let (status, out, told) = mfsctl(directory.path(), words);
        assert_eq!((status, out.as_str()), (2, ""), "{words:?}: {told}");
        assert!(told.contains(said), "{words:?}: {told}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), *text);
        assert_eq!(std::fs::read_dir(directory.path().join("secrets")).unwrap().count(), 3);
    }
}
