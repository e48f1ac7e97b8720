//! Turns random bits, or a counter, into access tokens, and tokens back into an answer.

use std::collections::VecDeque;

use serde_json::json;

use super::ids::Seed;
use crate::sandbox::http::base64;
use crate::sandbox::http::message::Instant;

/// How many tokens are remembered; with one more the oldest is forgotten. So a program or page of this machine that
/// knows the credentials can end the tokens of others. A page of a foreign site is refused before.
const MAX_TOKENS: usize = 1_024;

/// The tokens that were given out, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens {
    given: VecDeque<Token>,
    counter: u64,
}

#[derive(Clone)]
struct Token {
    text: String,
    expires_ms: u64,
}

/// No token in any representation.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires_ms", &self.expires_ms).finish_non_exhaustive()
    }
}

/// A token as it leaves the tenant.
pub(crate) struct Minted {
    pub(crate) access_token: String,
    pub(crate) jti: String,
}

impl Tokens {
    /// A fresh token. It has the form of a JWT, with the claims that clients are known to read. Its `jti` is what is random.
    pub(crate) fn mint(&mut self, seed: Seed, org: &str, client_id: &str, ttl_s: u64, at: Instant) -> Minted {
        let Instant { now_ms, random } = at;
        self.counter += 1;
        let jti = match random {
            Some(random) => format!("{:032x}", u128::from_be_bytes(random)),
            None => seed.hex("token", self.counter),
        };
        let expires_ms = now_ms.saturating_add(ttl_s.saturating_mul(1_000));
        let claims = json!({
            "org": org, "pod": "sandbox", "client_id": client_id, "jti": jti, "exp": expires_ms / 1_000,
            "scope": ["sp:scopes:all"], "authorities": ["ORG_ADMIN"], "identity_id": seed.hex("identity", 0),
        });
        let head = base64::encode_url(br#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = base64::encode_url(claims.to_string().as_bytes());
        let text = format!("{head}.{claims}.{}", seed.hex("signature", self.counter));
        if self.given.len() >= MAX_TOKENS {
            self.given.pop_front();
        }
        self.given.push_back(Token { text: text.clone(), expires_ms });
        Minted { access_token: text, jti }
    }

    /// Whether an Authorization header opens the API.
    ///
    /// # Errors
    ///
    /// The text of the 401. The expired one is documented, the others are assumed.
    pub(crate) fn check(&self, authorization: Option<&str>, now_ms: u64) -> Result<(), &'static str> {
        let (scheme, presented) = authorization
            .and_then(|value| value.trim().split_once(' '))
            .ok_or("JWT validation failed: JWT is missing")?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err("JWT validation failed: JWT is missing");
        }
        let token = self.given.iter().rev().find(|token| token.text == presented.trim());
        match token {
            None => Err("JWT validation failed: JWT is not valid"),
            Some(token) if token.expires_ms <= now_ms => Err("JWT validation failed: JWT is expired"),
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const EXPIRED: Result<(), &str> = Err("JWT validation failed: JWT is expired");

    fn minted(tokens: &mut Tokens, now_ms: u64) -> String {
        minted_at(tokens, now_ms.into())
    }

    fn minted_at(tokens: &mut Tokens, at: Instant) -> String {
        let token = tokens.mint(Seed::of("t"), "t", "client", 749, at).access_token;
        format!("Bearer {token}")
    }

    #[test]
    fn every_random_bit_is_in_a_token_and_without_them_the_counter_decides() {
        let random = |bit: u32| {
            minted_at(&mut Tokens::default(), Instant { now_ms: 0, random: Some((1_u128 << bit).to_be_bytes()) })
        };
        let tokens: BTreeSet<String> = (0..128).map(random).collect();
        assert_eq!(tokens.len(), 128);
        assert_eq!(minted(&mut Tokens::default(), 0), minted(&mut Tokens::default(), 0));
        assert!(!tokens.contains(&minted(&mut Tokens::default(), 0)));
    }

    #[test]
    fn a_token_opens_until_its_last_millisecond() {
        let mut tokens = Tokens::default();
        let header = minted(&mut tokens, 1_000);
        assert_eq!(tokens.check(Some(&header), 749_999), Ok(()));
        assert_eq!(tokens.check(Some(&header), 750_000), EXPIRED);
        assert_eq!(tokens.check(Some(&header.replace("Bearer", "bearer")), 1_000), Ok(()));
    }

    #[test]
    fn nothing_else_opens() {
        let mut tokens = Tokens::default();
        let header = minted(&mut tokens, 0);
        for wrong in ["", "Bearer", "Bearer ", "Bearer x", &header.replace("Bearer", "Basic"), &format!("{header}x")] {
            assert!(tokens.check(Some(wrong), 0).is_err(), "{wrong}");
        }
        assert!(tokens.check(None, 0).is_err());
    }

    #[test]
    fn the_oldest_token_is_forgotten_first() {
        let mut tokens = Tokens::default();
        let first = minted(&mut tokens, 0);
        let second = minted(&mut tokens, 0);
        for _ in 2..=MAX_TOKENS {
            minted(&mut tokens, 0);
        }
        assert!(tokens.check(Some(&first), 0).is_err());
        assert_eq!(tokens.check(Some(&second), 0), Ok(()));
        assert_eq!(tokens.given.len(), MAX_TOKENS);
    }

    #[test]
    fn a_token_is_a_jwt_of_clean_characters() {
        let token = minted(&mut Tokens::default(), 0);
        let parts: Vec<&str> = token.trim_start_matches("Bearer ").split('.').collect();
        assert_eq!(parts.len(), 3);
        let clean = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        assert!(parts.iter().all(clean));
    }
}
