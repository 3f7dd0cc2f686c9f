//! Rows by id, batched: one statement a table and level, whatever the page's size. Made per operation, so nothing is shared between callers.

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    hash::{Hash, Hasher},
    marker::PhantomData,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::dataloader::Loader;
use entity::ids::Id;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use sea_orm::{ColumnTrait, EntityTrait, ModelTrait, QueryFilter, Select, sea_query::ValueType};
use uuid::Uuid;

use crate::{app::App, error::Error};

/// The source behind every loader. Each slice implements `Loader<…Id>` for it in its `graphql.rs`.
pub struct Rows {
    /// The product.
    pub app: App,
}

type Asked<K, V> = BoxFuture<'static, Result<HashMap<K, V>, Arc<Error>>>;
/// What was found before, and what was not.
type Known<K, V> = Arc<Mutex<HashMap<K, Option<V>>>>;
type Answer<K, V> = Result<Arc<HashMap<K, V>>, Arc<Error>>;

/// A row behind a pointer: a copy of it would copy all its texts, and a field's future is copied with all that it holds. The rest of its batch
/// lives as long as it does.
#[derive(Clone, Debug)]
pub enum Row<M> {
    /// Read by itself.
    Own(Arc<M>),
    /// The batch, and its place there.
    Of(Arc<Vec<M>>, usize),
}

impl<M> Row<M> {
    /// Each of a batch.
    pub fn each(batch: impl Into<Arc<Vec<M>>>) -> impl Iterator<Item = Self> {
        let batch = batch.into();
        (0..batch.len()).map(move |at| Self::Of(batch.clone(), at))
    }
}

impl<M> From<M> for Row<M> {
    fn from(row: M) -> Self {
        Self::Own(Arc::new(row))
    }
}

impl<M> Deref for Row<M> {
    type Target = M;
    fn deref(&self) -> &M {
        match self {
            Self::Own(row) => row,
            Self::Of(batch, at) => &batch[*at],
        }
    }
}

/// A statement to come: its keys so far, none once it is on its way, and what it will find.
struct Batch<K, V> {
    keys: Arc<Mutex<Option<HashSet<K>>>>,
    found: Shared<BoxFuture<'static, Answer<K, V>>>,
}

/// What is known by one kind of key, and what is about to be asked.
struct Shelf<K, V> {
    known: Known<K, V>,
    next: Option<Batch<K, V>>,
}

/// The key of what was found among what the caller may see, to be made into a `T`.
struct Found<T> {
    id: Uuid,
    made: PhantomData<fn() -> T>,
}

impl<T> Found<T> {
    fn of(id: Uuid) -> Self {
        Self { id, made: PhantomData }
    }
}

impl<T> Clone for Found<T> {
    fn clone(&self) -> Self {
        Self::of(self.id)
    }
}

impl<T> PartialEq for Found<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<T> Eq for Found<T> {}

impl<T> Hash for Found<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// The loaders of one operation. What one field asks for waits until its neighbours have asked too, and goes with theirs.
pub struct Loads {
    rows: Arc<Rows>,
    remembers: bool,
    shelves: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Loads {
    /// For an operation; one that changes rows must not remember what they were.
    pub fn new(app: App, remembers: bool) -> Self {
        Self { rows: Arc::new(Rows { app }), remembers, shelves: Mutex::default() }
    }

    /// Looks at the shelf for a kind of key.
    fn at<K, V, T>(&self, look: impl FnOnce(&mut Shelf<K, V>) -> T) -> T
    where
        K: Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        let mut shelves = held(&self.shelves);
        let shelf = shelves.entry(TypeId::of::<K>()).or_insert_with(|| Box::new(Shelf::<K, V> { known: Arc::default(), next: None }));
        match shelf.downcast_mut() {
            Some(shelf) => look(shelf),
            None => unreachable!("a kind of key has one kind of value"),
        }
    }

