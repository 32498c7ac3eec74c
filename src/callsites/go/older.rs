//! Go that is newer than the grammar. Since Go 1.26, `new` takes a value too.

use std::borrow::Cow;

use memchr::memmem;

/// Words that begin types, and not values.
const TYPES: [&[u8]; 5] = [b"func", b"struct", b"interface", b"map", b"chan"];

/// A source with as many bytes that the grammar knows: `new` of a value is a call like any other.
pub(super) fn older(text: &[u8]) -> Cow<'_, [u8]> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut known = Cow::Borrowed(text);
    for at in memmem::find_iter(text, b"new(") {
        let before = at.checked_sub(1).map_or(b' ', |at| text[at]);
        if !word(before) && before != b'.' && is_value(&text[at + 4..]) {
            known.to_mut()[at] = b'N';
        }
    }
    known
}

/// What stands behind the parenthesis is no type.
fn is_value(argument: &[u8]) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let end = argument.iter().position(|byte| !name(byte)).unwrap_or(argument.len());
    let (path, next) = (&argument[..end], argument.get(end).copied().unwrap_or(b')'));
    let Some(first) = path.first() else {
        return matches!(next, b'"' | b'`' | b'\'' | b'-' | b'!' | b'^' | b'&');
    };
    let dots = path.iter().filter(|&&byte| byte == b'.').count();
    let may_be_type = match next {
        // `T[int]` may be one, `list[0].Name` is not.
        b'[' => {
            let close = memchr::memchr(b']', &argument[end..]).unwrap_or(0);
            !matches!(argument.get(end + close + 1), Some(b'.' | b'('))
        }
        b')' | b'{' | b',' | b'\n' => true,
        _ => false,
    };
    let type_name = !first.is_ascii_digit() && dots <= 1 && may_be_type;
    !type_name && !TYPES.contains(&path)
}

#[cfg(test)]
mod tests {
    use super::older;

    #[test]
    fn only_values_are_called_by_another_name() {
        for (text, known) in [
            ("new(T)", "new(T)"),
            ("new(pkg.T)", "new(pkg.T)"),
            ("new(pkg.T[int])", "new(pkg.T[int])"),
            ("new(*T)", "new(*T)"),
            ("new([]T)", "new([]T)"),
            ("new(func() int)", "new(func() int)"),
            ("new(struct {})", "new(struct {})"),
            ("x.new(1)", "x.new(1)"),
            ("renew(1)", "renew(1)"),
            ("new(1)", "New(1)"),
            ("new(-1)", "New(-1)"),
            ("new(\"a\")", "New(\"a\")"),
            ("new(max(a, b))", "New(max(a, b))"),
            ("new(a.b().c)", "New(a.b().c)"),
            ("new(a.b.c)", "New(a.b.c)"),
            ("new(list[0].Name)", "New(list[0].Name)"),
            ("new(T[map[string]int])", "new(T[map[string]int])"),
            ("new(a + b)", "New(a + b)"),
            ("new", "new"),
            ("new(", "new("),
        ] {
            assert_eq!(*older(text.as_bytes()), *known.as_bytes());
        }
    }
}
