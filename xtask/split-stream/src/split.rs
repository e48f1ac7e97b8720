//! Takes a module apart into its streams, and sees that they make the same one.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use wasmparser::{BinaryReader, Parser, Payload};

use crate::instructions::{Kind, Step, read_body};
use crate::join::{Memory, SIZE, join};

/// A function that is called by more places than this has a symbol for its calls.
const FREQUENT: usize = 60;

const STREAMS: usize = Kind::Const5 as usize + 1;

/// What a symbol stands for: those that open a body come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Symbol {
    inner: bool,
    literal: Vec<u8>,
    operands: Vec<Kind>,
}

impl Step<'_> {
    fn symbol(&self) -> Symbol {
        let operands = self.operands.iter().map(|(kind, _)| *kind).collect();
        Symbol { inner: !self.opens, literal: self.literal.clone(), operands }
    }
}

/// The module as the format of this crate has it.
///
/// # Errors
///
/// It is no module with code, has instructions that no core has, more different ones than a byte can name, or a form in which
/// no compiler writes: what the streams make is not the same to the byte.
pub fn split(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut bodies, mut code) = (Vec::new(), None);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::CodeSectionStart { range, .. } => code = Some(range),
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            _ => {}
        }
    }
    let code = code.context("a core without code cannot be split")?;
    let mut count = BinaryReader::new(wasm.get(code.clone()).unwrap_or_default(), 0);
    count.read_var_u32()?;
    let head = wasm.get(..code.start + count.current_position()).unwrap_or_default();
    let tail = wasm.get(code.end..).unwrap_or_default();
    ensure!(tail.len() >= SIZE as usize, "a core that ends with its code leaves no place to write the last body");

    let mut steps = Vec::new();
    for body in bodies {
        read_body(wasm.get(body).unwrap_or_default(), &mut steps)?;
    }
    name_frequent(&mut steps);
    let split = write(&steps, head, tail)?;
    ensure!(joined(&split, wasm.len()) == wasm, "what is joined of the streams is another module");
    Ok(split)
}

/// The module that was split, of so many bytes: what the package does where it runs.
#[must_use]
pub fn joined(split: &[u8], length: usize) -> Vec<u8> {
    let mut memory = split.to_vec();
    memory.resize(split.len() + length, 0);
    join(&mut memory, 0, split.len() as u32);
    memory.split_off(split.len())
}

impl Memory for Vec<u8> {
    fn read(&self, at: u32) -> u8 {
        self.get(at as usize).copied().unwrap_or_default()
    }

    fn write(&mut self, at: u32, byte: u8) {
        if let Some(place) = self.get_mut(at as usize) {
            *place = byte;
        }
    }

    fn copy(&mut self, from: u32, to: u32, length: u32) {
        self.copy_within(from as usize..(from + length) as usize, to as usize);
    }
}

/// Makes the operand of what stands at many places a part of the symbol: calls of a few functions, 0 and 1.
fn name_frequent(steps: &mut [Step]) {
    let mut calls: BTreeMap<&[u8], usize> = BTreeMap::new();
    for step in &*steps {
        if let [(Kind::Function, function)] = *step.operands {
            *calls.entry(function).or_default() += 1;
        }
    }
    for step in steps {
        let frequent = match *step.operands {
            [(Kind::Function, function)] => calls.get(function).is_some_and(|count| *count > FREQUENT),
            [(Kind::Const1, number)] => matches!(number, [0 | 1]),
            _ => false,
        };
        if frequent {
            step.operands.drain(..).for_each(|(_, operand)| step.literal.extend(operand));
        }
    }
}

fn write(steps: &[Step], head: &[u8], tail: &[u8]) -> Result<Vec<u8>> {
    let named: Vec<Symbol> = steps.iter().map(Step::symbol).collect();
    let symbols: BTreeSet<&Symbol> = named.iter().collect();
    let ids: BTreeMap<&Symbol, u8> = symbols.iter().copied().zip(0..u8::MAX).collect();
    ensure!(ids.len() == symbols.len(), "{} different instructions are more than a byte can name", symbols.len());

    let mut streams = vec![Vec::new(); STREAMS];
    let mut add = |stream: usize, bytes: &[u8]| streams.get_mut(stream).map(|to| to.extend(bytes));
    add(0, &named.iter().filter_map(|symbol| ids.get(symbol).copied()).collect::<Vec<u8>>());
    for (kind, operand) in steps.iter().flat_map(|step| &step.operands) {
        let (first, more) = operand.split_at(1);
        add(*kind as usize, first);
        add(rest(*kind as usize), more);
    }

    let openings = symbols.iter().filter(|symbol| !symbol.inner).count();
    let mut split = vec![openings as u8, symbols.len() as u8];
    for symbol in &symbols {
        split.push(count(symbol.literal.len())?);
        split.extend(&symbol.literal);
        split.push(count(symbol.operands.len())?);
        split.extend(symbol.operands.iter().map(|kind| *kind as u8));
    }
    split.push(streams.len() as u8);
    for (stream, bytes) in streams.iter().enumerate() {
        split.extend(number(bytes.len())?);
        split.push(rest(stream) as u8);
    }
    split.extend(number(head.len())?);
    split.extend(head);
    split.extend(tail);
    streams.iter().rev().for_each(|stream| split.extend(stream));
    Ok(split)
}

