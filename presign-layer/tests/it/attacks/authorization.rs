//! The application's word at every step of an upload, whichever way it goes: who has it no more, who never had it, and who says something else
//! than their token does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::Request;
use presign_layer::{Action, Ask, Permit, Policy, PresignService, Refusal};
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::support::{Reply, at, send, store_of};

const MIB: u64 = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Put,
    Form,
    Parts,
}

const WAYS: [Way; 3] = [Way::Put, Way::Form, Way::Parts];

/// What follows a grant.
const LATER: [Action; 4] = [
    Action::Parts,
    Action::Resume,
    Action::Complete,
    Action::Abort,
];

impl Way {
    fn policy(self) -> Policy {
        // A form's MD5 would have to be told at its end.
        let policy = Policy::new().no_content_md5();
        match self {
            Self::Put => policy,
            Self::Form => policy.post_below(2 * MIB),
            Self::Parts => policy.multipart_threshold(1).part_size(5 * MIB),
        }
    }

    /// What the browser sends to the store, all of it.
    fn send(self, fake: &FakeStore, grant: &Value) {
        match self {
            Self::Put => fake.put(grant),
            Self::Form => {
                let fields: BTreeMap<String, String> =
                    serde_json::from_value(grant["fields"].clone()).unwrap();
                let fields = fields.into_iter();
                let headers = fields.map(|(name, value)| (name.to_lowercase(), value));
                fake.put_as(grant["key"].as_str().unwrap(), MIB, headers.collect());
            }
            Self::Parts => fake.put_part(grant["parts"][0].as_str().unwrap(), MIB),
        }
    }
}

/// What the application's hook refuses, and what it was asked.
#[derive(Clone, Default)]
struct Door(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    shut: Option<fn() -> Refusal>,
    /// Only this is refused then, or everything.
    only: Option<Action>,
    asked: Vec<Ask>,
}

impl Door {
    fn shut(&self, only: Option<Action>, refusal: fn() -> Refusal) {
        let mut state = self.0.lock().unwrap();
        state.shut = Some(refusal);
        state.only = only;
    }

    fn open(&self) {
        self.0.lock().unwrap().shut = None;
    }

    fn answer(&self, ask: Ask) -> Result<Permit, Refusal> {
        let mut state = self.0.lock().unwrap();
        let action = ask.action;
        let user = ask.parts.headers["x-user"].to_str()?.to_owned();
        state.asked.push(ask);
        match state.shut {
            Some(refusal) if state.only.is_none_or(|only| only == action) => Err(refusal()),
            _ => Ok(Permit::new()
                .key_prefix(format!("users/{user}"))
                .subject(user)),
        }
    }
}

fn banned() -> Refusal {
    Refusal::forbidden("You may no longer upload.")
}

fn signed_out() -> Refusal {
    Refusal::unauthenticated("Sign in.")
}

struct World {
    way: Way,
    fake: FakeStore,
    service: PresignService,
    door: Door,
    /// How often the application heard of an object.
    told: Arc<AtomicUsize>,
}

impl World {
    fn new(way: Way) -> Self {
        let (fake, door, told) = <(FakeStore, Door, Arc<AtomicUsize>)>::default();
        let (hook, telling) = (door.clone(), Arc::clone(&told));
        let service = at(store_of(&fake))
            .policy(way.policy())
            .downloads()
            .authorize(move |ask| {
                let answer = hook.answer(ask);
                async { answer }
            })
            .on_complete(move |_| {
                telling.fetch_add(1, Ordering::Relaxed);
                async { Ok(()) }
            })
            .build_service()
            .unwrap();
        Self {
            way,
            fake,
            service,
            door,
            told,
        }
    }

