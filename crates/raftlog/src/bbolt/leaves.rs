//! Finds leaves anywhere in the file, in the tree or in free pages.

use super::bucket::Item;
use super::buffer::Buffer;
use super::database::Database;
use crate::error::Error;
use crate::storage::ReadAt;

/// Calls `each` with the items of all pages that look like leaves.
///
/// # Errors
/// On I/O errors.
pub(crate) fn leaf_values<R: ReadAt>(
    database: &Database<R>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<(), Error> {
    let mut buffer = Buffer::default();
    for number in 2..database.room() {
        let page = match database.any_page(number, &mut buffer) {
            Ok(page) if page.is_leaf() => page,
            Ok(_) | Err(Error::Damage(_)) => continue,
            Err(e) => return Err(e),
        };
        for at in 0..page.count() {
            // A page in the middle of a larger one may only look like a leaf.
            let Ok(element) = page.leaf(at) else { break };
            each(Item { key: element.key, value: element.value, offset: element.offset });
        }
    }
    Ok(())
}
