//! Views that answer the most common questions.

/// A view.
#[derive(Debug)]
pub struct View {
    /// Its name.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    pub(crate) query: &'static str,
}

/// Marks the table whose snapshot a row of a view belongs to: `@t`; and two tables whose rows are
/// joined: `@t=u`.
const MARK: char = '@';

impl View {
    /// The query over tables of one snapshot.
    #[must_use]
    pub fn query(&self) -> String {
        self.with_marks(|_| String::new())
    }

    /// The query over tables of several snapshots, which have a column `snapshot`. Rows are only
    /// joined within a snapshot.
    #[must_use]
    pub fn query_of_several(&self) -> String {
        self.with_marks(|mark| match mark.split_once('=') {
            Some((one, other)) => format!("{one}.snapshot = {other}.snapshot AND "),
            None if mark.is_empty() => "snapshot, ".to_owned(),
            None => format!("{mark}.snapshot, "),
        })
    }

    fn with_marks(&self, text: impl Fn(&str) -> String) -> String {
        let mut pieces = self.query.split(MARK);
        let mut out = pieces.next().unwrap_or("").to_owned();
        for piece in pieces {
            let (mark, rest) = piece.split_once(' ').unwrap_or((piece, ""));
            out.push_str(&text(mark));
            out.push_str(rest);
        }
        out
    }
}

/// All of them.
pub static VIEWS: &[View] = &[
    View {
        name: "keys",
        about: "keys without their values",
        query: "SELECT @ key, size, flags, modified FROM kv",
    },
    View {
        name: "kv_text",
        about: "keys with their values as text",
        query: "SELECT @ key, CAST(value AS TEXT) AS value, size, flags, session, modified FROM kv",
    },
    View {
        name: "kv_prefixes",
        about: "space used by keys, by the part before the first slash",
        // Keys that are not UTF-8 are BLOBs, of which a part would be another group than the same text.
        query: "SELECT @ CASE instr(key, '/') WHEN 0 THEN key
             ELSE CAST(substr(CAST(key AS BLOB), 1, instr(CAST(key AS BLOB), x'2f')) AS TEXT) END AS prefix,
           count(*) AS keys, sum(size) AS bytes FROM kv GROUP BY @ prefix ORDER BY bytes DESC",
    },
    View {
        name: "unhealthy",
        about: "checks that do not pass, with their instance or node",
        query: "SELECT @c c.status, c.node, c.service, c.service_id, c.name AS \"check\", c.check_id, c.output,
           i.address, i.port FROM checks c LEFT JOIN instances i ON @c=i i.id = c.instance_ref
           WHERE c.status <> 'passing'",
    },
    View {
        name: "instances_on_nodes",
        about: "where each instance runs, and its address",
        query: "SELECT @i i.service, i.instance_id, i.node, coalesce(nullif(i.address, ''), n.address) AS address, i.port,
           i.kind, i.tags, n.datacenter, i.peer FROM instances i LEFT JOIN nodes n ON @n=i n.id = i.node_ref",
    },
    View {
        name: "token_permissions",
        about: "the policies of each token, its own or through a role",
        query: "SELECT @t t.id AS token, t.description, NULL AS role, p.name AS policy, p.id AS policy_id
           FROM tokens t JOIN token_policies l ON @l=t l.token_id = t.id JOIN policies p ON @p=l p.id = l.policy_id
           UNION ALL
           SELECT @t t.id, t.description, r.name, p.name, p.id
           FROM tokens t JOIN token_roles l ON @l=t l.token_id = t.id JOIN roles r ON @r=l r.id = l.role_id
           JOIN role_policies m ON @m=r m.role_id = r.id JOIN policies p ON @p=m p.id = m.policy_id",
    },
    View {
        name: "unused_policies",
        about: "policies that no token and no role links",
        query: "SELECT @ id, name, description FROM policies WHERE (@ id) NOT IN
           (SELECT @ policy_id FROM token_policies WHERE policy_id IS NOT NULL
            UNION SELECT @ policy_id FROM role_policies WHERE policy_id IS NOT NULL)",
    },
    View {
        name: "dangling_links",
        about: "links of tokens and roles to objects that no longer exist",
        query: "SELECT @ 'token' AS \"from\", token_id AS id, 'policy' AS \"to\", link FROM token_policies WHERE policy_id IS NULL
           UNION ALL SELECT @ 'token', token_id, 'role', link FROM token_roles WHERE role_id IS NULL
           UNION ALL SELECT @ 'role', role_id, 'policy', link FROM role_policies WHERE policy_id IS NULL",
    },
    View {
        name: "lock_holders",
        about: "which node holds which lock",
        query: "SELECT @l l.key, l.session, s.name AS session_name, s.node, s.ttl, s.behavior FROM locks l
           LEFT JOIN sessions s ON @s=l s.id = l.session_ref",
    },
];
