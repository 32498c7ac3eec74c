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

pub async fn by_path(client: &mut PbFleetClient<Channel>) -> Result<(), Status> {
    PbFleetClient::depart(client, Agent {}).await?;
    Ok(())
}

impl Pool {
    async fn with_fleet<T, O: Future<Output = Result<T, Status>>>(
        &self,
        call: impl Fn(PbFleetClient<Channel>) -> O,
    ) -> Result<T, Status> {
        call(PbFleetClient::new(self.channel())).await
    }

    pub async fn arrive(&self) -> Result<Agent, Status> {
        self.with_fleet(|mut fleet| async move { fleet.arrive(Agent {}).await }).await
    }

    pub async fn depart(&self, mut fleet: PbFleetClient<Channel>) {
        tokio::select! {
            left = fleet.depart(Agent {}) => drop(left),
            _ = self.closed() => {}
        }
    }

    pub async fn watch(&mut self) {
        if let Some(store) = &mut self.kept {
            let _ = store.put(Agent {}).await;
        }
    }
}

pub struct Pool {
    kept: Option<Store>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn departs() {
        PbFleetClient::new(channel()).depart(Agent {}).await.unwrap();
    }
}
