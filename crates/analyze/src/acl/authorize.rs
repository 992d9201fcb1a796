//! Answers questions as Consul's `/v1/internal/acl/authorize` does.

use super::error::AclError;
use super::question::Question;
use super::resolver::Resolver;

impl Resolver<'_> {
    /// Whether a token may do something, in the words of a request.
    ///
    /// # Errors
    /// The text with which a server refuses the question, or the reason why it cannot answer.
    pub fn authorize(
        &self,
        accessor: &str,
        resource: &str,
        access: &str,
        segment: &str,
    ) -> Result<bool, String> {
        let refused = |error: &AclError| match error.server_answer() {
            Some((_, text)) => text,
            None => error.to_string(),
        };
        // Servers check the token first.
        match Question::parse(resource, access, segment) {
            Ok(asked) => match self.check(accessor, &asked) {
                Err(error @ AclError::UnknownResource { .. }) => {
                    Err(refused(&self.ready(accessor).err().unwrap_or(error)))
                }
                answer => answer.map_err(|error| refused(&error)),
            },
            Err(error) => Err(match self.ready(accessor) {
                Err(error) => refused(&error),
                Ok(()) => error.server_answer(),
            }),
        }
    }
}