    async fn request(&self, user: &str, method: &str, path: &str, body: String) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("/presignedUrl{path}"))
            .header("content-type", "application/json")
            .header("x-user", user)
            .body(Body::from(body))
            .unwrap();
        send(self.service.clone(), request).await
    }

    async fn ask(&self, user: &str) -> Reply {
        let file = json!({ "name": "ä.bin", "size": MIB, "type": "a/b" });
        let body = json!({ "files": [file] }).to_string();
        self.request(user, "POST", "", body).await
    }

    async fn grant(&self, user: &str) -> Value {
        let grant = self.ask(user).await.json()["grants"][0].take();
        let way = match self.way {
            Way::Put => "put",
            Way::Form => "post",
            Way::Parts => "multipart",
        };
        assert_eq!(grant["method"], way, "{grant}");
        grant
    }

    fn send(&self, grant: &Value) {
        self.way.send(&self.fake, grant);
    }

    async fn step(&self, user: &str, action: Action, grant: &Value) -> Reply {
        let token = &grant["token"];
        let (path, body) = match action {
            Action::Parts => ("/parts", json!({ "token": token, "from": 1 })),
            Action::Resume => ("/resume", json!({ "token": token })),
            Action::Complete => ("/complete", json!({ "uploads": [{ "token": token }] })),
            Action::Abort => ("/abort", json!({ "token": token })),
            Action::Download => {
                let key = grant["key"].as_str().unwrap();
                let path = format!("/download?key={key}");
                return self.request(user, "GET", &path, String::new()).await;
            }
            _ => return self.ask(user).await,
        };
        self.request(user, "POST", path, body.to_string()).await
    }

    /// The code of a step's refusal.
    async fn code(&self, user: &str, action: Action, grant: &Value) -> String {
        code(&self.step(user, action, grant).await)
    }

    /// What the step comes to for those who may do it.
    fn usual(&self, action: Action) -> &'static str {
        match (action, self.way) {
            // What goes in one request has no parts.
            (Action::Parts | Action::Resume, Way::Put | Way::Form) => "invalid_request",
            _ => "none",
        }
    }

    fn told(&self) -> usize {
        self.told.load(Ordering::Relaxed)
    }
}

/// That of the request, or of its only file.
fn code(reply: &Reply) -> String {
    if reply.body.is_empty() {
        assert!(matches!(reply.status.as_u16(), 204 | 302));
        return "none".to_owned();
    }
    let json = reply.json();
    let places = [
        &json["code"],
        &json["grants"][0]["error"]["code"],
        &json["results"][0]["error"]["code"],
    ];
    let code = places.iter().find_map(|code| code.as_str());
    code.unwrap_or("none").to_owned()
}

#[tokio::test]
async fn who_is_shut_out_is_stopped_at_every_step() {
    for (way, refusal, expected) in WAYS.into_iter().flat_map(|way| {
        [
            (way, banned as fn() -> Refusal, "forbidden"),
            (way, signed_out, "unauthenticated"),
        ]
    }) {
        let world = World::new(way);
        let grant = world.grant("42").await;
        world.send(&grant);
        let (calls, uploads) = (world.fake.calls(), world.fake.uploads());

        world.door.shut(None, refusal);
        for action in LATER.into_iter().chain([Action::Grant, Action::Download]) {
            let reply = world.step("42", action, &grant).await;
            assert_eq!(code(&reply), expected, "{way:?} {action:?}");
            assert!(!reply.text().contains("users/42"), "{}", reply.text());
            assert!(!reply.headers.contains_key("location"));
        }
        assert_eq!(world.fake.calls(), calls, "the store is not asked");
        assert_eq!(world.fake.uploads(), uploads, "and has what it had");
        assert_eq!(world.told(), 0, "nor is the application told");

        // It was the hook alone that stood in the way.
        world.door.open();
        for action in LATER.into_iter().chain([Action::Download]) {
            let code = world.code("42", action, &grant).await;
            assert_eq!(code, world.usual(action), "{way:?} {action:?}");
        }
        assert_eq!(world.told(), 1);
    }
}

/// No URL is taken back: what is sent with one is there, and nothing comes of it.
#[tokio::test]
async fn what_is_sent_by_who_is_shut_out_comes_to_nothing() {
    for way in WAYS {
        let world = World::new(way);
        let grant = world.grant("42").await;
        world.door.shut(None, banned);
        world.send(&grant);
        let reply = world.step("42", Action::Complete, &grant).await;
        assert_eq!(code(&reply), "forbidden", "{way:?}");
        assert!(!reply.text().contains("receipt"), "{}", reply.text());
        assert_eq!(world.told(), 0);
        let objects = usize::from(way != Way::Parts);
        assert_eq!(world.fake.objects().len(), objects, "parts stay parts");
    }
}

