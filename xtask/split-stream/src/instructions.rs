//! Reads a body: its declarations of locals, then each instruction, as bytes that stand as they are and operands of some kind.

use anyhow::{Context as _, Result, bail};
use wasmparser::BinaryReader;

/// What is an operand's, by the stream that it is in. The first stream has the symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Declaration = 1,
    Label,
    Function,
    Local,
    Global,
    Const64,
    Offset,
    /// What follows the first byte of an offset: few have more than one.
    OffsetRest,
    /// Everything that is rare.
    Other,
    /// A constant of so many bytes: those of one are numbers, those of three addresses.
    Const1,
    Const2,
    Const3,
    Const4,
    Const5,
}

/// A body's declarations of locals, or an instruction.
pub struct Step<'a> {
    pub opens: bool,
    pub literal: Vec<u8>,
    pub operands: Vec<(Kind, &'a [u8])>,
}

/// Adds what the body consists of.
///
/// # Errors
///
/// It is none, or has instructions that no core has.
pub fn read_body<'a>(body: &'a [u8], steps: &mut Vec<Step<'a>>) -> Result<()> {
    let mut input = Input { reader: BinaryReader::new(body, 0), bytes: body };
    let groups = input.number()?;
    let operands = (0..2 * groups.value).map(|_| input.operand(Kind::Declaration)).collect::<Result<_>>()?;
    steps.push(Step { opens: true, literal: groups.bytes.to_vec(), operands });
    while !input.reader.eof() {
        steps.push(input.instruction()?);
    }
    Ok(())
}

struct Input<'a> {
    reader: BinaryReader<'a>,
    bytes: &'a [u8],
}

/// An unsigned LEB128 as it is written.
struct Number<'a> {
    value: u32,
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    fn instruction(&mut self) -> Result<Step<'a>> {
        let opcode = self.reader.read_u8()?;
        let (mut literal, mut operands) = (vec![opcode], Vec::new());
        match opcode {
            // block, loop, if: their types
            0x02..=0x04 => literal.extend(self.leb()?),
            // br, br_if
            0x0c | 0x0d => operands.push(self.operand(Kind::Label)?),
            // br_table
            0x0e => {
                let labels = self.number()?;
                literal.extend(labels.bytes);
                for _ in 0..=labels.value {
                    operands.push(self.operand(Kind::Label)?);
                }
            }
            // call
            0x10 => operands.push(self.operand(Kind::Function)?),
            // call_indirect
            0x11 => operands.extend([self.operand(Kind::Other)?, self.operand(Kind::Other)?]),
            // select with types
            0x1c => literal.extend([self.leb()?, self.leb()?].concat()),
            // local.get, local.set, local.tee
            0x20..=0x22 => operands.push(self.operand(Kind::Local)?),
            // global.get, global.set
            0x23 | 0x24 => operands.push(self.operand(Kind::Global)?),
            // table.get, table.set; ref.null, ref.func
            0x25 | 0x26 | 0xd0 | 0xd2 => operands.push(self.operand(Kind::Other)?),
            // loads and stores: how they are aligned, at which offset
            0x28..=0x3e => {
                literal.extend(self.leb()?);
                operands.push(self.operand(Kind::Offset)?);
            }
            // memory.size, memory.grow
            0x3f | 0x40 => literal.extend(self.leb()?),
            // i32.const
            0x41 => {
                let bytes = self.leb()?;
                let kinds = [Kind::Const1, Kind::Const2, Kind::Const3, Kind::Const4, Kind::Const5];
                operands.push((*kinds.get(bytes.len() - 1).context("a constant is too long")?, bytes));
            }
            // i64.const
            0x42 => operands.push(self.operand(Kind::Const64)?),
            // f32.const, f64.const
            0x43 => literal.extend(self.reader.read_bytes(4)?),
            0x44 => literal.extend(self.reader.read_bytes(8)?),
            // What has no operands.
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => {}
            0xfc => {
                let operation = self.number()?;
                literal.extend(operation.bytes);
                let indexes = match operation.value {
                    // the conversions that do not trap
                    0..=7 => 0,
                    // data.drop, memory.fill; elem.drop, table.grow, table.size, table.fill
                    9 | 11 | 13 | 15..=17 => 1,
                    // memory.init, memory.copy; table.init, table.copy
                    8 | 10 | 12 | 14 => 2,
                    unknown => bail!("instruction fc {unknown} is not known"),
                };
                for _ in 0..indexes {
                    literal.extend(self.leb()?);
                }
            }
            unknown => bail!("instruction {unknown:x} is not known"),
        }
        Ok(Step { opens: false, literal, operands })
    }

    fn number(&mut self) -> Result<Number<'a>> {
        let start = self.reader.current_position();
        let value = self.reader.read_var_u32()?;
        Ok(Number { value, bytes: self.since(start) })
    }

    /// Any LEB128, as it is written: signed ones may be longer than those without a sign.
    fn leb(&mut self) -> Result<&'a [u8]> {
        let start = self.reader.current_position();
        while self.reader.read_u8()? >= 0x80 {}
        Ok(self.since(start))
    }

    fn operand(&mut self, kind: Kind) -> Result<(Kind, &'a [u8])> {
        Ok((kind, self.leb()?))
    }

    fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.reader.current_position()).unwrap_or_default()
    }
}
