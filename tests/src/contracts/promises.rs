//! What the schema promises by its shape: payloads give back what they changed, inputs give no rights, money is whole, and what may fail
//! alone is nullable. A new type is covered by itself.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql_parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use entity::{campaign, creator, enums::CampaignState, user};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{
    authority::{Call, World, definition, fields, named_base},
    none,
};
use crate::{database::Kind, stage::tell, story};

fn schema() -> ServiceDocument {
    parse_schema(server::graph::schema::sdl()).expect("the schema parses")
}

fn types(schema: &ServiceDocument) -> impl Iterator<Item = &TypeDefinition> {
    schema.definitions.iter().filter_map(|d| match d {
        TypeSystemDefinition::Type(t) => Some(&t.node),
        _ => None,
    })
}

fn inputs<'a>(schema: &'a ServiceDocument, name: &str) -> Vec<&'a InputValueDefinition> {
    match definition(schema, name).map(|d| &d.kind) {
        Some(TypeKind::InputObject(input)) => input.fields.iter().map(|f| &f.node).collect(),
        _ => Vec::new(),
    }
}

/// Objects that a cache knows by their id.
fn entities(schema: &ServiceDocument) -> BTreeSet<&str> {
    let has_id = |t: &&TypeDefinition| match &t.kind {
        TypeKind::Object(object) => object.fields.iter().any(|f| f.node.name.node == "id" && f.node.ty.node.to_string() == "ID!"),
        _ => false,
    };
    types(schema).filter(has_id).map(|t| t.name.node.as_str()).collect()
}

/// Payloads without an entity, and why (A25).
const NO_ENTITY: &[(&str, &str)] = &[
    ("ActivitySeenPayload", "a mark of one's own; `unseen` is the field of the query"),
    ("BrandRemovePayload", "it is gone: `removedId`"),
    ("EmailChangeConfirmPayload", "whoever holds the link need not be signed in"),
    ("EmailChangePayload", "nothing changes before the mail is answered"),
    ("HashtagSearchPayload", "what a network says; not kept as an object"),
    ("InvitationDeclinePayload", "whoever holds the link need not be signed in"),
    ("InvitationRenewPayload", "nothing changes; a mail is sent, if there is an invitation at all"),
    ("MailUnsubscribePayload", "whoever holds the link need not be signed in"),
    ("NetworkLinkBeginPayload", "nothing is linked yet"),
    ("PasswordResetPayload", "whoever holds the link need not be signed in"),
    ("PasswordResetRequestPayload", "the answer does not tell whether there is anybody"),
    ("RecoveryCodesRenewPayload", "secrets that are shown once"),
    ("SecondFactorRemovePayload", "it is gone"),
    ("SessionEndPayload", "they are gone"),
    ("SignUpPayload", "the answer does not tell whether there is anybody"),
    ("TotpBeginPayload", "a secret that is shown once; it counts for nothing yet"),
    ("WebhookRemovePayload", "it is gone: `removedId`"),
    ("WebhookReplayFailedPayload", "as many as there were; the list of deliveries is read anew"),
];

