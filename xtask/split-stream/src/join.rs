//! Makes a module of what [`split`](crate::split) made of it. This is what the package carries, as WebAssembly of some hundreds
//! of bytes: it knows no instruction, and allocates nothing.

/// Bytes by their addresses. None is out of it: whoever splits a module has joined it once.
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
    let mut header = Header { memory, at: split };
    let openings = header.byte();
    let mut templates = [0; 256];
    for symbol in 0..header.byte() {
        templates[usize::from(symbol)] = header.at;
        header.skip();
        header.skip();
    }
    let (mut streams, mut first) = ([(0, 0); 256], joined);
    for stream in 0..header.byte() {
        first -= header.number();
        streams[usize::from(stream)] = (first, header.byte());
    }
    let (head, tail) = (header.number(), header.at);
    memory.copy(tail, joined, head);
    let tail = tail + head;

    // Plain numbers: a register is quicker than a place in memory, and nothing has optimized this code when it runs.
    let (mut to, mut body, mut symbols) = (joined + head, 0, streams[0].0);
    while symbols < joined {
        let symbol = memory.read(symbols);
        symbols += 1;
        if symbol < openings {
            to = close(memory, body, to);
            body = to;
            to += SIZE;
        }
        let mut template = templates[usize::from(symbol)];
        // Byte by byte: most are one, for which a copy is a call.
        for _ in 0..memory.read(template) {
            template += 1;
            memory.write(to, memory.read(template));
            to += 1;
        }
        template += 1;
        for _ in 0..memory.read(template) {
            template += 1;
            let mut stream = memory.read(template);
            loop {
                let (next, rest) = &mut streams[usize::from(stream)];
                let byte = memory.read(*next);
                *next += 1;
                memory.write(to, byte);
                to += 1;
                if byte < 0x80 {
                    break;
                }
                stream = *rest;
            }
        }
    }
    to = close(memory, body, to);
    memory.copy(tail, to, first - tail);
}

/// Ends the body that began at the address, if one did, with its size before it; gives the address after it.
fn close(memory: &mut impl Memory, body: u32, end: u32) -> u32 {
    if body == 0 {
        return end;
    }
    let length = end - body - SIZE;
    let (mut to, mut left) = (body, length);
    while left >= 0x80 {
        memory.write(to, left as u8 | 0x80);
        to += 1;
        left >>= 7;
    }
    memory.write(to, left as u8);
    to += 1;
    memory.copy(body + SIZE, to, length);
    to + length
}

/// What stands before the streams, as far as it is read.
struct Header<'a, M> {
    memory: &'a M,
    at: u32,
}

impl<M: Memory> Header<'_, M> {
    fn byte(&mut self) -> u8 {
        let byte = self.memory.read(self.at);
        self.at += 1;
        byte
    }

    /// One of three bytes, the lowest first.
    fn number(&mut self) -> u32 {
        (0..3).fold(0, |number, place| number | u32::from(self.byte()) << (8 * place))
    }

    /// Passes over bytes before which stands how many they are.
    fn skip(&mut self) {
        self.at += 1 + u32::from(self.memory.read(self.at));
    }
}
