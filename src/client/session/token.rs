//! The access token: how it is asked for, read, kept, and when it is too old.

use crate::client::request::endpoint::BaseUrl;
use crate::clock::{Duration, Instant};
use crate::http::message::{Headers, MAX_ERROR_BYTES, Method, Request};
use crate::json::{Json, Kind};
use crate::text::parts;
use crate::text::percent;
use crate::wire::Secret;

/// The part of its life at whose end a token is not used: a request may take that long to reach the server. Chosen by us.
const HARD: Window = Window { share: 0.05, longest: Duration(30_000.0) };

/// The part at whose end a token is still used, and a new one bought meanwhile. Chosen by us.
const SOFT: Window = Window { share: 0.2, longest: Duration(120_000.0) };

/// How long after a failed renewal in the background the next one is tried. Chosen by us.
const COOL_DOWN: Duration = Duration(5_000.0);

/// Ten years. Longer lives are cut to it; the API's own longest, of a personal access token, is half a day.
const MAX_LIFE_SECONDS: f64 = 10.0 * 365.0 * 86_400.0;

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
    expires: Instant,
    life: Duration,
}

/// The end of a token's life: a share of it, or a span where that is shorter.
struct Window {
    share: f64,
    longest: Duration,
}

/// Which of a client's tokens: each new one has the next number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(u64);

/// A token as a call gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Without the word Bearer.
    pub secret: Secret,
    /// Which it is: what a call says when the server refuses it.
    pub generation: Generation,
}

/// The token that all calls of a client share.
#[derive(Debug, Default)]
pub struct TokenCache {
    token: Option<Token>,
    generation: Generation,
    /// Until when no renewal in the background is tried.
    rests_until: Option<Instant>,
}

/// Where a call's token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Supply {
    /// This one is good.
    Ready(Issued),
    /// This one is good for a while; a new one is to be bought behind the call.
    Renew(Issued),
    /// A new one must be bought first.
    Buy(TokenReason),
}

/// Why a new token is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenReason {
    /// There was none.
    Missing,
    /// The old one is at its end.
    Expiring,
    /// The server refused the old one.
    Rejected,
}

impl TokenReason {
    /// Its name in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Expiring => "expiring",
            Self::Rejected => "rejected",
        }
    }
}

impl Generation {
    /// The one after it.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl ClientCredentials {
    /// The request for a token. The secrets travel in its form, never in an URL.
    ///
    /// Source: the grant `client_credentials` of RFC 6749, as the API's guide to authentication has it.
    pub fn token_request(&self) -> Request {
        let form = [
            "grant_type=client_credentials&client_id=",
            &percent::encode(self.client_id.reveal()),
            "&client_secret=",
            &percent::encode(self.client_secret.reveal()),
        ]
        .concat();
        let headers = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
        Request {
            method: Method::Post,
            url: self.token_url.as_str().to_owned(),
            headers: Headers::from_iter(headers),
            body: Some(Secret::new(form)),
            max_body_bytes: MAX_ERROR_BYTES,
            all_fields: false,
        }
    }
}

impl Token {
    /// Reads the answer to a request that was sent at `asked`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it, and shows nothing of it.
    pub fn read(body: &[u8], asked: Instant) -> Result<Self, &'static str> {
        if body.len() > MAX_ERROR_BYTES {
            return Err("the answer is longer than 1 MiB");
        }
        let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8")?;
        let members = Json::parse(text).ok().and_then(Json::as_object).ok_or("the answer is no JSON object")?;
        let member = |name| members.get(name).and_then(Json::as_str);
        let secret = member("access_token").ok_or("the answer has no access_token")?;
        if !is_token(&secret) {
            return Err("the access_token holds characters that no token has");
        }
        if !member("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err("the token_type is not Bearer");
        }
        let life = match members.get("expires_in").filter(|life| life.kind() != Kind::Null) {
            Some(life) => seconds(life).ok_or("the expires_in is no number of seconds above 0")?,
            // RFC 6749 only recommends it: such a token is used until it is refused.
            None => Duration(MAX_LIFE_SECONDS * 1000.0),
        };
        Ok(Self { secret: Secret::new(secret), expires: asked + life, life })
    }

    /// Whether it is before that part of its life.
    fn is_before(&self, window: &Window, now: Instant) -> bool {
        now + Duration((self.life.0 * window.share).min(window.longest.0)) < self.expires
    }
}

/// The longest token or client secret. Servers take headers of some KiB.
pub const MAX_TOKEN_BYTES: usize = 65_536;

/// Whether a text can be sent as a token: visible ASCII, not too long. White space at the end of a header would be lost on the way, and
/// within it is the sign of something else, such as the word Bearer before it.
pub fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Digits, as a number or in a string; a fraction is cut off, a longer life than makes sense is shortened.
fn seconds(value: Json<'_>) -> Option<Duration> {
    let digits = value.as_str().unwrap_or_else(|| value.text().into());
    let whole = parts(&digits, b'.').next().unwrap_or_default();
    let is_number = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = whole.bytes().fold(0.0, |value, digit| value * 10.0 + f64::from(digit.wrapping_sub(b'0')));
    (is_number && seconds > 0.0).then(|| Duration(seconds.min(MAX_LIFE_SECONDS) * 1000.0))
}

