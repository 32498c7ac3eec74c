use tonic::{Request, Response, Status};

use crate::pb::fleet_server::{Fleet, FleetServer};

struct RustFleet {
    store: Store,
}

#[tonic::async_trait]
impl Fleet for RustFleet {
    type WatchStream = Stream;

    async fn arrive(&self, request: Request<Agent>) -> Result<Response<Agent>, Status> {
        self.store.arrive(request.get_ref())?;
        Ok(Response::new(request.into_inner()))
    }

    async fn depart(&self, request: Request<Agent>) -> Result<Response<Agent>, Status> {
        match request.get_ref().kind {
            Kind::Old => Err(Status::unimplemented("too old")),
            _ => Ok(Response::new(request.into_inner())),
        }
    }

    async fn report_metrics(&self, _request: Request<Agent>) -> Result<Response<Agent>, Status> {
        tracing::warn!("an old agent");
        Err(Status::unimplemented("no longer"))
    }

    async fn watch(&self, _: Request<Agent>) -> Result<Response<Self::WatchStream>, Status> {
        return Err(Status::new(tonic::Code::Unimplemented, "not yet"));
    }

    async fn never(&self, request: Request<Agent>) -> Result<Response<Agent>, Status> {
        match self.peer.get(request).await {
            Err(status) if status.code() == tonic::Code::Unimplemented => Ok(Response::default()),
            other => other,
        }
    }

    async fn old(&self, request: Request<Agent>) -> Result<Response<Agent>, Status> {
        let known = self.store.find(request).ok_or_else(|| Status::unimplemented("unknown"))?;
        Ok(Response::new(known))
    }
}

/// Counts, and leaves the answer to another one.
struct Counted<T>(T);

#[tonic::async_trait]
impl<T: Fleet> Fleet for Counted<T> {
    async fn arrive(&self, request: Request<Agent>) -> Result<Response<Agent>, Status> {
        let response = self.0.arrive(request).await?;
        count();
        Ok(response)
    }
}

/// No server, but methods of the same names.
impl Store {
    fn arrive(&self, agent: &Agent) -> Result<(), Status> {
        Ok(())
    }
}

async fn serve(store: Store) {
    Server::builder().add_service(FleetServer::new(Counted(RustFleet { store }))).await
}
