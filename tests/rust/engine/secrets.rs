//! No representation of anything shows a secret, however a server or a platform echoes it.

use crate::engine::support::machine::{Machine, generation};
use crate::engine::support::scenario::TOKEN;
use crate::engine::support::{Ask, Happening, Random, Scenario, Setup, config};
use isc_service_desk::client::options::option_value::OptionValue;
use isc_service_desk::client::session::TaskId;
use isc_service_desk::client::session::limiter::{Limiter, RateLimit};
use isc_service_desk::client::session::token::{Issued, Token, TokenCache};
use isc_service_desk::client::{BaseUrl, Call, Effect, Error, ErrorKind, Settings};
use isc_service_desk::clock::{Duration, Instant};
use isc_service_desk::http::Headers;
use isc_service_desk::wire::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};

/// In every secret, and in nothing else.
const CORE: &str = "xQz7core";

/// A secret with characters that JSON, URLs and forms write in another way.
fn secret(random: &mut Random, alphabet: &[&str]) -> String {
    let mut around = || (0..random.below(4)).map(|_| random.pick(alphabet)).collect::<String>();
    let (before, after) = (around(), around());
    format!("{before}{CORE}{after}")
}

const IN_HEADERS: [&str; 12] = ["-", "a", "/", "+", "=", "\"", "\\", "%", "&", "'", "*", "~"];
const IN_TEXTS: [&str; 14] = ["-", " ", "/", "+", "=", "\"", "\\", "%", "é", "😀", "\n", "\t", "<", "'"];

/// ASCII letters, digits and the bytes `kept` stay, every other byte is `%XX`.
fn percent(text: &str, kept: &str) -> String {
    let write = |byte: u8| {
        let stays = byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte);
        if stays { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(write).collect()
}

fn html(text: &str) -> String {
    let entities = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    let write = |character: char| {
        let entity = entities.iter().find(|(known, _)| *known == character);
        entity.map_or_else(|| character.to_string(), |(_, entity)| (*entity).to_owned())
    };
    text.chars().map(write).collect()
}

/// The secret as others write it: as it is, in JSON, HTML, URLs, forms, and in another case.
fn echo(random: &mut Random, secret: &str) -> String {
    let json = Value::from(secret).to_string();
    match random.below(11) {
        0 => secret.to_owned(),
        1 => json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap().to_owned(),
        2 => percent(secret, "-._~"),
        3 => percent(secret, "-._~!'()*"),
        4 => percent(secret, "-._~!'()*;,/?:@&=+$#"),
        5 => percent(secret, "-._* ").replace(' ', "+"),
        6 => secret.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        7 => html(secret),
        8 => secret.chars().map(|character| format!("&#{};", character as u32)).collect(),
        9 => secret.to_ascii_uppercase(),
        _ => secret.bytes().map(|byte| format!("{byte:02X}")).collect(),
    }
}

/// Each character that is no letter or digit as `\u0000`, which only JSON may hold.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    text.chars().fold(String::new(), |written, character| {
        if character.is_ascii_alphanumeric() || character == ' ' {
            return written + &character.to_string();
        }
        let units = character.encode_utf16(&mut units);
        units.iter().fold(written, |written, unit| written + &format!("\\u{unit:04x}"))
    })
}

