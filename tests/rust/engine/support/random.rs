//! Chance as a list of bytes: proptest shortens it, and where it is used up, everything takes its simplest course.

#[derive(Clone, Default)]
pub struct Random {
    bytes: Vec<u8>,
    used: usize,
}

impl Random {
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, used: 0 }
    }

    /// The chance that a failure has told.
    pub fn of_hex(hex: &str) -> Self {
        let byte = |place: usize| u8::from_str_radix(hex.get(place..place + 2).unwrap(), 16).unwrap();
        Self::of((0..hex.len()).step_by(2).map(byte).collect())
    }

    /// All of it, what is used included.
    pub fn hex(&self) -> String {
        self.bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn byte(&mut self) -> u8 {
        self.used += 1;
        self.bytes.get(self.used - 1).copied().unwrap_or_default()
    }

    pub fn is_used_up(&self) -> bool {
        self.used >= self.bytes.len()
    }

    /// 0 up to `end`, without it.
    pub fn below(&mut self, end: usize) -> usize {
        if end <= 1 { 0 } else { usize::from(self.byte()) % end }
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Never with the last byte gone.
    pub fn chance(&mut self, percent: u8) -> bool {
        percent > 0 && self.byte() > 255 - percent.saturating_mul(2).saturating_add(percent / 2)
    }

    /// A part of 256, so that its text is exact.
    pub fn unit(&mut self) -> f64 {
        f64::from(self.byte()) / 256.0
    }

    /// Whole milliseconds up to `most`.
    pub fn ms(&mut self, most: f64) -> f64 {
        (self.unit() * most).floor()
    }
}

/// The bytes say nothing to a reader: what replays a failure is its script, or its world's story.
impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes of chance", self.bytes.len())
    }
}
