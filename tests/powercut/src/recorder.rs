//! A FUSE folder with three files: `disk`, a block store that records every write and flush; `mark`, to write marks
//! into the same time line; `stat`, the counts so far.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner, MountOption,
    OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request, WriteFlags,
};

use crate::timeline::{Kind, Writer};

const ROOT: u64 = 1;
const DISK: u64 = 2;
const MARK: u64 = 3;
const STAT: u64 = 4;
/// The size of a flash page, for a rough view of what a card programs.
const FLASH_PAGE: u64 = 16_384;

struct Store {
    disk: Vec<u8>,
    log: Option<Writer>,
    writes: u64,
    bytes: u64,
    flushes: u64,
    pages: u64,
    pages_since_flush: HashSet<u64>,
}

impl Store {
    fn record(&mut self, kind: Kind, offset: u64, data: &[u8]) {
        if let Some(log) = &mut self.log {
            log.put(kind, offset, data);
        }
    }

    fn write(&mut self, offset: u64, data: &[u8]) -> bool {
        let start = offset as usize;
        let Some(blocks) = self.disk.get_mut(start..start + data.len()) else { return false };
        blocks.copy_from_slice(data);
        self.writes += 1;
        self.bytes += data.len() as u64;
        let last = (offset + data.len().max(1) as u64 - 1) / FLASH_PAGE;
        self.pages_since_flush.extend(offset / FLASH_PAGE..=last);
        self.record(Kind::Write, offset, data);
        true
    }

    fn flush(&mut self) {
        self.flushes += 1;
        self.pages += self.pages_since_flush.drain().count() as u64;
        self.record(Kind::Flush, 0, &[]);
    }

    fn statistics(&self) -> String {
        let pages = self.pages + self.pages_since_flush.len() as u64;
        format!("writes {} bytes {} flushes {} pages {pages}\n", self.writes, self.bytes, self.flushes)
    }
}

struct Recorder {
    store: Mutex<Store>,
    size: u64,
}

impl Recorder {
    fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().expect("no holder panics")
    }

    fn attributes(&self, inode: u64) -> Option<FileAttr> {
        let (size, is_folder) = match inode {
            ROOT => (0, true),
            DISK => (self.size, false),
            MARK => (0, false),
            STAT => (4096, false),
            _ => return None,
        };
        Some(FileAttr {
            ino: INodeNo(inode),
            size,
            blocks: size / 512,
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind: if is_folder { FileType::Directory } else { FileType::RegularFile },
            perm: if is_folder { 0o755 } else { 0o666 },
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            flags: 0,
            blksize: 4096,
        })
    }
}

impl Filesystem for Recorder {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let inode = match (u64::from(parent), name.to_str()) {
            (ROOT, Some("disk")) => DISK,
            (ROOT, Some("mark")) => MARK,
            (ROOT, Some("stat")) => STAT,
            _ => return reply.error(Errno::ENOENT),
        };
        match self.attributes(inode) {
            Some(attributes) => reply.entry(&Duration::ZERO, &attributes, Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.attributes(inode.into()) {
            Some(attributes) => reply.attr(&Duration::ZERO, &attributes),
            None => reply.error(Errno::ENOENT),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn setattr(
        &self,
        _: &Request,
        inode: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u64>,
        _: Option<fuser::TimeOrNow>,
        _: Option<fuser::TimeOrNow>,
        _: Option<std::time::SystemTime>,
        _: Option<FileHandle>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        match self.attributes(inode.into()) {
            Some(attributes) => reply.attr(&Duration::ZERO, &attributes),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        // Direct: no second page cache below the loop device, every request reaches the recorder at once.
        reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
    }

    fn read(
        &self,
        _: &Request,
        inode: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let store = self.store();
        let statistics;
        let content: &[u8] = match u64::from(inode) {
            DISK => &store.disk,
            STAT => {
                statistics = store.statistics();
                statistics.as_bytes()
            }
            _ => &[],
        };
        let start = (offset as usize).min(content.len());
        reply.data(&content[start..(start + size as usize).min(content.len())]);
    }

    fn write(
        &self,
        _: &Request,
        inode: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut store = self.store();
        match u64::from(inode) {
            DISK if store.write(offset, data) => reply.written(data.len() as u32),
            DISK => reply.error(Errno::ENOSPC),
            MARK => {
                store.record(Kind::Mark, 0, data);
                reply.written(data.len() as u32);
            }
            _ => reply.error(Errno::EACCES),
        }
    }

    fn fsync(&self, _: &Request, inode: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        if u64::from(inode) == DISK {
            self.store().flush();
        }
        reply.ok();
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn destroy(&mut self) {
        if let Some(log) = &mut self.store().log {
            log.finish();
        }
    }
}

/// Serves the folder until it is unmounted.
pub fn serve(folder: &Path, mib: u64, log: Option<&Path>) -> anyhow::Result<()> {
    let size = mib << 20;
    let store = Store {
        disk: vec![0; size as usize],
        log: log.map(Writer::create).transpose()?,
        writes: 0,
        bytes: 0,
        flushes: 0,
        pages: 0,
        pages_since_flush: HashSet::new(),
    };
    let mut config = Config::default();
    config.mount_options.push(MountOption::FSName("powercut".into()));
    fuser::mount(Recorder { store: Mutex::new(store), size }, folder, &config)?;
    Ok(())
}
