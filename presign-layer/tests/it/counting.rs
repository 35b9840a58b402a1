//! The numbers that operators get: what is counted once, what is timed, and that nobody can make up more of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use http::Request;
use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use presign_layer::{Ask, Permit, Policy, PresignService, Refusal};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::fake::{Failure, FakeStore};
use crate::support::{
    Reply, at, complete, complete_one, free, mount, png, post, post_to, request, send, store_of,
};

const MIB: u64 = 1 << 20;

/// A recorder that keeps everything, each series by its name as Prometheus would show it.
#[derive(Default)]
struct Numbers {
    counters: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    histograms: Mutex<BTreeMap<String, Arc<Recorded>>>,
    described: Mutex<BTreeMap<String, (Option<Unit>, String)>>,
}

#[derive(Default)]
struct Recorded(Mutex<Vec<f64>>);

impl HistogramFn for Recorded {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

impl Numbers {
    fn describe(&self, name: &KeyName, unit: Option<Unit>, words: &SharedString) {
        let described = (unit, words.to_string());
        let name = name.as_str().to_owned();
        self.described.lock().unwrap().insert(name, described);
    }

    /// The counters, and of histograms how often something was recorded.
    fn counted(&self) -> BTreeMap<String, u64> {
        let counters = self.counters.lock().unwrap();
        let counters = counters.iter();
        let counters =
            counters.map(|(series, counter)| (series.clone(), counter.load(Ordering::Relaxed)));
        let histograms = self.histograms.lock().unwrap();
        let histograms = histograms.iter().map(|(series, recorded)| {
            let records = recorded.0.lock().unwrap().len();
            (series.clone(), records as u64)
        });
        counters.chain(histograms).collect()
    }

    fn recorded(&self, series: &str) -> Vec<f64> {
        let histograms = self.histograms.lock().unwrap();
        histograms[series].0.lock().unwrap().clone()
    }

    /// Those whose names begin so, without that beginning.
    fn of(&self, name: &str) -> BTreeMap<String, u64> {
        let all = self.counted().into_iter();
        all.filter_map(|(series, count)| Some((series.strip_prefix(name)?.to_owned(), count)))
            .collect()
    }
}

fn series(key: &Key) -> String {
    let labels = key
        .labels()
        .map(|label| format!("{}={}", label.key(), label.value()));
    format!("{}{{{}}}", key.name(), labels.collect::<Vec<_>>().join(","))
}

impl Recorder for Numbers {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, words: SharedString) {
        self.describe(&key, unit, &words);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, words: SharedString) {
        self.describe(&key, unit, &words);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, words: SharedString) {
        self.describe(&key, unit, &words);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counters = self.counters.lock().unwrap();
        Counter::from_arc(Arc::clone(counters.entry(series(key)).or_default()))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("{key} is not among the numbers that there are")
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let mut histograms = self.histograms.lock().unwrap();
        Histogram::from_arc(Arc::clone(histograms.entry(series(key)).or_default()))
    }
}

/// What is counted in the course of `work`.
async fn numbers(work: impl AsyncFnOnce()) -> Numbers {
    let numbers = Numbers::default();
    let recording = metrics::set_default_local_recorder(&numbers);
    work().await;
    drop(recording);
    numbers
}

fn counts<const N: usize>(expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    expected.map(|(key, count)| (key.to_owned(), count)).into()
}

/// Small files by form, those from 10 MiB on in parts.
fn policy() -> Policy {
    Policy::new()
        .max_size(100 * MIB)
        .post_below(100)
        .multipart_threshold(10 * MIB)
        .part_size(5 * MIB)
}

async fn granted(service: &PresignService, sizes: &[u64]) -> Vec<Value> {
    // Each has a name of its own, as the randomness has no more than one.
    let file =
        |size: &u64| json!({ "name": format!("{size}.png"), "size": size, "type": "image/png" });
    let files: Vec<Value> = sizes.iter().map(file).collect();
    let reply = post(service.clone(), json!({ "files": files }).to_string()).await;
    serde_json::from_value(reply.json()["grants"].take()).unwrap()
}

