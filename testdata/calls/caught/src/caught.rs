use crate::pb::fleet_client::FleetClient;

pub struct Caught {
    client: FleetClient<Channel>,
}

impl Caught {
    pub async fn kept(&mut self) -> Result<(), Status> {
        let arrived = self.client.arrive(Agent {}).await;
        if let Err(status) = &arrived {
            if status.code() == Code::Unimplemented {
                return Ok(());
            }
        }
        arrived.map(drop)
    }

    pub async fn translated(&mut self) -> Result<Agent, Error> {
        let arrived = self.client.arrive(Agent {}).await.map_err(|status| match status.code() {
            Code::Unimplemented => Error::TooOld,
            _ => Error::Status(status),
        })?;
        Ok(arrived.into_inner())
    }

    pub async fn defaulted(&mut self) -> Agent {
        self.client.arrive(Agent {}).await.map(Response::into_inner).unwrap_or_default()
    }

    pub async fn spawned(mut self) {
        tokio::spawn(async move { self.client.arrive(Agent {}).await });
    }

    pub async fn timed(&mut self) {
        let arrived = timeout(LIMIT, self.client.arrive(Agent {})).await;
        self.count(arrived);
    }

    pub async fn arrive_somewhere(&mut self) -> Result<Agent, Status> {
        Ok(self.client.arrive(Agent {}).await?.into_inner())
    }

    pub async fn caller(&mut self) {
        match self.arrive_somewhere().await {
            Ok(agent) => self.show(agent),
            Err(status) if matches!(status.code(), Code::Unimplemented | Code::Unavailable) => {}
            Err(status) => warn!("arrive: {status}"),
        }
    }

    fn refuses(&self) -> Result<(), Status> {
        Err(Status::new(Code::Unimplemented, "no"))
    }
}