#[test]
fn mutations_take_one_input_and_give_back_what_they_changed() {
    let schema = schema();
    let entities = entities(&schema);
    let mut excused: BTreeMap<_, _> = NO_ENTITY.iter().copied().collect();
    let mut wrong = Vec::new();
    for field in fields(&schema, "Mutation") {
        let (name, payload) = (field.name.node.as_str(), named_base(&field.ty.node));
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let arguments: Vec<&str> = field.arguments.iter().map(|a| a.node.name.node.as_str()).collect();
        // Of one's own there is one, and nothing more to say about it.
        let bare = ["creatorPictureRemove", "scorePageUnpublish", "scoreRefresh"].contains(&name);
        if arguments != ["input"] && !bare {
            wrong.push(format!("{name} takes {arguments:?} instead of one input"));
        }
        if field.arguments.iter().any(|a| a.node.ty.node.nullable) {
            wrong.push(format!("{name} can be called without its input"));
        }
        if payload != format!("{capital}Payload") || field.ty.node.nullable {
            wrong.push(format!("{name} gives {}", field.ty.node));
        }
        let given = fields_of(&schema, payload);
        let errors = given.iter().find(|f| f.name.node == "userErrors").map(|f| f.ty.node.to_string());
        if errors.as_deref() != Some("[UserError!]!") {
            wrong.push(format!("{payload}.userErrors is {errors:?}"));
        }
        let more: Vec<&&FieldDefinition> = given.iter().filter(|f| f.name.node != "userErrors").collect();
        if more.is_empty() {
            wrong.push(format!("{payload} gives nothing back"));
        }
        wrong.extend(
            more.iter().filter(|f| !f.ty.node.nullable).map(|f| format!("{payload}.{} is there although nothing was done", f.name.node)),
        );
        let has_entity = more.iter().any(|f| entities.contains(named_base(&f.ty.node)));
        match excused.remove(payload) {
            None if !has_entity => wrong.push(format!("{payload} gives no entity back")),
            Some(_) if has_entity => wrong.push(format!("{payload} needs no excuse")),
            _ => {}
        }
    }
    wrong.extend(excused.keys().map(|gone| format!("{gone} is gone")));
    none("payloads (A15, A25)", wrong);
}

fn fields_of<'a>(schema: &'a ServiceDocument, name: &str) -> Vec<&'a FieldDefinition> {
    match definition(schema, name).map(|d| &d.kind) {
        Some(TypeKind::Object(object)) => object.fields.iter().map(|f| &f.node).collect(),
        Some(TypeKind::Interface(interface)) => interface.fields.iter().map(|f| &f.node).collect(),
        _ => Vec::new(),
    }
}

/// Fields of inputs that tell of rights, states or owners, and what they are for (B11).
const GIVES_RIGHTS: &[(&str, &str)] = &[
    ("ApiTokenCreateInput.actor", "one of the caller's own"),
    ("ApiTokenCreateInput.scopes", "what the token may do of what the caller may"),
    ("ConsentGrantInput.creatorId", "whom a brand's yes concerns"),
    ("ConsentGrantInput.organisationId", "towards whom a creator's yes is"),
    ("CreatorEditInput.kind", "a person or a group"),
    ("DelegationOfferInput.role", "what the operation is for"),
    ("MemberChangeRoleInput.role", "what the operation is for"),
    ("BriefAcknowledgeInput.version", "which version of the Brief was read"),
    ("InvitationSendInput.answerBy", "a day"),
    ("MemberInviteInput.role", "what the operation is for"),
    ("MemberLeaveInput.organisationId", "which of one's own is left"),
    ("NetworkLinkFinishInput.state", "OAuth's word for the proof that the walk was begun here"),
    ("OrganisationFoundInput.kind", "what is founded"),
    ("RecipientInput.creatorId", "who is invited"),
    ("ReferenceTableRestoreInput.kind", "which table"),
    ("ReferenceTableRestoreInput.version", "which version comes back; it becomes a new one"),
    ("ReferenceTableSaveInput.kind", "which table"),
    ("ParticipationShortlistInput.creatorIds", "whom the caller's organisation sees; it gives them nothing"),
    ("SignInInput.actor", "one of the caller's own"),
    ("SignUpInput.kind", "which page greets"),
    ("WebhookEditInput.active", "stopping and taking up again is what it is for"),
];

