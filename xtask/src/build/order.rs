//! Puts functions that are alike near each other, for who takes a .wasm through brotli or gzip: gzip finds what repeats only within
//! 32 KiB, and either names what is near in fewer bits. Where a core is inlined, its streams leave nothing of that.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use anyhow::{Result, ensure};
use wasm_encoder::{NameMap, NameSection, Section as _};
use wasmparser::{Parser, Payload, TypeRef};

/// Two functions are as alike as the number of different runs of so many bytes that are in both.
const RUN: usize = 6;

/// What so many functions or more have in common tells nothing about any of them.
const COMMON: usize = 60;

/// So many bytes of functions are looked back at.
const WINDOW: usize = 30_000;

/// The module, which has no names, with names by whose order its functions should stand: `wasm-opt` sorts them.
///
/// # Errors
///
/// It is no module, or one without functions.
pub fn named(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    ensure!(!bodies.is_empty(), "a core without functions cannot be sorted");
    let order = alike(&bodies);
    let places: BTreeMap<usize, usize> =
        order.into_iter().enumerate().map(|(place, function)| (function, place)).collect();
    let (mut functions, mut section, mut named) = (NameMap::new(), NameSection::new(), wasm.to_vec());
    for (index, place) in (imported..).zip(places.into_values()) {
        functions.append(index, &format!("{place:05}"));
    }
    section.functions(&functions);
    section.append_to(&mut named);
    Ok(named)
}

/// The order: after the largest function, always the one of whose runs the window has the largest part.
fn alike(bodies: &[&[u8]]) -> Vec<usize> {
    let mut left: BTreeMap<usize, usize> = bodies.iter().map(|body| body.len()).enumerate().collect();
    let (mut window, mut order, mut recent, mut width) = (Window::of(bodies), Vec::new(), VecDeque::new(), 0);
    while let Some((function, length)) = left
        .iter()
        .map(|(function, length)| (*function, *length))
        .max_by_key(|(function, length)| (window.share(*function, *length), *length, Reverse(*function)))
    {
        left.remove(&function);
        order.push(function);
        recent.push_back((function, length));
        window.enters(function);
        width += length;
        while width > WINDOW && recent.len() > 1 {
            let Some((oldest, length)) = recent.pop_front() else { break };
            window.leaves(oldest);
            width -= length;
        }
    }
    order
}

/// The runs of the functions that were placed last.
struct Window {
    runs: HashMap<usize, Vec<Rc<Run>>>,
    /// How many of a function's runs are in the window.
    scores: HashMap<usize, u64>,
}

/// Bytes that a few functions have in common.
struct Run {
    functions: Vec<usize>,
    /// How many of these are in the window.
    seen: Cell<usize>,
}

impl Window {
    fn of(bodies: &[&[u8]]) -> Self {
        let mut having: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (function, body) in bodies.iter().enumerate() {
            for run in body.windows(RUN).collect::<HashSet<_>>() {
                having.entry(run).or_default().push(function);
            }
        }
        let mut runs: HashMap<usize, Vec<Rc<Run>>> = HashMap::new();
        for functions in having.into_values().filter(|functions| (2..COMMON).contains(&functions.len())) {
            let run = Rc::new(Run { functions, seen: Cell::new(0) });
            for function in &run.functions {
                runs.entry(*function).or_default().push(Rc::clone(&run));
            }
        }
        Self { runs, scores: HashMap::new() }
    }

    /// Of a function's bytes, in millionths; what is short is not preferred for a single run.
    fn share(&self, function: usize, length: usize) -> u64 {
        self.scores.get(&function).map_or(0, |score| score * 1_000_000 / (length as u64 + 20))
    }

    fn enters(&mut self, function: usize) {
        for run in self.runs.get(&function).into_iter().flatten() {
            if run.seen.replace(run.seen.get() + 1) == 0 {
                run.functions.iter().for_each(|other| *self.scores.entry(*other).or_default() += 1);
            }
        }
    }

    fn leaves(&mut self, function: usize) {
        for run in self.runs.get(&function).into_iter().flatten() {
            if run.seen.replace(run.seen.get() - 1) == 1 {
                run.functions.iter().for_each(|other| *self.scores.entry(*other).or_default() -= 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, EntityType, Function, FunctionSection, ImportSection, Instruction, Module, TypeSection,
    };

    use super::*;

    #[test]
    fn what_is_alike_comes_together_and_the_order_is_always_the_same() {
        let bodies: [&[u8]; 4] =
            [b"a call and a store", b"12345678901234567890", b"a call and a load", b"345678901234"];
        for _ in 0..8 {
            assert_eq!(alike(&bodies), [1, 3, 0, 2]);
        }
    }

    #[test]
    fn what_left_the_window_does_not_attract() {
        let mut window = Window::of(&[b"123456", b"123456"]);
        window.enters(0);
        assert!(window.share(1, 6) > 0);
        window.leaves(0);
        assert_eq!(window.share(1, 6), 0);
    }

    #[test]
    fn functions_are_named_by_their_places_behind_what_is_imported() {
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        types.ty().function([], []);
        imports.import("m", "imported", EntityType::Function(0));
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        let like = |others: &[i64]| [&[1 << 60, 1 << 50, 1 << 40], others].concat();
        for constants in [vec![0, -1], like(&[5, 6, 7]), like(&[])] {
            functions.function(0);
            let mut body = Function::new([]);
            for constant in constants {
                body.instruction(&Instruction::I64Const(constant)).instruction(&Instruction::Drop);
            }
            code.function(body.instruction(&Instruction::End));
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&code);
        let named = walrus::Module::from_buffer(&named(&module.finish()).unwrap()).unwrap();
        let names: Vec<_> = named.funcs.iter().map(|function| function.name.as_deref()).collect();
        // The largest comes first, what is like it next.
        assert_eq!(names, [None, Some("00002"), Some("00000"), Some("00001")]);
        assert!(super::named(&walrus::Module::default().emit_wasm()).is_err());
    }
}
