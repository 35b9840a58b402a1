use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use presign_layer::{Policy, PresignLayer};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::{request, send, store};

fn layer() -> PresignLayer {
    PresignLayer::builder(store())
        .policy(Policy::new().allow_overwrite())
        .public()
        .build()
        .unwrap()
}

fn app() -> Router {
    Router::new()
        .route("/", get(|| async { "the page" }))
        .route("/echo", post(|body: Body| async { body }))
        .fallback(|| async { (http::StatusCode::NOT_FOUND, "the application's own 404") })
        .layer(layer())
}

#[tokio::test]
async fn the_application_keeps_its_routes_bodies_and_fallback() {
    assert_eq!(send(app(), request("GET", "/")).await.text(), "the page");

    let megabytes: Vec<u8> = (0..3_000_000_u32).map(|i| i.to_le_bytes()[0]).collect();
    let echo = Request::post("/echo")
        .body(Body::from(megabytes.clone()))
        .unwrap();
    assert!(
        send(app(), echo).await.body == megabytes,
        "the body came back changed"
    );

    let reply = send(app(), request("GET", "/presignedUrl2")).await;
    assert_eq!(
        (reply.status.as_u16(), reply.text()),
        (404, "the application's own 404")
    );

    let reply = send(app(), request("DELETE", "/")).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("allow")),
        (405, "GET,HEAD")
    );

    let reply = send(app(), request("GET", "/presignedUrl?name=a")).await;
    assert!(
        reply.text().starts_with("https://s3.test/uploads/"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn several_mounts_each_have_their_own_path_and_policy() {
    let mount = |path: &str, policy: Policy| {
        let builder = PresignLayer::builder(store()).policy(policy);
        builder.path(path).public().build().unwrap()
    };
    let app = || {
        Router::new()
            .route("/", get(|| async { "the page" }))
            .layer(mount("/avatars/sign", Policy::new().max_size(1)))
            .layer(mount("/videos/sign", Policy::new().max_size(2)))
    };
    for (path, max_size) in [("/avatars/sign", 1), ("/videos/sign", 2)] {
        let limits = send(app(), request("GET", &format!("{path}/limits"))).await;
        assert_eq!(limits.json()["maxSize"], max_size);
    }
    assert_eq!(send(app(), request("GET", "/")).await.text(), "the page");
}

#[tokio::test]
async fn errors_of_the_application_pass_through() {
    let failing = service_fn(async |_: Request<Body>| Err::<Response<Body>, _>("out of order"));
    let error = layer()
        .layer(failing)
        .oneshot(request("GET", "/"))
        .await
        .err();
    assert_eq!(error, Some("out of order"));
}

#[tokio::test]
async fn trailers_of_the_application_pass_through() {
    let with_trailers = service_fn(async |_: Request<Body>| {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-checked", http::HeaderValue::from_static("yes"));
        let body = Empty::<Bytes>::new().with_trailers(async move { Some(Ok(trailers)) });
        Ok::<_, std::convert::Infallible>(Response::new(body))
    });
    let response = layer()
        .layer(with_trailers)
        .oneshot(request("GET", "/"))
        .await
        .unwrap();
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-checked"], "yes");
}

#[test]
fn a_request_that_passes_through_allocates_nothing() {
    let answer = |_: Request<Empty<Bytes>>| {
        std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(Empty::<
            Bytes,
        >::new(
        ))))
    };
    let mut service = layer().layer(service_fn(answer));
    let request = || Request::new(Empty::<Bytes>::new());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let passed = request();
    let allocations = allocation_counter::measure(|| {
        let future = std::pin::pin!(service.call(passed));
        assert!(future.poll(&mut context).is_ready());
    });
    assert_eq!(allocations.count_total, 0);

    // The same measure does see what these endpoints allocate.
    let mut own = request();
    *own.uri_mut() = http::Uri::from_static("/presignedUrl?name=a");
    let allocations = allocation_counter::measure(|| {
        let future = std::pin::pin!(service.call(own));
        assert!(future.poll(&mut context).is_ready());
    });
    assert!(allocations.count_total > 0);
}

#[test]
fn bodies_and_services_that_are_not_send_work_too() {
    let counter = std::rc::Rc::new(std::cell::Cell::new(0));
    let seen = std::rc::Rc::clone(&counter);
    let local = service_fn(move |_: Request<Empty<Bytes>>| {
        seen.set(seen.get() + 1);
        std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(Empty::<
            Bytes,
        >::new(
        ))))
    });
    let mut service = layer().layer(local);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let future = std::pin::pin!(service.call(Request::new(Empty::new())));
    assert!(future.poll(&mut context).is_ready());
    assert_eq!(counter.get(), 1);
}

#[test]
fn with_parts_that_are_send_everything_is() {
    fn is_send_and_clone<T: Send + Sync + Clone>(_: &T) {}
    fn is_send<T: Send>(_: &T) {}
    let mut service = layer().layer(app());
    is_send_and_clone(&layer());
    is_send_and_clone(&service);
    is_send(&service.call(request("GET", "/")));
}
