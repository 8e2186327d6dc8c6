//! What the hub relies on, with a server that is played.

use std::future::Future;
use std::sync::Arc;

use driver_api::Driver;
use driver_api::conformance::{Bus, Sample, TokioClock, check};
use driver_zwave_js::{ZWaveJsConfig, ZWaveJsDriver};
use hub_model::command::Setting;
use hub_model::{DeviceId, DriverId, Timestamp, Value};
use serde_json::json;

use crate::played::{OLD, PLUG, Played, REMOTE};

struct PlayedBus(Played);

fn device(node: u16) -> DeviceId {
    DeviceId::new(format!("zwave:0x7e570001-{node}"))
}

impl Bus for PlayedBus {
    fn id(&self) -> DriverId {
        DriverId::new("zwave")
    }

    fn driver(&mut self) -> Box<dyn Driver> {
        Box::new(ZWaveJsDriver::new(ZWaveJsConfig::new(self.0.url())))
    }

    fn sample(&self) -> Sample {
        let settings = vec![Setting { endpoint: 0, attribute: "on".into(), value: Value::Bool(true) }];
        Sample { device: device(PLUG), settings }
    }

    fn lose_link(&mut self) -> impl Future<Output = ()> + Send {
        self.0.stop()
    }

    fn regain_link(&mut self) -> impl Future<Output = ()> + Send {
        self.0.start_again()
    }

    fn happen(&mut self, count: usize) -> impl Future<Output = bool> + Send {
        for _ in 0..count {
            let args = json!({"commandClass": 91, "property": "scene", "propertyKey": "001", "value": 0});
            self.0.tell(json!({"source": "node", "event": "value notification", "nodeId": REMOTE, "args": args}));
        }
        std::future::ready(true)
    }

    fn removable(&self) -> Option<DeviceId> {
        Some(device(OLD))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_driver_conforms() {
    let mut bus = PlayedBus(Played::start().await);
    let clock = Arc::new(TokioClock::at(Timestamp(1_800_000_000_000)));
    let findings = check(&mut bus, clock).await.into_result().unwrap();
    assert!(findings.skipped.is_empty(), "{:?}", findings.skipped);
}
