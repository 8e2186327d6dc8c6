//! A whole hub, core and store, that lives the made-up week in virtual time, to be killed at any instant and started
//! again. `simulated-week set-up FOLDER` makes it; `simulated-week live FOLDER PERMILLE [UNTIL]` lives on from where it
//! was, after a pause of so much of the time to the next happening; behind the millisecond `UNTIL`, once the disk has
//! everything, it says so and stands still to be killed.
//!
//! Virtual time stands still while anything is on its way to the disk, so that what a kill takes away is what a kill
//! takes away in real time: the turn that was under way.

mod clock;
mod diary;
mod journal;
mod things;
#[path = "../../hub/automation/tests/week.rs"]
mod week;
mod world;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hearth::ports::StorePort;
use hub_core::{CoreParts, DriverSpec, Edit, RunningCore};
use hub_model::household::Home;
use hub_model::record::Kept;
use hub_model::{Cause, Timestamp};
use hub_store::{Options, Store};

use crate::clock::VirtualClock;
use crate::diary::Diary;
use crate::journal::WatchedJournal;
use crate::world::World;

/// How long after the week the last waits have ended.
const AFTERWARDS: Duration = Duration::from_secs(6 * 3_600);

/// What goes wrong ends the program, and the test shows it.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    match arguments[..] {
        ["set-up", folder] => runtime.block_on(set_up(Path::new(folder))),
        ["live", folder, pause] => runtime.block_on(live(Path::new(folder), pause.parse()?, None)),
        ["live", folder, pause, until] => {
            runtime.block_on(live(Path::new(folder), pause.parse()?, Some(Timestamp(until.parse()?))))
        }
        _ => Err("usage: simulated-week set-up FOLDER | live FOLDER PERMILLE [UNTIL]".into()),
    }
}

fn start_of_week() -> Result<Timestamp> {
    Ok(week::START.parse()?)
}

/// The store, what it kept, and a core on both.
struct Hub {
    store: Store,
    core: RunningCore,
}

impl Hub {
    fn start(
        folder: &Path,
        clock: Arc<VirtualClock>,
        live: Option<(World, Diary)>,
        until: Option<Timestamp>,
    ) -> Result<Self> {
        let data = folder.join("data");
        let (store, kept) = Store::open(&data, clock.clone(), Options { ballast_bytes: 0, ..Options::default() })?;
        let (world, diary) = match live {
            None => (None, None),
            Some((world, diary)) => {
                clock.not_before(last_alive(&kept));
                (Some(world.at(clock.time(), &kept.decisions)), Some(diary))
            }
        };
        let (journal, watch) = WatchedJournal::new(StorePort(store.handle()), clock.clone(), until);
        let drivers = world.into_iter().map(|world| DriverSpec {
            id: things::DRIVER.into(),
            driver_type: "world".into(),
            abilities: &[],
            factory: Box::new(move || Ok(Box::new(world.clone()))),
        });
        let core = hub_core::start(CoreParts {
            kept,
            journal: Box::new(journal),
            clock,
            random: Box::new(counted()),
            drivers: drivers.collect(),
            schedules_on_untrusted_clock: true,
            heartbeat: None,
        });
        tokio::spawn(watch.run(store.handle(), core.handle.subscribe(), diary));
        Ok(Self { store, core })
    }

    async fn stop(self) -> Result<()> {
        self.core.stop().await;
        tokio::task::spawn_blocking(|| self.store.close()).await?;
        Ok(())
    }
}

/// Ids need only differ from each other.
fn counted() -> impl FnMut(&mut [u8]) + Send {
    let mut count = 0_u64;
    move |bytes| {
        for byte in bytes {
            count = count.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = count.to_be_bytes()[0];
        }
    }
}

/// The latest time that anything on the disk knows of.
fn last_alive(kept: &Kept) -> Timestamp {
    let decided = kept.decisions.iter().map(|decision| decision.at);
    decided.chain(kept.stopped_at).fold(kept.last_known_time, Timestamp::max)
}

async fn set_up(folder: &Path) -> Result<()> {
    let clock = Arc::new(VirtualClock::starting_at(start_of_week()?));
    let hub = Hub::start(folder, clock, None, None)?;
    let handle = &hub.core.handle;
    let home = Home { time_zone: "Europe/Berlin".into(), ..Home::default() };
    handle.edit(Cause::System, Edit::Home { home, sets_mode: true }).await?;
    hub.stop().await?;
    // Rules are given in the first life: they name devices, which come with the world.
    std::fs::write(folder.join("diary"), "")?;
    Ok(())
}

async fn live(folder: &Path, pause: u32, until: Option<Timestamp>) -> Result<()> {
    let start = start_of_week()?;
    let diary = Diary::open(&folder.join("diary"))?;
    let clock = Arc::new(VirtualClock::starting_at(start));
    clock.not_before(diary.last().unwrap_or(start));
    let is_first = diary.is_empty();
    let world = World::new(start, clock.clone(), diary.clone(), pause);
    let hub = Hub::start(folder, clock.clone(), Some((world, diary.clone())), until)?;
    if is_first {
        give_rules(&hub).await?;
    }
    let end = start.plus(week::WEEK + AFTERWARDS);
    tokio::time::sleep(end.since(clock.time())).await;
    hub.stop().await?;
    diary.write(end, "end")
}

/// Waits for the devices, then gives the rules.
async fn give_rules(hub: &Hub) -> Result<()> {
    let mut pictures = hub.core.handle.watch();
    pictures.wait_for(|picture| picture.devices.iter().count() == week::devices().count()).await?;
    let documents = hub_automation::document::parse_yaml_many(&week::rules());
    let documents = documents.map_err(|findings| format!("the rules cannot be read: {findings:?}"))?;
    for document in documents {
        let edit = Edit::Automation {
            id: document.id().map(Into::into),
            document: document.to_json().into(),
            must_exist: Some(false),
        };
        hub.core.handle.edit(Cause::System, edit).await?;
    }
    Ok(())
}
