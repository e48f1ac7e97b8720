//! Tells which names hold secrets, and turns a JSON value into the same value without them.

use crate::json::pointer::unescape;
use crate::json::{Json, Kind, ObjectWriter, quote, write_array};
use crate::text::parts;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// A name that contains one of these, in any case of its letters, holds a secret.
const WORDS: [&[u8]; 7] = [b"password", b"passphrase", b"secret", b"token", b"credential", b"private", b"key"];

/// The names that hold secrets: those that contain `password`, `passphrase`, `secret`, `token`, `credential`, `private`
/// or `key`, and those that `attributes.encrypted` lists.
///
/// The words count wherever they stand: `token_url`, `keyboard` and `monkey` are hidden too. Hiding an address costs a
/// reader little, and no list of exceptions can know what an attribute of tomorrow holds. ASCII case is ignored in both
/// rules. The value of `encrypted` is a list of names, and no secret.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// In lower case, sorted, each once.
    listed: Vec<Vec<u8>>,
}

impl Secrets {
    /// The rule with the names that one integration lists; `attributes` is its member of that name.
    pub fn of(attributes: Json<'_>) -> Self {
        let mut secrets = Self::default();
        secrets.list(attributes);
        secrets
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

    /// About what the listed names take.
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
        let holds = |word: &[u8], from: usize| {
            name.get(from..from + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word))
        };
        WORDS.iter().any(|word| (0..name.len()).any(|from| holds(word, from)))
            || !self.listed.is_empty() && self.lists(&name.to_ascii_lowercase())
    }

    fn lists(&self, name: &[u8]) -> bool {
        self.listed.binary_search_by(|listed| listed.as_slice().cmp(name)).is_ok()
    }

    /// The value's text with `"[redacted]"` in the place of every value that has a secret name, whatever it holds, at any
    /// depth; `None` where there is none. Beside a `path`, as in a patch operation, a `value` has the names in that path.
    pub fn hide(&self, value: Json<'_>) -> Option<String> {
        match value.kind() {
            Kind::Array => self.hide_items(&value.as_array()?),
            Kind::Object => self.hide_members(value),
            _ => None,
        }
    }

    /// The texts that have a secret name, at any depth: what must not be shown where somebody echoes them. In a patch
    /// operation the names are those in its `path`.
    pub fn values(&self, value: Json<'_>, found: &mut Vec<String>) {
        value.items().for_each(|item| self.values(item, found));
        let Some(members) = value.as_object() else { return };
        let names_secret = members.get("path").is_some_and(|path| self.path_names_secret(path));
        for member in members.members() {
            if self.is_secret_bytes(member.name_bytes()) || names_secret && member.name() == Some("value") {
                texts(member.value, found);
            } else {
                self.values(member.value, found);
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
        let names_secret = members.get("path").is_some_and(|path| self.path_names_secret(path));
        let mut any = false;
        let mut writer = ObjectWriter::new();
        for member in members.members() {
            let is_secret = self.is_secret_bytes(member.name_bytes()) || names_secret && member.name() == Some("value");
            let hidden = if is_secret { Some(quote(REDACTED)) } else { self.hide(member.value) };
            any |= hidden.is_some();
            writer.member(member.key(), hidden.as_deref().unwrap_or(member.value.text()));
        }
        any.then(|| writer.finish())
    }

    /// Whether a text names a secret on its way, be it a JSON Pointer or not; one that cannot be read might.
    fn path_names_secret(&self, path: Json<'_>) -> bool {
        let is_secret = |token: &str| self.is_secret(&unescape(token));
        path.kind() == Kind::String && path.as_str().is_none_or(|path| parts(&path, b'/').any(is_secret))
    }
}

/// Every string in a value, whatever its name.
fn texts(value: Json<'_>, found: &mut Vec<String>) {
    found.extend(value.as_str().map(std::borrow::Cow::into_owned));
    value.items().for_each(|item| texts(item, found));
    value.entries().for_each(|(_, member)| texts(member, found));
}

#[cfg(test)]
mod tests {
    use super::Secrets;
    use crate::json::Json;

    fn hide(secrets: &Secrets, text: &str) -> Option<String> {
        secrets.hide(Json::parse(text).unwrap())
    }

    fn listing(encrypted: &str) -> Secrets {
        Secrets::of(Json::parse(&format!(r#"{{"encrypted":{encrypted}}}"#)).unwrap())
    }

    #[test]
    fn a_word_anywhere_in_a_name_makes_it_secret() {
        let names = ["password", "dbPassword2", "PASSPHRASE", "client_secret", "refresh_token", "oauth_token_info"];
        for name in names.into_iter().chain(["credentials", "privateStuff", "apiKey", "key", "KEY"]) {
            assert!(Secrets::default().is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_word_counts_whatever_the_name_is_about() {
        for name in ["token_url", "tokenUrl", "keyboard", "monkey", "primary_key_column"] {
            assert!(Secrets::default().is_secret(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_no_secret() {
        let names = ["", "url", "username", "client_id", "encrypted", "passwor", "pass word", "ke", "grant_type"];
        for name in names.into_iter().chain(["to\u{212A}en", "ｋｅｙ"]) {
            assert!(!Secrets::default().is_secret(name), "{name}");
        }
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
        assert!(!Secrets::of(Json::parse(r#""url""#).unwrap()).is_secret("url"));
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
