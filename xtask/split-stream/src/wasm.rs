//! What JavaScript calls.

use crate::{Memory, join};

/// The memory of the instance, whose bounds the runtime keeps.
struct Linear;

#[allow(unsafe_code, reason = "addresses in the memory are all that JavaScript can give")]
impl Memory for Linear {
    fn read(&self, at: u32) -> u8 {
        unsafe { *(at as *const u8) }
    }

    fn write(&mut self, at: u32, byte: u8) {
        unsafe { *(at as *mut u8) = byte }
    }

    fn copy(&mut self, from: u32, to: u32, length: u32) {
        unsafe { std::ptr::copy(from as *const u8, to as *mut u8, length as usize) }
    }
}

/// [`join`], over the memory of the instance.
#[unsafe(export_name = "join")]
#[allow(unsafe_code, reason = "an export has its name by an attribute that is unsafe")]
pub extern "C" fn join_linear(split: u32, joined: u32) {
    join(&mut Linear, split, joined);
}
