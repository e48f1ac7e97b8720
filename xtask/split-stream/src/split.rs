//! Takes a module apart into its streams, and sees that they make the same one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use wasmparser::{BinaryReader, Parser, Payload};

use crate::instructions::{Kind, Step, read_body};
use crate::join::{Memory, SIZE, join};

/// So many symbols have a name of one byte.
const NAMES: usize = u8::MAX as usize;

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

/// Makes the operand a part of the symbol where it stands at many places: 0 and 1, and of the functions that are called most as
/// many as there are names left.
fn name_frequent(steps: &mut [Step]) {
    name_where(steps, |kind, operand| kind == Kind::Const1 && matches!(operand, [0 | 1]));
    let mut calls: BTreeMap<&[u8], usize> = BTreeMap::new();
    for step in &*steps {
        if let [(Kind::Function, function)] = *step.operands {
            *calls.entry(function).or_default() += 1;
        }
    }
    let mut frequent: Vec<&[u8]> = calls.keys().copied().collect();
    frequent.sort_by_key(|function| Reverse(calls.get(function)));
    let taken = steps.iter().map(Step::symbol).collect::<BTreeSet<_>>().len();
    frequent.truncate(NAMES.saturating_sub(taken));
    name_where(steps, |kind, operand| kind == Kind::Function && frequent.contains(&operand));
}

fn name_where(steps: &mut [Step], is_frequent: impl Fn(Kind, &[u8]) -> bool) {
    for step in steps {
        if matches!(*step.operands, [(kind, operand)] if is_frequent(kind, operand)) {
            step.operands.drain(..).for_each(|(_, operand)| step.literal.extend(operand));
        }
    }
}

