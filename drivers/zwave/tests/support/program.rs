//! Programs of Node.js that are told things line by line: the emulated stick, and the real driver of zwave-js.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(300);

/// A program below `tests/zwave`. Ends with the test.
pub(crate) struct Program {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// What it said when it was ready.
    pub(crate) ready: Json,
}

impl Program {
    /// Starts it, or says why not.
    pub(crate) async fn start(file: &str, options: &Json) -> Option<Self> {
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/zwave");
        if !folder.join("node_modules").is_dir() {
            println!("SKIP: run `npm ci --ignore-scripts` in tests/zwave");
            return None;
        }
        let started = Self::run(Command::new("node").args([file, &options.to_string()]).current_dir(folder)).await;
        if started.is_none() {
            println!("SKIP: there is no node");
        }
        started
    }

    /// Runs any program that speaks like this; none = there is no such program.
    async fn run(program: &mut Command) -> Option<Self> {
        let piped = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = piped.kill_on_drop(true).spawn().ok()?;
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = answer(&mut output).await["ready"].clone();
        Some(Self { process, input, output, ready })
    }

    /// Asks for something, and gives back the answer.
    pub(crate) async fn tell(&mut self, request: Json) -> Json {
        self.input.write_all(format!("{request}\n").as_bytes()).await.unwrap();
        let answer = answer(&mut self.output).await;
        assert!(answer.get("error").is_none(), "{request}: {answer}");
        answer["answer"].clone()
    }

    /// Closes its input and waits for its end, so that it keeps what it has to.
    pub(crate) async fn end(mut self) {
        drop(self.input);
        tokio::time::timeout(ANSWER_LIMIT, self.process.wait()).await.expect("it ends").unwrap();
    }
}

/// The next answer; what a program's own parts say in between is skipped.
async fn answer(output: &mut Lines<BufReader<ChildStdout>>) -> Json {
    let line = async {
        loop {
            let line = output.next_line().await.unwrap().expect("the program runs");
            if let Ok(answer) = serde_json::from_str(&line) {
                return answer;
            }
        }
    };
    tokio::time::timeout(ANSWER_LIMIT, line).await.expect("an answer in time")
}

/// A frame that passed between host and stick, without its start and its checksum.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// From the host to the stick.
    pub(crate) is_ours: bool,
    /// 0 is a request, 1 a response.
    kind: u8,
    /// The function of the Serial API.
    pub(crate) function: u8,
    /// What follows.
    payload: Vec<u8>,
}

/// Send Data.
const SEND_DATA: u8 = 0x13;
/// Send Data Bridge: the same, behind the number of the sender.
const SEND_DATA_BRIDGE: u8 = 0xA9;
/// Request Node Information.
const REQUEST_NODE_INFORMATION: u8 = 0x60;

impl Frame {
    fn of(passed: &Json) -> Option<Self> {
        let text = passed[2].as_str()?;
        let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
        let bytes: Vec<u8> = (0..text.len() / 2).filter_map(byte).collect();
        let [_, _, kind, function, payload @ .., _] = bytes.as_slice() else { return None };
        let is_ours = passed[1] == "->";
        Some(Self { is_ours, kind: *kind, function: *function, payload: payload.to_vec() })
    }

    /// The node that it is sent to over the radio, and the command with what follows it; empty where the stick asks for
    /// node information.
    pub(crate) fn to_node(&self) -> Option<(u8, &[u8])> {
        if !self.is_ours || self.kind != 0 {
            return None;
        }
        match (self.function, self.payload.as_slice()) {
            (SEND_DATA, [node, length, rest @ ..]) | (SEND_DATA_BRIDGE, [_, node, length, rest @ ..]) => {
                Some((*node, rest.get(..usize::from(*length))?))
            }
            (REQUEST_NODE_INFORMATION, [node, ..]) => Some((*node, &[])),
            _ => None,
        }
    }
}

/// The emulated stick.
pub(crate) struct Stick {
    program: Program,
    port: u64,
}

impl Stick {
    /// With all its nodes, or says why not.
    pub(crate) async fn start() -> Option<Self> {
        Self::started(&json!({})).await
    }

    /// With some of its nodes.
    pub(crate) async fn with_nodes(nodes: &[u16]) -> Option<Self> {
        Self::started(&json!({ "nodes": nodes })).await
    }

    async fn started(options: &Json) -> Option<Self> {
        Some(Self::of(Program::start("main.js", options).await?))
    }

    /// A stick that is another program, which speaks like the emulated one; none = there is no such program.
    pub(crate) async fn run(program: &mut Command) -> Option<Self> {
        Program::run(program).await.map(Self::of)
    }

    fn of(program: Program) -> Self {
        let port = program.ready["port"].as_u64().unwrap();
        Self { program, port }
    }

    pub(crate) fn port(&self) -> u64 {
        self.port
    }

    /// Where the driver finds it.
    pub(crate) fn address(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Lets something happen in the physical world.
    pub(crate) async fn tell(&mut self, request: Json) -> Json {
        self.program.tell(request).await
    }

    /// Lets wire or stick fail: how often each fault still happens.
    pub(crate) async fn fail(&mut self, wire: Json, controller: Json) {
        self.tell(json!({"do": "faults", "wire": wire, "controller": controller})).await;
    }

    /// What passed since this was asked last, without acknowledgements.
    pub(crate) async fn frames(&mut self) -> Vec<Frame> {
        let passed = self.tell(json!({"do": "frames", "clear": true})).await;
        passed.as_array().unwrap().iter().filter_map(Frame::of).collect()
    }

    /// The commands that went to nodes since this was asked last.
    pub(crate) async fn sent_to_nodes(&mut self) -> Vec<(u8, Vec<u8>)> {
        let frames = self.frames().await;
        let sent = frames.iter().filter_map(Frame::to_node);
        sent.map(|(node, command)| (node, command.to_vec())).collect()
    }
}
