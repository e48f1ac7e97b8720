//! The answer of the token endpoint: what is accepted can be sent as it is, and nothing shows it.

use isc_service_desk::client::session::token::{Supply, Token, TokenCache};
use isc_service_desk::clock::{Duration, Instant};
use isc_service_desk::wire::Secret;

use crate::support::is_one_line;

const ASKED: Instant = Instant::at(1000.0);

/// A little more than the longest life that a token is given.
const TEN_YEARS: Duration = Duration(3651.0 * 86_400_000.0);

/// What must hold for every body.
pub fn holds(input: &[u8]) {
    match Token::read(input, ASKED) {
        Ok(token) => {
            can_be_sent(token.secret.reveal());
            lives_for_a_while(&token);
            shows_nothing(token);
        }
        Err(sentence) => {
            // It was written before any token came: no part of one can be in it.
            let sentence: &'static str = sentence;
            assert!(is_one_line(sentence) && sentence.len() < 80, "{sentence}");
        }
    }
}

/// Fetch takes white space off a header's ends, and throws at what no header can carry.
fn can_be_sent(token: &str) {
    let header = format!("Bearer {token}");
    assert!(!token.is_empty(), "an empty token");
    assert_eq!(header.trim_ascii(), header, "the server would see another token");
    assert!(header.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)), "no header: {header:?}");
    assert_eq!(header.split_ascii_whitespace().count(), 2, "the server would see two words: {header:?}");
}

fn lives_for_a_while(token: &Token) {
    let mut cache = TokenCache::default();
    cache.keep(token.clone());
    assert!(matches!(cache.supply(None, ASKED), Supply::Ready(_)), "too old before it was used");
    assert!(matches!(cache.supply(None, ASKED + TEN_YEARS), Supply::Buy(_)), "it lives for ever");
}

/// Two tokens look the same.
fn shows_nothing(mut token: Token) {
    let shown = format!("{token:?}");
    token.secret = Secret::new("another");
    assert_eq!(shown, format!("{token:?}"));
}