#[test]
fn no_input_gives_rights_by_the_way() {
    let schema = schema();
    let telling = regex::Regex::new(
        r"^(roles?|states?|status|scopes?|actor|active|verified|vetted|registered|admin|platformAdmin|source|kind|owner.*|user.*|org.*|creator.*|created.*|updated.*|author.*|.*By|by|.*Hash|.*At|version)$",
    )
    .expect("regex");
    let mut excused: BTreeMap<_, _> = GIVES_RIGHTS.iter().copied().collect();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    let mut waiting: Vec<String> = fields(&schema, "Mutation")
        .iter()
        .flat_map(|f| &f.arguments)
        .map(|argument| named_base(&argument.node.ty.node).to_owned())
        .collect();
    while let Some(name) = waiting.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for field in inputs(&schema, &name) {
            let (what, base) = (format!("{name}.{}", field.name.node), named_base(&field.ty.node));
            let about_rights =
                telling.is_match(&field.name.node) || matches!(base, "Role") || base.ends_with("State") || base.ends_with("Status");
            if about_rights && excused.remove(what.as_str()).is_none() {
                wrong.push(what);
            }
            waiting.push(base.to_owned());
        }
    }
    assert!(seen.len() > 60, "{}", seen.len());
    wrong.extend(excused.keys().map(|gone| format!("{gone} is gone")));
    none("inputs that tell of rights, states or owners; say in promises.rs what they are for", wrong);
}

/// What is not in an input is refused before anything runs.
#[test]
fn more_than_an_input_lists_is_refused() {
    tell(Kind::Sqlite, async |stage| {
        let mut world = World::new(stage).await;
        world.afresh(stage).await;
        let schema = schema();
        let mut wrong = Vec::new();
        for field in fields(&schema, "Mutation").into_iter().filter(|f| !f.arguments.is_empty()) {
            let mut call = Call::new(&schema, &world, "Mutation", field, None);
            call.variables["input"]["ownerId"] = json!(world.kenji.user.to_string());
            for api in [&world.hana.api, &world.acme.api, &world.admin.api] {
                let answer = api.call(&call.query, call.variables.clone()).await;
                if answer.code() != "BAD_USER_INPUT" || answer.body.get("data").is_some() {
                    wrong.push(format!("{}: {}", field.name.node, answer.body));
                }
            }
            stage.advance(chrono::Duration::minutes(1));
        }
        none("inputs that take what they do not list", wrong);
        stage.failures_are_the_point();
    });
}

story!(what_no_form_asks_for_changes_nothing, async |stage| {
    let (hana, tea) = (stage.creator("Hana").await, stage.brand("Tea").await);
    let bolt = stage.brand("Bolt").await;
    let campaign = stage.draft_campaign(&tea, "New tea", CampaignState::Draft).await;
    let db = stage.app.db();
    let more = [
        ("id", bolt.user.to_string()),
        ("user_id", bolt.user.to_string()),
        ("org_id", bolt.org().to_string()),
        ("created_by", bolt.user.to_string()),
        ("email", "eve@inbox.example".to_owned()),
        ("platform_admin", "true".to_owned()),
        ("role", "owner".to_owned()),
        ("state", "completed".to_owned()),
        ("status", "active".to_owned()),
        ("verified", "true".to_owned()),
        ("vetted_at", "2026-01-01".to_owned()),
        ("source", "imported".to_owned()),
        ("followers", "1000000".to_owned()),
    ];
    let person = user::Entity::find_by_id(hana.user).one(db).await.expect("read").expect("a row");
    let profile = creator::Entity::find_by_id(hana.creator()).one(db).await.expect("read").expect("a row");
    let plan = campaign::Entity::find_by_id(campaign).one(db).await.expect("read").expect("a row");
    let edit = tea.path(&format!("campaigns/{campaign}/edit"));
    for (browser, path, field, page) in [
        (&hana.browser, "/account", "name", "/account"),
        (&hana.browser, "/c/profile", "display_name", "/c/profile"),
        (&tea.browser, &*edit, "name", &*edit),
    ] {
        let mut form = browser.get(page).await.ok().form(path).set(field, "Another name");
        for (name, value) in &more {
            if form.value(name).is_none() {
                form = form.force(name, value.clone());
            }
        }
        form.send().await.ok();
    }
    // Only what the forms ask for is another than before.
    let after = user::Entity::find_by_id(hana.user).one(db).await.expect("read").expect("a row");
    assert_eq!(after, user::Model { name: "Another name".into(), ..person });
    let after = creator::Entity::find_by_id(hana.creator()).one(db).await.expect("read").expect("a row");
    assert_eq!(after.display_name, "Another name");
    let same = |row: &creator::Model| (row.id, row.user_id, row.source, row.vetted_at, row.followers, row.registered_at, row.created_at);
    assert_eq!(same(&after), same(&profile));
    let after = campaign::Entity::find_by_id(campaign).one(db).await.expect("read").expect("a row");
    assert_eq!(after.name, "Another name");
    let same = |row: &campaign::Model| (row.id, row.org_id, row.state, row.created_by, row.created_at);
    assert_eq!(same(&after), same(&plan));
    stage.work().await;
});

