use crate::pb::fleet_client::FleetClient as PbFleetClient;
use crate::pb::kv_client;

type Store = kv_client::KvClient<Channel>;

/// A wrapper with the name of what it wraps.
pub struct FleetClient {
    inner: PbFleetClient<Channel>,
    store: Store,
}

impl FleetClient {
    pub fn new(channel: Channel) -> Self {
        let inner = PbFleetClient::new(channel.clone());
        let store = kv_client::KvClient::new(channel);
        Self { inner, store }
    }

    pub async fn arrive(&mut self) -> Result<Agent> {
        Ok(self.inner.arrive(Agent {}).await?.into_inner())
    }

    pub async fn put(&mut self) -> Result<(), Status> {
        self.store.clone().put(Agent {}).await?;
        Ok(())
    }

    pub async fn report(&mut self) -> Result<(), Status> {
        match self.inner.report_metrics(Agent {}).await {
            Ok(_) => Ok(()),
            Err(status) if status.code() == Code::Unimplemented => Ok(()),
            Err(status) => Err(status),
        }
    }

    pub async fn report_quietly(&mut self) {
        if let Err(status) = self.inner.report_metrics(Agent {}).await {
            warn!("report: {status}");
        }
    }

    pub async fn depart(&mut self) {
        let _ = self.inner.depart(Agent {}).await;
    }
}

pub async fn wrapped(mut client: FleetClient) -> Result<Agent> {
    client.arrive().await
}
