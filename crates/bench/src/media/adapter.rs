//! What a round does with a server, whichever it is: start it, let people in and out, read its account, end it.

use std::collections::{HashSet, VecDeque};
use std::time::Instant;

use tokio::process::Child;

use super::generator::{ClientId, ClientSpec, Generator};
use super::janus::Janus;
use super::ours::Ours;
use super::scenario::{Plan, Seat};
use super::whip::Whip;
use super::{Ground, Peer, SETTLING_PATIENCE};
use crate::process::{self, Usage};

/// Which server a round is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side<'a> {
    Ours,
    Peer(&'a Peer),
}

impl Side<'_> {
    pub(super) fn name(self) -> &'static str {
        match self {
            Side::Ours => "ours",
            Side::Peer(Peer::Janus { .. }) => "janus",
            Side::Peer(Peer::Whip(_)) => "whip",
        }
    }
}

/// Somebody who is in.
pub(super) struct Entered {
    seat: Seat,
    clients: Vec<ClientId>,
}

/// The server of one round.
pub(super) enum Server {
    Ours(Ours),
    Janus(Janus),
    Whip(Whip),
}

impl Server {
    pub(super) async fn start(side: Side<'_>, ground: &Ground, rooms: &HashSet<u64>) -> Result<Self, String> {
        match side {
            Side::Ours => Ours::start(ground).await.map(Server::Ours),
            Side::Peer(Peer::Janus { event_loops }) => {
                Janus::start(ground, *event_loops, rooms).await.map(Server::Janus)
            }
            Side::Peer(Peer::Whip(peer)) => Whip::start(ground, peer).await.map(Server::Whip),
        }
    }

    pub(super) fn usage(&self) -> Result<Usage, String> {
        Usage::of(match self {
            Server::Ours(ours) => &ours.child,
            Server::Janus(janus) => &janus.child,
            Server::Whip(whip) => &whip.child,
        })
    }

    /// Ends it, so that the next one finds its ports free.
    pub(super) async fn stop(mut self) {
        let child: &mut Child = match &mut self {
            Server::Ours(ours) => &mut ours.child,
            Server::Janus(janus) => &mut janus.child,
            Server::Whip(whip) => &mut whip.child,
        };
        process::end(child).await;
    }

    /// Lets everybody in, one after the other at the plan's pace, without waiting for one to be in before the next.
    ///
    /// Where a server has other connections for what one gets, and it is not a storm, all first come and then all
    /// watch: who is to be watched must be there, and to watch others later is another negotiation.
    pub(super) async fn let_in(&self, generator: &Generator, plan: &Plan) -> Result<VecDeque<Entered>, String> {
        let pace = |began: Instant, place: usize| {
            let at = began + plan.join_interval * u32::try_from(place).unwrap_or(u32::MAX);
            tokio::time::sleep_until(at.into())
        };
        let began = Instant::now();
        let comings = plan.seats.iter().enumerate().map(|(place, seat)| async move {
            pace(began, place).await;
            let asked = Instant::now();
            if plan.storm {
                self.enter(generator, seat, asked).await
            } else {
                self.come(generator, seat, asked).await
            }
        });
        let mut entered = futures_util::future::try_join_all(comings).await?;
        if self.watches_apart() && !plan.storm {
            generator.settled(SETTLING_PATIENCE).await?;
            let began = Instant::now();
            let watchings = entered.iter_mut().enumerate().map(|(place, entered)| async move {
                pace(began, place).await;
                self.watch(generator, entered, Instant::now()).await
            });
            futures_util::future::try_join_all(watchings).await?;
        }
        Ok(entered.into())
    }

    /// Comes and gets at once what there is.
    pub(super) async fn enter(&self, generator: &Generator, seat: &Seat, asked: Instant) -> Result<Entered, String> {
        let mut entered = self.come(generator, seat, asked).await?;
        self.watch(generator, &mut entered, asked).await?;
        Ok(entered)
    }

    async fn come(&self, generator: &Generator, seat: &Seat, asked: Instant) -> Result<Entered, String> {
        let clients = match self {
            Server::Ours(ours) => vec![ours.enter(generator, seat, asked).await?],
            Server::Janus(_) | Server::Whip(_) if !seat.sends => Vec::new(),
            Server::Janus(janus) => vec![janus.enter(generator, seat, asked).await?],
            Server::Whip(whip) => vec![whip.enter(generator, seat, asked).await?],
        };
        Ok(Entered {
            seat: seat.clone(),
            clients,
        })
    }

    /// Whether what one gets needs another connection.
    fn watches_apart(&self) -> bool {
        match self {
            Server::Ours(_) => false,
            Server::Janus(_) | Server::Whip(_) => true,
        }
    }

    async fn watch(&self, generator: &Generator, entered: &mut Entered, asked: Instant) -> Result<(), String> {
        let seat = &entered.seat;
        match self {
            Server::Ours(_) => {}
            Server::Janus(janus) => entered.clients.extend(janus.watch(generator, seat, asked).await?),
            Server::Whip(whip) => entered.clients.extend(whip.watch(generator, seat, asked).await?),
        }
        Ok(())
    }

    pub(super) async fn let_out(&self, generator: &Generator, gone: &Entered) -> Result<(), String> {
        for client in &gone.clients {
            generator.close(*client);
            match self {
                Server::Ours(ours) => ours.leave(&gone.seat),
                Server::Janus(janus) => janus.leave(*client).await?,
                Server::Whip(whip) => whip.leave(*client).await?,
            }
        }
        Ok(())
    }
}

/// Who one of a seat's connections is to the measurement.
pub(super) fn spec(seat: &Seat, asked: Instant, times_count: bool) -> ClientSpec {
    ClientSpec {
        asked,
        place: seat.place,
        senders: seat.senders,
        times_count,
        light: seat.light,
    }
}