async fn asked(service: &PresignService, path: &str, body: Value) -> Reply {
    let path = format!("/presignedUrl{path}");
    post_to(service.clone(), &path, body.to_string()).await
}

/// Every series there is after a page has done all that it can do: no key, no subject, no name of a file is in any.
#[tokio::test]
async fn whole_flows_are_counted_and_nothing_is_counted_twice() {
    let numbers = numbers(async || {
        let fake = FakeStore::default();
        let service = at(store_of(&fake))
            .policy(policy())
            .downloads()
            .authorize(|_| async { Ok(Permit::new().subject("the user 42").key_prefix("42")) })
            .build_service()
            .unwrap();
        let sizes = [99, 101, 102, 12 * MIB, 13 * MIB, 1 << 40];
        let grants = granted(&service, &sizes).await;
        let upload = |of: usize| json!({ "token": grants[of]["token"] });
        fake.put(&grants[1]);
        let urls = grants[3]["parts"].as_array().unwrap();
        for (url, size) in urls.iter().zip([5 * MIB, 5 * MIB, 2 * MIB]) {
            fake.put_part(url.as_str().unwrap(), size);
        }
        let two = json!({ "token": grants[3]["token"], "from": 2 });
        asked(&service, "/parts", two).await;
        asked(&service, "/resume", upload(3)).await;
        complete(&service, json!([upload(1), upload(2), upload(3)])).await;
        asked(&service, "/abort", upload(4)).await;
        let uri = format!(
            "/presignedUrl/download?key={}",
            grants[1]["key"].as_str().unwrap()
        );
        assert_eq!(
            send(service.clone(), request("GET", &uri)).await.status,
            302
        );
        send(service, request("GET", "/presignedUrl/limits")).await;
    })
    .await;
    let expected = counts([
        ("presign_requests_total{endpoint=grant,outcome=ok}", 1),
        ("presign_requests_total{endpoint=parts,outcome=ok}", 1),
        ("presign_requests_total{endpoint=resume,outcome=ok}", 1),
        ("presign_requests_total{endpoint=complete,outcome=ok}", 1),
        ("presign_requests_total{endpoint=abort,outcome=ok}", 1),
        ("presign_requests_total{endpoint=download,outcome=ok}", 1),
        ("presign_requests_total{endpoint=limits,outcome=ok}", 1),
        ("presign_request_duration_seconds{endpoint=grant}", 1),
        ("presign_request_duration_seconds{endpoint=parts}", 1),
        ("presign_request_duration_seconds{endpoint=resume}", 1),
        ("presign_request_duration_seconds{endpoint=complete}", 1),
        ("presign_request_duration_seconds{endpoint=abort}", 1),
        ("presign_request_duration_seconds{endpoint=download}", 1),
        ("presign_request_duration_seconds{endpoint=limits}", 1),
        ("presign_grants_total{method=post}", 1),
        ("presign_grants_total{method=put}", 2),
        ("presign_grants_total{method=multipart}", 2),
        ("presign_granted_bytes_total{method=post}", 99),
        ("presign_granted_bytes_total{method=put}", 203),
        ("presign_granted_bytes_total{method=multipart}", 25 * MIB),
        ("presign_completions_total{outcome=ok}", 2),
        ("presign_completions_total{outcome=object_missing}", 1),
        ("presign_refusals_total{code=file_too_large}", 1),
        ("presign_refusals_total{code=object_missing}", 1),
        (
            "presign_store_calls_total{operation=CreateMultipartUpload,outcome=ok}",
            2,
        ),
        (
            "presign_store_calls_total{operation=ListParts,outcome=ok}",
            2,
        ),
        (
            "presign_store_calls_total{operation=CompleteMultipartUpload,outcome=ok}",
            1,
        ),
        (
            "presign_store_calls_total{operation=AbortMultipartUpload,outcome=ok}",
            1,
        ),
        (
            "presign_store_calls_total{operation=HeadObject,outcome=ok}",
            4,
        ),
        (
            "presign_store_call_duration_seconds{operation=CreateMultipartUpload}",
            2,
        ),
        (
            "presign_store_call_duration_seconds{operation=ListParts}",
            2,
        ),
        (
            "presign_store_call_duration_seconds{operation=CompleteMultipartUpload}",
            1,
        ),
        (
            "presign_store_call_duration_seconds{operation=AbortMultipartUpload}",
            1,
        ),
        (
            "presign_store_call_duration_seconds{operation=HeadObject}",
            4,
        ),
    ]);
    assert_eq!(numbers.counted(), expected);
}