#[tokio::test]
async fn a_token_of_another_is_worthless_at_every_step() {
    for way in WAYS {
        let world = World::new(way);
        let grant = world.grant("42").await;
        world.send(&grant);
        let (calls, uploads) = (world.fake.calls(), world.fake.uploads());
        for action in LATER {
            let reply = world.step("43", action, &grant).await;
            assert_eq!(code(&reply), "token_foreign", "{way:?} {action:?}");
            assert!(!reply.text().contains("users/42"), "{}", reply.text());
        }
        assert_eq!(world.fake.calls(), calls, "the store is not asked");
        assert_eq!(world.fake.uploads(), uploads, "and has what it had");
        assert_eq!(world.told(), 0, "nor is the application told");
        assert_eq!(world.code("42", Action::Complete, &grant).await, "none");
    }
}

#[tokio::test]
async fn of_many_that_are_completed_at_once_only_ones_own_are() {
    for way in WAYS {
        let world = World::new(way);
        let grants = [world.grant("42").await, world.grant("43").await];
        for grant in &grants {
            world.send(grant);
        }
        let [own, others] = grants.map(|grant| grant["token"].clone());
        let uploads = json!([{ "token": others }, { "token": own }, { "token": others }]);
        let body = json!({ "uploads": uploads }).to_string();
        let reply = world.request("42", "POST", "/complete", body).await;
        let results = reply.json()["results"].take();
        assert_eq!(results[0]["error"]["code"], "token_foreign", "{results}");
        assert_eq!(results[2]["error"]["code"], "token_foreign", "{results}");
        assert!(results[1]["receipt"].is_string(), "{results}");
        assert!(!reply.text().contains("users/43"), "{}", reply.text());
        assert_eq!(world.told(), 1);
    }
}

#[tokio::test]
async fn the_hook_hears_the_token_and_nothing_that_is_said_beside_it() {
    let lies = "name=b.html&size=1&type=text/html&key=users/1/b&action=grant&user=1";
    for way in WAYS {
        let world = World::new(way);
        let grant = world.grant("42").await;
        world.send(&grant);
        world.door.0.lock().unwrap().asked.clear();
        let token = &grant["token"];
        let upload = json!({
            "token": token, "name": "b.html", "size": 1, "type": "text/html", "key": "users/1/b",
            "subject": "1", "action": "grant", "from": 1
        });
        for action in LATER {
            let body = match action {
                Action::Complete => json!({ "uploads": [upload] }),
                _ => upload.clone(),
            };
            let path = format!("/{}?{lies}", format!("{action:?}").to_lowercase());
            let reply = world.request("42", "POST", &path, body.to_string()).await;
            assert_eq!(code(&reply), world.usual(action), "{way:?} {action:?}");
        }
        let asked = std::mem::take(&mut world.door.0.lock().unwrap().asked);
        assert_eq!(asked.len(), LATER.len());
        for (ask, action) in asked.iter().zip(LATER) {
            assert_eq!(ask.action, action, "{way:?}");
            assert_eq!(ask.file.name, "ä.bin", "{way:?} {action:?}");
            assert_eq!(ask.file.size, Some(MIB));
            assert_eq!(ask.file.content_type.as_deref(), Some("a/b"));
            assert_eq!(ask.file.metadata, []);
            let key = ask.upload.as_ref().map(|upload| upload.key.as_str());
            assert_eq!(key, grant["key"].as_str());
            assert_eq!(ask.object, None);
        }
    }
}

#[tokio::test]
async fn a_step_that_is_not_permitted_is_reached_by_no_other() {
    let all = LATER.into_iter().chain([Action::Download, Action::Grant]);
    for (way, refused) in WAYS
        .into_iter()
        .flat_map(|way| all.clone().map(move |action| (way, action)))
    {
        let world = World::new(way);
        let grant = world.grant("42").await;
        world.send(&grant);
        world.door.shut(Some(refused), banned);
        for action in all.clone() {
            let code = world.code("42", action, &grant).await;
            if action == refused {
                assert_eq!(code, "forbidden", "{way:?}: {action:?}");
            } else if (action, refused, way) == (Action::Download, Action::Complete, Way::Parts) {
                assert_eq!(code, "object_not_found", "parts stay parts");
            } else {
                let usual = world.usual(action);
                assert_eq!(code, usual, "{way:?}: {action:?} without {refused:?}");
            }
        }
        let told = usize::from(refused != Action::Complete);
        assert_eq!(world.told(), told, "{way:?} without {refused:?}");
    }
}
