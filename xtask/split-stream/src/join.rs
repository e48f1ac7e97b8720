//! Makes a module of what [`split`](crate::split) made of it. This is what the package carries, as WebAssembly of some hundred
//! bytes: it knows no instruction, and allocates nothing.

/// Bytes by their addresses. An address that is out of it is the builder's mistake, which a trap tells.
pub trait Memory {
    /// The byte at the address.
    fn read(&self, at: u32) -> u8;
    /// Puts a byte at the address.
    fn write(&mut self, at: u32, byte: u8);
    /// Copies so many bytes, also where the two places have some in common.
    fn copy(&mut self, from: u32, to: u32, length: u32);
}

/// So many bytes are left for the size of a body, which is known after it: no LEB128 of 32 bits has more.
pub(crate) const SIZE: u32 = 5;

/// Writes the module to the address `joined`, which is where the split one that begins at `split` ends.
#[allow(clippy::indexing_slicing, reason = "the tables have a place for whatever a byte names")]
pub fn join(memory: &mut impl Memory, split: u32, joined: u32) {
    let mut cursor = Cursor { memory, from: split, to: joined };

    let openings = cursor.byte();
    let mut templates = [0; 256];
    for symbol in 0..cursor.byte() {
        templates[usize::from(symbol)] = cursor.from;
        cursor.skip();
        cursor.skip();
    }

    let (mut streams, mut first) = ([(0, 0); 256], joined);
    for stream in 0..cursor.byte() {
        first -= cursor.number();
        streams[usize::from(stream)] = (first, cursor.byte());
    }

    let head = cursor.number();
    cursor.copy(head);
    let (tail, mut symbols, mut body) = (cursor.from, streams[0].0, 0);
    while symbols < joined {
        cursor.from = symbols;
        let symbol = cursor.byte();
        symbols = cursor.from;
        if symbol < openings {
            cursor.close(body);
            body = cursor.to;
            cursor.to += SIZE;
        }
        cursor.from = templates[usize::from(symbol)];
        let literal = cursor.byte();
        cursor.copy(literal.into());
        for _ in 0..cursor.byte() {
            let mut stream = cursor.byte();
            loop {
                let (next, rest) = &mut streams[usize::from(stream)];
                let byte = cursor.memory.read(*next);
                *next += 1;
                cursor.put(byte);
                if byte < 0x80 {
                    break;
                }
                stream = *rest;
            }
        }
    }
    cursor.close(body);
    cursor.from = tail;
    cursor.copy(first - tail);
}

/// Where is read, and where is written.
struct Cursor<'a, M> {
    memory: &'a mut M,
    from: u32,
    to: u32,
}

impl<M: Memory> Cursor<'_, M> {
    fn byte(&mut self) -> u8 {
        let byte = self.memory.read(self.from);
        self.from += 1;
        byte
    }

    /// One of three bytes, the lowest first.
    fn number(&mut self) -> u32 {
        (0..3).fold(0, |number, place| number | u32::from(self.byte()) << (8 * place))
    }

    /// Passes over bytes before which stands how many they are.
    fn skip(&mut self) {
        self.from += 1 + u32::from(self.memory.read(self.from));
    }

    fn put(&mut self, byte: u8) {
        self.memory.write(self.to, byte);
        self.to += 1;
    }

    fn copy(&mut self, length: u32) {
        self.memory.copy(self.from, self.to, length);
        self.from += length;
        self.to += length;
    }

    /// Ends the body that began at the address, if one did, with its size before it.
    fn close(&mut self, body: u32) {
        if body == 0 {
            return;
        }
        self.from = body + SIZE;
        let length = self.to - self.from;
        let mut left = length;
        self.to = body;
        while left >= 0x80 {
            self.put(left as u8 | 0x80);
            left >>= 7;
        }
        self.put(left as u8);
        self.copy(length);
    }
}