#[test]
fn money_is_whole_and_scalars_are_specified() {
    let schema = schema();
    let mut wrong = Vec::new();
    for t in types(&schema) {
        let name = t.name.node.as_str();
        if matches!(t.kind, TypeKind::Scalar) && !t.directives.iter().any(|d| d.node.name.node == "specifiedBy") {
            wrong.push(format!("the scalar {name} has no specification"));
        }
        let mut see = |field: &str, ty: &Type| match (field, named_base(ty)) {
            (_, "Float") => wrong.push(format!("{name}.{field} is a Float")),
            ("amountMinor" | "value" | "followers" | "target" | "count", "Int") => wrong.push(format!("{name}.{field} ends at 2³¹")),
            _ => {}
        };
        fields_of(&schema, name).iter().for_each(|f| see(&f.name.node, &f.ty.node));
        inputs(&schema, name).iter().for_each(|f| see(&f.name.node, &f.ty.node));
    }
    none("figures (A18)", wrong);
}

/// Fields that give another row and are not nullable, and why (A20).
const NEVER_NULL: &[&str] = &[
    // The event is about it.
    "ActivityAdded.node",
    "MessageAdded.node",
];

#[test]
fn a_field_of_another_row_is_nullable() {
    let schema = schema();
    let nodes: BTreeSet<&str> = types(&schema)
        .filter(|t| matches!(&t.kind, TypeKind::Object(object) if object.implements.iter().any(|i| i.node == "Node")))
        .map(|t| t.name.node.as_str())
        .collect();
    assert!(nodes.len() > 20, "{nodes:?}");
    let (mut wrong, mut all, mut never_null) = (Vec::new(), 0, 0);
    for t in types(&schema) {
        let name = t.name.node.as_str();
        for field in fields_of(&schema, name) {
            let (what, ty) = (format!("{name}.{}", field.name.node), &field.ty.node);
            all += 1;
            never_null += usize::from(!ty.nullable);
            if field.name.node == "id" && ty.to_string() != "ID!" && !name.ends_with("Payload") {
                wrong.push(format!("{what}: {ty}"));
            }
            match &ty.base {
                // What is not there is null in its place.
                BaseType::List(item) if item.nullable && what != "Query.nodes" => wrong.push(format!("{what}: an item may be null")),
                BaseType::List(_) => {}
                BaseType::Named(base) => {
                    let row = nodes.contains(base.as_str()) && !ty.nullable;
                    // An edge is only there for its row.
                    if row && !name.ends_with("Edge") && !NEVER_NULL.contains(&&*what) {
                        wrong.push(format!("{what} gives another row, so that one that fails takes {name} with it"));
                    }
                }
            }
        }
    }
    none("nullability (A20)", wrong);
    // docs/api.md tells it.
    let share = never_null * 100 / all;
    let told = std::fs::read_to_string(crate::peers::root().join("docs/api.md")).expect("docs/api.md");
    assert!(told.contains(&format!("{share} % of the fields are non-null")), "docs/api.md should say {share} %");
}