/// A body of an answer that says `text`.
fn body(random: &mut Random, text: &str) -> String {
    match random.below(11) {
        0 => text.to_owned(),
        10 => {
            let text = escaped(text);
            let message = format!(r#"{{"text":"{text}","locale":"{text}","localeOrigin":"{text}"}}"#);
            format!(r#"{{"messages":[{message}],"causes":["{text}"],"trackingId":"{text}","detailCode":"{text}"}}"#)
        }
        9 => format!("\"{}{}\"", "y ".repeat(random.below(160)), escaped(text)),
        1 => json!({ "messages": [{ "text": text }] }).to_string(),
        2 => json!({ "error": text, "error_description": text }).to_string(),
        3 => json!({ "causes": [text], "trackingId": text, "detailCode": text }).to_string(),
        4 => json!({ "messages": [{ "locale": text, "localeOrigin": text, "text": "no" }] }).to_string(),
        5 => Value::from(text).to_string(),
        6 => format!(r#"{{"message":"{}"}}"#, escaped(text)),
        7 => format!("<html>{text}</html>"),
        _ => format!("{text}{}", "x".repeat(400)),
    }
}

struct Secrets {
    token: String,
    client: String,
    attribute: String,
}

impl Secrets {
    fn draw(random: &mut Random) -> Self {
        Self {
            token: secret(random, &IN_HEADERS),
            client: secret(random, &IN_TEXTS),
            attribute: secret(random, &IN_TEXTS),
        }
    }

    /// One that was sent with this.
    fn any(&self, random: &mut Random, ask: &Ask) -> String {
        let known = [&self.client, &self.token, &self.attribute];
        let sent = match ask {
            Ask::Token => 1,
            Ask::Create(_) | Ask::Replace(_) => 3,
            _ => 2,
        };
        random.pick(&known[..sent]).clone()
    }
}

/// What nothing may show.
struct Seen(Vec<String>);

impl Seen {
    fn debug(&mut self, thing: &impl std::fmt::Debug) {
        self.0.push(format!("{thing:?}"));
        self.0.push(format!("{thing:#?}"));
    }

    fn error(&mut self, error: &Error) {
        self.debug(error);
        self.0.push(error.to_string());
        self.0.push(serde_json::to_string(&error.attempts).unwrap());
        match &error.kind {
            ErrorKind::UnknownOutcome { cause, .. } => self.error(cause),
            ErrorKind::Api(failure) => self.headers(&failure.headers),
            _ => {}
        }
    }

    /// Their values are shown to the caller.
    fn headers(&mut self, headers: &Headers) {
        self.0.extend(headers.iter().map(|(_, value)| value.to_owned()));
    }

    fn machine(&mut self, machine: &Machine) {
        let Machine { call, steps, .. } = machine;
        self.debug(call);
        for step in steps {
            self.debug(step);
            if let Effect::Finished(outcome) = &step.effect {
                outcome.result.as_ref().err().into_iter().for_each(|error| self.error(error));
                outcome.response.iter().for_each(|response| self.headers(&response.headers));
            }
        }
    }

    fn check(&self, script: &str) -> Result<(), TestCaseError> {
        let written = [
            CORE.to_ascii_lowercase(),
            CORE.bytes().map(|byte| format!("{byte:02x}")).collect(),
            CORE.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            CORE.chars().map(|character| format!("&#{};", character as u32)).collect(),
        ];
        for text in &self.0 {
            let shown = text.to_ascii_lowercase();
            prop_assert!(!written.iter().any(|core| shown.contains(core)), "{}\n{}", text, script);
        }
        Ok(())
    }
}

fn integration(secrets: &Secrets) -> String {
    json!({
        "name": "n",
        "description": "d",
        "type": "t",
        "attributes": {
            "url": "u",
            "encrypted": "pin",
            "nested": [{ "pin": secrets.attribute }],
            "password": secrets.attribute,
        },
    })
    .to_string()
}

fn happening(random: &mut Random, secrets: &Secrets, ask: &Ask) -> Happening {
    let secret = secrets.any(random, ask);
    let echoed = echo(random, &secret);
    if random.chance(25) {
        return Happening::Failed { message: format!("cannot send {echoed} there"), code: None };
    }
    let status = random.pick(&[400, 500, 429, 503, 404, 401, 302, 200, 201, 0]);
    // A good body is the caller's own: only one that is none can get into an error.
    let body = match status {
        200 | 201 => random.pick(&["", "<html>", "[{"]).to_owned() + &echoed,
        _ => body(random, &echoed),
    };
    let value: String = echoed.chars().filter(|character| !character.is_control()).collect();
    let mut answer = Happening::answer(status, &body);
    if value == echoed {
        for name in ["slpt-request-id", "location", "x-echo"] {
            answer = if random.chance(60) { answer.with(name, &value) } else { answer };
        }
    }
    answer
}

fn chance() -> impl Strategy<Value = Random> {
    proptest::collection::vec(any::<u8>(), 0..120).prop_map(Random::of)
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn nothing_that_a_call_tells_shows_a_secret(random in chance()) {
        let mut random = random;
        let secrets = Secrets::draw(&mut random);
        let asks = [
            Ask::Create(integration(&secrets)),
            Ask::Replace(integration(&secrets)),
            Ask::Get,
            Ask::Delete("i".to_owned()),
            Ask::Token,
        ];
        let setup = Setup { renewable: random.chance(50), ..Setup::of(random.pick(&asks)) };
        let mut seen = Seen(Vec::new());
        let mut machine = Machine::new(setup.clone());
        machine.call = match setup.plan() {
            Some(plan) => {
                seen.debug(&plan);
                let mut call = Call::new(plan, &setup.settings());
                call.renewable();
                call
            }
            None => Call::for_token(crate::engine::support::machine::credentials().token_request(), &setup.settings()),
        };
        machine.call.observed().hiding(&Secret::new(secrets.client.as_str()));
        let (mut event, mut at) = (Happening::Started, 0.0);
        for number in 1..30 {
            let step = machine.tell(at, 0.5, event);
            event = match &step.effect {
                Effect::GetToken { .. } => Happening::Token(secrets.token.clone(), number),
                Effect::Admit => Happening::Admitted,
                Effect::Queue => Happening::Admitted,
                Effect::Send(request) => {
                    seen.debug(request);
                    happening(&mut random, &secrets, &setup.ask)
                }
                Effect::Wait(until) => {
                    at = crate::engine::support::machine::ms(*until);
                    Happening::Woke
                }
                Effect::Finished(_) => break,
            };
            // What the platform says is hidden where the call takes it in.
            if !matches!(event, Happening::Failed { .. }) {
                seen.debug(&event.event());
            }
        }
        seen.machine(&machine);
        seen.check(&machine.script())?;
    }

    #[test]
    fn nothing_that_keeps_a_secret_shows_it(random in chance()) {
        let mut random = random;
        let Secrets { token, client, .. } = Secrets::draw(&mut random);
        let token: String = token.chars().filter(|character| *character != ' ').collect();
        let mut seen = Seen(Vec::new());
        seen.debug(&Issued { secret: Secret::new(token.as_str()), generation: generation(1) });
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 60 }).to_string();
        let read = Token::read(body.as_bytes(), Instant::at(0.0)).unwrap();
        seen.debug(&read);
        let mut cache = TokenCache::default();
        cache.keep(read);
        seen.debug(&cache);
        seen.debug(&cache.supply(None, Instant::at(0.0)));
        seen.debug(&cache.supply(Some(generation(1)), Instant::at(0.0)));

        let mut limiter = Limiter::default();
        limiter.join(RateLimit::default());
        limiter.enter(TaskId(0));
        limiter.hold(Instant::at(5.0) + Duration(1.0));
        seen.debug(&limiter);

        let text = |text: &str| OptionValue::Text(text.to_owned());
        let object = |members: &[(&str, OptionValue)]| {
            OptionValue::Object(members.iter().map(|(name, given)| ((*name).to_owned(), given.clone())).collect())
        };
        let printable = client.replace(['\n', '\t'], "");
        let bought = object(&[("clientId", text("id")), ("clientSecret", text(&printable))]);
        let fixed = object(&[("token", text(&token))]);
        let headers = object(&[("x-key", text(&token))]);
        for auth in [bought, fixed] {
            let options = object(&[("tenant", text("acme")), ("auth", auth), ("headers", headers.clone())]);
            seen.debug(&Settings::read(&options, false).unwrap());
        }
        let refused = object(&[("tenant", text("acme")), ("auth", object(&[("token", text(&format!("{client}\n")))]))]);
        seen.debug(&Settings::read(&refused, false).map(|_| ()).unwrap_err());
        let credentials = isc_service_desk::client::session::token::ClientCredentials {
            client_id: Secret::new("id"),
            client_secret: Secret::new(client),
            token_url: BaseUrl::parse("tokenUrl", "https://a.example/oauth/token").unwrap(),
        };
        seen.debug(&credentials);
        seen.debug(&credentials.token_request());
        seen.check("")?;
    }
}

#[test]
fn an_echoed_credential_is_hidden_wherever_it_stands() {
    let get = || Scenario::of(Ask::Get).sent();
    let scenario = get().answered(400, r#"{"message":"bad THE-TOKEN"}"#);
    let error = scenario.error();
    assert_eq!(error.message, "400 from getServiceDeskIntegration: bad [redacted]");
    assert!(!format!("{error:?} {error}").contains(TOKEN), "{error:?}");
    let scenario = get().then(Happening::answer(302, "").with("location", "https://b.example/?t=THE-TOKEN"));
    let ErrorKind::Redirected { location, .. } = &scenario.error().kind else { panic!("a redirect") };
    assert_eq!(location.as_deref(), Some("https://b.example/?t=[redacted]"));
    let scenario = get().then(Happening::answer(200, "").with("slpt-request-id", "THE-TOKEN"));
    assert_eq!(scenario.error().request_id.as_deref(), Some("[redacted]"));
}

#[test]
fn a_url_that_holds_a_credential_is_hidden_in_the_error_and_its_message() {
    let scenario = Scenario::of(Ask::Delete(TOKEN.to_owned())).sent().answered(404, "");
    let (error, url) = (scenario.error(), scenario.error().url.as_deref().unwrap());
    assert!(url.ends_with("/[redacted]") && error.message.contains("/[redacted])"), "{error:?}");
}

#[test]
fn the_name_of_an_odd_record_shows_no_credential_and_no_unseen_character() {
    let scenario = Scenario::of(Ask::List).sent().answered(200, r#"[{"name":"THE-TOKEN\u202e"}]"#);
    let message = &scenario.error().message;
    assert!(message.ends_with(r#", in the record "[redacted]\u{202e}""#), "{message}");
}

#[test]
fn a_token_of_an_earlier_attempt_is_hidden_in_a_later_one() {
    let scenario = Scenario::of(Ask::Get).renewable().sent().answered(401, "");
    let scenario = scenario.then(Happening::Token("ITS-SUCCESSOR".into(), 2)).then(Happening::Admitted);
    let scenario = scenario.answered(400, r#"{"message":"THE-TOKEN, ITS-SUCCESSOR"}"#);
    assert_eq!(scenario.error().message, "400 from getServiceDeskIntegration: [redacted], [redacted]");
}

#[test]
fn a_secret_attribute_is_hidden_in_what_the_platform_throws() {
    let message = "cannot send {\"password\":\"SECRET-ATTRIBUTE\"}".to_owned();
    let scenario = Scenario::create().without_retry().sent().then(Happening::Failed { message, code: None });
    assert!(!format!("{:?}", scenario.error()).contains("SECRET-ATTRIBUTE"), "{:?}", scenario.error());
    assert_eq!(scenario.machine.call.hide("SECRET-ATTRIBUTE"), "[redacted]");
}

#[test]
fn debug_of_a_call_on_its_way_shows_no_credential() {
    assert!(!format!("{:?}", Scenario::create().sent().machine.call).contains(TOKEN));
}

#[test]
fn debug_of_a_token_requests_end_shows_no_token() {
    let scenario = Scenario::of(Ask::Token).then(Happening::Started).answered(200, r#"{"access_token":"THE-TOKEN"}"#);
    assert!(scenario.ok().is_some_and(|text| text.contains(TOKEN)));
    assert!(!format!("{:?}", scenario.outcome()).contains(TOKEN));
}
