//! How a core is written where it is inlined: with its code in streams, which deflate makes a sixth smaller than the module.
//!
//! In a module each opcode stands before its operands, so that equal runs of opcodes differ by the numbers of their locals, and
//! one Huffman code serves for opcodes, locals, offsets and constants. Here each kind of operand has a stream of its own, and
//! so have the opcodes, as symbols: one for each opcode with its length of operands, and one for each that is frequent with
//! its operand. The module is made anew to the byte.
//!
//! A split module is, with numbers of three bytes, the lowest first:
//!
//! ```text
//! openings      1 byte: so many of the symbols, the first ones, begin a function's body
//! symbols       1 byte: how many; of each a length and the bytes that it stands for, a length and the streams of its operands
//! streams       1 byte: how many; of each its length and the stream that has what follows the first byte of an operand
//! head          its length and bytes: the module until the first body
//! tail          the module after the last body, until the streams begin
//! streams       from the last one to the first, which has the symbols
//! ```

#[cfg(not(target_arch = "wasm32"))]
mod instructions;
mod join;
#[cfg(not(target_arch = "wasm32"))]
mod split;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use join::{Memory, join};
#[cfg(not(target_arch = "wasm32"))]
pub use split::{joined, split};
