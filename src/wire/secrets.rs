//! Tells which values are secret, and turns a JSON value into the same value without them.

use std::ops::Range;
use std::rc::Rc;

use crate::json::pointer::{Pointer, unescape};
use crate::json::{Json, Kind, Member, Object, ObjectWriter, quote, write_array};
use crate::text::decimal::decimal;
use crate::text::{parts, percent};

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// What the name of a secret ends with, in lower case and without what stands between its words.
const ENDINGS: [&[u8]; 16] = [
    b"password",
    b"passwd",
    b"pwd",
    b"passphrase",
    b"secret",
    b"credential",
    b"token",
    b"apikey",
    b"privatekey",
    b"secretkey",
    b"accesskey",
    b"authorization",
    b"cookie",
    b"jwt",
    b"assertion",
    b"basicauth",
];

/// What may stand behind such an ending: `oauth_token_info` and `passwords` are secrets, `tokenUrl` is none.
const TAILS: [&[u8]; 6] = [b"value", b"text", b"info", b"hash", b"data", b"s"];

/// The members that may name the `value` beside them.
pub const PAIR_NAMES: [&str; 3] = ["name", "key", "header"];

/// Names that are secret in the query of a URL alone, in lower case.
const QUERY_NAMES: [&str; 5] = ["auth", "code", "key", "sig", "signature"];

/// Which values are secret:
///
/// - values whose name ends with `password`, `secret`, `token`, `apiKey` or the like, in any case and with anything between the words, at any depth;
/// - values whose name `attributes.encrypted` lists, in any case;
/// - the `value` beside a `name`, `key` or `header` of that kind, and in a patch beside a `path` with such a name in it;
/// - of a URL the user and password, and what its query or fragment has under such a name, `auth`, `code`, `key`, `sig` or `signature`.
///
/// Names that the caller shows are none of these, names that the caller hides always are. The value of `encrypted` is a list
/// of names, and no secret.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// In lower case, sorted, each once.
    listed: Vec<Vec<u8>>,
    /// Names of the caller's, and whether each is secret.
    named: Option<Rc<Vec<(String, bool)>>>,
}

impl Secrets {
    /// The rule with names of the caller's, of which the first counts, and whether each is secret.
    pub fn with(named: Vec<(String, bool)>) -> Self {
        Self { listed: Vec::new(), named: (!named.is_empty()).then(|| Rc::new(named)) }
    }

    /// Adds the names in `attributes.encrypted`: a comma list, or an array of such texts. Anything else lists nothing.
    pub fn list(&mut self, attributes: Json<'_>) {
        let Some(encrypted) = attributes.as_object().and_then(|members| members.get("encrypted")) else { return };
        for text in encrypted.as_array().unwrap_or_else(|| vec![encrypted]) {
            let names = text.as_str().unwrap_or_default();
            let names = parts(&names, b',').map(str::trim).filter(|name| !name.is_empty());
            self.listed.extend(names.map(|name| name.as_bytes().to_ascii_lowercase()));
        }
        self.listed.sort_unstable();
        self.listed.dedup();
    }

    /// Adds the names that an integration lists in its attributes.
    pub fn list_of(&mut self, integration: Json<'_>) {
        if let Some(attributes) = integration.as_object().and_then(|members| members.get("attributes")) {
            self.list(attributes);
        }
    }

    /// About what the names take.
    pub fn bytes(&self) -> usize {
        self.listed.iter().map(|name| name.len() + size_of::<Vec<u8>>()).sum()
    }

    /// Whether an attribute of this name, at any depth, holds a secret.
    pub fn is_secret(&self, name: &str) -> bool {
        self.is_secret_bytes(name.as_bytes())
    }

    /// The same for a name that may have half of a surrogate pair in it, see
    /// [`Member::name_bytes`](crate::json::Member::name_bytes).
    pub fn is_secret_bytes(&self, name: &[u8]) -> bool {
        let named = self.named.iter().flat_map(|named| named.iter());
        for (known, is_secret) in named {
            if known.as_bytes().eq_ignore_ascii_case(name) {
                return *is_secret;
            }
        }
        has_ending(name) || !self.listed.is_empty() && self.listed.binary_search(&name.to_ascii_lowercase()).is_ok()
    }

