/// What a macro makes of a client implements the trait `Fleet`.
pub struct Worker {
    connection: Shared<Connection>,
}

impl Worker {
    pub async fn report(&self) -> Result<Agent> {
        Ok(self.connection.clone().report_agent_metrics(Agent {}).await?.into_inner())
    }

    pub async fn report_by_trait(&self) -> Result<Agent> {
        let report =
            Fleet::report_agent_metrics(&mut self.connection.clone(), Agent {}).await?;
        Ok(report.into_inner())
    }
}
