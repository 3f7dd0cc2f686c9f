//! What came of it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt, time,
};

use chrono::{DateTime, Duration, Utc};
use entity::{
    account_metrics, account_snapshot, audience_snapshot, comment,
    enums::{LinkState, StoryEnd, SyncKind},
    network_link, post, post_metrics, story_archive, sync_task,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{crew::Crew, outside::Outside};
use crate::Stage;

/// What was seen.
#[derive(Debug, Default)]
pub struct Report {
    /// Accounts that were linked, and of those whose links live at the end.
    pub accounts: (usize, usize),
    /// Accounts that could not be linked at once, because a network's allowance was used up.
    pub put_off: usize,
    /// Calls to the networks.
    pub calls: u64,
    /// Calls by network.
    pub by_network: BTreeMap<String, u64>,
    /// Refusals by network and status.
    pub refusals: BTreeMap<String, u64>,
    /// Renewals of tokens.
    pub renewed: u64,
    /// Rules of the networks that were broken; each a sentence.
    pub broken: Vec<String>,
    /// The most that was used of each allowance, and how much there was.
    pub peaks: Vec<(&'static str, i64, i64)>,
    /// Calls to TikTok during the two hours in which it answered nobody.
    pub during_outage: u64,
    /// Stories that were over, those of them read a last time before their end, and those that the end of a grant kept from it.
    pub stories: (usize, usize, usize),
    /// Of the living accounts of each network the share whose profile, and whose posts, were read within the last 26 hours.
    pub fresh: BTreeMap<String, (usize, usize, usize)>,
    /// What came of the last turn of profiles that are not fresh.
    pub late: BTreeMap<String, u64>,
    /// Rows of each kind.
    pub rows: BTreeMap<&'static str, u64>,
    /// SQL statements of the worker.
    pub statements: usize,
    /// On the clock of the machine.
    pub took: time::Duration,
    /// The process's largest memory, in MiB; none where the system does not tell.
    pub memory: Option<u64>,
}

/// She leaves that scope unticked.
const WITHOUT_INSIGHTS: &str = "aoi";
/// A daily reading is late after so long.
const LATE: Duration = Duration::hours(26);

pub(super) async fn of(stage: &Stage, crew: &Crew, outside: &Outside, statements: usize, took: time::Duration) -> Report {
    let db = stage.app.db();
    let links = network_link::Entity::find().all(db).await.expect("links");
    let tasks = sync_task::Entity::find().all(db).await.expect("readings");
    let living: HashSet<_> = links.iter().filter(|link| link.state == LinkState::Verified).map(|link| link.account_id).collect();
    let now = stage.now();
    let mut fresh: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    let mut late: BTreeMap<String, u64> = BTreeMap::new();
    for task in tasks.iter().filter(|task| living.contains(&task.account_id)) {
        let one = fresh.entry(task.network.to_string()).or_default();
        let in_time = usize::from(task.last_ok_at.is_some_and(|at| now - at < LATE));
        match task.kind {
            SyncKind::Profile => {
                (one.0, one.1) = (one.0 + 1, one.1 + in_time);
                if in_time == 0 {
                    let next = task.next_run_at.map_or_else(|| "never".to_owned(), |at| format!("in {} h", (at - now).num_hours()));
                    *late.entry(format!("{} {}, next {next}", task.network, task.outcome)).or_default() += 1;
                }
            }
            SyncKind::Posts => one.2 += in_time,
            _ => {}
        }
    }
    let (stories, mut broken) = stories(stage, crew, outside, now).await;
    let rows = rows(stage).await;
    let watch = outside.watch();
    broken.extend(watch.broken.iter().cloned());
    Report {
        accounts: (links.len(), living.len()),
        put_off: crew.put_off,
        calls: watch.calls,
        by_network: watch.by_network.clone(),
        refusals: watch.refusals.clone(),
        renewed: watch.accounts.iter().map(|seen| seen.renewed).sum(),
        broken,
        peaks: watch.peaks(),
        during_outage: watch.during_outage,
        stories,
        fresh,
        late,
        rows,
        statements,
        took,
        memory: memory(),
    }
}

/// Every story that was up long enough was read shortly before its end, by what the networks were asked and not by what we wrote down.
async fn stories(stage: &Stage, crew: &Crew, outside: &Outside, now: DateTime<Utc>) -> ((usize, usize, usize), Vec<String>) {
    let kept = story_archive::Entity::find().all(stage.app.db()).await.expect("stories");
    let posts = post::Entity::find().filter(post::Column::ExpiresAt.is_not_null()).all(stage.app.db()).await.expect("stories");
    let posts: HashMap<_, _> = posts.into_iter().map(|post| (post.id, post.external_id)).collect();
    let of: HashMap<_, _> = crew.hands.iter().enumerate().filter_map(|(who, hand)| Some((hand.account?, who))).collect();
    let watch = outside.watch();
    let (mut over, mut read, mut cut_off, mut broken) = (0, 0, 0, Vec::new());
    for (story, id) in kept.iter().filter_map(|story| Some((story, posts.get(&story.post_id)?))) {
        if story.expires_at > now || story.created_at > story.expires_at - Duration::minutes(40) {
            continue;
        }
        // Who did not grant the figures has none to be read.
        if of.get(&story.account_id).is_some_and(|who| crew.hands[*who].person == WITHOUT_INSIGHTS) {
            continue;
        }
        over += 1;
        let last = watch.stories.get(id).copied();
        let in_time = last.is_some_and(|at| at < story.expires_at && at >= story.expires_at - Duration::minutes(40));
        let ended = of.get(&story.account_id).is_none_or(|who| watch.was_over(*who, story.expires_at));
        match (in_time, ended) {
            (true, _) => {
                read += 1;
                if story.ending == StoryEnd::Missed {
                    broken.push(format!("story {id} was read in time and is called missed"));
                }
            }
            (false, true) => cut_off += 1,
            (false, false) => broken.push(format!("story {id} ended at {} and was read last at {last:?}", story.expires_at)),
        }
    }
    ((over, read, cut_off), broken)
}

async fn rows(stage: &Stage) -> BTreeMap<&'static str, u64> {
    let db = stage.app.db();
    [
        ("posts", post::Entity::find().count(db).await),
        ("post metrics", post_metrics::Entity::find().count(db).await),
        ("account snapshots", account_snapshot::Entity::find().count(db).await),
        ("account metrics", account_metrics::Entity::find().count(db).await),
        ("audience snapshots", audience_snapshot::Entity::find().count(db).await),
        ("comments", comment::Entity::find().count(db).await),
    ]
    .into_iter()
    .map(|(name, count)| (name, count.expect("counted")))
    .collect()
}

/// `VmHWM` of Linux.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? / 1024)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "accounts       {} linked, {} of them not at once, {} at the end", self.accounts.0, self.put_off, self.accounts.1)?;
        writeln!(f, "calls          {} ({})", self.calls, list(&self.by_network))?;
        writeln!(f, "refusals       {}", list(&self.refusals))?;
        writeln!(f, "renewals       {}", self.renewed)?;
        for (name, used, most) in &self.peaks {
            writeln!(f, "at most        {used} of {most} {name}")?;
        }
        writeln!(f, "outage         {} calls in two hours", self.during_outage)?;
        let (over, read, cut_off) = self.stories;
        writeln!(f, "stories        {over} over, {read} read within 40 minutes of their end, {cut_off} cut off by the end of a grant")?;
        for (network, (all, profiles, posts)) in &self.fresh {
            writeln!(f, "fresh          {network}: of {all} profiles {profiles}, posts of {posts}")?;
        }
        writeln!(f, "late           {}", list(&self.late))?;
        writeln!(f, "rows           {}", list(&self.rows))?;
        writeln!(f, "statements     {}", self.statements)?;
        writeln!(f, "took           {:.0} s", self.took.as_secs_f64())?;
        if let Some(memory) = self.memory {
            writeln!(f, "memory         {memory} MiB at most")?;
        }
        writeln!(f, "rules broken   {}", self.broken.len())?;
        self.broken.iter().take(50).try_for_each(|rule| writeln!(f, "  {rule}"))
    }
}

fn list<K: fmt::Display>(counts: &BTreeMap<K, u64>) -> String {
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}
