//! The memory of the stick, read or written as a whole. Its radio is off meanwhile, so nothing else is done.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use driver_api::{Image, ManageError, RequestId};
use hub_model::{Monotonic, Value};

use super::errands::Errand;
use super::{Purpose, ZWave};
use crate::controller::{Answer, Outcome, Ticket};
use crate::serial_api::nvm::{NvmBackupRestore, NvmOperation, NvmResult, NvmStatus, NvmWidth};
use crate::serial_api::{Function, Response};

/// The largest memory that is read: 800 series sticks have 64 KiB.
const MOST_BYTES: usize = 1024 * 1024;
/// How much is read at once; and how much by sticks that answer nothing to that, and is written at once.
const CHUNKS: (u8, u8) = (128, 48);

/// The memory, and how far it is read or written.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) request: RequestId,
    width: NvmWidth,
    /// What is written; none = it is read.
    restored: Option<Image>,
    /// What was read.
    read: Vec<u8>,
    /// As the stick says.
    size: usize,
    written: usize,
    chunk: u8,
    step: Step,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Step {
    Open,
    Transfer,
    /// And then, in words, why it came to nothing; none = it worked.
    Close(Option<String>),
}

impl Memory {
    fn operation(&self) -> NvmOperation {
        match (&self.step, &self.restored) {
            (Step::Open, _) => NvmOperation::Open,
            (Step::Close(_), _) => NvmOperation::Close,
            (Step::Transfer, None) => {
                let left = self.size.saturating_sub(self.read.len());
                let length = u8::try_from(left).map_or(self.chunk, |left| left.min(self.chunk));
                NvmOperation::Read { address: u32::try_from(self.read.len()).unwrap_or(u32::MAX), length }
            }
            (Step::Transfer, Some(Image(image))) => {
                let end = image.len().min(self.written + usize::from(self.chunk));
                let bytes = image.get(self.written..end).unwrap_or_default().to_vec();
                NvmOperation::Write { address: u32::try_from(self.written).unwrap_or(u32::MAX), bytes }
            }
        }
    }

    /// Takes the stick's answer to what was asked last.
    fn handle_result(&mut self, result: &NvmResult) {
        let is_done = matches!(result.status, NvmStatus::Ok | NvmStatus::EndOfFile);
        match &self.step {
            Step::Open if !is_done => {
                self.step = Step::Close(Some("the stick does not open its memory now; try again later".to_owned()));
            }
            Step::Open => self.handle_opened(usize::try_from(result.address_or_size).unwrap_or(usize::MAX)),
            Step::Transfer if !is_done => self.fail(&format!("it says {:?}", result.status)),
            Step::Transfer => self.handle_transferred(result),
            Step::Close(_) => {}
        }
    }

    fn handle_opened(&mut self, size: usize) {
        self.size = size;
        let wrong = match &self.restored {
            _ if size == 0 || size > MOST_BYTES => Some(format!("the stick says that its memory has {size} bytes")),
            Some(Image(image)) if image.len() != size => Some(format!(
                "the backup has {} bytes, and the memory of this stick has {size}: it is of another kind of stick; nothing was written",
                image.len()
            )),
            _ => None,
        };
        self.step = wrong.map_or(Step::Transfer, |words| Step::Close(Some(words)));
    }

    fn handle_transferred(&mut self, result: &NvmResult) {
        match &self.restored {
            Some(_) => {
                self.written = self.size.min(self.written + usize::from(self.chunk));
                if self.written == self.size {
                    self.step = Step::Close(None);
                }
            }
            None => {
                let left = self.size - self.read.len();
                let bytes = result.bytes.get(..left.min(result.bytes.len())).unwrap_or_default();
                if bytes.is_empty() {
                    if self.chunk == CHUNKS.1 {
                        self.fail("it gave nothing");
                    }
                    self.chunk = CHUNKS.1;
                    return;
                }
                self.read.extend_from_slice(bytes);
                if self.read.len() == self.size {
                    self.step = Step::Close(None);
                } else if result.status == NvmStatus::EndOfFile {
                    self.fail("it ended too early");
                }
            }
        }
    }

