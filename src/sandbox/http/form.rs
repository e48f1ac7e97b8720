//! Turns the three forms in which parameters arrive (query, urlencoded, multipart) into names and values.

/// Names and values in the order they came.
pub(crate) type Params = Vec<(String, String)>;

/// The first value of a parameter.
pub(crate) fn value<'p>(params: &'p Params, name: &str) -> Option<&'p str> {
    params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A query, or a body of `application/x-www-form-urlencoded`; `None` where an escape is broken or is no UTF-8.
pub(crate) fn urlencoded(text: &str) -> Option<Params> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// Resolves `%XX`, and `+` to a space where the place is a query or form.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            b'+' if plus_is_space => b' ',
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// A body of `multipart/form-data` with text fields only; `None` where it does not keep to its boundary.
///
/// The official clients send their token requests so.
pub(crate) fn multipart(content_type: &str, body: &[u8]) -> Option<Params> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty())?;
    let text = format!("\r\n{}", str::from_utf8(body).ok()?);
    let delimiter = format!("\r\n--{boundary}");
    let (inside, _) = text.split_once(&format!("{delimiter}--"))?;
    inside.split(&delimiter).skip(1).map(part).collect()
}

fn part(part: &str) -> Option<(String, String)> {
    let (head, value) = part.split_once("\r\n\r\n")?;
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some((parameter(disposition, "name")?, value.to_owned()))
}

/// One parameter of a header value such as `form-data; name="grant_type"`.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (known, value) = parameter.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(params: &[(&str, &str)]) -> Option<Params> {
        Some(params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_query_is_read_with_both_kinds_of_space() {
        assert_eq!(urlencoded("a=1+2&b=3%204&c&=x&&"), pairs(&[("a", "1 2"), ("b", "3 4"), ("c", ""), ("", "x")]));
    }

    #[test]
    fn a_broken_escape_or_invalid_utf_8_is_no_form() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%ff", "%c3=1", "a=%+1"] {
            assert_eq!(urlencoded(text), None, "{text}");
        }
    }

    #[test]
    fn a_plus_in_a_path_stays_a_plus() {
        assert_eq!(decode("a+b%2B", false).as_deref(), Some("a+b+"));
    }

    #[test]
    fn multipart_fields_are_read_by_their_boundary() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n\
                    --x\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; name=client_id\r\n\r\na\r\nb\r\n--x--\r\n";
        let read = multipart("multipart/form-data; boundary=x", body.as_bytes());
        assert_eq!(read, pairs(&[("grant_type", "client_credentials"), ("client_id", "a\r\nb")]));
        assert_eq!(multipart("multipart/form-data; boundary=\"x\"", b"--x--\r\n"), pairs(&[]));
    }

    #[test]
    fn multipart_without_its_end_or_boundary_is_refused() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
        assert_eq!(multipart("multipart/form-data; boundary=x", body), None);
        assert_eq!(multipart("multipart/form-data", b"--x--"), None);
        assert_eq!(multipart("multipart/form-data; boundary=", b"----"), None);
        assert_eq!(multipart("multipart/form-data; boundary=x", b"--x\r\n\xFF--x--"), None);
    }
}
