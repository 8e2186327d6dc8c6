//! What is to be run: arguments over environment over file over the usual places. Made before any port is opened.

use std::net::SocketAddr;
use std::path::PathBuf;

use hub_api::tls::OwnFiles;
use tempfile::TempDir;

use crate::cli::Failure;
use crate::cli::arguments::RunArguments;
use crate::config::paths::{self, Environment};
use crate::config::{self, Config, ConfigError, Place};
use crate::{drivers, logging};

/// What is to be run.
#[derive(Debug)]
pub struct Plan {
    /// Everything that was set.
    pub config: Config,
    /// Where everything is kept.
    pub data: PathBuf,
    /// Where the local socket may be.
    pub sockets: Vec<PathBuf>,
    /// Where the command line looks for it by itself.
    pub usual_sockets: Vec<PathBuf>,
    /// Where the web server listens for plain HTTP.
    pub http: Wanted,
    /// Where it listens for HTTPS.
    pub https: Wanted,
    /// The owner's own certificate.
    pub own_certificate: Option<OwnFiles>,
    /// Whether the hub can be found on the local network.
    pub is_announced: bool,
    /// A simulated home.
    pub demo: bool,
    /// Goes away with the plan.
    temporary: Option<TempDir>,
}

/// An address to listen at.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Address and port.
    pub address: SocketAddr,
    /// Nobody chose the port, so that another one may be taken.
    pub any_port: bool,
}

impl Plan {
    /// Understands what was asked for, and starts logging.
    pub fn new(arguments: RunArguments, environment: Environment<'_>) -> Result<Self, Failure> {
        let named = arguments.config.is_some();
        let file = arguments.config.unwrap_or_else(|| paths::config_file(environment));
        let mut config = match (arguments.demo, named) {
            // The demo home has nothing to do with the drivers and folders of the real one.
            (true, false) => config::parse(&file, "", std::env::vars())?,
            _ => config::load(&file, named, std::env::vars())?,
        };
        let filter = environment("HEARTH_LOG").unwrap_or_else(|| config.hub.log.clone());
        logging::start(&filter).map_err(|problem| ConfigError {
            place: Place::File(file.clone()),
            problem: format!("log = {filter:?} is no log filter ({problem})"),
            remedy: "write error, warn, info, debug or trace, or finer: info,hub_core=debug".to_owned(),
        })?;
        for warning in &config.warnings {
            tracing::warn!(%warning, "Something in the configuration should be looked at.");
        }
        if arguments.demo && !config.drivers.iter().any(|driver| driver.id.as_str() == drivers::DEMO) {
            config.drivers.push(drivers::demo());
        }
        let given = arguments.data.or_else(|| config.hub.data.take());
        let (data, temporary) = match given {
            Some(data) => (data, None),
            None if arguments.demo => {
                let folder = tempfile::Builder::new().prefix("hearth-demo-").tempdir().map_err(|error| {
                    Failure::Failed(format!(
                        "a folder for the demo cannot be made ({error}); set TMPDIR, or name a folder with --data"
                    ))
                })?;
                (folder.path().to_owned(), Some(folder))
            }
            None => (paths::data_folder(environment), None),
        };
        let mut sockets = match config.hub.socket.take() {
            Some(socket) => vec![socket],
            None => paths::sockets(environment),
        };
        if arguments.demo {
            // A demo beside the real hub answers in its own folder, and makes nothing in the real one's.
            let real = paths::data_folder(environment);
            sockets.retain(|socket| socket.parent() != Some(&*real));
            sockets.push(data.join("hearth.sock"));
        }
        config.http.listen = arguments.listen.or(config.http.listen);
        let http = config.http.address(arguments.demo);
        Ok(Self {
            http: Wanted { address: http, any_port: arguments.demo && config.http.listen.is_none() },
            // A second hub on a machine is to start too.
            https: Wanted { address: config.http.tls_address(http), any_port: config.http.https.is_none() },
            own_certificate: config.tls.own_files(&file)?,
            is_announced: config.mdns.enabled.unwrap_or(!arguments.demo),
            demo: arguments.demo,
            usual_sockets: paths::sockets(environment),
            config,
            data,
            sockets,
            temporary,
        })
    }

    /// Whether everything is forgotten at the end.
    pub fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }
}
