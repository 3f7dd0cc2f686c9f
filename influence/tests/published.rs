//! What others published, read as they publish it: Klout Topics, the IAB's taxonomies, lists of explicit words (`data` of the shared folder, not part of this project).

use std::path::PathBuf;

use hibiki_influence::text::Lang;
use hibiki_influence::topics::{Ontology, Tagger, iab, klout};
use hibiki_influence::vetting::{Vetting, allowed, lines, shipped};

#[expect(clippy::disallowed_methods, reason = "where the artefacts are is a matter of the test run")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty() && value != "0")
}

/// A file of the shared folder; `None`, said aloud, without it.
fn shared(path: &str) -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = root.join(env("HIBIKI_SHARED").unwrap_or_else(|| "../shared".into())).join("data").join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        assert!(env("HIBIKI_SHARED_REQUIRED").is_none(), "missing: {}", file.display());
        eprintln!("skipped: {} is not there (HIBIKI_SHARED)", file.display());
    }
    text
}

#[test]
fn klout_topics_are_read_and_tag() {
    let file = |part: &str| shared(&format!("klout-topics/klout_topic_{part}_20180601.csv"));
    let (Some(topics), Some(edges), Some(names)) = (file("ontology"), file("edge"), file("display")) else { return };
    let read = klout(&topics, &edges, &names).unwrap();
    assert!(read.ontology.topics().len() > 8_000);
    let zumba = read.ontology.find("2").unwrap();
    assert_eq!((read.ontology.name(zumba, "en"), read.ontology.name(zumba, "ar")), ("Zumba", "زومبا"));
    assert!(!read.ontology.categories(zumba).is_empty());
    let tagged = Tagger::new(&read.ontology, &[]).tag("A zumba class");
    assert!(tagged.iter().any(|t| t.topic == zumba), "{tagged:?}");
}

#[test]
fn our_iab_categories_are_theirs() {
    let Some(text) = shared("iab-taxonomies/Content_Taxonomy_3.1.tsv") else { return };
    let theirs = iab(&text).unwrap().ontology;
    assert!(theirs.topics().len() > 600);
    let ours = Ontology::shipped();
    let unknown: Vec<_> = ours.topics().iter().filter_map(|t| t.iab.as_deref()).filter(|id| theirs.find(id).is_none()).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn the_other_taxonomies_are_read() {
    for (file, least) in [("Audience_Taxonomy_1.1", 1_000), ("Ad_Product_Taxonomy_2.0", 400)] {
        let Some(text) = shared(&format!("iab-taxonomies/{file}.tsv")) else { return };
        let read = iab(&text).unwrap();
        assert!(read.ontology.topics().len() > least, "{file}: {}", read.ontology.topics().len());
    }
}

#[test]
fn lists_of_others_find_what_they_list() {
    let (Some(en), Some(ja)) = (shared("profanity/ldnoobw/en.txt"), shared("profanity/ldnoobw/ja.txt")) else { return };
    let added: Vec<_> = [lines(&en, Lang::En, 2, "ldnoobw"), lines(&ja, Lang::Ja, 2, "ldnoobw")].concat();
    assert!(added.len() > 500);
    let vetting = Vetting::new([shipped(), added.clone()].concat(), &allowed());
    let missed: Vec<_> = added.iter().filter(|e| vetting.check(&e.word).is_empty()).map(|e| e.word.as_str()).collect();
    // Words that are innocent parts of our own allow-list, or signs without letters, may be missed; nothing else.
    assert!(missed.len() * 50 < added.len(), "{missed:?}");
}
