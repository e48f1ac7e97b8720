//! The access token: how it is asked for, read, kept, and when it is too old.

use super::clock::{Millis, Moment};
use super::endpoint::BaseUrl;
use super::message::{Headers, Method, Request};
use crate::model::json::Json;
use crate::model::{Secret, percent};

/// A token is not used in the last 5 % of its life, nor in its last 30 s where it lives longer than ten minutes: a
/// request may take that long to reach the server. Chosen by us.
const MARGIN_SHARE: f64 = 0.05;
const MAX_MARGIN: Millis = Millis(30_000.0);

/// Ten years. Longer lives are cut to it; the API's own longest, of a personal access token, is half a day.
const MAX_LIFE_SECONDS: f64 = 10.0 * 365.0 * 86_400.0;

/// No token is so long; what is longer is not read.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A pair of client id and client secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    /// The id of a personal access token or API client.
    pub client_id: Secret,
    /// Its secret.
    pub client_secret: Secret,
    /// Where they are exchanged for a token.
    pub token_url: BaseUrl,
}

/// A token that was received.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Without the word Bearer.
    pub secret: Secret,
    /// Counted from before it was asked for.
    expires: Moment,
    life: Millis,
}

/// The token that all calls of a client share.
#[derive(Debug, Default)]
pub struct TokenCache(Option<Token>);

impl ClientCredentials {
    /// The request for a token. The secrets travel in its form, never in an URL.
    ///
    /// Source: the grant `client_credentials` of RFC 6749, as the API's guide to authentication has it.
    pub fn token_request(&self) -> Request {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            percent::encode(self.client_id.reveal()),
            percent::encode(self.client_secret.reveal())
        );
        let headers = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
        Request {
            method: Method::Post,
            url: self.token_url.as_str().to_owned(),
            headers: Headers::from_iter(headers),
            body: Some(Secret::new(form)),
        }
    }
}

impl Token {
    /// Reads the answer to a request that was sent at `asked`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it, and shows nothing of it.
    pub fn read(body: &[u8], asked: Moment) -> Result<Self, &'static str> {
        if body.len() > MAX_BODY_BYTES {
            return Err("the answer is longer than 1 MiB");
        }
        let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8")?;
        let members = Json::parse(text).ok().and_then(Json::as_object).ok_or("the answer is no JSON object")?;
        let member = |name| members.get(name).and_then(Json::as_str);
        let secret = member("access_token").ok_or("the answer has no access_token")?;
        // No white space either: at the end of a header it would be lost on the way.
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the access_token holds characters that no header can carry");
        }
        if !member("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err("the token_type is not Bearer");
        }
        let life =
            members.get("expires_in").and_then(seconds).ok_or("the expires_in is no number of seconds above 0")?;
        Ok(Self { secret: Secret::new(secret), expires: asked + life, life })
    }

    /// Whether a request that is sent now may still carry it.
    pub fn is_fresh(&self, now: Moment) -> bool {
        let margin = Millis((self.life.0 * MARGIN_SHARE).min(MAX_MARGIN.0));
        now + margin < self.expires
    }
}

/// Digits, as a number or in a string; a fraction is cut off, a longer life than makes sense is shortened.
fn seconds(value: Json<'_>) -> Option<Millis> {
    let digits = value.as_str().unwrap_or_else(|| value.text().into());
    let whole = digits.split('.').next().unwrap_or_default();
    let is_number = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = whole.bytes().fold(0.0, |value, digit| value * 10.0 + f64::from(digit.wrapping_sub(b'0')));
    (is_number && seconds > 0.0).then(|| Millis(seconds.min(MAX_LIFE_SECONDS) * 1000.0))
}

impl TokenCache {
    /// The token, while it is fresh.
    pub fn fresh(&self, now: Moment) -> Option<&Secret> {
        self.0.as_ref().filter(|token| token.is_fresh(now)).map(|token| &token.secret)
    }

