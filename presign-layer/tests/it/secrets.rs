use presign_layer::{Credentials, PresignLayer, Store};
use serde_json::json;
use tower::Layer;

use crate::support::{SECRET, post, public};

#[test]
fn no_secret_shows_in_debug() {
    let credentials = Credentials::new("AKIAEXAMPLE", SECRET).with_session_token("the-token");
    let builder = Store::builder("https://s3.test", "uploads").credentials(credentials.clone());
    let store = builder.clone().build().unwrap();
    let mount = PresignLayer::builder(store.clone()).public();
    let mut shown = vec![
        format!("{credentials:?}"),
        format!("{builder:#?}"),
        format!("{store:?}"),
        format!("{mount:?}"),
    ];
    let layer = mount.build().unwrap();
    shown.push(format!("{layer:?}"));
    shown.push(format!("{:?}", layer.layer(())));
    for text in shown {
        assert!(
            !text.contains(SECRET) && !text.contains("the-token"),
            "{text}"
        );
        assert!(text.contains("AKIAEXAMPLE"), "{text}");
    }
}

#[tokio::test]
async fn a_grants_debug_does_not_show_the_url() {
    let body = json!({ "files": [{ "name": "a", "size": 1 }] }).to_string();
    let reply = post(public(presign_layer::Policy::new()), body).await;
    let response: presign_layer::protocol::GrantResponse =
        serde_json::from_slice(&reply.body).unwrap();
    let shown = format!("{response:?}");
    assert!(
        shown.contains("PutGrant") && !shown.contains("X-Amz-Signature"),
        "{shown}"
    );
}