impl TokenCache {
    /// Says where a call's token comes from. `rejected` is one that the server refused: it is not handed out again.
    pub fn supply(&mut self, rejected: Option<Generation>, now: Instant) -> Supply {
        if rejected == Some(self.generation) && self.token.take().is_some() {
            return Supply::Buy(TokenReason::Rejected);
        }
        let Some(token) = &self.token else {
            return Supply::Buy(if rejected.is_some() { TokenReason::Rejected } else { TokenReason::Missing });
        };
        let issued = Issued { secret: token.secret.clone(), generation: self.generation };
        if !token.is_before(&HARD, now) {
            Supply::Buy(TokenReason::Expiring)
        } else if token.is_before(&SOFT, now) || self.rests_until.is_some_and(|until| now < until) {
            Supply::Ready(issued)
        } else {
            Supply::Renew(issued)
        }
    }

    /// Keeps a new token in the place of the old one.
    pub fn keep(&mut self, token: Token) -> Issued {
        let secret = token.secret.clone();
        self.token = Some(token);
        self.generation = self.generation.next();
        self.rests_until = None;
        Issued { secret, generation: self.generation }
    }

    /// A renewal in the background has failed: the next one is not tried at once.
    pub fn rest(&mut self, now: Instant) {
        self.rests_until = Some(now + COOL_DOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::at(1000.0);

    fn after(seconds: f64) -> Instant {
        START + Duration(seconds * 1000.0)
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

    /// What a client whose token lives so long does when a call needs one.
    fn supplied(life: f64, at: f64) -> &'static str {
        let mut cache = TokenCache::default();
        cache.keep(
            read(&format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{life}}}"#)).expect("a token"),
        );
        match cache.supply(None, after(at)) {
            Supply::Ready(_) => "ready",
            Supply::Renew(_) => "renew",
            Supply::Buy(reason) => reason.as_str(),
        }
    }

    #[test]
    fn the_windows_of_renewal_are_relative_to_the_life_and_bounded() {
        for (life, soft, hard) in [(60.0, 48.0, 57.0), (749.0, 629.0, 719.0), (43_200.0, 43_080.0, 43_170.0)] {
            assert_eq!(supplied(life, 0.0), "ready");
            assert_eq!(supplied(life, soft - 0.1), "ready", "{life}");
            assert_eq!(supplied(life, soft), "renew", "{life}");
            assert_eq!(supplied(life, hard - 0.1), "renew", "{life}");
            assert_eq!(supplied(life, hard), "expiring", "{life}");
            assert_eq!(supplied(life, life * 9.0), "expiring", "{life}");
        }
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
            r#"{"access_token":"SECRET","expires_in":0}"#,
            r#"{"access_token":"SECRET","expires_in":-5}"#,
            r#"{"access_token":"SECRET","expires_in":1e999}"#,
            r#"{"access_token":"SECRET","expires_in":"soon"}"#,
        ] {
            let sentence = read(body).expect_err(body);
            assert!(!sentence.contains("SECRET"));
        }
        assert!(Token::read(&vec![b' '; MAX_ERROR_BYTES + 1], START).is_err());
    }

    #[test]
    fn odd_but_honest_lives_are_taken() {
        assert!(read(r#"{"access_token":"t","expires_in":"749"}"#).is_ok());
        assert!(read(r#"{"access_token":"t","expires_in":749.5}"#).is_ok());
        for endless in [r#"{"access_token":"t"}"#, r#"{"access_token":"t","expires_in":null}"#] {
            let token = read(endless).expect("a token");
            assert!(token.is_before(&SOFT, Instant::at(1e8 * 1000.0)));
        }
        assert_eq!(supplied(1e20, 1e8), "ready");
    }

    fn token(text: &str) -> Token {
        read(&format!(r#"{{"access_token":"{text}","expires_in":100}}"#)).expect("a token")
    }

    #[test]
    fn a_rejected_token_is_not_handed_out_again_and_its_successor_is() {
        let mut cache = TokenCache::default();
        assert_eq!(cache.supply(None, START), Supply::Buy(TokenReason::Missing));
        let first = cache.keep(token("a"));
        assert_eq!(first.secret.reveal(), "a");
        assert_eq!(cache.supply(None, START), Supply::Ready(first.clone()));
        assert_eq!(cache.supply(Some(first.generation), START), Supply::Buy(TokenReason::Rejected));
        assert_eq!(cache.supply(None, START), Supply::Buy(TokenReason::Missing));
        let second = cache.keep(token("b"));
        assert!(second.generation > first.generation);
        assert_eq!(cache.supply(Some(first.generation), START), Supply::Ready(second));
    }

    #[test]
    fn a_failed_renewal_behind_a_call_rests_for_a_while() {
        let mut cache = TokenCache::default();
        let issued = cache.keep(token("a"));
        assert_eq!(cache.supply(None, after(81.0)), Supply::Renew(issued.clone()));
        cache.rest(after(81.0));
        assert_eq!(cache.supply(None, after(85.9)), Supply::Ready(issued.clone()));
        assert_eq!(cache.supply(None, after(86.0)), Supply::Renew(issued));
        assert_eq!(cache.supply(None, after(95.0)), Supply::Buy(TokenReason::Expiring));
    }
}
