//! The bytes of values as Consul's Go encoder writes them: the shortest form of each.

use super::value::Value;

/// Appends an integer that is not negative.
pub fn uint(n: u64, out: &mut Vec<u8>) {
    if let Ok(n) = u8::try_from(n) {
        if n >= 0x80 {
            out.push(0xcc);
        }
        out.push(n);
    } else if let Ok(n) = u16::try_from(n) {
        out.push(0xcd);
        out.extend_from_slice(&n.to_be_bytes());
    } else if let Ok(n) = u32::try_from(n) {
        out.push(0xce);
        out.extend_from_slice(&n.to_be_bytes());
    } else {
        out.push(0xcf);
        out.extend_from_slice(&n.to_be_bytes());
    }
}

/// Appends a negative integer.
pub fn negative(n: i64, out: &mut Vec<u8>) {
    if let Ok(n) = i8::try_from(n) {
        if n < -32 {
            out.push(0xd0);
        }
        out.extend_from_slice(&n.to_be_bytes());
    } else if let Ok(n) = i16::try_from(n) {
        out.push(0xd1);
        out.extend_from_slice(&n.to_be_bytes());
    } else if let Ok(n) = i32::try_from(n) {
        out.push(0xd2);
        out.extend_from_slice(&n.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend_from_slice(&n.to_be_bytes());
    }
}

/// Appends what comes before raw bytes of this length.
pub fn raw_head(len: usize, out: &mut Vec<u8>) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(n), _) if n < 32 => out.push(0xa0 | n),
        (_, Ok(n)) => {
            out.push(0xda);
            out.extend_from_slice(&n.to_be_bytes());
        }
        _ => {
            out.push(0xdb);
            out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

/// Appends raw bytes.
pub fn raw(bytes: &[u8], out: &mut Vec<u8>) {
    raw_head(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// Appends what comes before the items of a list.
pub fn list_head(len: u64, out: &mut Vec<u8>) {
    head(len, 0x90, [0xdc, 0xdd], out);
}

/// Appends what comes before the entries of a map.
pub fn map_head(len: u64, out: &mut Vec<u8>) {
    head(len, 0x80, [0xde, 0xdf], out);
}

fn head(len: u64, short: u8, [two, four]: [u8; 2], out: &mut Vec<u8>) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(n), _) if n < 16 => out.push(short | n),
        (_, Ok(n)) => {
            out.push(two);
            out.extend_from_slice(&n.to_be_bytes());
        }
        _ => {
            out.push(four);
            out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

/// Appends a value that holds no others and is not raw; nothing for those.
pub fn scalar(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Nil => out.push(0xc0),
        Value::Bool(b) => out.push(if b { 0xc3 } else { 0xc2 }),
        Value::Uint(n) => uint(n, out),
        Value::Int(n) => negative(n, out),
        Value::F32(x) => {
            out.push(0xca);
            out.extend_from_slice(&x.to_be_bytes());
        }
        Value::F64(x) => {
            out.push(0xcb);
            out.extend_from_slice(&x.to_be_bytes());
        }
        Value::Raw(_) | Value::Array(_) | Value::Map(_) | Value::Ext(..) => {}
    }
}