story!(what_is_refused_alone_leaves_the_rest, async |stage| {
    let (hana, tea) = (stage.creator("Hana").await, stage.brand("Tea").await);
    let campaign = stage.campaign(&tea, "New tea").await;
    // A nullable field is null, with an error of its own; a list at the root is never null, so that it empties the answer.
    let one = hana.api.call(&format!("{{ viewer {{ name }} campaign(id: \"{campaign}\") {{ id }} }}"), json!({})).await;
    assert_eq!(one.status, 200);
    assert_eq!(one.body["data"], json!({ "viewer": { "name": "Hana" }, "campaign": null }));
    assert_eq!((one.code(), &one.body["errors"][0]["path"]), ("FORBIDDEN", &json!(["campaign"])));
    let list = hana.api.call("{ viewer { name } campaigns { nodes { id } } }", json!({})).await;
    assert_eq!((list.status.as_u16(), &list.body["data"]), (200, &Value::Null));
    assert_eq!((list.code(), &list.body["errors"][0]["path"]), ("FORBIDDEN", &json!(["campaigns"])));
    let nobody = stage.api().call("{ campaigns { nodes { id } } }", json!({})).await;
    assert_eq!((nobody.code(), &nobody.body["errors"][0]["path"]), ("UNAUTHENTICATED", &json!(["campaigns"])));
});

story!(counts_over_two_to_the_31st_come_through, async |stage| {
    let (hana, tea) = (stage.creator("Hana").await, stage.brand("Tea").await);
    let campaign = stage.draft_campaign(&tea, "New tea", CampaignState::Draft).await;
    let (target, amount) = (5_000_000_000_i64, 4_294_967_297_i64);
    let input = json!({
        "id": campaign.to_string(), "kpis": [{ "kpi": "REACH", "target": target }], "budget": { "amountMinor": 999_999_999_999_i64, "currency": "JPY" },
    });
    let done = tea.api.did("campaignEdit", input, "campaign { kpis { target } budget { amountMinor } }").await;
    assert_eq!(done["campaign"], json!({ "kpis": [{ "target": target }], "budget": { "amountMinor": 999_999_999_999_i64 } }));
    stage.account(hana.creator(), entity::enums::Network::Instagram, "hana", Some(amount)).await;
    let ask = "query ($min: Long!) { creators(filter: { followersMin: $min }) { nodes { displayName accounts { followers { value } } } } }";
    for (min, found) in [(amount, 1), (amount + 1, 0)] {
        let answer = tea.api.call(ask, json!({ "min": min })).await.ok();
        let nodes = answer["creators"]["nodes"].as_array().expect("a list").clone();
        assert_eq!(nodes.len(), found, "{min}: {nodes:?}");
        assert!(nodes.iter().all(|node| node["accounts"][0]["followers"]["value"] == json!(amount)), "{nodes:?}");
    }
    // What no 64 bits hold, and what is no whole number, is refused.
    for (min, text) in [(json!(9_223_372_036_854_775_808_u64), "2⁶³"), (json!(1.5), "1.5"), (json!("1"), "a text")] {
        assert_eq!(tea.api.call(ask, json!({ "min": min })).await.code(), "BAD_USER_INPUT", "{text}");
    }
});

story!(one_of_takes_exactly_one_key, async |stage| {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&tea, "New tea").await;
    let (id, token) = stage.invitation(&tea, campaign, &hana).await;
    for key in
        [json!({ "id": id.to_string(), "token": token }), json!({}), json!({ "id": null }), json!({ "id": id.to_string(), "token": null })]
    {
        let answer = hana.api.tried("invitationAccept", json!({ "invitation": key }), "participation { id }").await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{key}: {}", answer.body);
        assert!(answer.body.get("data").is_none(), "{key}: {}", answer.body);
    }
    // In the document itself too.
    let query = format!(
        "mutation {{ invitationAccept(input: {{ invitation: {{ id: \"{id}\", token: \"{token}\" }} }}) {{ userErrors {{ code }} }} }}"
    );
    let answer = hana.api.call(&query, json!({})).await;
    assert!(["GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"].contains(&answer.code()), "{}", answer.body);
    hana.api.did("invitationAccept", json!({ "invitation": { "token": token } }), "participation { id }").await;
    stage.work().await;
});
