//! The binary on a terminal of its own, and what is to be seen there.

use crate::support::Folder;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::fmt;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

/// How a test starts a process.
pub(crate) struct Setting {
    pub(crate) columns: u16,
    pub(crate) variables: Vec<(&'static str, &'static str)>,
}

impl Default for Setting {
    fn default() -> Setting {
        Setting {
            columns: 100,
            variables: vec![("TERM", "xterm-256color")],
        }
    }
}

/// A process on a terminal.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    shown: Arc<Mutex<Shown>>,
    reader: Option<JoinHandle<()>>,
    has_ended: bool,
    /// With it the terminal would go, and the process be hung up.
    _master: Box<dyn MasterPty + Send>,
}

struct Shown {
    bytes: Vec<u8>,
    emulator: vt100::Parser,
}

/// What a process has left on its terminal.
#[derive(Debug)]
#[must_use]
pub(crate) struct Seen {
    /// `None` if a signal ended it.
    pub(crate) code: Option<u32>,
    /// All that was written, with its escape sequences.
    pub(crate) raw: String,
    /// What can be read in the end.
    pub(crate) screen: String,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        f.write_str(&self.screen)
    }
}

/// Long enough for a machine with other work.
const PATIENCE: Duration = Duration::from_secs(30);

impl Terminal {
    /// Runs the binary in this folder; the arguments are separated by spaces.
    pub(crate) fn migrate(folder: &Folder, arguments: &str, setting: &Setting) -> Terminal {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_migrate"));
        command.args(arguments.split(' '));
        Terminal::start(folder, command, setting)
    }

    /// Runs a line of the shell, in which `$0` is the binary.
    pub(crate) fn shell(folder: &Folder, line: &str, setting: &Setting) -> Terminal {
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", line, env!("CARGO_BIN_EXE_migrate")]);
        Terminal::start(folder, command, setting)
    }

    fn start(folder: &Folder, mut command: CommandBuilder, setting: &Setting) -> Terminal {
        let size = PtySize {
            rows: 30,
            cols: setting.columns,
            ..PtySize::default()
        };
        command.cwd(folder.path());
        command.env_clear();
        for (name, value) in &setting.variables {
            command.env(name, value);
        }
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        // Of the other end the process has the only handle from now on, so that
        // reading ends with it.
        drop(pair.slave);
        let [rows, columns] = [size.rows, size.cols].map(|it| NonZeroU16::new(it).unwrap());
        let shown = Arc::new(Mutex::new(Shown {
            bytes: Vec::new(),
            emulator: vt100::Parser::new(rows, columns, 0),
        }));
        let mut output = pair.master.try_clone_reader().unwrap();
        let reader = spawn({
            let shown = Arc::clone(&shown);
            move || {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = output.read(&mut buffer) {
                    let mut shown = shown.lock().unwrap();
                    shown.bytes.extend_from_slice(&buffer[..count]);
                    shown.emulator.process(&buffer[..count]);
                }
            }
        });
        Terminal {
            child,
            keyboard: pair.master.take_writer().unwrap(),
            shown,
            reader: Some(reader),
            has_ended: false,
            _master: pair.master,
        }
    }

    pub(crate) fn screen(&self) -> String {
        let contents = self.shown.lock().unwrap().emulator.screen().contents();
        contents.trim_end().to_owned()
    }

    /// Waits until this can be read.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        let started = Instant::now();
        while !self.screen().contains(text) {
            let screen = self.screen();
            assert!(
                started.elapsed() < PATIENCE,
                "`{text}` never came:\n{screen}"
            );
            sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits for the end of the process.
    #[track_caller]
    pub(crate) fn end(mut self) -> Seen {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            let screen = self.screen();
            assert!(started.elapsed() < PATIENCE, "it never ended:\n{screen}");
            sleep(Duration::from_millis(5));
        };
        self.has_ended = true;
        self.reader.take().unwrap().join().unwrap();
        let raw = String::from_utf8(self.shown.lock().unwrap().bytes.clone()).unwrap();
        Seen {
            code: status.signal().is_none().then(|| status.exit_code()),
            raw,
            screen: self.screen(),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A failed test leaves no process behind.
        if !self.has_ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