#[tokio::test]
async fn the_guides_bare_url_is_a_grant_too() {
    let numbers = numbers(async || {
        let service = mount(&FakeStore::default(), free());
        for query in ["name=a.png", "name=a.png&size=7", "size=7"] {
            let uri = format!("/presignedUrl?{query}");
            send(service.clone(), request("GET", &uri)).await;
        }
    })
    .await;
    assert_eq!(
        numbers.of("presign_grant"),
        counts([
            ("s_total{method=put}", 2),
            ("ed_bytes_total{method=put}", 7)
        ])
    );
    assert_eq!(
        numbers.of("presign_requests_total"),
        counts([
            ("{endpoint=guide,outcome=ok}", 2),
            ("{endpoint=guide,outcome=invalid_request}", 1)
        ])
    );
    assert_eq!(
        numbers.of("presign_refusals_total"),
        counts([("{code=invalid_request}", 1)])
    );
}

/// What a request is refused as a whole for was granted to nobody, and is one refusal, however many files it had.
#[tokio::test]
async fn a_refusal_counts_where_it_is_told() {
    let numbers = numbers(async || {
        let fake = FakeStore::default();
        let service = at(store_of(&fake)).policy(policy());
        let service = service.authorize(|ask: Ask| async move {
            if ask.file.size == Some(3) {
                return Err(Refusal::unauthenticated("Sign in."));
            }
            Ok(Permit::new())
        });
        let service = service.build_service().unwrap();
        for sizes in [&[1, 2, 3][..], &[3]] {
            let files: Vec<Value> = sizes.iter().map(|size| png(*size)).collect();
            let reply = asked(&service, "", json!({ "files": files })).await;
            assert_eq!(reply.status, 401, "{}", reply.text());
        }
        let changed =
            json!([{ "token": "nonsense" }, { "token": "rubbish" }, { "token": "nonsense" }]);
        complete(&service, changed).await;
    })
    .await;
    assert_eq!(numbers.of("presign_grants_total"), counts([]));
    assert_eq!(
        numbers.of("presign_refusals_total"),
        counts([("{code=unauthenticated}", 2), ("{code=token_invalid}", 2)])
    );
    assert_eq!(
        numbers.of("presign_completions_total"),
        counts([("{outcome=token_invalid}", 2)])
    );
}

#[tokio::test]
async fn a_store_that_fails_is_seen_call_by_call() {
    let numbers = numbers(async || {
        let fake = FakeStore::default();
        let service = mount(&fake, policy());
        fake.fail("create", Failure::Refused(403, "AccessDenied"));
        fake.fail("create", Failure::Lost);
        for _ in 0..2 {
            granted(&service, &[12 * MIB]).await;
        }
        let grant = granted(&service, &[12 * MIB]).await.remove(0);
        fake.forget_uploads();
        complete_one(&service, &grant).await;
    })
    .await;
    let calls = numbers.of("presign_store_calls_total");
    for (call, count) in [
        ("{operation=CreateMultipartUpload,outcome=refused}", 1),
        ("{operation=CreateMultipartUpload,outcome=failed}", 1),
        ("{operation=CreateMultipartUpload,outcome=ok}", 1),
        ("{operation=ListParts,outcome=no_such_upload}", 1),
    ] {
        assert_eq!(calls.get(call), Some(&count), "{call}: {calls:?}");
    }
    assert_eq!(
        numbers.of("presign_grants_total"),
        counts([("{method=multipart}", 1)])
    );
}