    /// The value's text with `"[redacted]"` in the place of every secret; `None` where there is none.
    pub fn hide(&self, value: Json<'_>) -> Option<String> {
        match value.kind() {
            Kind::Array => self.hide_items(&value.as_array()?),
            Kind::Object => self.hide_members(value),
            Kind::String => self.hide_in_url(&value.as_str()?, REDACTED).map(|shown| quote(&shown)),
            _ => None,
        }
    }

    /// The secret texts of a value: no error and no event may show one that a server echoes.
    pub fn values(&self, value: Json<'_>, found: &mut Vec<String>) {
        if let Some(text) = value.as_str() {
            for part in self.parts_of_url(&text).into_iter().filter_map(|part| text.get(part)) {
                found.push(part.to_owned());
                found.extend(parts(part, b':').nth(1).map(str::to_owned));
            }
        }
        value.items().for_each(|item| self.values(item, found));
        let Some(members) = value.as_object() else { return };
        for (member, is_secret) in self.judged(&members) {
            if is_secret {
                texts(member.value, found);
            } else {
                self.values(member.value, found);
            }
        }
    }

    /// Where a secret is said by what stands for it: a mask, or a ciphertext.
    pub fn stand_ins(&self, value: Json<'_>, at: &Pointer, found: &mut Vec<Pointer>) {
        for (index, item) in value.items().enumerate() {
            self.stand_ins(item, &at.child(&decimal(index as u64)), found);
        }
        let Some(members) = value.as_object() else { return };
        for (member, is_secret) in self.judged(&members) {
            let path = at.child(member.name().unwrap_or(member.key()));
            if is_secret && member.value.as_str().is_some_and(|text| is_stand_in(&text)) {
                found.push(path);
            } else {
                self.stand_ins(member.value, &path, found);
            }
        }
    }