fn write(steps: &[Step], head: &[u8], tail: &[u8]) -> Result<Vec<u8>> {
    let named: Vec<Symbol> = steps.iter().map(Step::symbol).collect();
    let symbols: BTreeSet<&Symbol> = named.iter().collect();
    ensure!(symbols.len() <= NAMES, "{} different instructions are more than a byte can name", symbols.len());
    let ids: BTreeMap<&Symbol, u8> = symbols.iter().copied().zip(0..).collect();

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
    use std::cell::Cell;
    use std::io::Write as _;

    use arbitrary::Unstructured;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use proptest::prelude::*;
    use proptest::test_runner::{RngSeed, TestRunner};
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

    /// That the streams make the module again, `split` sees itself; not where each instruction ends, which is all the same to it.
    fn splits(wasm: &[u8]) -> Vec<u8> {
        is_read_as_by_another(wasm);
        split(wasm).unwrap()
    }

    #[track_caller]
    fn is_read_as_by_another(wasm: &[u8]) {
        for payload in Parser::new(0).parse_all(wasm) {
            let Payload::CodeSectionEntry(body) = payload.unwrap() else { continue };
            let mut theirs = body.get_operators_reader().unwrap();
            let mut ends = Vec::new();
            while !theirs.eof() {
                ends.push(theirs.original_position() - body.range().start);
                theirs.read().unwrap();
            }
            ends.push(body.as_bytes().len());

            let mut steps = Vec::new();
            read_body(body.as_bytes(), &mut steps).unwrap();
            let lengths = steps
                .iter()
                .map(|step| step.literal.len() + step.operands.iter().map(|(_, operand)| operand.len()).sum::<usize>());
            let ours = lengths.scan(0, |end, length| {
                *end += length;
                Some(*end)
            });
            assert_eq!(ours.collect::<Vec<_>>(), ends);
        }
    }

    #[test]
    fn an_operand_goes_to_the_stream_of_its_kind() {
        let at = |offset| MemArg { offset, align: 0, memory_index: 0 };
        for (instruction, kinds) in [
            (Instruction::Br(1), &[Kind::Label][..]),
            (Instruction::BrTable([0, 1].as_slice().into(), 2), &[Kind::Label; 3]),
            (Instruction::Call(200), &[Kind::Function]),
            (Instruction::CallIndirect { type_index: 1, table_index: 0 }, &[Kind::Other; 2]),
            (Instruction::LocalGet(1), &[Kind::Local]),
            (Instruction::LocalSet(200), &[Kind::Local]),
            (Instruction::LocalTee(1), &[Kind::Local]),
            (Instruction::GlobalGet(0), &[Kind::Global]),
            (Instruction::GlobalSet(1), &[Kind::Global]),
            (Instruction::TableGet(0), &[Kind::Other]),
            (Instruction::RefFunc(1), &[Kind::Other]),
            (Instruction::I64Load32U(at(200)), &[Kind::Offset]),
            (Instruction::I32Store(at(1)), &[Kind::Offset]),
            (Instruction::I32Const(2), &[Kind::Const1]),
            (Instruction::I32Const(1 << 10), &[Kind::Const2]),
            (Instruction::I32Const(1 << 17), &[Kind::Const3]),
            (Instruction::I32Const(1 << 24), &[Kind::Const4]),
            (Instruction::I32Const(i32::MIN), &[Kind::Const5]),
            (Instruction::I64Const(1), &[Kind::Const64]),
            (Instruction::F64Const(1.0.into()), &[]),
            (Instruction::MemoryFill(0), &[]),
            (Instruction::I32Add, &[]),
        ] {
            let mut bytes = vec![0];
            instruction.encode(&mut bytes);
            let mut steps = Vec::new();
            read_body(&bytes, &mut steps).unwrap();
            let read: Vec<Kind> = steps.iter().flat_map(|step| &step.operands).map(|(kind, _)| *kind).collect();
            assert_eq!(read, kinds, "{instruction:?}");
        }
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
        // Of the block and of the loop.
        instructions.extend([Instruction::End, Instruction::End]);
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
    fn the_most_frequent_calls_have_the_names_that_are_left() {
        // Each function is called once more than the one before.
        let calls: Vec<_> =
            (0..400).flat_map(|function| vec![Instruction::Call(function); function as usize + 1]).collect();
        let split = splits(&module(&[body(&[], &calls)]));
        assert_eq!(split[1], u8::MAX);
        let has_symbol = |function: u32| {
            let mut call = vec![];
            Instruction::Call(function).encode(&mut call);
            let symbol = [&[call.len() as u8], &call[..], &[0]].concat();
            split.windows(symbol.len()).any(|bytes| bytes == symbol)
        };
        // The declarations, the end and the calls of all others have a name, too.
        let named: Vec<u32> = (0..400).filter(|function| has_symbol(*function)).collect();
        assert_eq!(named, (400 - 252..400).collect::<Vec<_>>());
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

    #[test]
    fn any_module_is_made_anew() {
        let config = wasm_smith::Config {
            simd_enabled: false,
            relaxed_simd_enabled: false,
            exceptions_enabled: false,
            gc_enabled: false,
            tail_call_enabled: false,
            threads_enabled: false,
            memory64_enabled: false,
            max_memories: 1,
            max_imports: 0,
            min_funcs: 1,
            ..wasm_smith::Config::default()
        };
        let always_the_same =
            ProptestConfig { rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() };
        let made = Cell::new(0);
        let seeds = prop::collection::vec(any::<u8>(), 512..8192);
        let result = TestRunner::new(always_the_same.clone()).run(&seeds, |seed| {
            let mut wasm = wasm_smith::Module::new(config.clone(), &mut Unstructured::new(&seed)).unwrap().to_bytes();
            let tail = CustomSection { name: "tail".into(), data: (&[0; 5]).into() };
            wasm.push(0);
            tail.encode(&mut wasm);
            is_read_as_by_another(&wasm);
            match split(&wasm) {
                Ok(_) => made.set(made.get() + 1),
                Err(error) => prop_assert!(error.to_string().contains("without code"), "{}", error),
            }
            Ok(())
        });
        result.unwrap();
        assert!(made.get() > always_the_same.cases / 2, "{} modules have code", made.get());
    }
}
