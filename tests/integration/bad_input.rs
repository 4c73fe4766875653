//! Inputs that are none, outputs that cannot be written, and what is left behind: nothing.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    pdf::{Pdf, bomb, stream},
    program::{Sandbox, children, is_alive},
};

/// Runs the program on a file and expects a failure that says `cause`, and no output.
fn fails(bytes: impl AsRef<[u8]>, arguments: &[&str], cause: &str) {
    let sandbox = Sandbox::with("in.pdf", bytes);
    let run = sandbox.run([&["in.pdf"], arguments].concat());
    assert_eq!(run.code, Some(1), "{cause}: {}", run.stderr);
    let expected = format!("docalign: in.pdf: {cause}");
    assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert_eq!(sandbox.files(), ["in.pdf"]);
}

#[test]
fn files_that_are_no_documents() {
    let good = Pdf::one_page().bytes();
    fails("", &[], "the file is empty");
    fails("%PDF-1.7\n", &[], "not a PDF");
    fails(vec![0; 100_000], &[], "not a PDF");
    fails("<html>hi</html>", &[], "not a PDF");
    fails(&good[..20], &[], "not a PDF");
    fails(
        &good,
        &["--pages", "2-"],
        "no page of the range is in the file",
    );
    let mut no_pages = Pdf::one_page();
    no_pages.set(2, "<</Type/Pages/Kids[]/Count 0>>");
    fails(no_pages.bytes(), &[], "the file has no pages");
}

#[test]
fn encrypted_files() {
    let mut pdf = Pdf::one_page();
    let (o, u) = ("ab".repeat(32), "cd".repeat(32));
    pdf.trailer(&format!(
        "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<{o}>/U<{u}>>>/ID[<00><00>]"
    ));
    fails(pdf.bytes(), &[], "the file is encrypted; give its password");
    let wrong = "the password does not open this file";
    fails(pdf.bytes(), &["--password", "guess"], wrong);
    pdf.trailer("/Encrypt<</Filter/Foo/V 99>>/ID[<00><00>]");
    fails(pdf.bytes(), &[], "the file is encrypted in a way");
}

#[test]
fn inputs_that_are_no_files() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("dir.pdf")).unwrap();
    sandbox.write("plain", "");
    let mut cases = vec![
        ("dir.pdf", "it is a directory"),
        ("missing.pdf", "cannot read it: no such file"),
        ("plain/in.pdf", "cannot read it: a part of its path"),
    ];
    if cfg!(target_os = "linux") {
        cases.push(("/dev/zero", "it is not a regular file"));
        cases.push(("/proc/self/mem", "cannot read it:"));
    }
    let made = Command::new("mkfifo")
        .arg(sandbox.path("fifo.pdf"))
        .status();
    if made.is_ok_and(|status| status.success()) {
        cases.push(("fifo.pdf", "it is not a regular file"));
    }
    for (input, cause) in cases {
        let run = sandbox.run([input, "-o", "out.json"]);
        assert_eq!(run.code, Some(1), "{input}");
        let expected = format!("docalign: {input}: {cause}");
        assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
        assert!(!sandbox.path("out.json").exists());
    }
}