    fn hide_items(&self, items: &[Json<'_>]) -> Option<String> {
        let hidden: Vec<_> = items.iter().map(|item| self.hide(*item)).collect();
        hidden.iter().any(Option::is_some).then(|| {
            let texts =
                hidden.into_iter().zip(items).map(|(hidden, item)| hidden.unwrap_or_else(|| item.text().to_owned()));
            write_array(&texts.collect::<Vec<_>>())
        })
    }

    fn hide_members(&self, object: Json<'_>) -> Option<String> {
        let members = object.as_object()?;
        let mut any = false;
        let mut writer = ObjectWriter::new();
        for (member, is_secret) in self.judged(&members) {
            let hidden = if is_secret { Some(quote(REDACTED)) } else { self.hide(member.value) };
            any |= hidden.is_some();
            writer.member(member.key(), hidden.as_deref().unwrap_or(member.value.text()));
        }
        any.then(|| writer.finish())
    }

    /// The members of an object, and whether each is a secret.
    fn judged<'m, 'a>(&self, members: &'m Object<'a>) -> impl Iterator<Item = (&'m Member<'a>, bool)> {
        let names = |name: &str| members.get(name).is_some_and(|text| self.names_secret(name, text));
        let is_pair = names("path") || PAIR_NAMES.into_iter().any(names);
        members.members().into_iter().map(move |member| {
            (member, self.is_secret_bytes(member.name_bytes()) || is_pair && member.name() == Some("value"))
        })
    }

    /// Whether a text names a secret: a path on its way, be it a JSON Pointer or not; one that cannot be read might.
    fn names_secret(&self, kind: &str, text: Json<'_>) -> bool {
        let is_secret = |token: &str| self.is_secret(&unescape(token));
        text.kind() == Kind::String
            && text.as_str().is_none_or(|text| {
                if kind == "path" { parts(&text, b'/').any(is_secret) } else { self.is_secret(&text) }
            })
    }

    /// A URL with `mask` in the place of each part that is secret; `None` where there is none.
    pub fn hide_in_url(&self, text: &str, mask: &str) -> Option<String> {
        let parts = self.parts_of_url(text);
        let mut shown = String::new();
        let mut at = 0;
        for part in &parts {
            shown.push_str(text.get(at..part.start).unwrap_or_default());
            shown.push_str(mask);
            at = part.end;
        }
        shown.push_str(text.get(at..).unwrap_or_default());
        (!parts.is_empty()).then_some(shown)
    }

    /// Which parts of a URL are secret: none of a text that is no URL, and begins with no path.
    fn parts_of_url(&self, text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let starts = |start: &[u8]| bytes.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
        let host = if starts(b"https://") { 8 } else { 7 * usize::from(starts(b"http://")) };
        let mut found = Vec::new();
        if host == 0 && !starts(b"/") {
            return found;
        }
        let (mut is_host, mut is_query) = (host > 0, false);
        let (mut start, mut equals) = (host, None);
        for (at, byte) in bytes.iter().copied().chain([b'#']).enumerate().skip(host) {
            match byte {
                b'@' if is_host && at > host => {
                    found.clear();
                    found.push(host..at);
                }
                b'/' => is_host = false,
                b'=' if is_query && equals.is_none() => equals = Some(at),
                b'?' | b'#' | b'&' | b';' if is_query || matches!(byte, b'?' | b'#') => {
                    let equals_at = equals.filter(|equals| equals + 1 < at);
                    let is_secret = |equals: &usize| self.is_query_secret(text.get(start..*equals).unwrap_or_default());
                    found.extend(equals_at.filter(is_secret).map(|equals| equals + 1..at));
                    (start, equals, is_host, is_query) = (at + 1, None, false, true);
                }
                _ => {}
            }
        }
        found
    }

    fn is_query_secret(&self, name: &str) -> bool {
        let name = percent::decode(name);
        self.is_secret(&name) || QUERY_NAMES.iter().any(|known| known.eq_ignore_ascii_case(&name))
    }
}

fn has_ending(name: &[u8]) -> bool {
    let mut squashed: Vec<u8> =
        name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    loop {
        while squashed.last().is_some_and(u8::is_ascii_digit) {
            squashed.pop();
        }
        if ENDINGS.iter().any(|ending| squashed.ends_with(ending)) {
            return true;
        }
        let Some(tail) = TAILS.iter().find(|tail| squashed.ends_with(tail)) else { return false };
        squashed.truncate(squashed.len() - tail.len());
    }
}

/// Whether a text stands for a secret that is not shown: a mask, or a ciphertext as the server writes it (`1:ACP:…`, `1:…`).
pub fn is_stand_in(text: &str) -> bool {
    // The bytes of `*`, `•` and `●`.
    let is_mask = |byte: u8| matches!(byte, b'*' | 0xe2 | 0x80 | 0xa2 | 0x97 | 0x8f);
    text.len() >= 3 && text.bytes().all(is_mask) || text == REDACTED || is_ciphertext(text)
}

fn is_ciphertext(text: &str) -> bool {
    let (mut pieces, mut last) = (0, "");
    for piece in parts(text, b':') {
        let fits = match pieces {
            0 => matches!(piece.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'9', b'0'..=b'9']),
            1 => true,
            // What stands between the number and the data.
            _ => last.bytes().all(|byte| byte.is_ascii_uppercase()),
        };
        if !fits {
            return false;
        }
        (pieces, last) = (pieces + 1, piece);
    }
    let is_data = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    matches!(pieces, 2 | 3) && last.len() >= 16 && last.bytes().all(is_data)
}

/// Every string in a value, whatever its name.
fn texts(value: Json<'_>, found: &mut Vec<String>) {
    found.extend(value.as_str().map(std::borrow::Cow::into_owned));
    value.items().for_each(|item| texts(item, found));
    value.entries().for_each(|(_, member)| texts(member, found));
}

#[cfg(test)]
mod tests {
    use super::{Secrets, is_stand_in};
    use crate::json::Json;
    use crate::json::pointer::Pointer;

    fn hide(secrets: &Secrets, text: &str) -> Option<String> {
        secrets.hide(Json::parse(text).unwrap())
    }