    /// What came to its end already keeps it.
    fn fail(&mut self, words: &str) {
        if matches!(self.step, Step::Close(_)) {
            return;
        }
        let words = match &self.restored {
            None => format!("the stick's memory could not be read ({words}); try again"),
            // A part that was not answered may have been written all the same.
            Some(_) if self.step == Step::Open => {
                format!("nothing was written into the stick's memory ({words}); try again")
            }
            Some(_) => format!(
                "the stick's memory may be written halfway ({words}): it is of no use until a backup is restored as a whole; try again now, and leave it plugged in"
            ),
        };
        self.step = Step::Close(Some(words));
    }
}

impl ZWave {
    pub(super) fn back_up(&mut self, request: RequestId) -> Result<(), ManageError> {
        self.use_memory(request, None)
    }

    pub(super) fn restore(&mut self, request: RequestId, image: Image) -> Result<(), ManageError> {
        if image.0.is_empty() {
            return Err(ManageError::invalid("image", "the backup is empty"));
        }
        self.use_memory(request, Some(image))
    }

    fn use_memory(&mut self, request: RequestId, restored: Option<Image>) -> Result<(), ManageError> {
        let has = |function| self.stick.as_ref().is_some_and(|stick| stick.has(function));
        let (width, function) = match has(Function::EXTENDED_NVM_BACKUP_RESTORE) {
            true => (NvmWidth::Bits32, Function::EXTENDED_NVM_BACKUP_RESTORE),
            false => (NvmWidth::Bits16, Function::NVM_BACKUP_RESTORE),
        };
        self.needs_stick(function).map_err(|error| match error {
            ManageError::NotPossible(_) => ManageError::NotPossible(
                "this stick does not let its memory be read or written; those of the 700 and 800 series do".into(),
            ),
            other => other,
        })?;
        if self.pairing.is_some() || !self.updates.is_empty() {
            return Err(ManageError::NotPossible(
                "a pairing or an update of firmware is under way; try again afterwards".into(),
            ));
        }
        self.needs_free_memory()?;
        let chunk = if restored.is_some() { CHUNKS.1 } else { CHUNKS.0 };
        let step = Step::Open;
        let memory = Memory { request, width, restored, read: Vec::new(), size: 0, written: 0, chunk, step };
        self.errands.push_back(Errand::Memory(Box::new(memory)));
        Ok(())
    }

    /// Nothing reads or writes the stick's memory just now.
    pub(super) fn needs_free_memory(&self) -> Result<(), ManageError> {
        let is_under_way = matches!(self.request, Some((_, Purpose::Errand(Errand::Memory(_)))));
        if is_under_way || self.errands.iter().any(|errand| matches!(errand, Errand::Memory(_))) {
            return Err(ManageError::NotPossible("the stick's memory is in use already; try again afterwards".into()));
        }
        Ok(())
    }

    pub(super) fn begin_memory(&mut self, now: Monotonic, memory: &Memory) -> Ticket {
        let request = NvmBackupRestore { width: memory.width, operation: memory.operation() };
        self.controller.request(now, &request, Answer::Response)
    }

    pub(super) fn handle_memory(&mut self, now: Monotonic, mut memory: Box<Memory>, outcome: Outcome) {
        if !matches!(memory.step, Step::Close(_)) {
            match outcome {
                Outcome::Response(Response::Nvm(result)) => memory.handle_result(&result),
                _ => memory.fail("it did not answer"),
            }
            if self.is_ready {
                // Before everything else: the radio is off until it is closed.
                return self.errands.push_front(Errand::Memory(memory));
            }
        }
        // It reads its memory when it starts.
        let starts_anew = memory.written > 0;
        self.end_memory(*memory);
        if starts_anew {
            self.controller.restart(now);
        }
    }

    /// The stick is not there any more.
    pub(super) fn lose_memory(&mut self, mut memory: Memory) {
        memory.fail("it was lost");
        self.end_memory(memory);
    }

    fn end_memory(&mut self, Memory { request, restored, read, step, .. }: Memory) {
        let result = match step {
            Step::Close(Some(words)) => Err(ManageError::NotPossible(words.into())),
            _ if restored.is_some() => Ok(Value::Unknown),
            _ => Ok(Value::text(STANDARD.encode(read))),
        };
        self.answer(request, result);
    }
}