/// The stream that has what follows the first byte of an operand.
fn rest(stream: usize) -> usize {
    if stream == Kind::Offset as usize { Kind::OffsetRest as usize } else { stream }
}

/// What stands before bytes of an instruction, or its operands.
fn count(length: usize) -> Result<u8> {
    u8::try_from(length).with_context(|| format!("an instruction of {length} parts has more than a byte can count"))
}

/// Three bytes, the lowest first.
fn number(number: usize) -> Result<[u8; 3]> {
    let [a, b, c, 0, ..] = number.to_le_bytes() else { bail!("{number} bytes are too many for one stream") };
    Ok([a, b, c])
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use arbitrary::Unstructured;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use proptest::prelude::*;
    use wasm_encoder::{
        BlockType, CodeSection, CustomSection, Encode, Function, FunctionSection, Instruction, MemArg, Module,
        TypeSection, ValType,
    };

    use super::*;

    /// A module that has these bodies, of functions without parameters.
    fn module(bodies: &[Function]) -> Vec<u8> {
        let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        types.ty().function([], []);
        for body in bodies {
            functions.function(0);
            code.function(body);
        }
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        module.section(&CustomSection { name: "tail".into(), data: (&[1, 2, 3]).into() });
        module.finish()
    }

    fn body(locals: &[(u32, ValType)], instructions: &[Instruction]) -> Function {
        let mut function = Function::new(locals.iter().copied());
        for instruction in instructions {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::End);
        function
    }

    /// So many bytes of a body that does nothing.
    fn idle(size: usize) -> Function {
        // The number of groups of locals, and the end.
        body(&[], &vec![Instruction::Nop; size - 2])
    }

    /// The whole thing holds its own proof: `split` compares.
    fn splits(wasm: &[u8]) -> Vec<u8> {
        split(wasm).unwrap()
    }

    #[test]
    fn bodies_of_every_width_of_size_are_made_anew() {
        for size in [2, 0x7f, 0x80, 0x3fff, 0x4000, 0x20_0000] {
            splits(&module(&[idle(2), idle(size), idle(0x80)]));
        }
        splits(&module(&[]));
    }

    #[test]
    fn every_kind_of_operand_is_made_anew() {
        let at = |offset, align| MemArg { offset, align, memory_index: 0 };
        let mut instructions: Vec<Instruction> = vec![
            Instruction::Block(BlockType::Empty),
            Instruction::Loop(BlockType::Result(ValType::I64)),
            Instruction::If(BlockType::FunctionType(300)),
            Instruction::Else,
            Instruction::End,
            Instruction::Br(1),
            Instruction::BrIf(200),
            Instruction::BrTable([0, 1, 300].as_slice().into(), 2),
            Instruction::BrTable([].as_slice().into(), 0),
            Instruction::Call(1000),
            Instruction::CallIndirect { type_index: 200, table_index: 0 },
            Instruction::Select,
            Instruction::TypedSelect(ValType::F64),
            Instruction::GlobalGet(0),
            Instruction::GlobalSet(129),
            Instruction::TableGet(0),
            Instruction::TableSet(0),
            Instruction::RefNull(wasm_encoder::HeapType::EXTERN),
            Instruction::RefIsNull,
            Instruction::RefFunc(700),
            Instruction::MemorySize(0),
            Instruction::MemoryGrow(0),
            Instruction::MemoryCopy { src_mem: 0, dst_mem: 0 },
            Instruction::MemoryFill(0),
            Instruction::MemoryInit { mem: 0, data_index: 1 },
            Instruction::DataDrop(0),
            Instruction::TableGrow(0),
            Instruction::I32TruncSatF64U,
            Instruction::I64Extend32S,
            Instruction::F32Const(1.5.into()),
            Instruction::F64Const((-0.1).into()),
        ];
        // Each length that a number may have, on both sides of nothing.
        for bits in 0..31 {
            instructions.extend([Instruction::I32Const(1 << bits), Instruction::I32Const(-1 << bits)]);
            instructions.extend([Instruction::I64Const(1 << (2 * bits)), Instruction::I64Const(-1 << (2 * bits))]);
            instructions.extend([
                Instruction::LocalGet(1 << bits),
                Instruction::LocalSet(1 << bits),
                Instruction::LocalTee(1 << bits),
            ]);
            instructions.extend([Instruction::I32Load8U(at(1 << bits, 0)), Instruction::I64Store(at(1 << bits, 3))]);
        }
        splits(&module(&[body(&[(3, ValType::I32), (200, ValType::F64)], &instructions)]));
    }

    #[test]
    fn what_a_byte_cannot_count_is_refused() {
        let labels = |count: usize| body(&[], &[Instruction::BrTable(vec![0; count - 1].into(), 0)]);
        let groups = |count: usize| body(&vec![(1, ValType::I32); count], &[]);
        splits(&module(&[labels(255)]));
        splits(&module(&[groups(127)]));
        for beyond in [labels(256), groups(128)] {
            assert!(split(&module(&[beyond])).unwrap_err().to_string().contains("more than a byte can count"));
        }
    }

    #[test]
    fn what_is_frequent_has_a_symbol_with_its_operand() {
        let calls = |count| vec![Instruction::Call(5); count];
        let has_symbol = |calls: &[Instruction]| {
            splits(&module(&[body(&[], calls)])).windows(4).any(|symbol| symbol == [2, 0x10, 5, 0])
        };
        assert!(!has_symbol(&calls(FREQUENT)));
        assert!(has_symbol(&calls(FREQUENT + 1)));
    }

    #[test]
    fn streams_deflate_better_than_what_they_make() {
        let deflated = |bytes: &[u8]| {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap().len()
        };
        let mut bodies = Vec::new();
        for seed in 0..400_u32 {
            let local = |place: u32| seed.wrapping_mul(2_654_435_761).wrapping_shr(place) % 12;
            let one = [
                Instruction::LocalGet(local(3)),
                Instruction::I32Load(MemArg { offset: (local(9) * 4).into(), align: 2, memory_index: 0 }),
            ];
            bodies.push(body(
                &[(12, ValType::I32)],
                &[one.as_slice(), &[Instruction::LocalSet(local(17)), Instruction::Return]].concat(),
            ));
        }
        let wasm = module(&bodies);
        assert!(deflated(&splits(&wasm)) * 10 < deflated(&wasm) * 9);
    }

    #[test]
    fn what_cannot_be_made_anew_is_refused() {
        let whole = module(&[idle(9)]);
        for (wasm, reason) in [
            (whole[..8].to_vec(), "without code"),
            (whole[..whole.len() - 10].to_vec(), "ends with its code"),
            // The size of the body, in more bytes than it needs.
            (padded(&whole), "another module"),
            (module(&[body(&[], &[Instruction::V128Const(1)])]), "fd is not known"),
            (b"no module".to_vec(), ""),
        ] {
            let error = split(&wasm).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        let many: Vec<_> = (0..300).map(|number| Instruction::F64Const(f64::from(number).into())).collect();
        assert!(split(&module(&[body(&[], &many)])).unwrap_err().to_string().contains("more than a byte can name"));
    }

    /// The same module with its one body's size, 9, in two bytes.
    fn padded(whole: &[u8]) -> Vec<u8> {
        let mut padded = Vec::new();
        let code = whole.windows(4).position(|at| at == [10, 11, 1, 9]).unwrap();
        padded.extend(&whole[..code]);
        padded.extend([10, 12, 1, 0x89, 0]);
        padded.extend(&whole[code + 4..]);
        padded
    }

    proptest! {
        #[test]
        fn any_module_is_made_anew(seed in prop::collection::vec(any::<u8>(), 512..8192)) {
            let config = wasm_smith::Config {
                simd_enabled: false,
                relaxed_simd_enabled: false,
                exceptions_enabled: false,
                gc_enabled: false,
                tail_call_enabled: false,
                threads_enabled: false,
                memory64_enabled: false,
                max_memories: 1,
                min_funcs: 1,
                ..wasm_smith::Config::default()
            };
            let mut wasm = wasm_smith::Module::new(config, &mut Unstructured::new(&seed)).unwrap().to_bytes();
            let tail = CustomSection { name: "tail".into(), data: (&[0; 5]).into() };
            wasm.push(0);
            tail.encode(&mut wasm);
            match split(&wasm) {
                Ok(split) => prop_assert_eq!(joined(&split, wasm.len()), wasm),
                Err(error) => {
                    let (error, expected) = (error.to_string(), ["without code", "more than a byte can name"]);
                    prop_assert!(expected.iter().any(|reason| error.contains(reason)), "{}", error);
                }
            }
        }
    }
}