    fn of(attributes: &str) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.list(Json::parse(attributes).unwrap());
        secrets
    }

    fn listing(encrypted: &str) -> Secrets {
        of(&format!(r#"{{"encrypted":{encrypted}}}"#))
    }

    const SECRET: [&str; 30] = [
        "password",
        "PASSWORD",
        "dbPassword2",
        "user_passwd",
        "pwd",
        "keyPassphrase",
        "client_secret",
        "clientSecret",
        "CLIENT-SECRET",
        "refresh_token",
        "accessToken",
        "oauth_token_info",
        "credentials",
        "apiKey",
        "api_key",
        "X-API-Key",
        "apikey",
        "privateKey",
        "Authorization",
        "Proxy-Authorization",
        "Set-Cookie",
        "cookies",
        "jwt",
        "client_assertion",
        "basicAuth",
        "passwords",
        "secretValue",
        "tokenHash",
        "Api Key 1",
        "personalAccessToken",
    ];

    const PLAIN: [&str; 24] = [
        "",
        "url",
        "username",
        "client_id",
        "encrypted",
        "tokenUrl",
        "token_type",
        "issueKey",
        "projectKey",
        "keywords",
        "Waiting for key",
        "keyboard",
        "monkey",
        "primary_key_column",
        "credentialProviderEnabled",
        "passwordPolicy",
        "secretary",
        "tokenEndpoint",
        "to\u{212A}en",
        "ｔｏｋｅｎ",
        "s",
        "data",
        "1",
        "grant_type",
    ];

    #[test]
    fn the_last_word_of_a_name_makes_it_secret() {
        for name in SECRET {
            assert!(Secrets::default().is_secret(name), "{name}");
        }
        for name in PLAIN {
            assert!(!Secrets::default().is_secret(name), "{name}");
        }
    }

    #[test]
    fn the_caller_hides_and_shows_what_it_likes() {
        let mut secrets = Secrets::with(
            [("PIN", true), ("tokenUrl", true), ("issueToken", false), ("url", false), ("tokenurl", false)]
                .map(|(name, is_secret)| (name.to_owned(), is_secret))
                .into(),
        );
        secrets.list(Json::parse(r#"{"encrypted":"url,pin"}"#).unwrap());
        assert!(secrets.is_secret("pin") && secrets.is_secret("TOKENURL") && secrets.is_secret("otherToken"));
        assert!(!secrets.is_secret("issuetoken") && !secrets.is_secret("url") && !secrets.is_secret("pi"));
    }

    #[test]
    fn a_pair_of_name_and_value_is_judged_by_its_name() {
        for name in ["name", "key", "header"] {
            let text = format!(
                r#"{{"headers":[{{"{name}":"X-Api-Key","value":"s3cret"}},{{"{name}":"Accept","value":"a"}}]}}"#
            );
            assert_eq!(hide(&Secrets::default(), &text), Some(text.replace("s3cret", "[redacted]")));
        }
        assert_eq!(hide(&Secrets::default(), r#"{"name":"X-Api-Key","title":"t"}"#), None);
    }

    #[test]
    fn of_a_url_only_what_is_secret_is_hidden() {
        let hidden = |text: &str| Secrets::default().hide_in_url(text, super::REDACTED);
        for (text, shown) in [
            ("https://u:p@a.example/x?y=1", "https://[redacted]@a.example/x?y=1"),
            ("HTTP://u@p@a.example", "HTTP://[redacted]@a.example"),
            (
                "https://a.example/?a=1&token=t&b=2#access_token=u",
                "https://a.example/?a=1&token=[redacted]&b=2#access_token=[redacted]",
            ),
            (
                "https://a.example/?sig=a%3D;Key=b&co%64e=c",
                "https://a.example/?sig=[redacted];Key=[redacted]&co%64e=[redacted]",
            ),
            ("/api/x?api_key=k&sysparm_fields=a", "/api/x?api_key=[redacted]&sysparm_fields=a"),
        ] {
            assert_eq!(hidden(text).as_deref(), Some(shown), "{text}");
        }
        for text in [
            "https://a.example/token?tokenUrl=x&issueKey=y",
            "https://a.example/?token=&sig",
            "see ?token=x",
            "u:p@a.example",
            "https://a.example/@x",
            "https://@a.example",
            "https://",
            "/",
            "é",
            "https://a.example/?=x",
        ] {
            assert_eq!(hidden(text), None, "{text}");
        }
        let mut found = Vec::new();
        Secrets::default().values(Json::parse(r#"["https://u:p@a.example/?sig=s"]"#).unwrap(), &mut found);
        assert_eq!(found, ["u:p", "p", "s"]);
    }

    #[test]
    fn masks_and_ciphertexts_stand_for_secrets() {
        for text in
            ["***", "********", "•••••", "[redacted]", "1:ACP:MDEyMzQ1Njc4OWFiY2RlZg==", "1:iCAlakm5CVUe7+Q6hVJIBA=="]
        {
            assert!(is_stand_in(text), "{text}");
        }
        for text in [
            "",
            "**",
            "***a",
            "secret",
            "1:short",
            "12:30",
            "https://a.example/0123456789",
            "1:acp:MDEyMzQ1Njc4OWFiY2RlZg",
        ] {
            assert!(!is_stand_in(text), "{text}");
        }
        let mut found = Vec::new();
        let text = r#"{"password":"***","url":"***","list":[{"token":"•••","name":"n"}],"apiKey":"clear"}"#;
        Secrets::default().stand_ins(Json::parse(text).unwrap(), &Pointer::root().child("attributes"), &mut found);
        let found: Vec<_> = found.iter().map(Pointer::as_str).collect();
        assert_eq!(found, ["/attributes/password", "/attributes/list/0/token"]);
    }

    #[test]
    fn listed_names_are_secret() {
        for secrets in
            [listing(r#"" url ,pin,,""#), listing(r#"["url","a, pin "]"#), listing("\"url,\u{a0}pin\u{2003}\"")]
        {
            assert!(secrets.is_secret("url") && secrets.is_secret("PIN"));
            assert!(!secrets.is_secret("") && !secrets.is_secret("pi") && !secrets.is_secret("urls"));
        }
    }

    #[test]
    fn list_of_another_kind_lists_nothing() {
        for encrypted in ["null", "1", "true", r#"{"url":1}"#, r#"[1,null,["url"]]"#, r#""""#] {
            assert!(!listing(encrypted).is_secret("url"), "{encrypted}");
        }
        assert!(!of(r#""url""#).is_secret("url"));
    }

    #[test]
    fn secret_name_hides_its_whole_value_at_any_depth() {
        let secrets = listing(r#""pin""#);
        let text = r#"{"a":[1.50,{"tokens":{"x":["s3cret"]},"b":1}],"pass\u0077ord":null,"Pin":"s3cret"}"#;
        let hidden = r#"{"a":[1.50,{"tokens":"[redacted]","b":1}],"pass\u0077ord":"[redacted]","Pin":"[redacted]"}"#;
        assert_eq!(hide(&secrets, text).as_deref(), Some(hidden));
        assert_eq!(hide(&secrets, hidden).as_deref(), Some(hidden));
    }

    #[test]
    fn half_of_a_surrogate_pair_does_not_uncover_a_name() {
        let hidden = hide(&Secrets::default(), r#"{"pass\u0077ord\ud800":"s3cret"}"#);
        assert_eq!(hidden.as_deref(), Some(r#"{"pass\u0077ord\ud800":"[redacted]"}"#));
    }

    #[test]
    fn value_without_secrets_is_left_alone() {
        for text in [
            "1",
            r#""password""#,
            "[]",
            "{}",
            r#"{"url":[{"a":null}]}"#,
            r#"{"path":"/a/b","value":1}"#,
            r#"{"path":null,"value":1}"#,
        ] {
            assert_eq!(hide(&Secrets::default(), text), None, "{text}");
        }
    }

    #[test]
    fn operation_on_a_secret_path_hides_its_value() {
        let paths =
            ["/attributes/password", "/attributes/tokens/0/x", "attributes/password", "/attributes/a~1b", r"\ud800"];
        for path in paths {
            let operation = format!(r#"[{{"op":"add","path":"{path}","value":{{"x":"s3cret"}}}}]"#);
            let hidden = format!(r#"[{{"op":"add","path":"{path}","value":"[redacted]"}}]"#);
            assert_eq!(hide(&listing(r#""a/b""#), &operation), Some(hidden));
        }
    }

    #[test]
    fn texts_that_an_operation_writes_to_a_secret_path_are_secret() {
        let text = r#"[
            {"op":"replace","path":"/attributes/password","value":"a"},
            {"op":"replace","path":"/attributes/tokens/0","value":{"x":["b"],"y":1}},
            {"op":"replace","path":"/attributes/url","value":"c"},
            {"op":"replace","path":"/attributes","value":{"password":"d","url":"e"}}
        ]"#;
        let mut found = Vec::new();
        Secrets::default().values(Json::parse(text).unwrap(), &mut found);
        assert_eq!(found, ["a", "b", "d"]);
    }

    #[test]
    fn operation_on_another_path_hides_the_secrets_in_its_value() {
        let whole = r#"{"operations":[{"path":"/attributes","value":{"password":"s3cret","url":"u"}}]}"#;
        let hidden = r#"{"operations":[{"path":"/attributes","value":{"password":"[redacted]","url":"u"}}]}"#;
        assert_eq!(hide(&Secrets::default(), whole).as_deref(), Some(hidden));
    }
}
