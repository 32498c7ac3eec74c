use crate::KvClient;

pub async fn put(mut store: KvClient<Channel>) -> Result<(), Status> {
    store.put(Agent {}).await?;
    Ok(())
}
