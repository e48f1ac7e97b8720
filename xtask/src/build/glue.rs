//! Fits the glue of wasm-bindgen to where the package goes: bundles, test runners, runtimes that cannot start a core.

use anyhow::{Result, ensure};

/// Begins what makes a class disposable. Nobody can write `using` for one: the package gives none of them away.
const DISPOSABLE: &str = "if (Symbol.dispose) ";

/// What the executor of wasm-bindgen asks for once, and waits for with all its futures.
const MICROTASK: &str = " queueMicrotask(arg0);\n";

/// A promise of its own each time: one that is kept could belong to another request, which workerd refuses.
const PROMISE: &str = " Promise.resolve().then(arg0);\n";

/// Makes the decoder of texts.
const DECODER: &str =
    "\nlet cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });\ncachedTextDecoder.decode();\n";

/// Makes the encoder of texts, which gets a method after that where it has none.
const ENCODER: &str = "\nconst cachedTextEncoder = new TextEncoder();\n";

/// Ends what gives it the method.
const ENCODER_END: &str = "\n        };\n    };\n}\n";

/// Begins the start of a core.
const START: &str = "\nfunction initSync(module) {\n    if (wasm !== undefined) return wasm;\n";

/// How the glue sees that a view of the memory is of before the memory grew. What a page or a hardened realm has given every
/// buffer may say of each that it is not detached.
const STALE_DATA_VIEW: &str = "cachedDataViewMemory0.buffer.detached === true || \
    (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)";

/// How it sees that in an array of bytes.
const STALE_BYTES: &str = "cachedUint8ArrayMemory0.byteLength === 0";

/// The glue with everything done to it that is below.
///
/// # Errors
///
/// It has another form than is known.
pub fn fitted(glue: &str) -> Result<String> {
    with_late_coders(&with_compared_buffers(&with_promises(&without_disposal(glue)?)?)?)
}

/// The glue with a comparison of buffers where it asks whether one is detached.
fn with_compared_buffers(glue: &str) -> Result<String> {
    let compared = |view: &str| format!("{view}.buffer !== wasm.memory.buffer");
    let glue = if glue.contains("DataView") {
        replaced(glue, STALE_DATA_VIEW, &compared("cachedDataViewMemory0"))?
    } else {
        glue.to_owned()
    };
    replaced(&glue, STALE_BYTES, &compared("cachedUint8ArrayMemory0"))
}

/// The glue without assignments to the prototypes of its classes, which keep a bundler from leaving out a class that
/// the app does not use.
fn without_disposal(glue: &str) -> Result<String> {
    let (disposals, rest): (Vec<&str>, Vec<&str>) =
        glue.split_inclusive('\n').partition(|line| line.starts_with(DISPOSABLE));
    let classes = glue.matches("export class ").count();
    ensure!(disposals.len() == classes, "{} of {classes} classes of the glue are made disposable", disposals.len());
    Ok(rest.concat())
}

/// The glue with a promise in the place of `queueMicrotask`, which the fake timers of test runners fake: they drop what
/// it is given, and every later call of the process would wait for that. What runs no futures has none.
fn with_promises(glue: &str) -> Result<String> {
    if glue.contains("queueMicrotask") { replaced(glue, MICROTASK, PROMISE) } else { Ok(glue.to_owned()) }
}

/// The glue with its coders of text made when the core starts: an import would throw where the runtime has none.
fn with_late_coders(glue: &str) -> Result<String> {
    let begin = format!("\nfunction makeTextCoders() {{{}{}", assigned(DECODER), assigned(ENCODER));
    let glue = replaced(glue, DECODER, "\nlet cachedTextDecoder, cachedTextEncoder;\n")?;
    let glue = replaced(&glue, ENCODER, &begin)?;
    let glue = replaced(&glue, ENCODER_END, &format!("{ENCODER_END}}}\n"))?;
    replaced(&glue, START, &format!("{START}    makeTextCoders();\n"))
}

/// The declaration as an assignment.
fn assigned(declaration: &str) -> String {
    declaration.replace("\nlet ", "\n").replace("\nconst ", "\n")
}

/// The glue with the one place where `from` stands changed.
///
/// # Errors
///
/// It stands nowhere, or twice.
pub fn replaced(glue: &str, from: &str, to: &str) -> Result<String> {
    let count = glue.matches(from).count();
    ensure!(count == 1, "`{from}` stands {count} times in the glue, not once");
    Ok(glue.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASS: &str = "export class A {\n    free() {}\n}\n";
    const DISPOSAL: &str = "if (Symbol.dispose) A.prototype[Symbol.dispose] = A.prototype.free;\n";
    const CODERS: &str = "
let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();
function decodeText() {}

const cachedTextEncoder = new TextEncoder();

if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function () {
        return {
        };
    };
}

function initSync(module) {
    if (wasm !== undefined) return wasm;
    start();
}
";

    #[test]
    fn buffers_are_compared_and_not_asked() {
        let glue = format!("if ({STALE_DATA_VIEW}) {{}} if ({STALE_BYTES}) {{}}");
        let fitted = with_compared_buffers(&glue).unwrap();
        assert_eq!(
            fitted,
            "if (cachedDataViewMemory0.buffer !== wasm.memory.buffer) {} if (cachedUint8ArrayMemory0.buffer !== wasm.memory.buffer) {}"
        );
        assert!(with_compared_buffers(&fitted).is_err());
        assert!(with_compared_buffers(STALE_BYTES).is_ok());
    }

    #[test]
    fn a_class_keeps_all_but_its_disposal() {
        assert_eq!(without_disposal(&format!("{CLASS}{DISPOSAL}\nlet wasm;")).unwrap(), format!("{CLASS}\nlet wasm;"));
    }

    #[test]
    fn a_glue_of_another_form_is_refused() {
        let error = without_disposal(CLASS).unwrap_err().to_string();
        assert_eq!(error, "0 of 1 classes of the glue are made disposable");
        let once = "queueMicrotask: f => {\n queueMicrotask(arg0);\n}";
        assert!(with_promises(&once.replace("arg0", "task")).unwrap_err().to_string().contains("0 times"));
        assert!(with_promises(&once.repeat(2)).unwrap_err().to_string().contains("2 times"));
        for part in [DECODER, ENCODER, ENCODER_END, START] {
            assert!(with_late_coders(&CODERS.replace(part, "")).unwrap_err().to_string().contains("0 times"), "{part}");
        }
    }

    #[test]
    fn a_microtask_is_a_promise_of_its_own() {
        let glue = with_promises("has: g.queueMicrotask,\n queueMicrotask(arg0);\n").unwrap();
        assert_eq!(glue, "has: g.queueMicrotask,\n Promise.resolve().then(arg0);\n");
        assert_eq!(with_promises(CLASS).unwrap(), CLASS);
    }

    #[test]
    fn coders_of_text_are_made_by_the_start_of_a_core() {
        assert_eq!(
            with_late_coders(CODERS).unwrap(),
            "
let cachedTextDecoder, cachedTextEncoder;
function decodeText() {}

function makeTextCoders() {
cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();

cachedTextEncoder = new TextEncoder();

if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function () {
        return {
        };
    };
}
}

function initSync(module) {
    if (wasm !== undefined) return wasm;
    makeTextCoders();
    start();
}
"
        );
    }
}
