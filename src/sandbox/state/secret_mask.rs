//! Turns secret attributes into what may be answered of them, and what comes back of that into the secrets again.

use serde_json::{Map, Value, json};

use crate::json::Json;
use crate::json::pointer::Pointer;
use crate::wire::secrets::{PAIR_NAMES, Secrets};

use super::ids::Seed;
use crate::sandbox::behaviour::choices::Secrecy;

/// What is answered of a secret, and in every tenant in the place of one within a URL.
const MASK: &str = "********";

/// How one tenant hides secrets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SecretMask {
    pub(crate) seed: Seed,
    pub(crate) secrecy: Secrecy,
}

/// A secret that was answered: where it stands, as what, and what it is.
struct Hidden {
    path: Pointer,
    shown: Value,
    real: Value,
}

impl SecretMask {
    /// Hides the secrets of an integration; false where it holds none.
    pub(crate) fn hide(self, id: &str, integration: &mut Map<String, Value>, secrets: &Secrets) -> bool {
        let attributes = integration.get_mut("attributes");
        attributes.is_some_and(|attributes| self.mask(id, &Pointer::root(), attributes, secrets))
    }

    /// Puts the secrets of `stored` back where `next` holds what was answered of them.
    ///
    /// A ciphertext is known wherever it comes back, a mask only in its own place. Neither is where the name does not say
    /// that it is a secret: there it would be answered in clear.
    pub(crate) fn restore(self, id: &str, next: &mut Map<String, Value>, stored: &Value, secrets: &Secrets) {
        let mut known = Vec::new();
        if let Some(attributes) = stored.get("attributes") {
            self.collect(id, &Pointer::root(), attributes, secrets, &mut known);
        }
        if let Some(attributes) = next.get_mut("attributes") {
            self.unmask(&Pointer::root(), attributes, secrets, &known);
        }
    }

    fn mask(self, id: &str, at: &Pointer, value: &mut Value, secrets: &Secrets) -> bool {
        let mut any = false;
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    any |= self.mask(id, &at.child(&index.to_string()), item, secrets);
                }
            }
            Value::Object(members) => {
                let is_pair = is_pair(secrets, members);
                for (name, mut member) in std::mem::take(members) {
                    let path = at.child(&name);
                    if is_hidden(secrets, is_pair, &name, &member) {
                        any = true;
                        members.extend(self.shown(id, &path, &member).map(|shown| (name, shown)));
                    } else {
                        any |= self.mask(id, &path, &mut member, secrets);
                        members.insert(name, member);
                    }
                }
            }
            Value::String(text) => {
                if let Some(shown) = secrets.hide_in_url(text, MASK) {
                    any = true;
                    *text = shown;
                }
            }
            _ => {}
        }
        any
    }

    /// What is answered of a secret; `None` where nothing is.
    fn shown(self, id: &str, path: &Pointer, secret: &Value) -> Option<Value> {
        match self.secrecy {
            Secrecy::Omitted => None,
            Secrecy::Masked => Some(MASK.into()),
            Secrecy::Ciphertext => {
                let text = secret.as_str().map_or_else(|| secret.to_string(), str::to_owned);
                Some(self.seed.ciphertext(id, path.as_str(), &text).into())
            }
        }
    }

    fn collect(self, id: &str, at: &Pointer, value: &Value, secrets: &Secrets, known: &mut Vec<Hidden>) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.collect(id, &at.child(&index.to_string()), item, secrets, known);
                }
            }
            Value::Object(members) => {
                let is_pair = is_pair(secrets, members);
                for (name, member) in members {
                    let path = at.child(name);
                    if is_hidden(secrets, is_pair, name, member) {
                        let shown = self.shown(id, &path, member);
                        known.extend(shown.map(|shown| Hidden { path, shown, real: member.clone() }));
                    } else {
                        self.collect(id, &path, member, secrets, known);
                    }
                }
            }
            Value::String(text) => {
                let shown = secrets.hide_in_url(text, MASK).map(Value::from);
                known.extend(shown.map(|shown| Hidden { path: at.clone(), shown, real: value.clone() }));
            }
            _ => {}
        }
    }

    fn unmask(self, at: &Pointer, value: &mut Value, secrets: &Secrets, known: &[Hidden]) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.unmask(&at.child(&index.to_string()), item, secrets, known);
                }
            }
            Value::Object(members) => {
                let is_pair = is_pair(secrets, members);
                for (name, member) in members {
                    let path = at.child(name);
                    if !is_hidden(secrets, is_pair, name, member) {
                        self.unmask(&path, member, secrets, known);
                        continue;
                    }
                    let anywhere = self.secrecy == Secrecy::Ciphertext;
                    let fits = |hidden: &&Hidden| hidden.shown == *member && (anywhere || hidden.path == path);
                    if let Some(hidden) = known.iter().find(fits) {
                        *member = hidden.real.clone();
                    }
                }
            }
            Value::String(_) => {
                if let Some(hidden) = known.iter().find(|hidden| hidden.path == *at && hidden.shown == *value) {
                    *value = hidden.real.clone();
                }
            }
            _ => {}
        }
    }
}

/// The rule with the names that these attributes list, added to an earlier one: a name that was secret once stays so.
pub(crate) fn secrets_of(attributes: Option<&Value>, earlier: Secrets) -> Secrets {
    let mut secrets = earlier;
    if let Some(listed) = attributes.and_then(|attributes| attributes.get("encrypted")) {
        let text = json!({ "encrypted": listed }).to_string();
        if let Ok(attributes) = Json::parse(&text) {
            secrets.list(attributes);
        }
    }
    secrets
}

/// Whether the `value` of an object is secret, because of the name beside it.
fn is_pair(secrets: &Secrets, members: &Map<String, Value>) -> bool {
    let names_secret =
        |name: &&str| members.get(*name).and_then(Value::as_str).is_some_and(|text| secrets.is_secret(text));
    PAIR_NAMES.iter().any(names_secret)
}

/// Null and the empty text hide nothing.
fn is_hidden(secrets: &Secrets, is_pair: bool, name: &str, value: &Value) -> bool {
    (secrets.is_secret(name) || is_pair && name == "value") && !value.is_null() && value.as_str() != Some("")
}
