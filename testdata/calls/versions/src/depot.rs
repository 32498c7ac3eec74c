use crate::acme::depot::v1::depot_client::DepotClient;
use crate::acme::depot::v1beta1::depot_client::DepotClient as OldClient;

pub async fn fetch(client: &mut DepotClient<Channel>) -> Result<(), Status> {
    client.fetch_train(Train {}).await?;
    Ok(())
}

pub async fn fetch_old(client: &mut OldClient<Channel>) -> Result<(), Status> {
    client.fetch_train(Train {}).await?;
    Ok(())
}