    /// Keeps a new token in the place of the old one.
    pub fn keep(&mut self, token: Token) {
        self.0 = Some(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment::at(1000.0);

    fn after(seconds: f64) -> Moment {
        START + Millis(seconds * 1000.0)
    }

    fn read(body: &str) -> Result<Token, &'static str> {
        Token::read(body.as_bytes(), START)
    }

    #[test]
    fn the_secrets_travel_encoded_in_the_form() {
        let credentials = ClientCredentials {
            client_id: Secret::new("a b"),
            client_secret: Secret::new("c&d=+é"),
            token_url: BaseUrl::parse("tokenUrl", "https://acme.example/oauth/token").expect("a plain URL"),
        };
        let request = credentials.token_request();
        assert_eq!(request.url, "https://acme.example/oauth/token");
        let body = request.body.expect("a form");
        assert_eq!(body.reveal(), "grant_type=client_credentials&client_id=a%20b&client_secret=c%26d%3D%2B%C3%A9");
    }

    #[test]
    fn a_token_is_used_until_its_margin() {
        let token = read(r#"{"access_token":"t","token_type":"bearer","expires_in":749}"#).expect("a token");
        assert!(token.is_fresh(after(0.0)) && token.is_fresh(after(718.0)) && !token.is_fresh(after(720.0)));
        assert_eq!(token.secret.reveal(), "t");
    }

    #[test]
    fn the_margin_is_relative_to_the_life_and_bounded() {
        let fresh = |life: f64, at: f64| {
            read(&format!(r#"{{"access_token":"t","expires_in":{life}}}"#)).expect("a token").is_fresh(after(at))
        };
        assert!(fresh(60.0, 56.9) && !fresh(60.0, 57.0));
        assert!(fresh(43_200.0, 43_169.9) && !fresh(43_200.0, 43_170.0));
        assert!(fresh(749.0, 718.9) && !fresh(749.0, 719.0));
    }

    #[test]
    fn an_answer_that_is_no_token_is_refused_without_showing_it() {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"access_token":1,"expires_in":9}"#,
            r#"{"access_token":"","expires_in":9}"#,
            r#"{"access_token":"SECRET\n","expires_in":9}"#,
            r#"{"access_token":"SECRET x","expires_in":9}"#,
            r#"{"access_token":"SECRET\t","expires_in":9}"#,
            r#"{"access_token":"SECRET","token_type":"mac","expires_in":9}"#,
            r#"{"access_token":"SECRET"}"#,
            r#"{"access_token":"SECRET","expires_in":0}"#,
            r#"{"access_token":"SECRET","expires_in":-5}"#,
            r#"{"access_token":"SECRET","expires_in":1e999}"#,
            r#"{"access_token":"SECRET","expires_in":"soon"}"#,
        ] {
            let sentence = read(body).expect_err(body);
            assert!(!sentence.contains("SECRET"));
        }
        assert!(Token::read(&vec![b' '; MAX_BODY_BYTES + 1], START).is_err());
    }

    #[test]
    fn odd_but_honest_lives_are_taken() {
        assert!(read(r#"{"access_token":"t","expires_in":"749"}"#).is_ok());
        assert!(read(r#"{"access_token":"t","expires_in":749.5}"#).is_ok());
        assert!(
            read(r#"{"access_token":"t","expires_in":99999999999999999999}"#).expect("a token").is_fresh(after(1e8))
        );
    }

    #[test]
    fn the_cache_gives_a_token_only_while_it_is_fresh() {
        let mut cache = TokenCache::default();
        assert_eq!(cache.fresh(START), None);
        cache.keep(read(r#"{"access_token":"t","expires_in":100}"#).expect("a token"));
        assert_eq!(cache.fresh(after(94.0)).map(Secret::reveal), Some("t"));
        assert_eq!(cache.fresh(after(95.0)), None);
    }
}