    /// A row that another statement has brought along, or that there is none.
    pub fn know<K, V>(&self, key: K, row: Option<V>)
    where
        Rows: Loader<K, Value = V, Error = Arc<Error>>,
        K: Clone + Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        if self.remembers {
            self.at(|shelf: &mut Shelf<K, V>| held(&shelf.known).insert(key, row));
        }
    }

    /// One row, if there is one.
    pub async fn load_one<K, V>(&self, key: K) -> crate::error::Result<Option<V>>
    where
        Rows: Loader<K, Value = V, Error = Arc<Error>>,
        K: Clone + Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        let rows = self.rows.clone();
        self.batched(key, move |keys| async move { rows.load(&keys).await }.boxed()).await.map_err(fault)
    }

    /// One row by an id among those that the caller may see; `NotFound` if it is none of them. The rows that neighbours ask for in the same
    /// way come with the same statement: `scope` is the same throughout an operation for each `T`, which is what the row is made into.
    pub async fn find<T, E, I>(&self, column: E::Column, scope: Select<E>, id: I) -> crate::error::Result<Row<E::Model>>
    where
        T: 'static,
        E: EntityTrait<Model: Send + Sync + 'static>,
        I: Id,
    {
        let rows = self.rows.clone();
        let ask = move |keys: Vec<Found<T>>| {
            let query = scope.filter(column.is_in(keys.iter().map(|key| key.id)));
            let asked = async move {
                let rows = query.all(rows.app.db()).await.map_err(|error| Arc::new(error.into()))?;
                // A column that holds no id finds nobody.
                let id = |row: &E::Model| <Uuid as ValueType>::try_from(row.get(column)).unwrap_or_default();
                Ok(Row::each(rows).map(|row| (Found::of(id(&row)), row)).collect())
            };
            asked.boxed()
        };
        self.batched(Found::<T>::of(id.uuid()), ask).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// What is known by a key, or is found together with what is asked for beside it.
    async fn batched<K, V>(&self, key: K, ask: impl FnOnce(Vec<K>) -> Asked<K, V> + Send + 'static) -> Result<Option<V>, Arc<Error>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        let found = self.at(|shelf: &mut Shelf<K, V>| {
            if let Some(row) = held(&shelf.known).get(&key) {
                return Err(row.clone());
            }
            if let Some(batch) = &shelf.next
                && let Some(keys) = &mut *held(&batch.keys)
            {
                keys.insert(key.clone());
                return Ok(batch.found.clone());
            }
            let keys = Arc::new(Mutex::new(Some(HashSet::from([key.clone()]))));
            let known = self.remembers.then(|| shelf.known.clone());
            // A task of its own begins only when this one has nothing more to do: then all have asked.
            let task = tokio::spawn(together(keys.clone(), known, ask));
            let found = task.map(|told| told.unwrap_or_else(|lost| Err(Arc::new(anyhow::Error::from(lost).into())))).boxed().shared();
            shelf.next = Some(Batch { keys, found: found.clone() });
            Ok(found)
        });
        match found {
            Ok(found) => Ok(found.await?.get(&key).cloned()),
            Err(known) => Ok(known),
        }
    }
}

/// What a whole batch failed of, as the error of each that asked.
fn fault(error: Arc<Error>) -> Error {
    Error::Fault(anyhow::anyhow!("{error}"))
}

/// Asks for a batch, once the fields that are resolved beside each other have all said what they need.
async fn together<K, V>(
    keys: Arc<Mutex<Option<HashSet<K>>>>,
    known: Option<Known<K, V>>,
    ask: impl FnOnce(Vec<K>) -> Asked<K, V> + Send,
) -> Answer<K, V>
where
    K: Clone + Eq + Hash,
    V: Clone,
{
    tokio::task::yield_now().await;
    let keys: Vec<K> = held(&keys).take().into_iter().flatten().collect();
    let found = ask(keys.clone()).await?;
    if let Some(known) = known {
        let mut known = held(&known);
        known.extend(keys.into_iter().map(|key| {
            let row = found.get(&key).cloned();
            (key, row)
        }));
    }
    Ok(Arc::new(found))
}

/// Implements `Loader` for a table's id: one `SELECT … WHERE id IN (…)`.
#[macro_export]
macro_rules! load_by_id {
    ($id:ty, $table:ident) => {
        impl async_graphql::dataloader::Loader<$id> for $crate::graph::rows::Rows {
            type Value = $crate::graph::rows::Row<entity::$table::Model>;
            type Error = std::sync::Arc<$crate::error::Error>;
            async fn load(&self, keys: &[$id]) -> std::result::Result<std::collections::HashMap<$id, Self::Value>, Self::Error> {
                use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
                let rows = entity::$table::Entity::find()
                    .filter(entity::$table::Column::Id.is_in(keys.iter().copied()))
                    .all(self.app.db())
                    .await
                    .map_err(|e| std::sync::Arc::new(e.into()))?;
                Ok($crate::graph::rows::Row::each(rows).map(|row| (row.id, row)).collect())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use async_graphql::{ContainerType, Context};

    /// Each field of an object is one future, as large as the largest among the fields of its type, and is copied when it is boxed: a list
    /// of a hundred with ten fields copies a thousand. Rows are held as `Row`, and what is long is boxed where it is awaited. Campaigns,
    /// conversations and organisations are not among these: a connection hangs on them, whose own future is of four thousand.
    const MOST: usize = 2_048;

    fn size<'a, T: 'a, F>(_: impl FnOnce(&'a T, &'a Context<'a>) -> F) -> usize {
        size_of::<F>()
    }

    macro_rules! sizes {
        ($($object:ty),* $(,)?) => { [$((stringify!($object), size(<$object as ContainerType>::resolve_field))),*] };
    }

    #[test]
    fn fields_of_what_stands_in_lists_are_small() {
        let sizes = sizes![
            crate::briefs::graphql::Brief,
            crate::conversations::graphql::Message,
            crate::creators::graphql::Creator,
            crate::creators::graphql::NetworkAccount,
            crate::creators::graphql::PortfolioItem,
            crate::invitations::graphql::Invitation,
            crate::networks::graphql::posts::Post,
            crate::offerings::graphql::Offering,
            crate::participations::graphql::Participation,
        ];
        let large: Vec<_> = sizes.into_iter().filter(|(_, size)| *size > MOST).collect();
        assert!(large.is_empty(), "{large:?}");
    }
}