/// Strangers choose methods, paths and names; numbers by any of them would fill the memory of whoever keeps them.
#[tokio::test]
async fn nobody_makes_up_numbers() {
    let numbers = numbers(async || {
        let service = mount(&FakeStore::default(), policy());
        for number in 0..20 {
            for (method, uri) in [
                (format!("M{number}"), "/presignedUrl".to_owned()),
                (format!("M{number}"), format!("/presignedUrl/{number}")),
                ("GET".to_owned(), format!("/presignedUrl/{number}")),
                ("GET".to_owned(), format!("/elsewhere/{number}")),
            ] {
                send(service.clone(), request(&method, &uri)).await;
            }
        }
    })
    .await;
    assert_eq!(
        numbers.counted(),
        counts([
            (
                "presign_requests_total{endpoint=grant,outcome=method_not_allowed}",
                20
            ),
            (
                "presign_requests_total{endpoint=unknown,outcome=not_found}",
                40
            ),
            ("presign_request_duration_seconds{endpoint=grant}", 20),
            ("presign_request_duration_seconds{endpoint=unknown}", 40),
            ("presign_refusals_total{code=method_not_allowed}", 20),
            ("presign_refusals_total{code=not_found}", 40),
        ])
    );
}

#[tokio::test]
async fn what_nobody_waits_for_is_counted_too() {
    let numbers = numbers(async || {
        let fake = FakeStore::default();
        let service = mount(&fake, policy());
        let body = json!({ "files": [png(12 * MIB)] }).to_string();
        let request = Request::post("/presignedUrl")
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        // The fake store answers at the second look only, and by then whoever asked is gone.
        let answer = Box::pin(service.oneshot(request));
        futures_util::future::select(answer, std::future::ready(())).await;
        assert!(fake.calls().is_empty());
    })
    .await;
    assert_eq!(
        numbers.counted(),
        counts([
            (
                "presign_requests_total{endpoint=grant,outcome=abandoned}",
                1
            ),
            ("presign_request_duration_seconds{endpoint=grant}", 1),
            (
                "presign_store_calls_total{operation=CreateMultipartUpload,outcome=abandoned}",
                1
            ),
            (
                "presign_store_call_duration_seconds{operation=CreateMultipartUpload}",
                1
            ),
        ])
    );
}

#[tokio::test]
async fn durations_are_seconds() {
    const TAKES: Duration = Duration::from_millis(20);
    let numbers = numbers(async || {
        let service = at(store_of(&FakeStore::default())).authorize(|_| async {
            std::thread::sleep(TAKES);
            Ok(Permit::new())
        });
        granted(&service.build_service().unwrap(), &[1]).await;
    })
    .await;
    let took = numbers.recorded("presign_request_duration_seconds{endpoint=grant}");
    assert_eq!(took.len(), 1);
    assert!(took[0] >= TAKES.as_secs_f64(), "{took:?}");
    assert!(took[0] < 1000.0 * TAKES.as_secs_f64(), "{took:?}");
}

/// Each is described when the mount is built, with the unit that its name ends in, and is in the documentation.
#[tokio::test]
async fn every_number_is_described() {
    const DOCUMENTED: &str = include_str!("../../src/docs/observing.md");
    let numbers = numbers(async || {
        mount(&FakeStore::default(), Policy::new());
    })
    .await;
    assert_eq!(numbers.counted(), counts([]));
    let described = numbers.described.lock().unwrap();
    assert_eq!(described.len(), 8, "{described:?}");
    for (name, (unit, words)) in described.iter() {
        let expected = match name.rsplit_once('_').unwrap() {
            (_, "seconds") => Unit::Seconds,
            (name, "total") if name.ends_with("_bytes") => Unit::Bytes,
            (_, "total") => Unit::Count,
            other => panic!("{other:?}"),
        };
        assert_eq!(*unit, Some(expected), "{name}");
        assert!(words.ends_with('.'), "{name}: {words}");
        assert!(DOCUMENTED.contains(&format!("`{name}`")), "{name}");
    }
}
