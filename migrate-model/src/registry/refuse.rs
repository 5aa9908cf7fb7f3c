//! Failing constant evaluation with a message that contains numbers.

/// Fails constant evaluation with a computed message. A zero is omitted.
#[track_caller]
#[expect(
    clippy::panic,
    reason = "the only way to fail constant evaluation with a message"
)]
pub(super) const fn refuse(before: &str, first: u64, between: &str, second: u64) -> ! {
    let mut message = [0; 160];
    let mut length = push_text(&mut message, 0, "migrations: ");
    length = push_text(&mut message, length, before);
    if first > 0 {
        length = push_number(&mut message, length, first);
    }
    length = push_text(&mut message, length, between);
    if second > 0 {
        length = push_number(&mut message, length, second);
    }
    let (message, _) = message.split_at(length);
    match std::str::from_utf8(message) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("migrations: the registry is not in order"),
    }
}

const fn push_text(message: &mut [u8; 160], mut length: usize, text: &str) -> usize {
    let text = text.as_bytes();
    let mut i = 0;
    while i < text.len() {
        message[length] = text[i];
        length += 1;
        i += 1;
    }
    length
}

const fn push_number(message: &mut [u8; 160], length: usize, number: u64) -> usize {
    let mut digits = 1;
    let mut rest = number;
    while rest >= 10 {
        rest /= 10;
        digits += 1;
    }
    let mut at = length + digits;
    rest = number;
    while at > length {
        at -= 1;
        message[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    length + digits
}