#[test]
#[cfg(unix)]
fn a_file_without_permission() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = Sandbox::with("in.pdf", Pdf::one_page().bytes());
    fs::set_permissions(sandbox.path("in.pdf"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(sandbox.path("in.pdf")).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let run = sandbox.run(["in.pdf"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cannot read it: permission denied"));
}

#[test]
fn a_file_too_large_for_the_memory() {
    let sandbox = Sandbox::new();
    let file = fs::File::create(sandbox.path("in.pdf")).unwrap();
    // Sparse: takes no room on the disk.
    file.set_len(100 << 20).unwrap();
    let run = sandbox.run(["in.pdf", "--memory", "128"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("the file has 100 MiB"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_input_is_never_overwritten() {
    let bytes = Pdf::one_page().bytes();
    let sandbox = Sandbox::with("in.pdf", &bytes);
    fs::hard_link(sandbox.path("in.pdf"), sandbox.path("other.pdf")).unwrap();
    for output in ["in.pdf", "./in.pdf", "other.pdf"] {
        let run = sandbox.run(["in.pdf", "-o", output]);
        assert_eq!(run.code, Some(1));
        assert!(
            run.stderr.contains("would overwrite the input"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(fs::read(sandbox.path("in.pdf")).unwrap(), bytes);
    // The input of one is the output of another.
    sandbox.write("in.docalign.json", &bytes);
    let run = sandbox.run(["in.pdf", "in.docalign.json"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert_eq!(fs::read(sandbox.path("in.docalign.json")).unwrap(), bytes);
}

#[test]
fn outputs_that_cannot_be_written() {
    let sandbox = Sandbox::with("in.pdf", Pdf::one_page().bytes());
    sandbox.write("plain", "");
    let mut cases = vec![
        (
            "no/out.json",
            "cannot write no/out.json: its directory does not exist",
        ),
        (
            "plain/out.json",
            "cannot write plain/out.json: a part of its path",
        ),
    ];
    if cfg!(target_os = "linux") {
        cases.push(("/dev/full", "cannot write to /dev/full: the disk is full"));
        cases.push(("/proc/out.json", "cannot write /proc/out.json:"));
    }
    for (output, cause) in cases {
        let run = sandbox.run(["in.pdf", "-o", output]);
        assert_eq!(run.code, Some(1), "{output}");
        assert!(run.stderr.contains(cause), "{}", run.stderr);
        assert_eq!(sandbox.files(), ["in.pdf", "plain"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_a_failure() {
    let sandbox = Sandbox::with("in.pdf", Pdf::one_page().bytes());
    for arguments in [&["in.pdf", "-o", "-"][..], &["in.pdf"], &["schema"]] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = sandbox.command(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains("cannot write to standard output"),
            "{stderr}"
        );
    }
}

/// A limit on the size of files stands for a full disk: both fail in the middle of a file.
#[test]
#[cfg(target_os = "linux")]
fn an_output_that_does_not_fit_leaves_nothing() {
    let sandbox = Sandbox::with("in.pdf", Pdf::one_page().bytes());
    sandbox.write("old.json", "old");
    let script = format!(
        "ulimit -f 0; exec {} in.pdf -q -o old.json",
        env!("CARGO_BIN_EXE_docalign")
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(sandbox.path(""))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("the limit on file sizes"), "{stderr}");
    assert_eq!(sandbox.files(), ["in.pdf", "old.json"]);
    assert_eq!(sandbox.read("old.json"), "old");
}

#[test]
#[cfg(target_os = "linux")]
fn devices_and_links_stay_what_they_are() {
    use std::os::unix::fs::FileTypeExt;

    let sandbox = Sandbox::with("in.pdf", Pdf::one_page().bytes());
    let run = sandbox.run(["in.pdf", "-o", "/dev/null"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let device = fs::metadata("/dev/null").unwrap().file_type();
    assert!(device.is_char_device());
    std::os::unix::fs::symlink("real.json", sandbox.path("link.json")).unwrap();
    sandbox.write("real.json", "old");
    assert_eq!(sandbox.run(["in.pdf", "-o", "link.json"]).code, Some(0));
    assert!(sandbox.path("link.json").is_symlink());
    assert!(sandbox.read("real.json").contains("docalign/1"));
}

#[test]
fn names_cannot_steer_the_terminal() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(["\u{1b}[31mred.pdf"]);
    assert_eq!(run.code, Some(1));
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
}

#[test]
#[cfg(target_os = "linux")]
fn an_exhausted_memory_is_named() {
    // Ten strings of 20 MB each, all of which a document holds.
    let text = format!("BT /F1 12 Tf ({}) Tj ET", "x".repeat(20 << 20));
    let sandbox = Sandbox::with("in.pdf", Pdf::with_content(text.as_bytes()).bytes());
    let run = sandbox.run(["in.pdf", "--memory", "128"]);
    // Reading within budgets is as good as a clear end.
    if run.code != Some(0) {
        assert_eq!(run.code, Some(1));
        assert!(
            run.stderr.contains("more memory than the 128 MiB"),
            "{}",
            run.stderr
        );
        assert_eq!(sandbox.files(), ["in.pdf"]);
    }
}

/// A page whose drawing takes until the page's own time limit.
fn slow_page() -> Pdf {
    let mut pdf = Pdf::with_content(b"/X Do");
    pdf.page("[0 0 612 792]", "/XObject<</X 10 0 R>>", "");
    for number in 10..40 {
        let entries = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>",
            number + 1
        );
        pdf.set(number, stream(&entries, b"/X Do /X Do"));
    }
    pdf.set(
        40,
        stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"0 0 1 1 re f"),
    );
    pdf
}

#[test]
fn a_file_that_takes_too_long_is_given_up() {
    fails(
        slow_page().bytes(),
        &["--timeout", "1"],
        "not done after 1 s",
    );
}

/// Whoever ends the program ends its worker too, and neither leaves a file.
#[test]
#[cfg(target_os = "linux")]
fn a_killed_program_leaves_nothing() {
    for signal in ["-INT", "-TERM", "-KILL"] {
        if signal == "-INT" && ignores_interrupts() {
            eprintln!(
                "skipped: whoever started the tests in the background made them ignore {signal}"
            );
            continue;
        }
        let sandbox = Sandbox::with("in.pdf", slow_page().bytes());
        let mut child = sandbox
            .command(["in.pdf"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let worker =
            wait_for(|| children(child.id()).first().copied()).expect("a worker is started");
        let killed = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        assert!(!child.wait().unwrap().success());
        let gone = wait_for(|| (!is_alive(worker)).then_some(()));
        assert!(gone.is_some(), "the worker lives on after {signal}");
        assert_eq!(sandbox.files(), ["in.pdf"]);
    }
}

/// Whether SIGINT is ignored here, and so in every program that is started.
#[cfg(target_os = "linux")]
fn ignores_interrupts() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The bit of signal 2.
    ignored.is_some_and(|mask| mask & 0b10 != 0)
}

/// Asks until there is an answer, for five seconds.
#[cfg(target_os = "linux")]
fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

/// The worker takes what it is told and ends when told nothing more.
#[test]
fn a_worker_given_nonsense_ends() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(["worker", "--memory", "128", "--threads", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"{\"nonsense\": 1}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("broken job"), "{stderr}");
}

#[test]
fn a_bomb_does_not_take_the_memory() {
    let mut pdf = Pdf::one_page();
    pdf.set(4, stream("/Filter/FlateDecode", &bomb(600)));
    let sandbox = Sandbox::with("in.pdf", pdf.bytes());
    let run = sandbox.run(["in.pdf", "--memory", "256", "-q"]);
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    assert!(
        run.code == Some(0) || run.stderr.contains("more memory than"),
        "{}",
        run.stderr
    );
}
