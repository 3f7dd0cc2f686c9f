//! Files that are too large for the database: a folder, or a bucket that speaks S3.

use std::{ops::Range, path::Path, sync::Arc};

use bytes::Bytes;
use object_store::{ObjectStore, PutPayload, aws::AmazonS3Builder, local::LocalFileSystem, path::Path as Key};

use crate::{config::FilesConfig, error::Result};

/// Where files lie. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
}

impl Files {
    /// Opens what the settings name; without any a folder in `data_dir`.
    pub fn open(config: &FilesConfig, data_dir: &Path) -> anyhow::Result<Self> {
        if config.bucket.is_empty() {
            let folder = data_dir.join("files");
            std::fs::create_dir_all(&folder)?;
            return Ok(Self {
                store: Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true)),
                prefix: Key::default(),
            });
        }
        // Servers of one's own rarely care for the region, but a signature names one.
        let region = if config.region.is_empty() { "us-east-1" } else { &config.region };
        let mut s3 = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(region)
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(config.secret_key.expose());
        if !config.endpoint.is_empty() {
            // A server of one's own, such as MinIO: its buckets are folders of its address.
            let address = config.endpoint.trim_end_matches('/');
            s3 = s3.with_endpoint(address).with_allow_http(address.starts_with("http://")).with_virtual_hosted_style_request(false);
        }
        Ok(Self { store: Arc::new(s3.build()?), prefix: Key::from(config.prefix.as_str()) })
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.parts().chain(Key::from(name).parts()).collect()
    }

    /// Keeps bytes under a name that nobody else has.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        self.store.put(&self.key(name), PutPayload::from(bytes)).await?;
        Ok(())
    }

    /// The bytes of a name; none if there are none.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        match self.store.get(&self.key(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Some of the bytes under a name, if there are any.
    pub async fn part(&self, name: &str, range: Range<u64>) -> Result<Option<Bytes>> {
        match self.store.get_range(&self.key(name), range).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets a name; one that is not there is fine.
    pub async fn delete(&self, name: &str) -> Result<()> {
        match self.store.delete(&self.key(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a file is by its first bytes, whatever anybody says; none = nothing that is kept.
pub fn content_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("video/mp4"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_put_is_there_until_it_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(&FilesConfig::default(), dir.path()).unwrap();
        assert_eq!(files.get("stories/a").await.unwrap(), None);
        files.put("stories/a", b"bytes".to_vec()).await.unwrap();
        assert_eq!(files.get("stories/a").await.unwrap().as_deref(), Some(&b"bytes"[..]));
        // No name leads out of the folder.
        files.put("../../b", b"x".to_vec()).await.unwrap();
        assert!(dir.path().join("files").exists() && !dir.path().join("../b").exists() && !dir.path().join("b").exists());
        files.delete("stories/a").await.unwrap();
        files.delete("stories/a").await.unwrap();
        assert_eq!(files.get("stories/a").await.unwrap(), None);
    }

    #[test]
    fn types_are_read_off_the_content() {
        assert_eq!(content_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(content_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(content_type(b"\0\0\0\x18ftypmp42"), Some("video/mp4"));
        for not in [&b"<svg xmlns='http://www.w3.org/2000/svg'>"[..], b"<html>", b"", b"GIF89a", b"%PDF-1.7"] {
            assert_eq!(content_type(not), None);
        }
    }
}
